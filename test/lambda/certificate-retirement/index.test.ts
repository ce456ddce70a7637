import { CONTEXT, captureOutput } from '../../support/handler-output';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type * as entry from '../../../lambda/certificate-retirement';
import { CERTIFICATE_EXPIRES_AT, FIRST, SECOND, confirmation } from '../../events/certificate-rotation';
import { sqsEvent } from '../../events/sqs';
import { LocalDynamoDB } from '../../support/dynamodb';

const before = process.env;
const written = captureOutput();
let dynamodb: LocalDynamoDB;
let tableName: string;
let server: Server;
/** What AWS IoT was asked for, and how often it says that the certificate is still attached. */
let requests: string[];
let stillAttached: number;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const conflict = request.method === 'DELETE' && request.url!.startsWith('/certificates/') && stillAttached-- > 0;
    response.writeHead(conflict ? 409 : 200, {
      'content-type': 'application/json',
      ...(conflict && { 'x-amzn-errortype': 'DeleteConflictException' }),
    });
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  await dynamodb.stop();
});
beforeEach(async () => {
  requests = [];
  stillAttached = 0;
  tableName = await dynamodb.createTable('serialNumber');
  await dynamodb.client.send(
    new PutCommand({
      TableName: tableName,
      Item: {
        serialNumber: 'drone-1',
        certificateId: FIRST,
        pendingCertificateId: SECOND,
        pendingCertificateExpiresAt: CERTIFICATE_EXPIRES_AT,
        certificateIds: new Set([FIRST, SECOND]),
      },
    }),
  );
});
afterEach(() => {
  process.env = before;
});

function load(more: NodeJS.ProcessEnv = {}) {
  process.env = {
    ...before,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
    AWS_ENDPOINT_URL_IOT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ALLOW_LIST_TABLE: tableName,
    THING_NAME_PREFIX: '',
    DEVICE_POLICY: 'device',
    CERTIFICATES: 'arn:aws:iot:eu-west-1:111122223333:cert/',
    RETIREMENT: 'DEACTIVATE',
    QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/work',
    DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/dead-letters',
    ...more,
  };
  let loaded!: typeof entry;
  jest.isolateModules(() => {
    loaded = jest.requireActual('../../../lambda/certificate-retirement');
  });
  return loaded.handler;
}

const deletion = `DELETE /certificates/${FIRST}?forceDelete=true`;

test('the old certificate stays, inactive', async () => {
  const result = await load()(sqsEvent(confirmation('drone-1', SECOND)), CONTEXT);
  expect(result).toEqual({ batchItemFailures: [] });
  expect(requests).toEqual([
    `PUT /certificates/${FIRST}?newStatus=INACTIVE`,
    'POST /target-policies/device',
    'DELETE /things/drone-1/principals',
  ]);
  expect(written().metrics).toEqual({ CertificateReplaced: [1], CertificateRetired: [1], MessageProcessed: [1] });
});

test('or is deleted, as soon as it is detached, which takes some seconds', async () => {
  stillAttached = 2;
  const result = await load({ RETIREMENT: 'DELETE' })(sqsEvent(confirmation('drone-1', SECOND)), CONTEXT);
  expect(result).toEqual({ batchItemFailures: [] });
  expect(requests.slice(3)).toEqual([deletion, deletion, deletion]);
  expect(await dynamodb.items(tableName)).toMatchObject([{ certificateIds: new Set([SECOND]) }]);
});

test.each([
  ['ALLOW_LIST_TABLE', undefined],
  ['THING_NAME_PREFIX', undefined],
  ['DEVICE_POLICY', undefined],
  ['CERTIFICATES', 'arn:aws:iot:eu-west-1:111122223333:cert'],
  ['RETIREMENT', 'REVOKE'],
  ['QUEUE_URL', 'work'],
  ['DEAD_LETTER_QUEUE_URL', 'dead-letters'],
])('it does not load with %s = %s', (name, value) => {
  expect(() => load({ [name]: value })).toThrow(name);
});
