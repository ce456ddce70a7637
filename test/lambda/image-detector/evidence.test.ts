import { captureOutput } from '../../support/handler-output';
import type { ObstacleClass, Sighting } from '../../../lambda/common/obstacles';
import { FRAME_BUCKET, frameKey, objectCreated } from '../../events/s3';
import { AlertTarget } from '../../support/alert-target';
import { LocalDynamoDB } from '../../support/dynamodb';
import { FrameDetector } from '../../support/frame-detector';

const PERSON: ObstacleClass = { name: 'person', labels: ['Person'], minimumConfidence: 80, severity: 'CRITICAL' };
const BIRD: ObstacleClass = { name: 'bird', labels: ['Bird'], minimumConfidence: 80, severity: 'INFO' };
const SEEN: Sighting[] = [
  { label: 'Person', confidence: 90 },
  { label: 'Bird', confidence: 95 },
];
const KEY = frameKey({ folder: 'frames/drone-1.front', stream: 'drone-1.front', imagePrefix: 'Tür 1+2 (50%)' });
const COPY = KEY.replace('frames/', 'evidence/');
const FRAME = Buffer.from('a frame');

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let target: AlertTarget;
let sightings: Sighting[];
let detector: FrameDetector;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  target = await AlertTarget.in(dynamodb);
  sightings = SEEN;
  detector = make();
});

function make(more?: ConstructorParameters<typeof FrameDetector>[3]): FrameDetector {
  const made = new FrameDetector(target, [PERSON, BIRD], () => ({ analyse: async () => sightings }), more);
  made.bucket.objects.set(KEY, FRAME);
  return made;
}

const frames = () => target.events.map(({ frame }) => frame!);
const textOf = (index: number) => JSON.parse(target.published[index].Message!).email as string;

describe('a frame of which alerts are raised', () => {
  test('is kept once for all of them, and that is what they point to', async () => {
    expect(await detector.queue.process(objectCreated(KEY))).toBe('done');
    expect(detector.bucket.objects.get(COPY)).toEqual(FRAME);
    expect(detector.bucket.copies).toHaveLength(1);
    expect(frames()).toEqual([
      { bucket: FRAME_BUCKET, key: COPY, url: expect.any(String), urlExpiresAt: '2026-11-24T10:15:02.000Z' },
      frames()[0],
    ]);
  });

  test('has a link that anybody can open for a quarter of an hour', async () => {
    await detector.queue.process(objectCreated(KEY));
    const url = new URL(frames()[0].url!);
    expect(url.protocol).toBe('https:');
    expect(url.hostname).toBe(`${FRAME_BUCKET}.s3.eu-west-1.amazonaws.com`);
    expect(decodeURIComponent(url.pathname)).toBe(`/${COPY}`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      'X-Amz-Date': '20261124T100002Z',
      'X-Amz-Expires': '900',
      // What a browser sends, and nothing more.
      'X-Amz-SignedHeaders': 'host',
    });
  });

  test('has the link in e-mails, and not in the log', async () => {
    await detector.queue.process(objectCreated(KEY));
    const { url } = frames()[0];
    expect(textOf(0)).toContain(`\nPicture:    ${url}\n            until 2026-11-24T10:15:02.000Z\n`);
    const { logs } = written();
    expect(logs).toContainEqual(
      expect.objectContaining({
        message: 'Alert raised',
        detection: expect.objectContaining({ frame: { bucket: FRAME_BUCKET, key: COPY } }),
      }),
    );
    expect(JSON.stringify(logs)).not.toContain('X-Amz-Signature');
  });

  test('is kept under the same name when its message comes again', async () => {
    target.failure = new Error('The topic did not answer.');
    expect(await detector.queue.process(objectCreated(KEY))).toBe('failed');
    target.failure = undefined;
    expect(await detector.queue.process(objectCreated(KEY))).toBe('done');
    expect([...detector.bucket.objects.keys()]).toEqual([KEY, COPY]);
    expect(frames().map(({ key }) => key)).toEqual([COPY, COPY]);
  });

  test('is not told of as kept when it could not be: the alert has where it was', async () => {
    detector.bucket.copyFailure = Object.assign(new Error('Slow down.'), { name: 'SlowDown' });
    expect(await detector.queue.process(objectCreated(KEY))).toBe('done');
    expect(frames()).toEqual(
      Array(2).fill({
        bucket: FRAME_BUCKET,
        key: KEY,
        url: expect.stringContaining('/frames/drone-1.front/'),
        urlExpiresAt: expect.any(String),
      }),
    );
    expect(written().metrics).toMatchObject({ EvidenceFailed: [1], AlertRaised: [1, 1], MessageProcessed: [1] });
  });
});

describe('a frame is not kept', () => {
  test('when nothing is seen', async () => {
    sightings = [{ label: 'Tree', confidence: 99 }];
    await detector.queue.process(objectCreated(KEY));
    expect(detector.bucket.copies).toEqual([]);
    sightings = SEEN;
    await detector.queue.process(objectCreated(KEY));
    expect(detector.bucket.copies).toHaveLength(1);
  });

  test('when its alerts are suppressed', async () => {
    await detector.queue.process(objectCreated(KEY));
    const next = frameKey({ folder: 'frames/drone-1.front', stream: 'drone-1.front', timecode: target.now });
    detector.bucket.objects.set(next, FRAME);
    await detector.queue.process(objectCreated(next));
    expect(detector.bucket.copies.map(({ Key }) => Key)).toEqual([COPY]);
    expect(written().metrics.AlertSuppressed).toEqual([1, 1]);
  });

  test('when evidence is not wanted: the alert has where it is, and a link', async () => {
    detector = make({ evidencePrefix: '' });
    await detector.queue.process(objectCreated(KEY));
    expect(detector.bucket.copies).toEqual([]);
    expect(frames()[0]).toMatchObject({ bucket: FRAME_BUCKET, key: KEY, url: expect.any(String) });
    expect(written().metrics.EvidenceFailed).toBeUndefined();
  });
});
