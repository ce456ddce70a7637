import { captureOutput } from '../../support/handler-output';
import { Gates } from '../../../lambda/common/gates';
import { handle } from '../../../lambda/motion-gate/handler';
import { ruleOutput } from '../../events/iot-rule';
import { LocalDynamoDB } from '../../support/dynamodb';
import { TestQueue } from '../../support/work-queue';

const written = captureOutput();
// When the messages of tests are sent.
const SENT = 1_795_514_400_000;
let dynamodb: LocalDynamoDB;
let gates: Gates;
let queue: TestQueue;
let now: number;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  now = SENT + 500;
  const settings = {
    tableName: await dynamodb.createTable('stream'),
    openForSeconds: 30,
    streamSecondsPerDay: 60,
    fleetSecondsPerDay: 90,
  };
  gates = new Gates({ dynamodb: dynamodb.client, settings, now: () => now });
  queue = new TestQueue((body, delivery) => handle(body, { gates, now: () => now, staleAfter: 30_000 }, delivery));
});

const motion = (change: object = {}, device = 'drone-1') =>
  ruleOutput(
    device,
    JSON.stringify({ schemaVersion: '1.0', id: 'm-1', detectedAt: '2026-11-24T10:00:00.000Z', ...change }),
  );

test('motion opens the gate of its stream, and of no other one', async () => {
  expect(await queue.process(motion())).toBe('done');
  expect(await gates.isOpen('drone-1', now)).toBe(true);
  for (const stream of ['drone-10', 'drone-1.front', 'drone-']) expect(await gates.isOpen(stream, now)).toBe(false);
  const { metrics, logs } = written();
  expect(metrics).toEqual({ GateOpened: [1], MessageProcessed: [1] });
  expect(logs).toEqual([expect.objectContaining({ message: 'Motion', stream: 'drone-1', opening: 'opened' })]);
});

test('motion of one camera opens the gate of its stream', async () => {
  expect(await queue.process(motion({ camera: 'front' }))).toBe('done');
  expect(await gates.isOpen('drone-1.front', now)).toBe(true);
  expect(await gates.isOpen('drone-1', now)).toBe(false);
});

test('motion that goes on is counted, and nothing else, until the gate is to be extended', async () => {
  for (let index = 0; index < 10; index++) await queue.process(motion({ id: `m-${index}` }));
  const { metrics, logs } = written();
  expect(metrics).toMatchObject({ GateOpened: [1], GateOpenAlready: Array(9).fill(1) });
  expect(logs).toHaveLength(1);
  now += 20_000;
  await queue.process(motion({ id: 'm-11' }));
  expect(written().metrics).toMatchObject({ GateExtended: [1] });
});

test('a device whose clock is wrong opens its gate all the same', async () => {
  expect(await queue.process(motion({ detectedAt: '1970-01-01T00:00:07Z' }))).toBe('done');
  expect(await queue.process(motion({ detectedAt: '2099-01-01T00:00:00Z' }, 'drone-2'))).toBe('done');
  expect(written().metrics.GateOpened).toEqual([1, 1]);
});

test('motion that has waited for too long opens nothing, and is counted', async () => {
  now = SENT + 30_001;
  expect(await queue.process(motion())).toBe('done');
  expect(await gates.isOpen('drone-1', now)).toBe(false);
  expect(written().metrics).toEqual({ MotionStale: [1], MessageProcessed: [1] });
});

test('limits of the day are told', async () => {
  for (const device of ['drone-1', 'drone-2', 'drone-3', 'drone-4']) await queue.process(motion({}, device));
  expect(written().metrics).toMatchObject({ GateOpened: [1, 1, 1], FleetBudgetExhausted: [1] });
  expect(await gates.isOpen('drone-4', now)).toBe(false);
});

test('a stream that has been analysed for long enough waits for the next day', async () => {
  gates = new Gates({
    dynamodb: dynamodb.client,
    settings: {
      tableName: await dynamodb.createTable('stream'),
      openForSeconds: 30,
      streamSecondsPerDay: 40,
      fleetSecondsPerDay: 900,
    },
    now: () => now,
  });
  await queue.process(motion());
  now = SENT + 20_000;
  await queue.process(motion({ id: 'm-2' }));
  expect(written().metrics).toMatchObject({ GateOpened: [1], StreamBudgetExhausted: [1] });
});

test.each<[what: string, body: unknown, reason: RegExp]>([
  ['is no JSON', 'motion', /not JSON/],
  ['has a content that is no JSON', ruleOutput('drone-1', 'motion!'), /not JSON/],
  ['is cut off', ruleOutput('drone-1', '{"schemaVersion":"1.0","id":"m-1"'), /not JSON/],
  ['is of another version', motion({ schemaVersion: '2.0' }), /schemaVersion/],
  ['has no id', motion({ id: undefined }), / at id/],
  ['has an id with a slash', motion({ id: 'a/b' }), / at id/],
  ['has no time', motion({ detectedAt: 'now' }), / at detectedAt/],
  ['is of a camera that no stream can have', motion({ camera: '../drone-2' }), / at camera/],
  ['is of a device that no topic can have', ruleOutput('drone 1', '{}'), / at device/],
])('a message that %s is unusable', async (_what, body, reason) => {
  expect(await queue.process(body)).toBe('unusable');
  expect(queue.reason).toMatch(reason);
});

test('a message comes again when the table does not answer', async () => {
  const settings = { tableName: 'Missing', openForSeconds: 30, streamSecondsPerDay: 60, fleetSecondsPerDay: 90 };
  gates = new Gates({ dynamodb: dynamodb.client, settings, now: () => now });
  expect(await queue.process(motion())).toBe('failed');
});
