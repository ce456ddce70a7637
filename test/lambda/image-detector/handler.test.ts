import { captureOutput } from '../../support/handler-output';
import { DetectLabelsCommand, RekognitionClient, type Label } from '@aws-sdk/client-rekognition';
import { mockClient } from 'aws-sdk-client-mock';
import type { ObstacleClass } from '../../../lambda/common/obstacles';
import { labels } from '../../../lambda/image-detector/analysers/labels';
import { handle, type Ports } from '../../../lambda/image-detector/handler';
import { STREET } from '../../events/rekognition';
import { FRAME_BUCKET, FRAME_TIME, S3_TEST_EVENT, frameKey, objectCreated, objectCreatedAt } from '../../events/s3';
import { AlertTarget } from '../../support/alert-target';
import { LocalDynamoDB } from '../../support/dynamodb';
import { FrameBucket } from '../../support/frame-bucket';
import { TestQueue } from '../../support/work-queue';

const PERSON: ObstacleClass = { name: 'person', labels: ['person'], minimumConfidence: 90, severity: 'CRITICAL' };
const VEHICLE: ObstacleClass = { name: 'vehicle', labels: ['Car', 'Truck'], minimumConfidence: 55.5, severity: 'INFO' };
const KEY = frameKey({ folder: 'frames/drone-1', stream: 'drone-1' });

const written = captureOutput();
const client = new RekognitionClient({ region: 'eu-west-1' });
const rekognition = mockClient(client);
let dynamodb: LocalDynamoDB;
let target: AlertTarget;
let queue: TestQueue;
let bucket: FrameBucket;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  rekognition.reset();
  rekognition.on(DetectLabelsCommand).resolves(STREET);
  target = await AlertTarget.in(dynamodb);
  bucket = new FrameBucket();
  queue = queueFor(PERSON, VEHICLE);
});

function queueFor(...obstacles: ObstacleClass[]): TestQueue {
  const minimumConfidence = Math.min(...obstacles.map((obstacle) => obstacle.minimumConfidence));
  const ports: Ports = {
    analyser: labels({ kind: 'labels' }, { rekognition: client, minimumConfidence }),
    turn: async () => {},
    maximumAgeSeconds: 60,
    evidence: { s3: bucket.client, settings: { linkSeconds: 900 }, now: target.ports.now },
    fleet: 'delivery',
    obstacles,
    alerts: target.ports,
  };
  return new TestQueue((body, delivery) => handle(body, ports, delivery), target.ports.now);
}

function examined(): (string | undefined)[] {
  return rekognition
    .commandCalls(DetectLabelsCommand)
    .map(({ args: [command] }) => command.input.Image?.S3Object?.Name);
}

function answer(...Labels: Label[]): void {
  rekognition.on(DetectLabelsCommand).resolves({ Labels });
}

function failure(name: string): Error {
  return Object.assign(new Error(`It is ${name}.`), { name });
}

describe('a frame', () => {
  test('raises an alert for each class that is seen', async () => {
    expect(await queue.process(objectCreated(KEY))).toBe('done');
    const common = {
      schemaVersion: '1.1',
      id: expect.stringMatching(/^[0-9a-f]{32}:[a-z]+$/),
      fleet: 'delivery',
      device: 'drone-1',
      source: 'IMAGE',
      capturedAt: '2026-11-24T10:00:00.000Z',
      detectedAt: '2026-11-24T10:00:02.000Z',
      frame: expect.objectContaining({ bucket: FRAME_BUCKET, key: KEY }),
    };
    expect(target.events).toEqual([
      {
        ...common,
        obstacle: 'person',
        severity: 'CRITICAL',
        count: 2,
        label: 'Person',
        confidence: 98.87,
        boundingBox: { left: 0.9164, top: 0.5042, width: expect.closeTo(0.0318, 6), height: expect.closeTo(0.1252, 6) },
      },
      {
        ...common,
        obstacle: 'vehicle',
        severity: 'INFO',
        count: 1,
        label: 'Car',
        confidence: 99.15,
        boundingBox: { left: 0, top: 0.875, width: 0.125, height: 0.125 },
      },
    ]);
    expect(written().metrics).toMatchObject({ Detected: [1, 1], AlertRaised: [1, 1], MessageProcessed: [1] });
  });

  test('is asked about once, for labels that the least demanding class takes', async () => {
    await queue.process(objectCreated(KEY));
    expect(rekognition.calls().map(({ args: [command] }) => command.input)).toEqual([
      {
        Image: { S3Object: { Bucket: FRAME_BUCKET, Name: KEY } },
        Features: ['GENERAL_LABELS'],
        MinConfidence: 55.5,
      },
    ]);
  });

  test('has the same ids when it is told of again, and no other frame or class has them', async () => {
    await queue.process(objectCreated(KEY));
    await queue.process(objectCreated(KEY));
    const ids = target.events.map(({ id }) => id);
    expect(ids).toEqual([ids[0], ids[1], ids[0], ids[1]]);

    target.now += 60_000;
    const later = frameKey({ folder: 'frames/drone-1', stream: 'drone-1', timecode: target.now });
    await queue.process(objectCreatedAt(new Date(target.now).toISOString(), later));
    expect(new Set(target.events.map(({ id }) => id)).size).toBe(4);
  });

  test('of another moment in the same window raises no alert', async () => {
    await queue.process(objectCreated(KEY));
    const next = frameKey({ folder: 'frames/drone-1', stream: 'drone-1', timecode: target.now + 3000 });
    expect(await queue.process(objectCreated(next))).toBe('done');
    expect(target.events).toHaveLength(2);
    expect(examined()).toEqual([KEY, next]);
  });

  test('that could not be told of is told of when its message comes again', async () => {
    target.failure = new Error('The topic did not answer.');
    expect(await queue.process(objectCreated(KEY))).toBe('failed');
    target.failure = undefined;
    expect(await queue.process(objectCreated(KEY))).toBe('done');
    expect(target.events.map(({ obstacle }) => obstacle)).toEqual(['person', 'vehicle']);
  });
});

describe('what Rekognition answers', () => {
  const box = (Left: number, Top: number, Width: number, Height: number) => ({ Left, Top, Width, Height });
  const events = async () => {
    expect(await queue.process(objectCreated(KEY))).toBe('done');
    return target.events.map(({ label, confidence, boundingBox }) => ({ label, confidence, boundingBox }));
  };

  test.each<[string, object]>([
    ['has no labels', { Labels: [] }],
    ['is empty', {}],
    ['is not sure enough', { Labels: [{ Name: 'Person', Confidence: 89.9, Instances: [] }] }],
    ['is something else', { Labels: [{ Name: 'Tree', Confidence: 99, Instances: [] }] }],
    ['has no name', { Labels: [{ Confidence: 99 }] }],
    ['has no confidence', { Labels: [{ Name: 'Person' }] }],
    // Each instance has a confidence of its own, and the label that of the best.
    ['is not sure of any instance', { Labels: [{ Name: 'Person', Confidence: 95, Instances: [{ Confidence: 60 }] }] }],
  ])('%s: no alert', async (_what, response) => {
    rekognition.on(DetectLabelsCommand).resolves(response);
    expect(await events()).toEqual([]);
  });

  test.each<[string, Label]>([
    ['without instances', { Name: 'Person', Confidence: 95, Instances: [] }],
    ['without a list of instances', { Name: 'Person', Confidence: 95 }],
    ['with an instance that is nowhere', { Name: 'Person', Confidence: 70, Instances: [{ Confidence: 95 }] }],
    ['with an instance as sure as itself', { Name: 'Person', Confidence: 95, Instances: [{}] }],
  ])('is a label %s: an alert without a box, whatever the region', async (_what, label) => {
    queue = queueFor({ ...PERSON, region: { left: 0, top: 0, width: 0.1, height: 0.1 } });
    answer(label);
    expect(await events()).toEqual([{ label: 'Person', confidence: 95, boundingBox: undefined }]);
  });

  test.each([
    ['within the frame', box(0.25, 0.5, 0.5, 0.25), box(0.25, 0.5, 0.5, 0.25)],
    ['the whole frame', box(0, 0, 1, 1), box(0, 0, 1, 1)],
    ['over the left edge', box(-0.25, 0, 0.5, 1), box(0, 0, 0.25, 1)],
    ['over the right edge', box(0.75, 0, 0.5, 1), box(0.75, 0, 0.25, 1)],
    ['over the upper edge', box(0, -0.25, 1, 0.5), box(0, 0, 1, 0.25)],
    ['over the lower edge', box(0, 0.75, 1, 0.5), box(0, 0.75, 1, 0.25)],
    ['over all edges', box(-0.5, -0.5, 2, 2), box(0, 0, 1, 1)],
    ['left of the frame', box(-0.5, 0, 0.25, 1), box(0, 0, 0, 1)],
    ['below the frame', box(0, 1.5, 1, 0.25), box(0, 1, 1, 0)],
    ['without an end', { Left: 0.25, Top: 0.5 }, box(0.25, 0.5, 0.75, 0.5)],
  ])(
    'is a box %s: the alert has the part that is in the frame',
    async (_what, BoundingBox, { Left, Top, Width, Height }) => {
      answer({ Name: 'Person', Confidence: 95, Instances: [{ BoundingBox, Confidence: 95 }] });
      const boundingBox = { left: Left, top: Top, width: Width, height: Height };
      expect(await events()).toEqual([{ label: 'Person', confidence: 95, boundingBox }]);
    },
  );

  test('is a box outside of the region: no alert', async () => {
    queue = queueFor({ ...PERSON, region: { left: 0, top: 0, width: 0.5, height: 1 } });
    answer({ Name: 'Person', Confidence: 95, Instances: [{ BoundingBox: box(0.5, 0, 0.5, 1), Confidence: 95 }] });
    expect(await events()).toEqual([]);
    answer({ Name: 'Person', Confidence: 95, Instances: [{ BoundingBox: box(0.375, 0, 0.5, 1), Confidence: 95 }] });
    expect(await events()).toHaveLength(1);
  });

  test.each(['InvalidImageFormatException', 'ImageTooLargeException'])(
    'is %s: the message is unusable, and says which frame',
    async (name) => {
      rekognition.on(DetectLabelsCommand).rejects(failure(name));
      expect(await queue.process(objectCreated(KEY))).toBe('unusable');
      expect(queue.reason).toBe(`Rekognition can't read s3://${FRAME_BUCKET}/${KEY}: It is ${name}.`);
    },
  );

  test.each([
    'ThrottlingException',
    'ProvisionedThroughputExceededException',
    'InternalServerError',
    'AccessDeniedException',
    'InvalidS3ObjectException',
  ])('is %s: the message comes again', async (name) => {
    rekognition.on(DetectLabelsCommand).rejectsOnce(failure(name)).resolves(STREET);
    bucket.objects.set(KEY, Buffer.from('a frame'));
    expect(await queue.process(objectCreated(KEY))).toBe('failed');
    expect(written().metrics).toEqual({ MessageFailed: [1] });
    expect(await queue.process(objectCreated(KEY))).toBe('done');
    expect(target.events).toHaveLength(2);
  });
});

describe('a key', () => {
  const event = async (key: string) => {
    expect(await queue.process(objectCreated(key))).toBe('done');
    expect(examined()).toEqual([key]);
    const [{ device, camera, capturedAt, frame }] = target.events;
    expect(frame).toMatchObject({ bucket: FRAME_BUCKET, key });
    return { device, camera, capturedAt };
  };
  const time = '2026-11-24T09:59:58.765Z';
  const timecode = Date.parse(time);

  test.each<[string, ...Parameters<typeof frameKey>]>([
    ['of a JPEG', { folder: 'frames/drone-1', stream: 'drone-1', timecode }],
    ['of a PNG', { folder: 'frames/drone-1', stream: 'drone-1', timecode, extension: 'png' }],
    ['in upper case', { folder: 'frames/drone-1', stream: 'drone-1', timecode, extension: 'JPEG' }],
    ['with a prefix', { folder: 'frames/drone-1', stream: 'drone-1', timecode, imagePrefix: 'near' }],
    [
      'with a prefix that is encoded',
      { folder: 'frames/drone-1', stream: 'drone-1', timecode, imagePrefix: 'Tür 1+2 (50%)' },
    ],
    [
      'with a prefix like a time',
      { folder: 'frames/drone-1', stream: 'drone-1', timecode, imagePrefix: '_1234567890123' },
    ],
    ['with a stream like a time', { folder: 'frames/drone-1', stream: 'drone_1234567890123_1', timecode }],
  ])('%s tells device and time', async (_what, name) => {
    expect(await event(frameKey(name))).toEqual({ device: 'drone-1', camera: undefined, capturedAt: time });
  });

  test.each([
    ['drone-1.front', 'drone-1', 'front'],
    ['drone-1.Front_2', 'drone-1', 'Front_2'],
    ['drone-10', 'drone-10', undefined],
    ['x'.repeat(128), 'x'.repeat(128), undefined],
  ])('in the folder %s tells camera %s %s', async (stream, device, camera) => {
    expect(await event(frameKey({ folder: `frames/${stream}`, stream, timecode }))).toEqual({
      device,
      camera,
      capturedAt: time,
    });
  });

  test.each([
    'frames/drone-1/snapshot.jpg',
    'frames/drone-1/snapshot',
    'frames/drone-1/_111122223333_drone-1_179551439876_a.jpg',
    'frames/drone-1/_111122223333_drone-1_17955143987650_a.jpg',
    'frames/drone-1/_111122223333_drone-1_1795514398765_a.gif',
    'frames/drone-1/1795514398765.jpg',
  ])('%s tells no time, so that of the event is taken', async (key) => {
    expect(await event(key)).toEqual({ device: 'drone-1', camera: undefined, capturedAt: FRAME_TIME });
  });

  test.each([
    ['frames/drone-1/drone-2/snapshot.jpg', 'drone-1'],
    ['frames/drone-1/drone-2.rear/_111122223333_drone-2_1795514398765_a.jpg', 'drone-1'],
  ])('%s is that of the device that can write there', async (key, device) => {
    expect(await event(key)).toMatchObject({ device, camera: undefined });
  });

  test('that is not encoded is unusable', async () => {
    const [record] = objectCreated(KEY).Records;
    const s3 = { ...record.s3, object: { key: 'frames/drone-1/100%.jpg' } };
    expect(await queue.process({ Records: [{ ...record, s3 }] })).toBe('unusable');
    expect(queue.reason).toContain('frames/drone-1/100%.jpg');
  });

  test.each([
    'snapshot.jpg',
    '/snapshot.jpg',
    'frames//snapshot.jpg',
    'frames/drone-1/',
    'frames/drone 1/snapshot.jpg',
    'frames/drone:1/snapshot.jpg',
    'frames/drone-1.front.left/snapshot.jpg',
    'frames/.front/snapshot.jpg',
    'frames/drone-1./snapshot.jpg',
    'frames/../snapshot.jpg',
  ])('%s names no device: the message is unusable', async (key) => {
    expect(await queue.process(objectCreated(key))).toBe('unusable');
    expect(queue.reason).toContain(`The key '${key}' names no device`);
    expect(rekognition.calls()).toEqual([]);
  });
});

describe('a message', () => {
  const second = frameKey({ folder: 'frames/drone-2.rear', stream: 'drone-2.rear' });

  test('of several frames has all of them examined', async () => {
    expect(await queue.process(objectCreated(KEY, second))).toBe('done');
    expect(examined()).toEqual([KEY, second]);
    expect(target.events.map(({ device, camera, obstacle }) => [device, camera, obstacle])).toEqual([
      ['drone-1', undefined, 'person'],
      ['drone-1', undefined, 'vehicle'],
      ['drone-2', 'rear', 'person'],
      ['drone-2', 'rear', 'vehicle'],
    ]);
  });

  test('of several frames comes again as a whole if one failed', async () => {
    bucket.objects.set(second, Buffer.from('a frame'));
    rekognition
      .on(DetectLabelsCommand, { Image: { S3Object: { Bucket: FRAME_BUCKET, Name: second } } })
      .rejectsOnce(failure('ThrottlingException'))
      .resolves(STREET);
    expect(await queue.process(objectCreated(KEY, second))).toBe('failed');
    expect(target.events.map(({ device }) => device)).toEqual(['drone-1', 'drone-1']);
    expect(await queue.process(objectCreated(KEY, second))).toBe('done');
    // Readers know the first ones by their ids.
    expect(new Set(target.events.map(({ id }) => id)).size).toBe(4);
  });

  test('that S3 sends when the notification is configured is done', async () => {
    expect(await queue.process(S3_TEST_EVENT)).toBe('done');
    expect(rekognition.calls()).toEqual([]);
  });

  const [record] = objectCreated(KEY).Records;
  test.each<[string, unknown, RegExp]>([
    ['is no JSON', KEY, /not JSON/],
    ['is a list', [record], /expected object/],
    ['is empty', {}, /at Records/],
    ['is null', null, /expected object/],
    ['is another event', { ...S3_TEST_EVENT, Event: 's3:ObjectCreated:Put' }, /at Records/],
    ['has no records', { Records: [] }, /at Records/],
    ['has an empty record', { Records: [{}] }, /at Records\[0\]\.s3/],
    ['has a record without object', { Records: [{ ...record, s3: { bucket: record.s3.bucket } }] }, /s3\.object/],
    ['has a record without bucket', { Records: [{ ...record, s3: { object: record.s3.object } }] }, /s3\.bucket/],
    ['has a record without time', { Records: [{ ...record, eventTime: undefined }] }, /\[0\]\.eventTime/],
    ['has a record of another time', { Records: [{ ...record, eventTime: '24 Nov 2026' }] }, /\[0\]\.eventTime/],
    [
      'has a key that is a number',
      { Records: [{ ...record, s3: { ...record.s3, object: { key: 1 } } }] },
      /object\.key/,
    ],
    ['has a good record before a bad one', { Records: [record, {}] }, /at Records\[1\]\.s3/],
  ])('that %s is unusable, and nothing is examined', async (_what, body, reason) => {
    expect(await queue.process(body)).toBe('unusable');
    expect(queue.reason).toMatch(reason);
    expect(rekognition.calls()).toEqual([]);
  });
});
