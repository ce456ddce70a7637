import { captureOutput } from '../../support/handler-output';
import { IoTDataPlaneClient, PublishCommand, ThrottlingException } from '@aws-sdk/client-iot-data-plane';
import { mockClient } from 'aws-sdk-client-mock';
import type { DetectionEvent } from '../../../lambda/common/detection-event';
import { metrics } from '../../../lambda/common/observability';
import { handle } from '../../../lambda/alert-feed/handler';
import { LocalDynamoDB } from '../../support/dynamodb';
import { TestQueue } from '../../support/work-queue';

const ALERT: DetectionEvent = {
  schemaVersion: '1.1',
  id: 'drone-1:1:person',
  fleet: 'delivery',
  device: 'drone-1',
  source: 'ON_DEVICE',
  obstacle: 'person',
  severity: 'CRITICAL',
  label: 'Pedestrian',
  confidence: 97.46,
  capturedAt: '2026-11-24T10:00:00.000Z',
  detectedAt: '2026-11-24T10:00:02.000Z',
  frame: {
    bucket: 'frames',
    key: 'alerts/1.jpg',
    url: 'https://frames.example.com/alerts/1.jpg?X-Amz-Signature=1',
    urlExpiresAt: '2026-11-24T11:00:02.000Z',
  },
};
const NOW = Date.parse('2026-11-24T10:00:02.500Z');

const written = captureOutput();
const iotData = new IoTDataPlaneClient({ region: 'eu-west-1' });
const broker = mockClient(iotData);
let dynamodb: LocalDynamoDB;
let tableName: string;
let queue: TestQueue;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  metrics.clearMetrics();
  broker.reset();
  broker.on(PublishCommand).resolves({});
  tableName = await dynamodb.createTable('device', 'at');
  const ports = { dynamodb: dynamodb.client, iotData, tableName, retentionDays: 90, topicPrefix: 'devices' };
  queue = new TestQueue((body) => handle(body, { ...ports, now: () => NOW }));
});

const published = () => broker.commandCalls(PublishCommand).map((call) => call.args[0].input);
const kept = () => dynamodb.items(tableName);

test('an alert is kept and published as it came', async () => {
  const body = JSON.stringify({ ...ALERT, schemaVersion: '1.9', later: { field: true } }, undefined, 1);
  expect(await queue.process(body)).toBe('done');
  expect(await kept()).toEqual([
    {
      device: 'drone-1',
      at: '2026-11-24T10:00:00.000Z#drone-1:1:person',
      event: body,
      expiresAt: Date.UTC(2027, 1, 22, 10, 0, 2) / 1000,
      publishedAt: '2026-11-24T10:00:02.500Z',
    },
  ]);
  const [{ payload, ...message }, ...others] = published();
  expect(others).toEqual([]);
  expect(message).toEqual({
    topic: 'devices/drone-1/alerts',
    qos: 1,
    contentType: 'application/json',
    payloadFormatIndicator: 'UTF8_DATA',
    messageExpiry: 300,
  });
  expect(Buffer.from(payload as Uint8Array).toString('utf8')).toBe(body);
});

test('that is measured and logged, without the link to the frame', async () => {
  await queue.process(ALERT);
  const { logs, metrics: values, units } = written();
  expect(values).toMatchObject({ AlertPublished: [1], AlertFeedLatency: [500] });
  expect(units.AlertFeedLatency).toBe('Milliseconds');
  expect(logs).toContainEqual(
    expect.objectContaining({ message: 'Alert published', detectionId: 'drone-1:1:person', device: 'drone-1' }),
  );
  expect(JSON.stringify(logs)).not.toContain('X-Amz-Signature');
});

test('one that comes again is neither kept nor published again', async () => {
  await queue.process(ALERT);
  const first = await kept();
  expect(await queue.process({ ...ALERT, confidence: 12 })).toBe('done');
  expect(await kept()).toEqual(first);
  expect(published()).toHaveLength(1);
});

test('one that could not be published is kept, and published when it comes again', async () => {
  const busy = new ThrottlingException({ $metadata: {}, message: 'Slow down.' });
  broker.on(PublishCommand).rejectsOnce(busy).resolves({});
  expect(await queue.process(ALERT)).toBe('failed');
  expect(await kept()).toEqual([expect.not.objectContaining({ publishedAt: expect.anything() })]);
  expect(await queue.process(ALERT, 2)).toBe('done');
  expect(published()).toHaveLength(2);
  expect(await kept()).toEqual([expect.objectContaining({ publishedAt: '2026-11-24T10:00:02.500Z' })]);
});

test('alerts of a device are in the order of time, however exact their clocks', async () => {
  const times = [
    '2026-11-24T10:00:01Z',
    '2026-11-24T10:00:00.5Z',
    '2026-11-24T10:00:00.123456Z',
    '2026-11-24T10:00:00Z',
  ];
  for (const [index, capturedAt] of times.entries()) await queue.process({ ...ALERT, id: String(index), capturedAt });
  const keys = (await kept()).map(({ at }) => at as string).sort();
  expect(keys).toEqual([
    '2026-11-24T10:00:00.000Z#3',
    '2026-11-24T10:00:00.123Z#2',
    '2026-11-24T10:00:00.500Z#1',
    '2026-11-24T10:00:01.000Z#0',
  ]);
});

test('two alerts of one moment are two', async () => {
  await queue.process(ALERT);
  await queue.process({ ...ALERT, id: 'drone-1:1:bird' });
  expect(await kept()).toHaveLength(2);
  expect(published()).toHaveLength(2);
});

test.each<[string, unknown, RegExp]>([
  ['no JSON', '{', /not JSON/],
  ['no detection', { ...ALERT, confidence: 101 }, /confidence/],
  ['of another major version', { ...ALERT, schemaVersion: '2.0' }, /schemaVersion/],
  ['for the topic of another device', { ...ALERT, device: 'drone-1/alerts/x' }, /device/],
  ['for all topics', { ...ALERT, device: '#' }, /device/],
  ['for reserved topics', { ...ALERT, device: '$aws' }, /device/],
  ['of no device', { ...ALERT, device: '' }, /device/],
  ['with an id that fits into no key', { ...ALERT, id: 'ä'.repeat(500) }, /too long/],
])('what is %s is unusable', async (_what, body, reason) => {
  expect(await queue.process(body)).toBe('unusable');
  expect(queue.reason).toMatch(reason);
  expect(published()).toEqual([]);
  expect(await kept()).toEqual([]);
});

test('the longest id that fits is kept', async () => {
  expect(await queue.process({ ...ALERT, id: 'i'.repeat(999) })).toBe('done');
});
