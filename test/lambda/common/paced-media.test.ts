import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DescribeThingCommand } from '@aws-sdk/client-iot';
import { DescribeStreamCommand } from '@aws-sdk/client-kinesis-video';
import { pacedMedia } from '../../../lambda/common/paced-media';

const CONFIGURATION = {
  fleetName: 'delivery',
  thingTypeName: 'drone',
  cameras: ['front'],
  removal: 'KEEP',
  tags: {},
  stream: {
    DataRetentionInHours: 24,
    MediaType: 'video/h264',
    StreamStorageConfiguration: { DefaultStorageTier: 'HOT' },
  },
};
const PACER = { tableName: 'Pacer', rates: { DescribeStream: 10 } };

/** How long the turn of the table is ahead, in milliseconds. */
const AHEAD = 150;

/** What was asked for, of a table and of services that have everything. */
let requests: { what: string; at: number }[];
let server: Server;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = (await request.toArray()).join('');
  const what = String(request.headers['x-amz-target'] ?? request.url);
  requests.push({ what, at: Date.now() });
  const values = what.includes('DynamoDB') ? JSON.parse(body).ExpressionAttributeValues : undefined;
  const next = values && Number(values[':now'].N) + Number(values[':interval'].N) + AHEAD;
  response.setHeader('content-type', 'application/x-amz-json-1.0');
  response.end(JSON.stringify(values ? { Attributes: { next: { N: String(next) } } } : {}));
}

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    MEDIA: JSON.stringify(CONFIGURATION),
    PACER: JSON.stringify(PACER),
  });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('the configuration is that of the environment', () => {
  expect(pacedMedia().configuration).toEqual(CONFIGURATION);
});

test.each(['MEDIA', 'PACER'])('without %s there is none', (name) => {
  delete process.env[name];
  expect(pacedMedia).toThrow(name);
});

test('a call of Kinesis Video Streams waits for its turn, and one that has no rate does not', async () => {
  const { kinesisVideo, iot } = pacedMedia();
  const begun = Date.now();
  await kinesisVideo.send(new DescribeStreamCommand({ StreamName: 'drone-1' }));
  expect(requests.map(({ what }) => what)).toEqual(['DynamoDB_20120810.UpdateItem', '/describeStream']);
  // Timers may be a millisecond early.
  expect(requests[1].at - begun).toBeGreaterThanOrEqual(AHEAD - 2);
  await iot.send(new DescribeThingCommand({ thingName: 'drone-1' }));
  expect(requests.map(({ what }) => what).slice(2)).toEqual(['/things/drone-1']);
});

test('calls of AWS IoT are tried again more slowly when it is busy', async () => {
  expect(await pacedMedia().iot.config.retryStrategy()).toMatchObject({ mode: 'adaptive' });
});
