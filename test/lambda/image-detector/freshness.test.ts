import { captureOutput } from '../../support/handler-output';
import type { ObstacleClass, Sighting } from '../../../lambda/common/obstacles';
import { FRAME_BUCKET, frameKey, objectCreated, objectCreatedAt } from '../../events/s3';
import { AlertTarget } from '../../support/alert-target';
import { LocalDynamoDB } from '../../support/dynamodb';
import { FrameDetector } from '../../support/frame-detector';

const PERSON: ObstacleClass = { name: 'person', labels: ['Person'], minimumConfidence: 80, severity: 'CRITICAL' };
const SEEN: Sighting = { label: 'Person', confidence: 90 };
const CREATED = Date.parse('2026-11-24T10:00:01.250Z');
const KEY = keyAt(CREATED);

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let target: AlertTarget;
let analysed: string[];
let wait: () => void;
let failure: Error | undefined;
let detector: FrameDetector;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  target = await AlertTarget.in(dynamodb);
  analysed = [];
  wait = () => {};
  failure = undefined;
  const analyser = {
    analyse: async ({ key }: { key: string }) => {
      analysed.push(key);
      if (failure) throw failure;
      return [SEEN];
    },
  };
  detector = new FrameDetector(target, [PERSON], () => analyser, { turn: async () => wait() });
});

function keyAt(timecode: number): string {
  return frameKey({ folder: 'frames/drone-1', stream: 'drone-1', timecode });
}

describe('a frame', () => {
  test.each([
    [0, true],
    [60_000, true],
    [60_001, false],
    [86_400_000, false],
    // The clocks of S3 and of Lambda are not the same.
    [-1000, true],
  ])('that S3 had %i ms ago is analysed: %s', async (age, fresh) => {
    target.now = CREATED + age;
    expect(await detector.queue.process(objectCreated(KEY))).toBe('done');
    expect(analysed).toEqual(fresh ? [KEY] : []);
    expect(target.events).toHaveLength(fresh ? 1 : 0);
    expect(written().metrics.FrameStale).toEqual(fresh ? undefined : [1]);
  });

  test('that became stale while others had their turn is not analysed', async () => {
    target.now = CREATED + 59_000;
    wait = () => {
      target.now += 2000;
    };
    expect(await detector.queue.process(objectCreated(KEY))).toBe('done');
    expect(analysed).toEqual([]);
    expect(written().metrics).toEqual({ FrameStale: [1], MessageProcessed: [1] });
  });

  test('that became stale while it failed is for somebody to look at', async () => {
    target.now = CREATED + 61_000;
    expect(await detector.queue.process(objectCreated(KEY), 3)).toBe('unusable');
    expect(detector.queue.reason).toBe(`s3://${FRAME_BUCKET}/${KEY} could not be analysed before it was stale.`);
    target.now = CREATED + 59_000;
    expect(await detector.queue.process(objectCreated(KEY), 3)).toBe('done');
    expect(analysed).toEqual([KEY]);
  });

  test('that is stale takes no turn from the others', async () => {
    target.now = CREATED + 61_000;
    wait = jest.fn();
    await detector.queue.process(objectCreated(KEY));
    expect(wait).not.toHaveBeenCalled();
    target.now = CREATED;
    await detector.queue.process(objectCreated(KEY));
    expect(wait).toHaveBeenCalledTimes(1);
  });

  test('that is stale does not hold back a fresh one in the same message', async () => {
    target.now = CREATED + 90_000;
    const [stale] = objectCreated(KEY).Records;
    const freshKey = keyAt(CREATED + 89_000);
    const [fresh] = objectCreatedAt(new Date(CREATED + 89_000).toISOString(), freshKey).Records;
    expect(await detector.queue.process({ Records: [stale, fresh] })).toBe('done');
    expect(analysed).toEqual([freshKey]);
  });
});

describe('the clock of a device', () => {
  const capturedAt = async (timecode: number) => {
    expect(await detector.queue.process(objectCreated(keyAt(timecode)))).toBe('done');
    return { capturedAt: Date.parse(target.events[0].capturedAt), skewed: written().metrics.ClockSkewed };
  };

  test.each([
    ['is ahead by a second', CREATED + 1000],
    ['is ahead by five seconds, which is let pass', CREATED + 5000],
    // What a device sends late, because it had no network, is news nevertheless.
    ['is behind by an hour, or the media was late', CREATED - 3_600_000],
    ['was never set', Date.parse('2001-09-10T00:00:00.000Z')],
  ])('%s: the alert has its time, and the frame is fresh', async (_what, timecode) => {
    expect(await capturedAt(timecode)).toEqual({ capturedAt: timecode, skewed: undefined });
  });

  test.each([
    ['by more than five seconds', CREATED + 5001],
    ['by years', Date.parse('2099-01-01T00:00:00.000Z')],
  ])('is ahead %s: the alert has the time at S3, and it is counted', async (_what, timecode) => {
    expect(await capturedAt(timecode)).toEqual({ capturedAt: CREATED, skewed: [1] });
  });

  test('is ahead: the frame becomes stale all the same', async () => {
    target.now = CREATED + 61_000;
    await detector.queue.process(objectCreated(keyAt(CREATED + 3_600_000)));
    expect(analysed).toEqual([]);
  });
});

describe('a frame that can not be analysed', () => {
  test('is done with when it was deleted, and counted', async () => {
    failure = Object.assign(new Error('Unable to get object metadata from S3.'), { name: 'InvalidS3ObjectException' });
    expect(await detector.queue.process(objectCreated(KEY))).toBe('done');
    expect(target.events).toEqual([]);
    expect(written().metrics).toEqual({ FrameExpired: [1], MessageProcessed: [1] });
  });

  test('comes again when it is there', async () => {
    detector.bucket.objects.set(KEY, Buffer.from('a frame'));
    failure = Object.assign(new Error('Unable to get object metadata from S3.'), { name: 'InvalidS3ObjectException' });
    expect(await detector.queue.process(objectCreated(KEY))).toBe('failed');
    expect(written().metrics).toEqual({ MessageFailed: [1] });
    failure = undefined;
    expect(await detector.queue.process(objectCreated(KEY))).toBe('done');
    expect(target.events).toHaveLength(1);
  });

  test('is done with when it was deleted before its bytes were read', async () => {
    const reading = new FrameDetector(target, [PERSON], (readFrame) => ({
      analyse: async (frame) => {
        await readFrame(frame, 100);
        return [SEEN];
      },
    }));
    expect(await reading.queue.process(objectCreated(KEY))).toBe('done');
    expect(written().metrics).toEqual({ FrameExpired: [1], MessageProcessed: [1] });
    reading.bucket.objects.set(KEY, Buffer.from('a frame'));
    expect(await reading.queue.process(objectCreated(KEY))).toBe('done');
    expect(target.events).toHaveLength(1);
  });
});

test('the bytes of a frame are read up to a bound', async () => {
  const { bucket, readFrame } = detector;
  const frame = { bucket: FRAME_BUCKET, key: KEY };
  bucket.objects.set(KEY, Buffer.from('12345'));
  expect((await readFrame(frame, 5)).toString()).toBe('12345');
  await expect(readFrame(frame, 4)).rejects.toThrow('has more than the 4 bytes that the analyser takes');
  bucket.objects.set(KEY, Buffer.alloc(0));
  await expect(readFrame(frame, 5)).rejects.toThrow('is empty');
});
