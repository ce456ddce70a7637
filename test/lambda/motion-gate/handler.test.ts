import { captureOutput } from '../../support/handler-output';
import { RekognitionClient, StartStreamProcessorCommand } from '@aws-sdk/client-rekognition';
import { mockClient, type AwsClientStub } from 'aws-sdk-client-mock';
import { Gates, type GatePorts } from '../../../lambda/common/gates';
import { handle, type Ports } from '../../../lambda/motion-gate/handler';
import { ruleOutput } from '../../events/iot-rule';
import { processingComplete } from '../../events/stream-processor';
import { LocalDynamoDB } from '../../support/dynamodb';
import { TestQueue } from '../../support/work-queue';

const written = captureOutput();
// When the messages of tests are sent.
const SENT = 1_795_514_400_000;
let dynamodb: LocalDynamoDB;
let gates: Gates;
let queue: TestQueue;
let now: number;
let rekognition: AwsClientStub<RekognitionClient>;
let settings: GatePorts['settings'];

const started = () => rekognition.commandCalls(StartStreamProcessorCommand).map(({ args: [command] }) => command.input);

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  now = SENT + 500;
  settings = {
    tableName: await dynamodb.createTable('stream'),
    openForSeconds: 30,
    streamSecondsPerDay: 60,
    fleetSecondsPerDay: 90,
  };
  rekognition = mockClient(RekognitionClient);
  rekognition.on(StartStreamProcessorCommand).resolves({ SessionId: 'session-1' });
  queue = makeQueue();
});

function makeQueue(): TestQueue {
  gates = new Gates({ dynamodb: dynamodb.client, settings, now: () => now });
  const ports: Ports = {
    gates,
    processors: {
      rekognition: new RekognitionClient({ region: 'eu-west-1' }),
      settings: [
        { stream: 'drone-7', processor: 'detector-1' },
        { stream: 'drone-2.front', processor: 'detector-2' },
      ],
      now: () => now,
    },
    now: () => now,
    staleAfter: 1000 * settings.openForSeconds,
  };
  return new TestQueue((body, delivery) => handle(body, ports, delivery));
}

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
  settings = { ...settings, streamSecondsPerDay: 40 };
  queue = makeQueue();
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
  settings = { ...settings, tableName: 'Missing' };
  queue = makeQueue();
  expect(await queue.process(motion())).toBe('failed');
});

describe('the stream processor of a stream', () => {
  test('is started when its gate opens, for as long as that is open', async () => {
    await queue.process(motion({}, 'drone-7'));
    expect(started()).toEqual([
      {
        Name: 'detector-1',
        StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: now } },
        StopSelector: { MaxDurationInSeconds: 30 },
      },
    ]);
    await queue.process(motion({ id: 'm-2' }, 'drone-7'));
    expect(started()).toHaveLength(1);
  });

  test('is that of its camera, and of no other stream', async () => {
    await queue.process(motion({ camera: 'front' }, 'drone-2'));
    await queue.process(motion({}, 'drone-2'));
    await queue.process(motion({}, 'drone-3'));
    expect(started().map(({ Name }) => Name)).toEqual(['detector-2']);
  });

  test('is started again when a run is over and the gate is still open', async () => {
    await queue.process(motion({}, 'drone-7'));
    now += 12_300;
    expect(await queue.process(processingComplete('drone-7'))).toBe('done');
    expect(started().map(({ StopSelector }) => StopSelector?.MaxDurationInSeconds)).toEqual([30, 17]);
  });

  test('is not started again when the gate is closed, or about to be', async () => {
    await queue.process(motion({}, 'drone-7'));
    for (const later of [29_100, 30_000, 60_000]) {
      now = SENT + 500 + later;
      expect(await queue.process(processingComplete('drone-7'))).toBe('done');
    }
    expect(await queue.process(processingComplete('drone-2.front'))).toBe('done');
    expect(started()).toHaveLength(1);
  });

  test('that runs already is left alone', async () => {
    rekognition.on(StartStreamProcessorCommand).rejects(named('ResourceInUseException'));
    expect(await queue.process(motion({}, 'drone-7'))).toBe('done');
  });

  test('that can not be started is tried again', async () => {
    rekognition.on(StartStreamProcessorCommand).rejectsOnce(named('InternalServerError')).resolves({});
    expect(await queue.process(motion({}, 'drone-7'))).toBe('failed');
    expect(await queue.process(motion({}, 'drone-7'), 2)).toBe('done');
    expect(started()).toHaveLength(2);
  });

  test('runs for two minutes at a time, as long as its gate is open', async () => {
    settings = { ...settings, openForSeconds: 300, streamSecondsPerDay: 300, fleetSecondsPerDay: 300 };
    queue = makeQueue();
    await queue.process(motion({}, 'drone-7'));
    for (let minutes = 2; minutes <= 6; minutes += 2) {
      now = SENT + 500 + 60_000 * minutes;
      await queue.process(processingComplete('drone-7'));
    }
    expect(started().map(({ StopSelector }) => StopSelector?.MaxDurationInSeconds)).toEqual([120, 120, 60]);
  });

  test('is not started at all once the budget is spent', async () => {
    for (const device of ['a', 'b', 'c']) await queue.process(motion({}, device));
    await queue.process(motion({}, 'drone-7'));
    expect(started()).toEqual([]);
  });

  function named(name: string): Error {
    return Object.assign(new Error(name), { name });
  }
});
