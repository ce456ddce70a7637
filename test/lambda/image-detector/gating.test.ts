import { captureOutput } from '../../support/handler-output';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObstacleClass } from '../../../lambda/common/obstacles';
import { Gates } from '../../../lambda/common/gates';
import type { GatingPorts } from '../../../lambda/image-detector/gating';
import { frameKey, objectCreatedAt } from '../../events/s3';
import { AlertTarget } from '../../support/alert-target';
import { LocalDynamoDB } from '../../support/dynamodb';
import { FrameDetector } from '../../support/frame-detector';

const PERSON: ObstacleClass = { name: 'person', labels: ['Person'], minimumConfidence: 80, severity: 'CRITICAL' };
const START = Date.parse('2026-11-24T10:00:00.000Z');
const picture = (name: string) => readFileSync(join(__dirname, '..', '..', 'frames', name));
const EMPTY = picture('thermal-cool.jpg');
const SOMETHING = picture('thermal-hotspot.jpg');

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let target: AlertTarget;
let detector: FrameDetector;
let analysed: string[];
let gates: Gates;
let settings: ConstructorParameters<typeof Gates>[0]['settings'];

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  target = await AlertTarget.in(dynamodb);
  target.now = START;
  analysed = [];
  settings = {
    tableName: await dynamodb.createTable('stream'),
    openForSeconds: 30,
    streamSecondsPerDay: 60,
    fleetSecondsPerDay: 600,
  };
  detector = make();
});

/** @param motionShare without it, frames are not compared */
function make(motionShare?: number): FrameDetector {
  const now = () => target.now;
  gates = new Gates({ dynamodb: dynamodb.client, settings, now });
  const made: FrameDetector = new FrameDetector(
    target,
    [PERSON],
    () => ({
      analyse: async ({ key }) => {
        analysed.push(key);
        return [{ label: 'Person', confidence: 99 }];
      },
    }),
    {
      gating: (readFrame): GatingPorts => ({
        gates,
        difference: motionShare
          ? { dynamodb: dynamodb.client, tableName: settings.tableName, readFrame, motionShare, now }
          : undefined,
      }),
    },
  );
  return made;
}

/** A frame that was captured so many seconds after the start, and comes right then. */
async function film(seconds: number, bytes: Buffer, folder = 'drone-1', now = seconds) {
  target.now = START + 1000 * now;
  const timecode = START + 1000 * seconds;
  const key = frameKey({ folder: `frames/${folder}`, stream: folder, timecode });
  detector.bucket.objects.set(key, bytes);
  return detector.queue.process(objectCreatedAt(new Date(target.now).toISOString(), key));
}

describe('where devices tell of motion', () => {
  test('frames are analysed while the gate of their stream is open', async () => {
    expect(await film(0, EMPTY)).toBe('done');
    await gates.open('drone-1', 'm-1');
    for (const seconds of [1, 29, 30, 31]) expect(await film(seconds, EMPTY)).toBe('done');
    await film(32, EMPTY, 'drone-10');
    expect(analysed).toHaveLength(3);
    expect(written().metrics).toMatchObject({ FrameGated: [1, 1, 1], AlertRaised: [1] });
  });

  test('each camera has a gate of its own', async () => {
    await gates.open('drone-1.front', 'm-1');
    await film(1, EMPTY, 'drone-1.front');
    await film(1, EMPTY, 'drone-1.rear');
    await film(1, EMPTY, 'drone-1');
    expect(analysed).toEqual([expect.stringContaining('/drone-1.front/')]);
  });

  test('a frame that comes late is analysed if the gate was open when it was captured', async () => {
    await gates.open('drone-1', 'm-1');
    await film(20, EMPTY, 'drone-1', 50);
    expect(analysed).toHaveLength(1);
  });

  test('frames are not read', async () => {
    detector.bucket.objects.clear();
    expect(await film(0, Buffer.from('no image'))).toBe('done');
    expect(written().metrics).toMatchObject({ FrameGated: [1] });
  });
});

describe('where frames are compared', () => {
  beforeEach(() => {
    detector = make(0.005);
  });

  test('the gate opens with the first frame, and with each that differs from the one before', async () => {
    await film(0, EMPTY);
    expect(analysed).toHaveLength(1);
    for (const seconds of [40, 43, 46]) await film(seconds, EMPTY);
    expect(analysed).toHaveLength(1);
    await film(49, SOMETHING);
    await film(52, SOMETHING);
    expect(analysed).toHaveLength(3);
    expect(written().metrics).toMatchObject({ GateOpened: [1, 1], FrameGated: [1, 1, 1] });
  });

  test('another stream is compared with its own frames', async () => {
    await film(0, EMPTY, 'drone-1');
    await film(0, SOMETHING, 'drone-2');
    await film(40, EMPTY, 'drone-1');
    await film(40, SOMETHING, 'drone-2');
    expect(analysed).toHaveLength(2);
  });

  test('a frame that comes late does not take the place of a later one', async () => {
    await film(0, SOMETHING);
    await film(45, EMPTY);
    await film(40, SOMETHING, 'drone-1', 46);
    await film(90, EMPTY);
    expect(analysed).toHaveLength(3);
  });

  test('after ten minutes without a frame, the next one is the first', async () => {
    await film(0, EMPTY);
    await film(599, EMPTY);
    expect(analysed).toHaveLength(1);
    await film(1200, EMPTY);
    expect(analysed).toHaveLength(2);
  });

  test('the limit of the day holds, and is told', async () => {
    for (const minute of [0, 1, 2, 3]) await film(60 * minute, minute % 2 === 0 ? EMPTY : SOMETHING);
    expect(analysed).toHaveLength(2);
    expect(written().metrics).toMatchObject({ GateOpened: [1, 1], StreamBudgetExhausted: [1, 1] });
  });

  test.each([
    ['is none', Buffer.from('no image'), /neither a JPEG nor a PNG/],
    ['is cut off', SOMETHING.subarray(0, 300), /can't be read/],
    ['has too many pixels', picture('too-many-pixels.jpg'), /can't be read/],
    ['is empty', Buffer.alloc(0), /is empty/],
  ])('a picture that %s is unusable', async (_what, bytes, reason) => {
    expect(await film(0, bytes)).toBe('unusable');
    expect(detector.queue.reason).toMatch(reason);
  });

  test('a frame that is gone is counted', async () => {
    const key = frameKey({ folder: 'frames/drone-1', stream: 'drone-1', timecode: START });
    expect(await detector.queue.process(objectCreatedAt(new Date(START).toISOString(), key))).toBe('done');
    expect(written().metrics).toMatchObject({ FrameExpired: [1] });
  });
});
