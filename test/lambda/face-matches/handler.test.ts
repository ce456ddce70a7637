import { captureOutput } from '../../support/handler-output';
import * as fc from 'fast-check';
import type { ObstacleClass } from '../../../lambda/common/obstacles';
import { handle } from '../../../lambda/face-matches/handler';
import { faceRecord, faceSeen, match } from '../../events/stream-processor';
import { AlertTarget } from '../../support/alert-target';
import { TestStream } from '../../support/data-stream';
import { LocalDynamoDB } from '../../support/dynamodb';

const OBSTACLES: ObstacleClass[] = [
  { name: 'banned', labels: ['banned-1', 'banned-2'], minimumConfidence: 85, severity: 'CRITICAL' },
  { name: 'known', labels: ['face'], minimumConfidence: 80, severity: 'INFO' },
  { name: 'stranger', labels: ['Unknown Face'], minimumConfidence: 90, severity: 'WARNING' },
];
const FRAGMENT = '91343852333289682796718532614445757584843717598';

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let target: AlertTarget;
let stream: TestStream;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  target = await AlertTarget.in(dynamodb);
  const ports = { alerts: target.ports, fleet: 'delivery', obstacles: OBSTACLES };
  stream = new TestStream((data, arrival) => handle(data, ports, arrival), target.ports.now);
});

describe('a face', () => {
  test('of the collection raises an alert under its name there', async () => {
    expect(await stream.process(faceRecord([faceSeen(match('banned-1'))]))).toBe('done');
    expect(target.events).toEqual([
      {
        schemaVersion: '1.1',
        count: 1,
        id: `${FRAGMENT}:1.5:banned`,
        fleet: 'delivery',
        device: 'drone-1',
        source: 'STREAM_PROCESSOR',
        obstacle: 'banned',
        severity: 'CRITICAL',
        label: 'banned-1',
        confidence: 88.5,
        boundingBox: { left: 0.5, top: 0.375, width: 0.125, height: 0.25 },
        capturedAt: '2026-11-24T10:00:01.693Z',
        detectedAt: '2026-11-24T10:00:02.000Z',
      },
    ]);
    expect(written().metrics).toMatchObject({ AlertRaised: [1], AlertLatency: [307] });
  });

  test.each<[string, object, unknown[]]>([
    ['without a name there is a face', faceSeen(match()), [['known', 'face', 88.5]]],
    ['that is like none is unknown', faceSeen(), [['stranger', 'unknown face', 99.5]]],
    ['that is not like enough raises none', faceSeen(match('banned-1', 84)), []],
    ['that nobody asked for raises none', faceSeen(match('staff')), []],
    [
      'that is like several is each of them',
      faceSeen(match('banned-1', 99, 'a'), match(undefined, 81, 'b')),
      [
        ['banned', 'banned-1', 99],
        ['known', 'face', 81],
      ],
    ],
    ['whose matches are left out is unknown', { DetectedFace: { Confidence: 95 } }, [['stranger', 'unknown face', 95]]],
  ])('%s', async (_what, face, expected) => {
    expect(await stream.process(faceRecord([face]))).toBe('done');
    expect(target.events.map(({ obstacle, label, confidence }) => [obstacle, label, confidence])).toEqual(expected);
  });

  test('is one of several of its class, which are counted', async () => {
    const faces = [faceSeen(match('banned-1', 85)), faceSeen(match('banned-1', 95, 'face-2'))];
    expect(await stream.process(faceRecord(faces))).toBe('done');
    expect(target.events).toEqual([expect.objectContaining({ obstacle: 'banned', count: 2, confidence: 95 })]);
  });

  test('is one of several in a frame, with an id of its own', async () => {
    expect(await stream.process(faceRecord([faceSeen(), faceSeen(match('banned-2', 90, 'face-2')), faceSeen()]))).toBe(
      'done',
    );
    expect(target.events.map(({ id }) => id)).toEqual([`${FRAGMENT}:1.5:banned`, `${FRAGMENT}:1.5:stranger`]);
    expect(target.events.map(({ count }) => count)).toEqual([1, 2]);
  });

  test('may reach over the edge of the frame', async () => {
    const face = { DetectedFace: { Confidence: 99, BoundingBox: { Left: -0.5, Top: 0.5, Width: 1, Height: 1 } } };
    expect(await stream.process(faceRecord([face]))).toBe('done');
    expect(target.events).toMatchObject([{ boundingBox: { left: 0, top: 0.5, width: 0.5, height: 0.5 } }]);
  });

  test('of a camera is known by the name of its stream', async () => {
    const StreamArn = 'arn:aws:kinesisvideo:us-west-2:111122223333:stream/gate.front';
    expect(await stream.process(faceRecord([faceSeen()], { StreamArn }))).toBe('done');
    expect(target.events).toMatchObject([{ device: 'gate', camera: 'front' }]);
  });

  test.each<[string, object, string]>([
    ["the device's clock", {}, '2026-11-24T10:00:01.693Z'],
    ["the server's where there is no other", { ProducerTimestamp: undefined }, '2026-11-24T10:00:01.955Z'],
    ["the server's where the device's is in the future", { ProducerTimestamp: 1.9e9 }, '2026-11-24T10:00:01.955Z'],
    ["the server's where the device's is before all cameras", { ProducerTimestamp: 0 }, '2026-11-24T10:00:01.955Z'],
    [
      'the start of its fragment where the offset is left out',
      { FrameOffsetInSeconds: undefined },
      '2026-11-24T10:00:00.193Z',
    ],
    [
      'the time of handling where there is none',
      { ProducerTimestamp: undefined, ServerTimestamp: undefined },
      '2026-11-24T10:00:02.000Z',
    ],
  ])('was captured by %s', async (_what, video, capturedAt) => {
    expect(await stream.process(faceRecord([faceSeen()], video))).toBe('done');
    expect(target.events.map((event) => event.capturedAt)).toEqual([capturedAt]);
  });

  test('has the same id whenever it is delivered', async () => {
    const record = faceRecord([faceSeen(match('banned-1')), faceSeen()]);
    target.failure = new Error('The topic did not answer.');
    expect(await stream.process(record)).toBe('failed');
    target.failure = undefined;
    expect(await stream.process(record)).toBe('done');
    target.now += 5000;
    expect(await stream.process(record)).toBe('done');
    const ids = target.events.map(({ id }) => id);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(2);
  });

  test('that failed for longer than a window is no second alert beside the one of its window', async () => {
    const arrivedAt = target.now;
    await stream.process(faceRecord([faceSeen(match('banned-1'))]));
    target.now += 300_000;
    const other = faceRecord([faceSeen(match('banned-1'))], { FrameOffsetInSeconds: 2 });
    expect(await stream.process(other, arrivedAt + 1000)).toBe('done');
    expect(target.events).toHaveLength(1);
  });
});

test.each<[string, object]>([
  ['without faces', faceRecord([])],
  ['that says nothing of faces', faceRecord(undefined)],
  ['of no frame', { StreamProcessorInformation: { Status: 'STOPPING' }, FaceSearchResponse: null }],
])('a record %s is done', async (_what, record) => {
  expect(await stream.process(record)).toBe('done');
  expect(target.published).toEqual([]);
});

test.each<[string, unknown, RegExp]>([
  ['is no JSON', 'RUNNING', /not JSON/],
  ['is empty', '', /not JSON/],
  ['is cut off', JSON.stringify(faceRecord([faceSeen()])).slice(0, -1), /not JSON/],
  ['is null', 'null', /expected object/],
  ['has one face for a list', faceRecord(faceSeen() as unknown as object[]), /at FaceSearchResponse/],
  ['has a face without confidence', faceRecord([{ DetectedFace: {} }]), /DetectedFace\.Confidence/],
  ['has a match without id', faceRecord([faceSeen({ Similarity: 90, Face: {} })]), /Face\.FaceId/],
  ['has a match that is too like', faceRecord([faceSeen(match('a', 101))]), /Similarity/],
  ['has faces of no frame', { FaceSearchResponse: [faceSeen()] }, /at InputInformation/],
  ['has faces of no fragment', faceRecord([faceSeen()], { FragmentNumber: undefined }), /FragmentNumber/],
  ['has faces of no device', faceRecord([faceSeen()], { StreamArn: 'drone-1' }), /names no device/],
])('a record that %s can not be used', async (_what, record, reason) => {
  expect(await stream.process(record)).toBe('unusable');
  expect(stream.reason).toMatch(reason);
  expect(target.published).toEqual([]);
});

test('whatever is cut out of a record, it is done or can not be used', async () => {
  const whole = JSON.stringify(faceRecord([faceSeen(match('banned-1')), faceSeen()]));
  const places = fc.nat({ max: whole.length });
  await fc.assert(
    fc.asyncProperty(places, places, async (a, b) => {
      const text = whole.slice(0, Math.min(a, b)) + whole.slice(Math.max(a, b));
      expect(['done', 'unusable']).toContain(await stream.process(text));
    }),
  );
});
