import { captureOutput } from '../../support/handler-output';
import type { ObstacleClass } from '../../../lambda/common/obstacles';
import { handle } from '../../../lambda/label-events/handler';
import { labelDetected, processingComplete, seen, streamArn } from '../../events/stream-processor';
import { AlertTarget } from '../../support/alert-target';
import { LocalDynamoDB } from '../../support/dynamodb';
import { TestQueue } from '../../support/work-queue';

const OBSTACLES: ObstacleClass[] = [
  { name: 'intruder', labels: ['Person'], minimumConfidence: 80, severity: 'CRITICAL' },
  { name: 'parcel', labels: ['package'], minimumConfidence: 50, severity: 'INFO' },
];

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let target: AlertTarget;
let queue: TestQueue;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  target = await AlertTarget.in(dynamodb);
  const ports = { alerts: target.ports, fleet: 'delivery', obstacles: OBSTACLES };
  queue = new TestQueue((body, delivery) => handle(body, ports, delivery), target.ports.now);
});

describe('a label', () => {
  test('raises an alert', async () => {
    expect(await queue.process(labelDetected())).toBe('done');
    expect(target.events).toEqual([
      {
        schemaVersion: '1.1',
        count: 1,
        id: '5d2e8b4c-3f0e-4f39-9d0a-1f6e0c6f7a10:PERSON:intruder',
        fleet: 'delivery',
        device: 'drone-1',
        source: 'STREAM_PROCESSOR',
        obstacle: 'intruder',
        severity: 'CRITICAL',
        label: 'PERSON',
        confidence: 97.25,
        boundingBox: { left: 0.25, top: 0.125, width: 0.25, height: 0.5 },
        capturedAt: '2026-11-24T10:00:00.000Z',
        detectedAt: '2026-11-24T10:00:02.000Z',
        frame: { bucket: 'amzn-s3-demo-bucket', key: 'labels/detector-1/session-1/frames/1.jpg' },
      },
    ]);
    expect(written().metrics).toEqual({ Detected: [1], AlertRaised: [1], AlertLatency: [2000], MessageProcessed: [1] });
  });

  test.each([
    ['drone-1', 'drone-1', undefined],
    ['drone-1.front', 'drone-1', 'front'],
    ['drone_1.front.left', 'drone_1', 'front.left'],
  ])('in the stream %s is of the device %s, camera %s', async (name, device, camera) => {
    expect(await queue.process(labelDetected(name))).toBe('done');
    expect(target.events).toMatchObject([{ device, ...(camera && { camera }) }]);
    expect('camera' in target.events[0]).toBe(camera !== undefined);
  });

  test('that is there several times is counted', async () => {
    const people = ['label-1', 'label-2', 'label-3'].map((id) => seen({ id }));
    expect(await queue.process(labelDetected('drone-1', ...people))).toBe('done');
    expect(target.events).toEqual([expect.objectContaining({ obstacle: 'intruder', count: 3 })]);
  });

  test('is one of several in a message, each kind with a frame and an id of its own', async () => {
    const parcel = seen({
      id: 'label-2',
      name: 'PACKAGE',
      confidence: 60,
      frameImageUri: 's3://amzn-s3-demo-bucket/2',
    });
    expect(await queue.process(labelDetected('drone-1', seen(), parcel))).toBe('done');
    expect(target.events.map(({ id, label, frame }) => [id.split(':').slice(1).join(':'), label, frame?.key])).toEqual([
      ['PERSON:intruder', 'PERSON', 'labels/detector-1/session-1/frames/1.jpg'],
      ['PACKAGE:parcel', 'PACKAGE', '2'],
    ]);
  });

  test.each([
    ['of a kind that nobody asked for', { name: 'PET' }],
    ['of a kind that is new', { name: 'VEHICLE' }],
    ['that is not sure enough', { confidence: 79.9 }],
  ])('%s raises none', async (_what, change) => {
    expect(await queue.process(labelDetected('drone-1', seen(change)))).toBe('done');
    expect(target.published).toEqual([]);
    expect(written().metrics).toEqual({ MessageProcessed: [1] });
  });

  test('without a confidence counts as sure, because its detector was sure enough', async () => {
    expect(await queue.process(labelDetected('drone-1', seen({ confidence: undefined })))).toBe('done');
    expect(target.events).toMatchObject([{ confidence: 100 }]);
  });

  test('has as little as its id and name', async () => {
    expect(await queue.process(labelDetected('drone-1', { id: 'label-1', name: 'PERSON' }))).toBe('done');
    expect(target.events).toMatchObject([{ label: 'PERSON', capturedAt: '2026-11-24T10:00:02.000Z' }]);
    expect(target.events[0]).not.toHaveProperty('frame');
    expect(target.events[0]).not.toHaveProperty('boundingBox');
  });

  test('may reach over the edge of the frame', async () => {
    const boundingBox = { left: -0.25, top: 0.75, width: 0.5, height: 0.5 };
    await queue.process(labelDetected('drone-1', seen({ boundingBox })));
    expect(target.events).toMatchObject([{ boundingBox: { left: 0, top: 0.75, width: 0.25, height: 0.25 } }]);
  });

  test.each(['', 'https://example.com/1.jpg', 's3://amzn-s3-demo-bucket', 's3://amzn-s3-demo-bucket/', 's3:///1.jpg'])(
    'whose frame is at %j has no frame',
    async (frameImageUri) => {
      expect(await queue.process(labelDetected('drone-1', seen({ frameImageUri })))).toBe('done');
      expect(target.events).toHaveLength(1);
      expect(target.events[0]).not.toHaveProperty('frame');
    },
  );

  const [early, now, late] = [1_795_514_390_000, 1_795_514_402_000, 1_795_514_500_000];
  test.each<[string, object | undefined, number]>([
    ["the device's clock", { producerTimestamp: early, serverTimestamp: now }, early],
    ["the device's clock, which may be ahead a little", { producerTimestamp: now + 60_000 }, now + 60_000],
    ["the server's where the device's is in the future", { producerTimestamp: late, serverTimestamp: early }, early],
    ["the server's where the device's is before all cameras", { producerTimestamp: 42, serverTimestamp: early }, early],
    ["the server's where the device's is in seconds", { producerTimestamp: 1.79e9, serverTimestamp: early }, early],
    [
      "the server's where the device's is beyond all dates",
      { producerTimestamp: 1e300, serverTimestamp: early },
      early,
    ],
    ["the server's where there is no other", { serverTimestamp: early }, early],
    ['the time of handling where both are in the future', { producerTimestamp: late, serverTimestamp: late }, now],
    ['the time of handling where there is none', {}, now],
    ['the time of handling where there is no mapping', undefined, now],
  ])('was captured by %s', async (_what, kinesisVideoMapping, expected) => {
    expect(await queue.process(labelDetected('drone-1', seen({ videoMapping: { kinesisVideoMapping } })))).toBe('done');
    expect(target.events.map(({ capturedAt }) => Date.parse(capturedAt))).toEqual([expected]);
  });

  test('has the same id whenever it is delivered, and is told of when that failed before', async () => {
    target.failure = new Error('The topic did not answer.');
    expect(await queue.process(labelDetected())).toBe('failed');
    target.failure = undefined;
    expect(await queue.process(labelDetected())).toBe('done');
    target.now += 5000;
    expect(await queue.process(labelDetected())).toBe('done');
    expect(target.events).toHaveLength(2);
    expect(new Set(target.events.map(({ id }) => id)).size).toBe(1);
  });

  test('that failed for longer than a window is no second alert beside the one of its window', async () => {
    const sentAt = target.now;
    await queue.process(labelDetected());
    target.now += 300_000;
    expect(await queue.process({ ...labelDetected(), eventId: 'a-second-event' }, 4, sentAt + 1000)).toBe('done');
    expect(target.events).toHaveLength(1);
  });
});

describe('the end of a session', () => {
  test('is logged and counted, and raises no alert', async () => {
    expect(await queue.process(processingComplete('drone-1.front'))).toBe('done');
    expect(target.published).toEqual([]);
    const { logs, metrics, units } = written();
    expect(metrics).toEqual({ SessionComplete: [1], VideoProcessed: [30_480], MessageProcessed: [1] });
    expect(units).toMatchObject({ SessionComplete: 'Count', VideoProcessed: 'Milliseconds' });
    expect(logs).toMatchObject([
      {
        message: 'Session complete',
        session: {
          device: 'drone-1',
          camera: 'front',
          sessionId: 'c0a5d1b2-7b7e-4c55-9a53-0c6d3f1a2b3c',
          message: 'Stream Processing Success.',
        },
        processedMilliseconds: 30_480,
      },
    ]);
  });

  test('may be told of in few words', async () => {
    const { streamProcessingResults, ...rest } = processingComplete();
    expect(streamProcessingResults).toBeDefined();
    const inputInformation = { kinesisVideo: { streamArn: streamArn('drone-1') } };
    expect(await queue.process({ ...rest, inputInformation })).toBe('done');
    expect(written().metrics).toEqual({ SessionComplete: [1], MessageProcessed: [1] });
  });
});

describe('a message that can not be used', () => {
  const of = (type: string | undefined) => ({ ...labelDetected(), eventNamespace: { type } });
  const from = (streamArn: string) => ({ ...labelDetected(), inputInformation: { kinesisVideo: { streamArn } } });

  test.each<[string, unknown, RegExp]>([
    ['is no JSON', 'LABEL_DETECTED', /not JSON/],
    ['is cut off', JSON.stringify(labelDetected()).slice(0, -1), /not JSON/],
    ['is null', null, /expected object/],
    ['is a list', [labelDetected()], /expected object/],
    ['is in the envelope of SNS', { Type: 'Notification', Message: JSON.stringify(labelDetected()) }, /eventNamespace/],
    ['is of a type that is not known', of('FACE_DETECTED'), /no message of the type 'FACE_DETECTED'/],
    ['is of no type', of(undefined), /at eventNamespace\.type/],
    ['has no id', { ...labelDetected(), eventId: undefined }, /at eventId/],
    ['has no labels', { ...labelDetected(), labels: undefined }, /at labels/],
    ['has no stream', { ...labelDetected(), inputInformation: {} }, /at inputInformation\.kinesisVideo/],
    [
      'is about a stream of another service',
      from('arn:aws:kinesis:eu-west-1:111122223333:stream/a'),
      /names no device/,
    ],
    ['is about a stream without device', from(streamArn('.front')), /names no device/],
    ['is about a stream without camera', from(streamArn('drone-1.')), /names no device/],
    ['is the end of a session of no stream', { ...processingComplete(), inputInformation: {} }, /kinesisVideo/],
    ['has one bad label', labelDetected('drone-1', seen(), { name: 'PERSON' }), /at labels\[1\]\.id/],
    ['has a label that is too sure', labelDetected('drone-1', seen({ confidence: 101 })), /labels\[0\]\.confidence/],
    ['has a label with half a box', labelDetected('drone-1', seen({ boundingBox: { left: 0 } })), /boundingBox\.top/],
  ])('because it %s goes to the dead-letter queue and raises no alert', async (_what, body, reason) => {
    expect(await queue.process(body)).toBe('unusable');
    expect(queue.reason).toMatch(reason);
    expect(target.published).toEqual([]);
    expect(written().metrics).toEqual({ MessageUnusable: [1] });
  });
});
