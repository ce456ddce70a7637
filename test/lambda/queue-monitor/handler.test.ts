import { captureOutput } from '../../support/handler-output';
import fc from 'fast-check';
import { ruleOutput } from '../../events/iot-rule';
import { LocalDynamoDB } from '../../support/dynamodb';
import { TestStore } from '../../support/queue-monitor';

const REGISTERS = [
  { name: 'till-1', device: 'camera-1' },
  { name: 'till-2', device: 'camera-1' },
];
const SECOND = 1000;

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let store: TestStore;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  store = await TestStore.in(dynamodb, REGISTERS);
});

function message(change: object = {}) {
  return {
    schemaVersion: '1.0',
    id: 'message-1',
    capturedAt: new Date(store.now).toISOString(),
    counts: [
      { register: 'till-1', waiting: 7 },
      { register: 'till-2', waiting: 3, open: true },
    ],
    ...change,
  };
}

const counted = (change: object = {}, device = 'camera-1') => ruleOutput(device, JSON.stringify(message(change)));

/** Ten people wait at two registers, every ten seconds. */
async function wait(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 10) {
    store.now += 10 * SECOND;
    await store.queue.process(counted());
  }
}

describe('counts', () => {
  test('become metrics of the register and the store', async () => {
    expect(await store.queue.process(counted())).toBe('done');
    expect(written().metrics).toEqual({
      PeopleWaiting: [7, 3],
      RegistersMissing: [0],
      PeoplePerOpenRegister: [5],
      MessageProcessed: [1],
    });
  });

  test('are remembered as numbers, and nothing else', async () => {
    await store.queue.process(counted({ face: 'kept by nobody' }));
    const capturedAt = store.now;
    expect(await store.remembered()).toEqual([
      {
        fleet: 'store-7',
        version: 1,
        content: {
          counts: { 'till-1': { waiting: 7, capturedAt }, 'till-2': { waiting: 3, open: true, capturedAt } },
          leaning: { change: 'OPEN', since: store.now },
        },
        expiresAt: Math.ceil(store.now / 1000) + 2 * 86_400,
      },
    ]);
  });

  test('that come twice count once, and those that come late are in the series only', async () => {
    const first = counted();
    await store.queue.process(first);
    const before = await store.remembered();
    await store.queue.process(first);
    expect(written().metrics.CountRepeated).toEqual([1, 1]);
    await store.queue.process(counted({ capturedAt: new Date(store.now - 300 * SECOND).toISOString() }));
    expect(written().metrics).toMatchObject({ CountLate: [1, 1], PeopleWaiting: [7, 3] });
    expect(await store.remembered()).toEqual(before);
  });

  test('older than CloudWatch takes are not even there', async () => {
    await store.queue.process(counted({ capturedAt: '2001-01-01T00:00:00Z' }));
    expect(written().metrics).toEqual({ CountLate: [1, 1], MessageProcessed: [1] });
  });

  test('of a clock that is ahead count from when they were sent', async () => {
    await store.queue.process(counted({ capturedAt: new Date(store.now + 3_600_000).toISOString() }));
    const [{ content }] = await store.remembered();
    expect(content).toMatchObject({ counts: { 'till-1': { capturedAt: store.now } } });
  });
});

describe('a signal', () => {
  test('is given once people have waited, and is given once', async () => {
    await wait(120);
    expect(store.entries).toEqual([]);
    await wait(10);
    await store.queue.process(counted());
    const decidedAt = new Date(store.now).toISOString();
    expect(store.entries).toEqual([
      expect.objectContaining({
        EventBusName: 'default',
        Source: 'cdk-kinesis-video.queue-monitor',
        DetailType: 'Staffing Signal',
        Time: new Date(store.now),
      }),
    ]);
    expect(store.signals).toEqual([
      {
        schemaVersion: '1.0',
        id: `store-7:${decidedAt}:OPEN`,
        fleet: 'store-7',
        change: 'OPEN',
        waiting: 10,
        openRegisters: 2,
        since: new Date(store.now - 120 * SECOND).toISOString(),
        decidedAt,
      },
    ]);
    expect(written().metrics.StaffingSignal).toEqual([1]);
  });

  test.each([
    ['did not answer', new Error('The bus did not answer.')],
    ['did not take it', { FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }] }],
  ])('that the bus %s is given later, by whichever count comes first', async (_what, failure) => {
    store.failure = failure;
    await wait(120);
    store.now += 10 * SECOND;
    const deciding = counted();
    expect(await store.queue.process(deciding)).toBe('failed');
    const decidedAt = new Date(store.now).toISOString();
    store.failure = undefined;
    store.now += 10 * SECOND;
    expect(await store.queue.process(counted())).toBe('done');
    expect(await store.queue.process(deciding)).toBe('done');
    expect(store.signals.map(({ id }) => id)).toEqual([`store-7:${decidedAt}:OPEN`]);
  });

  test('that can not be given for long is not replaced by the next one', async () => {
    store.failure = new Error('The bus did not answer.');
    await wait(130);
    const decidedAt = new Date(store.now).toISOString();
    await wait(300);
    store.failure = undefined;
    await wait(10);
    expect(store.signals.map((signal) => signal.decidedAt)).toEqual([decidedAt]);
  });

  test('is one, however many functions see it at once', async () => {
    await wait(120);
    store.now += 10 * SECOND;
    const outcomes = await Promise.all(
      ['a', 'b', 'c', 'd'].map((id) =>
        store.queue.process(counted({ id, capturedAt: new Date(store.now).toISOString() })),
      ),
    );
    expect(outcomes).toContain('done');
    expect(new Set(store.signals.map(({ id }) => id)).size).toBe(1);
  });
});

describe('a message that can not be used', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['is none of the rule', () => ({ topic: 'devices/camera-1/counts' }), /at device.*at content/],
    ['is no JSON', () => ruleOutput('camera-1', 'seven'), /not JSON/],
    ['has no count', () => counted({ counts: [] }), /at counts/],
    ['has half a person', () => counted({ counts: [{ register: 'till-1', waiting: 0.5 }] }), /at counts\[0\]\.waiting/],
    [
      'has less than nobody',
      () => counted({ counts: [{ register: 'till-1', waiting: -1 }] }),
      /at counts\[0\]\.waiting/,
    ],
    ['has another version', () => counted({ schemaVersion: '2.0' }), /at schemaVersion/],
    ['has no time', () => counted({ capturedAt: 'now' }), /at capturedAt/],
    [
      'is of a register that there is not',
      () => counted({ counts: [{ register: 'till-9', waiting: 1 }] }),
      /'till-9' is not/,
    ],
    ['is of a register of another device', () => counted({}, 'camera-2'), /'till-1' is not a register of .*'camera-2'/],
  ])('because it %s goes to the dead-letter queue', async (_what, body, reason) => {
    expect(await store.queue.process(body())).toBe('unusable');
    expect(store.queue.reason).toMatch(reason);
    expect(await store.remembered()).toEqual([]);
    expect(written().metrics).toEqual({ MessageUnusable: [1] });
  });

  test('never is a crash, whatever it is', async () => {
    const content = fc.oneof(
      fc.json(),
      fc.string(),
      fc.uint8Array(),
      fc.record(spoiled()).map((value) => JSON.stringify(value)),
    );
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      content.map((each) => JSON.stringify(ruleOutput('camera-1', each))),
      fc.record({ device: fc.jsonValue(), content: fc.jsonValue() }).map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        store.now += SECOND;
        expect(['done', 'unusable']).toContain(await store.queue.process(text));
      }),
      { numRuns: 300 },
    );
  });
});

/** A message of which each field is right, or anything else. */
function spoiled(): Record<string, fc.Arbitrary<unknown>> {
  return Object.fromEntries(
    Object.entries(message()).map(([name, value]) => [
      name,
      fc.oneof({ weight: 4, arbitrary: fc.constant<unknown>(value) }, fc.jsonValue()),
    ]),
  );
}

test('a device that floods is limited', async () => {
  for (let index = 0; index < 30; index++) await store.queue.process(counted({ id: `m-${index}` }));
  expect(written().metrics.MessageLimited).toHaveLength(10);
});
