import { CONTEXT, captureOutput } from '../../support/handler-output';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type * as entry from '../../../lambda/fleet-provisioning';
import type { Decision } from '../../../lambda/common/provisioning-hook';
import { handle, type Ports } from '../../../lambda/fleet-provisioning/handler';
import { CERTIFICATE_ID, OTHER_CERTIFICATE_ID, hookInput } from '../../events/provisioning-hook';
import { LocalDynamoDB } from '../../support/dynamodb';

const ALLOWED: Decision = { allowProvisioning: true };
const DENIED: Decision = { allowProvisioning: false };
const NOW = '2026-11-24T10:00:00.000Z';

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let ports: Ports;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  ports = {
    dynamodb: dynamodb.client,
    tableName: await dynamodb.createTable('serialNumber'),
    templateName: 'fleet',
    thingNamePrefix: '',
    once: true,
    now: () => Date.parse(NOW),
  };
});

type Entry = { serialNumber: string } & Record<string, unknown>;

async function onTheList(...entries: Entry[]): Promise<void> {
  for (const Item of entries) await dynamodb.client.send(new PutCommand({ TableName: ports.tableName, Item }));
}

const list = () => dynamodb.items(ports.tableName);

/** Denied, for this reason, and nothing is written. */
async function expectDenied(event: unknown, reason: string | RegExp, more: Partial<Ports> = {}): Promise<void> {
  const before = await list();
  expect(await handle(event, { ...ports, ...more })).toEqual(DENIED);
  expect(await list()).toEqual(before);
  const { logs } = written();
  expect(logs).toContainEqual(
    expect.objectContaining({
      level: 'WARN',
      message: 'Registration denied',
      reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
    }),
  );
}

const UNKNOWN = 'the serial number is not on the allow list';
const BLOCKED = 'the serial number is blocked';
const TAKEN = 'the serial number is registered with another certificate';

describe('a serial number', () => {
  test('on the list is let in, which is noted beside what is there already', async () => {
    await onTheList({ serialNumber: 'drone-1', owner: 'depot' }, { serialNumber: 'drone-10' });
    expect(await handle(hookInput('drone-1'), ports)).toEqual(ALLOWED);
    expect(await list()).toEqual(
      expect.arrayContaining([
        { serialNumber: 'drone-1', owner: 'depot', certificateId: CERTIFICATE_ID, registeredAt: NOW },
        { serialNumber: 'drone-10' },
      ]),
    );
  });

  test('that is not on the list is denied, and does not get there', async () => {
    await onTheList({ serialNumber: 'drone-10' }, { serialNumber: 'Drone-1' });
    await expectDenied(hookInput('drone-1'), UNKNOWN);
    await expectDenied(hookInput('drone-1'), UNKNOWN, { once: false });
  });

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    "that is called '%s' is one like any other",
    async (serialNumber) => {
      await expectDenied(hookInput(serialNumber), UNKNOWN);
      await onTheList({ serialNumber });
      expect(await handle(hookInput(serialNumber), ports)).toEqual(ALLOWED);
    },
  );

  test.each([[true], ['true'], ['false'], ['no'], [''], [1], [0], [null], [[]], [{}]])(
    'that is blocked with %j is denied, however often it may register',
    async (blocked) => {
      await onTheList({ serialNumber: 'drone-1', blocked, certificateId: CERTIFICATE_ID });
      await expectDenied(hookInput('drone-1'), BLOCKED);
      await expectDenied(hookInput('drone-1'), BLOCKED, { once: false });
    },
  );

  test('that is expressly not blocked is let in', async () => {
    await onTheList({ serialNumber: 'drone-1', blocked: false });
    expect(await handle(hookInput('drone-1'), ports)).toEqual(ALLOWED);
  });

  test('is let in again with the same certificate', async () => {
    await onTheList({ serialNumber: 'drone-1' });
    expect(await handle(hookInput('drone-1'), ports)).toEqual(ALLOWED);
    const later = { ...ports, now: () => Date.parse(NOW) + 1000 };
    expect(await handle(hookInput('drone-1'), later)).toEqual(ALLOWED);
    expect(await list()).toEqual([
      { serialNumber: 'drone-1', certificateId: CERTIFICATE_ID, registeredAt: '2026-11-24T10:00:01.000Z' },
    ]);
  });

  test('is denied with another certificate, until an operator removes the first one', async () => {
    await onTheList({ serialNumber: 'drone-1' });
    expect(await handle(hookInput('drone-1'), ports)).toEqual(ALLOWED);
    await expectDenied(hookInput('drone-1', OTHER_CERTIFICATE_ID), TAKEN);

    const removal = { Key: { serialNumber: 'drone-1' }, UpdateExpression: 'REMOVE certificateId' };
    await dynamodb.client.send(new UpdateCommand({ TableName: ports.tableName, ...removal }));
    expect(await handle(hookInput('drone-1', OTHER_CERTIFICATE_ID), ports)).toEqual(ALLOWED);
    await expectDenied(hookInput('drone-1'), TAKEN);
  });

  test.each([[null], [''], [7], [{ id: CERTIFICATE_ID }]])(
    'whose certificate is noted as %j is denied',
    async (certificateId) => {
      await onTheList({ serialNumber: 'drone-1', certificateId });
      await expectDenied(hookInput('drone-1'), TAKEN);
    },
  );

  test('that is reusable is let in with another certificate, which takes the place of the first', async () => {
    const reusable = { ...ports, once: false };
    await onTheList({ serialNumber: 'drone-1' });
    expect(await handle(hookInput('drone-1'), reusable)).toEqual(ALLOWED);
    expect(await handle(hookInput('drone-1', OTHER_CERTIFICATE_ID), reusable)).toEqual(ALLOWED);
    expect(await list()).toEqual([{ serialNumber: 'drone-1', certificateId: OTHER_CERTIFICATE_ID, registeredAt: NOW }]);
  });

  test('for which two certificates race lets in exactly one of them', async () => {
    const serialNumbers = Array.from({ length: 20 }, (_, index) => `drone-${index}`);
    await onTheList(...serialNumbers.map((serialNumber) => ({ serialNumber })));
    for (const serialNumber of serialNumbers) {
      const certificates = [CERTIFICATE_ID, OTHER_CERTIFICATE_ID];
      const decisions = await Promise.all(certificates.map((id) => handle(hookInput(serialNumber, id), ports)));
      const winners = certificates.filter((_, index) => decisions[index].allowProvisioning);
      expect(winners).toHaveLength(1);
      expect(await list()).toContainEqual({ serialNumber, certificateId: winners[0], registeredAt: NOW });
    }
  });
});

describe("a thing's name", () => {
  test.each([
    ['', 'a'],
    ['', 'A-z_9'],
    ['', 'x'.repeat(128)],
    ['fleet-', 'x'.repeat(122)],
    ['fleet-', 'claim-1'],
    ['', 'claim'],
    ['', 'Claim-1'],
    ['', 'proclaim-1'],
  ])('may be %j + %j', async (thingNamePrefix, serialNumber) => {
    await onTheList({ serialNumber });
    expect(await handle(hookInput(serialNumber), { ...ports, thingNamePrefix })).toEqual(ALLOWED);
  });

  test.each<[prefix: string, serialNumber: string, reason: RegExp]>([
    ['', 'drone:1', /SerialNumber/],
    ['', 'drone/1', /SerialNumber/],
    ['', 'drone 1', /SerialNumber/],
    ['', 'drone.1', /SerialNumber/],
    ['', 'drone-1\n', /SerialNumber/],
    ['', '\u0000drone-1', /SerialNumber/],
    ['', 'дрон-1', /SerialNumber/],
    ['', 'drone-１', /SerialNumber/],
    ['', '*', /SerialNumber/],
    ['', '+', /SerialNumber/],
    ['', '${iot:ClientId}', /SerialNumber/],
    ['', 'x'.repeat(129), /longer than 128/],
    ['fleet-', 'x'.repeat(123), /longer than 128/],
    ['', 'claim-1', /'claim-'/],
    ['', 'claim-', /'claim-'/],
    ['claim', '-1', /'claim-'/],
  ])("can't be %j + %j, even if that is on the list", async (thingNamePrefix, serialNumber, reason) => {
    await onTheList({ serialNumber });
    await expectDenied(hookInput(serialNumber), reason, { thingNamePrefix });
  });
});

describe('a request', () => {
  const good = hookInput('drone-1');

  beforeEach(() => onTheList({ serialNumber: 'drone-1' }, { serialNumber: 'undefined' }, { serialNumber: 'null' }));

  test.each<[string, object]>([
    ['without claim certificate', { ...good, claimCertificateId: undefined }],
    ['with more parameters', { ...good, parameters: { ...good.parameters, Model: 'x4' } }],
    ['with fields that are new', { ...good, payloadVersion: '2020-04-01' }],
    [
      'from China',
      { ...good, templateArn: good.templateArn.replace('arn:aws:iot:eu-west-1', 'arn:aws-cn:iot:cn-north-1') },
    ],
  ])('%s is like any other', async (_what, event) => {
    expect(await handle(event, ports)).toEqual(ALLOWED);
  });

  const template = (name: string) => ({ ...good, templateArn: good.templateArn.replace('fleet', name) });

  test.each<[string, unknown, RegExp]>([
    ['that is not there', undefined, /expected object/],
    ['that is null', null, /expected object/],
    ['that is a text', JSON.stringify(good), /expected object/],
    ['that is a number', 1, /expected object/],
    ['that is a list', [good], /expected object/],
    ['that is empty', {}, /at certificateId/],
    ['that names its prototype', JSON.parse(`{"__proto__":${JSON.stringify(good)}}`), /at certificateId/],
    ['without parameters', { ...good, parameters: undefined }, /at parameters/],
    ['whose parameters are null', { ...good, parameters: null }, /at parameters/],
    ['whose parameters are a text', { ...good, parameters: 'drone-1' }, /at parameters/],
    ['whose parameters are a list', { ...good, parameters: ['drone-1'] }, /at parameters/],
    [
      'whose parameters name their prototype',
      { ...good, parameters: JSON.parse('{"__proto__":{"SerialNumber":"drone-1"}}') },
      /at parameters\.SerialNumber/,
    ],
    ['without serial number', { ...good, parameters: {} }, /at parameters\.SerialNumber/],
    [
      'whose parameter is in another case',
      { ...good, parameters: { serialNumber: 'drone-1' } },
      /at parameters\.SerialNumber/,
    ],
    ['whose serial number is null', { ...good, parameters: { SerialNumber: null } }, /at parameters\.SerialNumber/],
    ['whose serial number is a number', { ...good, parameters: { SerialNumber: 1 } }, /at parameters\.SerialNumber/],
    [
      'whose serial number is a list',
      { ...good, parameters: { SerialNumber: ['drone-1'] } },
      /at parameters\.SerialNumber/,
    ],
    [
      'whose serial number is an object',
      { ...good, parameters: { SerialNumber: { S: 'drone-1' } } },
      /at parameters\.SerialNumber/,
    ],
    ['whose serial number is empty', { ...good, parameters: { SerialNumber: '' } }, /at parameters\.SerialNumber/],
    ['without certificate', { ...good, certificateId: undefined }, /at certificateId/],
    ['whose certificate is too short', { ...good, certificateId: CERTIFICATE_ID.slice(1) }, /at certificateId/],
    ['whose certificate is too long', { ...good, certificateId: `${CERTIFICATE_ID}0` }, /at certificateId/],
    [
      'whose certificate is no hexadecimal number',
      { ...good, certificateId: CERTIFICATE_ID.replace('a', 'g') },
      /at certificateId/,
    ],
    ['without template', { ...good, templateArn: undefined }, /at templateArn/],
    ['without client id', { ...good, clientId: undefined }, /at clientId/],
    ['of another template', template('other'), /^the template is another one$/],
    ['of a template whose name ends so', template('other-fleet'), /^the template is another one$/],
    ['of a template whose name begins so', template('fleet-2'), /^the template is another one$/],
    ['of a template in another case', template('Fleet'), /^the template is another one$/],
  ])('%s is denied', async (_what, event, reason) => {
    await expectDenied(event, reason);
  });
});

describe('the function as it is deployed', () => {
  const before = process.env;
  let server: Server;

  beforeEach(() => {
    // The waits between attempts are drawn by lot.
    jest.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(async () => {
    process.env = before;
    jest.restoreAllMocks();
    if (!server?.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  /** A service that is not DynamoDB. */
  async function serve(answer: Parameters<typeof createServer>[1]): Promise<string> {
    server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  function load(endpoint: string, more: NodeJS.ProcessEnv = {}) {
    process.env = {
      ...before,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      ALLOW_LIST_TABLE: ports.tableName,
      TEMPLATE_NAME: 'fleet',
      THING_NAME_PREFIX: '',
      REGISTRATION: 'ONCE',
      CELL: 'null',
      ...more,
    };
    let loaded!: typeof entry;
    jest.isolateModules(() => {
      loaded = jest.requireActual('../../../lambda/fleet-provisioning');
    });
    return loaded.handler;
  }

  test('lets in, and counts it', async () => {
    await onTheList({ serialNumber: 'drone-1' });
    const handler = load(dynamodb.endpoint);
    expect(await handler(hookInput('drone-1'), CONTEXT)).toEqual(ALLOWED);
    const { logs, metrics, units } = written();
    expect(metrics).toEqual({ RegistrationAllowed: [1] });
    expect(units).toEqual({ RegistrationAllowed: 'Count' });
    expect(logs).toEqual([
      expect.objectContaining({
        level: 'INFO',
        message: 'Registration allowed',
        serialNumber: 'drone-1',
        certificateId: CERTIFICATE_ID,
        clientId: 'claim-221a6d10-9c7f-42f1-9153-e52e6fc869c1',
        function_request_id: CONTEXT.awsRequestId,
      }),
    ]);
  });

  test('denies, and counts it, and does not write the certificate down', async () => {
    const handler = load(dynamodb.endpoint);
    expect(await handler(hookInput('drone-1'), CONTEXT)).toEqual(DENIED);
    const { logs, metrics } = written();
    expect(metrics).toEqual({ RegistrationDenied: [1] });
    expect(logs).toEqual([expect.objectContaining({ message: 'Registration denied', serialNumber: 'drone-1' })]);
    expect(JSON.stringify(logs)).not.toContain('BEGIN CERTIFICATE');
  });

  test.each([
    ['ONCE', DENIED],
    ['REUSABLE', ALLOWED],
  ])('knows %s', async (REGISTRATION, decision) => {
    await onTheList({ serialNumber: 'drone-1', certificateId: OTHER_CERTIFICATE_ID });
    const handler = load(dynamodb.endpoint, { REGISTRATION });
    expect(await handler(hookInput('drone-1'), CONTEXT)).toEqual(decision);
  });

  test('knows the prefix of the names of things', async () => {
    await onTheList({ serialNumber: 'x'.repeat(128) });
    const handler = load(dynamodb.endpoint, { THING_NAME_PREFIX: 'fleet-' });
    expect(await handler(hookInput('x'.repeat(128)), CONTEXT)).toEqual(DENIED);
  });

  /** Denied, and it is said that it was not for what is on the list. */
  function expectTrouble(decision: Decision): void {
    expect(decision).toEqual(DENIED);
    const { logs, metrics } = written();
    expect(metrics).toEqual({ RegistrationDenied: [1] });
    expect(logs).toContainEqual(
      expect.objectContaining({ level: 'ERROR', message: 'The allow list did not answer', serialNumber: 'drone-1' }),
    );
    expect(logs).toContainEqual(expect.objectContaining({ reason: 'the allow list did not answer' }));
  }

  test('denies when there is no table', async () => {
    const handler = load(dynamodb.endpoint, { ALLOW_LIST_TABLE: 'Missing' });
    expectTrouble(await handler(hookInput('drone-1'), CONTEXT));
  });

  test.each([
    [400, 'com.amazonaws.dynamodb.v20120810#ThrottlingException'],
    [400, 'com.amazon.coral.service#AccessDeniedException'],
    [500, 'com.amazonaws.dynamodb.v20120810#InternalServerError'],
  ])('denies when the table answers with %d %s', async (status, type) => {
    const endpoint = await serve((_request, response) => {
      response
        .writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify({ __type: type }));
    });
    const handler = load(endpoint);
    expectTrouble(await handler(hookInput('drone-1'), CONTEXT));
  });

  test('denies when the table is out of reach', async () => {
    const endpoint = await serve(() => {});
    server.close();
    await once(server, 'close');
    const handler = load(endpoint);
    expectTrouble(await handler(hookInput('drone-1'), CONTEXT));
  });

  test('denies, before AWS IoT gives up after five seconds, when the table takes the request and says nothing', async () => {
    const limit = new AbortController();
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal);
    const endpoint = await serve(() => limit.abort(new DOMException('It took too long.', 'TimeoutError')));
    const handler = load(endpoint);
    expectTrouble(await handler(hookInput('drone-1'), CONTEXT));
    expect(timeout.mock.calls).toEqual([[4000]]);
  });
});
