import { ModelError, ServiceUnavailable } from '@aws-sdk/client-sagemaker-runtime';
import { S3_TEST_EVENT, objectCreated } from '../../events/s3';
import { LocalDynamoDB } from '../../support/dynamodb';
import { captureOutput } from '../../support/handler-output';
import { TestPlant } from '../../support/quality-inspector';

const about = { message: 'It failed.', $metadata: {} };
const THROTTLED = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
const box = { left: 0.1, top: 0.2, width: 0.1, height: 0.1 };
const scratched = (confidence = 93) => ({
  schemaVersion: '1.0',
  detections: [{ label: 'scratch', confidence, boundingBox: box }],
});

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let plant: TestPlant;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  plant = await TestPlant.in(dynamodb);
});

function failing(error: Error): void {
  plant.answer = () => {
    throw error;
  };
}

describe('a piece that is faulty', () => {
  test('is told of to its line, with the time that there is', async () => {
    plant.answer = () => scratched();
    const capturedAt = plant.now - 5000;
    expect(await plant.queue.process(plant.image({ line: 'line-2' }))).toBe('done');
    expect(plant.signals).toEqual([
      {
        topic: 'devices/line-2/rejects',
        schemaVersion: '1.0',
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        line: 'line-2',
        verdict: 'FAULTY',
        defects: ['scratch'],
        modelVersion: '1-2-0',
        capturedAt: new Date(capturedAt).toISOString(),
        decidedAt: new Date(plant.now).toISOString(),
        deadline: new Date(capturedAt + 20_000).toISOString(),
      },
    ]);
    expect(plant.published[0]).toMatchObject({ qos: 1, messageExpiry: 15 });
  });

  test('is kept with the image, what the model saw, and the version of the model', async () => {
    plant.answer = () => scratched();
    await plant.queue.process(plant.image());
    const [record] = plant.records;
    expect(record).toMatchObject({
      verdict: 'FAULTY',
      signal: 'SENT',
      model: { endpoint: 'quality', version: '1-2-0' },
      defects: [{ name: 'scratch', label: 'scratch', confidence: 93, boundingBox: box, severity: 'WARNING' }],
    });
    expect(record.key).toBe(`${record.frame!.key}.json`);
    expect(plant.bucket.objects.has(record.frame!.key)).toBe(true);
    expect(record.frame!.key).toMatch(/^evidence\/line-1\//);
    expect(plant.clips).toEqual([
      expect.objectContaining({ device: 'line-1', id: record.id, at: record.capturedAt, reason: 'Faulty: scratch' }),
    ]);
    expect(written().metrics).toMatchObject({
      PieceInspected: [1],
      PieceFaulty: [1],
      SignalSent: [1],
      EvidenceKept: [1],
    });
  });

  test('is told of once, however often the image is delivered', async () => {
    plant.answer = () => scratched();
    const event = plant.image();
    const outcomes = [await plant.queue.process(event), await plant.queue.process(event, 2)];
    expect(outcomes).toEqual(['done', 'done']);
    expect(plant.signals).toHaveLength(1);
    expect(plant.clips).toHaveLength(1);
  });

  test('is told of once when the image is delivered twice at once; the other comes again, and finds it told', async () => {
    plant.answer = () => scratched();
    const event = plant.image();
    const outcomes = await Promise.all([1, 2, 3].map(() => plant.queue.process(event)));
    expect(plant.signals).toHaveLength(1);
    for (const outcome of outcomes.filter((each) => each !== 'done')) expect(outcome).toBe('failed');
    plant.now += 5000;
    expect(await plant.queue.process(event, 2)).toBe('done');
    expect(plant.signals).toHaveLength(1);
  });

  test('is told of at the next try if the broker did not take it', async () => {
    plant.answer = () => scratched();
    plant.publishFailure = THROTTLED;
    const event = plant.image({ age: 1000 });
    expect(await plant.queue.process(event)).toBe('failed');
    delete plant.publishFailure;
    plant.now += 8000;
    expect(await plant.queue.process(event, 2)).toBe('done');
    expect(plant.signals).toHaveLength(1);
    expect(plant.records).toHaveLength(1);
  });

  test('has its evidence completed, also when it has long passed the gate', async () => {
    plant.answer = () => scratched();
    plant.bucket.putFailure = THROTTLED;
    const event = plant.image();
    expect(await plant.queue.process(event)).toBe('failed');
    expect(plant.signals).toHaveLength(1);
    delete plant.bucket.putFailure;
    plant.now += 60_000;
    expect(await plant.queue.process(event, 2)).toBe('done');
    expect(plant.records).toMatchObject([{ verdict: 'FAULTY', signal: 'SENT' }]);
    expect(plant.signals).toHaveLength(1);
    expect(plant.asked).toBe(1);
    expect(written().metrics).not.toHaveProperty('PieceLate');
  });
});

test('a piece that is good, or of which the model is not sure, is counted, and nobody is told', async () => {
  for (const detections of [[], scratched(79).detections, [{ label: 'hand', confidence: 99 }]]) {
    plant.answer = () => ({ schemaVersion: '1.0', detections });
    expect(await plant.queue.process(plant.image())).toBe('done');
  }
  expect(plant.published).toEqual([]);
  expect(plant.records).toEqual([]);
  expect(await plant.remembered()).toEqual([]);
  expect(written().metrics).toMatchObject({ PieceInspected: [1, 1, 1], PieceFaulty: [0, 0, 0] });
});

test("a model may answer as SageMaker's own, with numbers of classes", async () => {
  plant = await TestPlant.in(dynamodb, { labels: ['good', 'scratch'] });
  plant.answer = () => ({ prediction: [[1, 0.9, 0, 0, 0.5, 0.5]] });
  await plant.queue.process(plant.image());
  expect(plant.signals).toMatchObject([{ defects: ['scratch'] }]);
});

describe('a piece that has passed the gate', () => {
  test('before the model was asked is counted, and the model is not asked', async () => {
    expect(await plant.queue.process(plant.image({ age: 20_000 }))).toBe('done');
    expect(plant.asked).toBe(0);
    expect(written().metrics).toMatchObject({ PieceLate: [1] });
    expect(plant.records).toEqual([]);
  });

  test('a moment earlier would have been asked about', async () => {
    await plant.queue.process(plant.image({ age: 19_999 }));
    expect(plant.asked).toBe(1);
  });

  test('while the model thought is kept as evidence, and the line is not told', async () => {
    plant.answer = () => scratched();
    plant.latency = 15_000;
    expect(await plant.queue.process(plant.image())).toBe('done');
    expect(plant.published).toEqual([]);
    expect(plant.records).toMatchObject([{ verdict: 'FAULTY', signal: 'LATE' }]);
    expect(written().metrics).toMatchObject({ PieceLate: [1], PieceFaulty: [1] });
  });

  test('the model has no longer than that', async () => {
    await plant.queue.process(plant.image({ age: 5000 }));
    await plant.queue.process(plant.image({ age: 19_900 }));
    expect(plant.timeouts).toEqual([14_500, 0]);
  });
});

describe('when the model fails', () => {
  test.each([
    ['throttles', THROTTLED],
    ['is away', new ServiceUnavailable(about)],
    ['breaks', new ModelError({ ...about, OriginalStatusCode: 500 })],
    ['is aborted', Object.assign(new Error('Request aborted'), { name: 'AbortError' })],
  ])('because it %s, it is asked again as long as that is in time', async (_what, error) => {
    plant.answer = (attempt) => {
      if (attempt === 1) throw error;
      return scratched();
    };
    const event = plant.image({ age: 2000 });
    expect(await plant.queue.process(event)).toBe('failed');
    expect(plant.published).toEqual([]);
    plant.now += 10_000;
    expect(await plant.queue.process(event, 2)).toBe('done');
    expect(plant.signals).toMatchObject([{ verdict: 'FAULTY' }]);
  });

  test('and there is no time for another try, the line is told that nobody knows, and somebody looks at it', async () => {
    failing(THROTTLED);
    expect(await plant.queue.process(plant.image({ age: 12_000 }))).toBe('unusable');
    expect(plant.signals).toMatchObject([{ line: 'line-1', verdict: 'UNKNOWN', defects: [] }]);
    expect(plant.signals[0]).not.toHaveProperty('modelVersion');
    expect(plant.queue.reason).toMatch(/has no verdict: Rate exceeded/);
    expect(plant.records).toMatchObject([{ verdict: 'UNKNOWN', signal: 'SENT', model: { endpoint: 'quality' } }]);
    expect(plant.clips).toEqual([]);
    expect(written().metrics).toMatchObject({ VerdictUnknown: [1], MessageUnusable: [1] });
  });

  test('the later the try, the longer until the next', async () => {
    failing(THROTTLED);
    expect(await plant.queue.process(plant.image({ age: 0 }), 2)).toBe('unusable');
    expect(plant.signals).toHaveLength(1);
  });

  test('the line may not want to be told', async () => {
    plant = await TestPlant.in(dynamodb, { signalUnknown: false });
    failing(THROTTLED);
    expect(await plant.queue.process(plant.image({ age: 12_000 }))).toBe('unusable');
    expect(plant.published).toEqual([]);
    expect(plant.records).toMatchObject([{ verdict: 'UNKNOWN', signal: 'NONE' }]);
  });

  test.each<[string, object | string | Error]>([
    ['it refuses the image', new ModelError({ ...about, OriginalStatusCode: 415 })],
    ['it answers no JSON', 'good'],
    ['it answers nothing', ''],
    ['it answers in another form', { verdict: 'good' }],
    ['it is surer than sure', scratched(101)],
  ])('for good, as %s, the line is told at once', async (_what, answer) => {
    plant.answer = () => {
      if (answer instanceof Error) throw answer;
      return answer;
    };
    expect(await plant.queue.process(plant.image())).toBe('unusable');
    expect(plant.signals).toMatchObject([{ verdict: 'UNKNOWN' }]);
  });

  test('a redriven message tells the line nothing, and is done', async () => {
    failing(THROTTLED);
    const event = plant.image({ age: 12_000 });
    await plant.queue.process(event);
    plant.now += 3_600_000;
    expect(await plant.queue.process(event)).toBe('done');
    expect(plant.signals).toHaveLength(1);
    expect(written().metrics).toMatchObject({ FrameRepeated: [1] });
  });

  test('and the evidence too, it is completed later, and somebody looks at it all the same', async () => {
    failing(THROTTLED);
    plant.bucket.putFailure = new Error('S3 is away.');
    const event = plant.image({ age: 12_000 });
    expect(await plant.queue.process(event)).toBe('failed');
    delete plant.bucket.putFailure;
    plant.now += 30_000;
    expect(await plant.queue.process(event, 2)).toBe('unusable');
    expect(plant.records).toMatchObject([{ verdict: 'UNKNOWN', signal: 'SENT' }]);
  });
});

test.each([
  ['is no image', { bytes: Buffer.from('<html>') }, /neither a JPEG nor a PNG/],
  ['is empty', { bytes: Buffer.alloc(0) }, /is empty/],
])('an image that %s is unknown', async (_what, image, reason) => {
  expect(await plant.queue.process(plant.image(image))).toBe('unusable');
  expect(plant.signals).toMatchObject([{ verdict: 'UNKNOWN' }]);
  expect(plant.queue.reason).toMatch(reason);
  expect(plant.asked).toBe(0);
});

test('an image that is gone is unknown, and the record says so', async () => {
  const event = plant.image({ age: 12_000 });
  plant.bucket.objects.clear();
  expect(await plant.queue.process(event)).toBe('unusable');
  expect(plant.records).toMatchObject([{ verdict: 'UNKNOWN' }]);
  expect(plant.records[0]).not.toHaveProperty('frame');
  expect(written().metrics).toMatchObject({ FrameExpired: [1] });
});

test('an image of no line is counted, and the model is not asked', async () => {
  expect(await plant.queue.process(plant.image({ line: 'line-3' }))).toBe('done');
  expect(plant.asked).toBe(0);
  expect(written().metrics).toMatchObject({ FrameUnwanted: [1] });
});

test('cameras of a line tell the same line', async () => {
  plant.answer = () => scratched();
  await plant.queue.process(plant.image({ line: 'line-1.top' }));
  expect(plant.signals).toMatchObject([{ topic: 'devices/line-1/rejects', camera: 'top' }]);
  expect(plant.clips).toMatchObject([{ device: 'line-1', camera: 'top' }]);
});

test("S3's test event is nothing to inspect", async () => {
  expect(await plant.queue.process(S3_TEST_EVENT)).toBe('done');
});

test.each<[string, unknown, RegExp]>([
  ['no JSON', 'no JSON', /not JSON/],
  ['no records', {}, /at Records/],
  ['a key that names no line', objectCreated('frames'), /names no device/],
  [
    'a key that is no text',
    { Records: [{ eventTime: '2026-11-24T10:00:00Z', s3: { bucket: { name: 'b' } } }] },
    /object/,
  ],
])('a message with %s is unusable', async (_what, body, reason) => {
  expect(await plant.queue.process(body)).toBe('unusable');
  expect(plant.queue.reason).toMatch(reason);
  expect(plant.published).toEqual([]);
});
