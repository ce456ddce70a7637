import { captureOutput } from '../../support/handler-output';
import type { Sighting } from '../../../lambda/common/obstacles';
import { UnusableMessage } from '../../../lambda/common/queue-worker';
import { countAt } from '../../../lambda/queue-monitor/frames';
import { S3_TEST_EVENT, frameKey, objectCreatedAt } from '../../events/s3';
import { LocalDynamoDB } from '../../support/dynamodb';
import { TestStore } from '../../support/queue-monitor';

const LINE = { left: 0, top: 0, width: 0.5, height: 1 };
const CASHIER = { left: 0.8, top: 0, width: 0.2, height: 1 };
const REGISTERS = [
  { name: 'till-1', device: 'camera-1', line: LINE, cashier: CASHIER },
  { name: 'till-2', device: 'camera-1', line: { ...LINE, left: 0.5, width: 0.3 } },
  { name: 'till-3', device: 'camera-2', camera: 'front' },
];

/** A person whose middle is there. */
const at = (x: number, y = 0.5) => ({ left: x - 0.05, top: y - 0.1, width: 0.1, height: 0.2 });
const person = (x: number, confidence = 95): Sighting => ({ label: 'Person', confidence, boundingBox: at(x) });

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let store: TestStore;
let answer: () => Promise<Sighting[]>;
const asked: string[] = [];

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  asked.length = 0;
  answer = async () => [person(0.1), person(0.3), person(0.6), person(0.9)];
  store = await TestStore.in(dynamodb, REGISTERS, async ({ key }) => {
    asked.push(key);
    return answer();
  });
});

function created({ stream = 'camera-1', age = 0 } = {}) {
  const key = frameKey({ folder: `frames/${stream}`, stream, timecode: store.now - age });
  store.objects.add(key);
  return objectCreatedAt(new Date(store.now).toISOString(), key);
}

async function counts(): Promise<unknown> {
  const [item] = await store.remembered();
  return (item?.content as { counts: unknown } | undefined)?.counts;
}

test('people are counted at each register that the camera sees, and the frame is deleted', async () => {
  expect(await store.queue.process(created())).toBe('done');
  const capturedAt = store.now;
  expect(await counts()).toEqual({
    'till-1': { waiting: 2, open: true, capturedAt },
    'till-2': { waiting: 1, capturedAt },
  });
  expect([...store.objects]).toEqual([]);
  expect(written().metrics).toEqual({ PeopleWaiting: [2, 1], RegistersMissing: [1], MessageProcessed: [1] });
});

test('nobody is a count as well', async () => {
  answer = async () => [];
  await store.queue.process(created({ stream: 'camera-2.front' }));
  expect(await counts()).toEqual({ 'till-3': { waiting: 0, capturedAt: store.now } });
});

test('only people count, if the model is sure', async () => {
  answer = async () => [person(0.1), person(0.2, 69), { ...person(0.3), label: 'Dog' }];
  await store.queue.process(created());
  expect(await counts()).toMatchObject({ 'till-1': { waiting: 1, open: false } });
});

test('a person between two lines is in one of them, and a cashier in none', () => {
  const frame = { capturedAt: new Date(0) };
  const waiting = (x: number) => REGISTERS.slice(0, 2).map((register) => countAt(register, [at(x)], frame).waiting);
  expect([0.1, 0.499, 0.5, 0.9].map(waiting)).toEqual([
    [1, 0],
    [1, 0],
    [0, 1],
    [0, 0],
  ]);
  const overlapping = { name: 'till-1', device: 'camera-1', cashier: CASHIER };
  expect(countAt(overlapping, [at(0.9), at(0.1)], frame)).toMatchObject({ waiting: 1, open: true });
});

describe.each<[string, string, () => unknown]>([
  ['of a camera above no register', 'FrameUnwanted', () => created({ stream: 'camera-9' })],
  ['of another camera of the thing', 'FrameUnwanted', () => created({ stream: 'camera-1.back' })],
  ['that is too old', 'FrameStale', () => created({ age: 61_000 })],
])('a frame %s', (_what, metric, make) => {
  test('is deleted without being looked at', async () => {
    expect(await store.queue.process(make())).toBe('done');
    expect(written().metrics).toEqual({ [metric]: [1], MessageProcessed: [1] });
    expect(asked).toEqual([]);
    expect([...store.objects]).toEqual([]);
    expect(await counts()).toBeUndefined();
  });
});

test('people whom the model does not place are not nobody', async () => {
  answer = async () => [{ label: 'Person', confidence: 99 }];
  expect(await store.queue.process(created())).toBe('done');
  expect(written().metrics).toEqual({ FrameUncounted: [1], MessageProcessed: [1] });
  expect(await counts()).toBeUndefined();
  expect([...store.objects]).toEqual([]);
});

test('a frame that is gone was counted before', async () => {
  const body = created();
  await store.queue.process(body);
  written();
  answer = async () => {
    throw Object.assign(new Error('Unable to get object metadata from S3.'), { name: 'InvalidS3ObjectException' });
  };
  expect(await store.queue.process(body)).toBe('done');
  expect(written().metrics).toEqual({ FrameExpired: [1], MessageProcessed: [1] });
});

test('a frame of which the model says nothing now is tried again, and one that is none is told of', async () => {
  answer = async () => {
    throw Object.assign(new Error('Slow down.'), { name: 'ThrottlingException' });
  };
  expect(await store.queue.process(created())).toBe('failed');
  expect(store.objects.size).toBe(1);
  answer = async () => {
    throw new UnusableMessage('It is no picture.');
  };
  expect(await store.queue.process(created())).toBe('unusable');
});

test('what S3 sends to try a queue out is no frame', async () => {
  expect(await store.queue.process(S3_TEST_EVENT)).toBe('done');
  expect(asked).toEqual([]);
});

test.each([
  ['no records', { Records: [] }, /at Records/],
  ['a count', { device: 'camera-1', content: 'e30=' }, /at Records/],
  ['no JSON', 'frame', /not JSON/],
  ['a key of no device', objectCreatedAt('2026-11-24T10:00:01.250Z', 'frames/x y/1.jpg'), /names no device/],
])('%s goes to the dead-letter queue', async (_what, body, reason) => {
  expect(await store.queue.process(body)).toBe('unusable');
  expect(store.queue.reason).toMatch(reason);
});
