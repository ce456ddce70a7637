import { captureOutput } from '../../../support/handler-output';
import { InvokeEndpointCommand, ModelError, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { metrics } from '../../../../lambda/common/observability';
import type { Sighting } from '../../../../lambda/common/obstacles';
import { UnusableMessage } from '../../../../lambda/common/queue-worker';
import { VersionedTable } from '../../../../lambda/common/versioned-table';
import type { Analyser } from '../../../../lambda/image-detector/analysers/analyser';
import { movement, type Window } from '../../../../lambda/image-detector/analysers/movement';
import { movementRequest, type MovementRequest } from '../../../../lambda/image-detector/analysers/movement-request';
import type { Frame } from '../../../../lambda/image-detector/frame';
import { LocalDynamoDB } from '../../../support/dynamodb';
import { FRAME } from '../../../support/frame-detector';

const NOW = FRAME.createdAt.getTime() + 700;
const ANSWER = { schemaVersion: '1.0', detections: [{ label: 'press', confidence: 80 }] };

const written = captureOutput();
const client = new SageMakerRuntimeClient({ region: 'eu-west-1' });
const sagemaker = mockClient(client);
let dynamodb: LocalDynamoDB;
let analyser: Analyser;
let sightings: Sighting[];

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  sagemaker.reset();
  answer(ANSWER);
  sightings = [person(0.25)];
  analyser = await newAnalyser();
});

async function newAnalyser(): Promise<Analyser> {
  const tableName = await dynamodb.createTable('stream');
  return movement(
    { kind: 'movement', endpointName: 'plays', tableName, moments: 3, withinSeconds: 5 },
    {
      people: { analyse: async () => sightings },
      sagemaker: client,
      table: new VersionedTable<Window>(dynamodb.client, tableName),
      now: () => NOW,
    },
  );
}

const person = (x: number, label = 'Person'): Sighting => ({
  label,
  confidence: 90,
  boundingBox: { left: x - 0.1, top: 0.25, width: 0.2, height: 0.5 },
});

/** So many milliseconds after the first. */
const frameAt = (offset: number, more: Partial<Frame> = {}): Frame => ({
  ...FRAME,
  capturedAt: new Date(FRAME.capturedAt.getTime() + offset),
  ...more,
});

function answer(content: unknown): void {
  const Body = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  sagemaker.on(InvokeEndpointCommand).resolves({ Body: Body as never });
}

function asked(): MovementRequest[] {
  return sagemaker
    .commandCalls(InvokeEndpointCommand)
    .map(({ args: [{ input }] }) => movementRequest.strict().parse(JSON.parse(String(input.Body))));
}

/** Of the last request, since the first frame. */
const offsets = () =>
  asked()
    .at(-1)!
    .moments.map(({ capturedAt }) => Date.parse(capturedAt) - FRAME.capturedAt.getTime());

test('the model gets where people stand, and what it answers is what is seen', async () => {
  sightings = [person(0.25), person(0.5, 'Ball'), { label: 'Person', confidence: 90 }];
  expect(await analyser.analyse(frameAt(0))).toEqual(ANSWER.detections);
  expect(asked()).toEqual([
    {
      schemaVersion: '1.0',
      device: 'drone-1',
      moments: [{ capturedAt: FRAME.capturedAt.toISOString(), people: [{ x: 0.25, y: 0.75 }] }],
    },
  ]);
  expect(sagemaker.commandCalls(InvokeEndpointCommand)[0].args[0].input).toMatchObject({
    EndpointName: 'plays',
    ContentType: 'application/json',
  });
  metrics.publishStoredMetrics();
  expect(written().metrics).toEqual({ PredictionLatency: [700] });
});

test('it gets the last frames, as many and as old as it is told', async () => {
  for (const offset of [0, 1000, 2000, 3000]) await analyser.analyse(frameAt(offset));
  expect(offsets()).toEqual([1000, 2000, 3000]);
  await analyser.analyse(frameAt(7500));
  expect(offsets()).toEqual([3000, 7500]);
});

test('a frame that was overtaken sees what was before it, and is in its place for the next', async () => {
  for (const offset of [0, 2000, 1000]) await analyser.analyse(frameAt(offset));
  expect(offsets()).toEqual([0, 1000]);
  await analyser.analyse(frameAt(2500));
  expect(offsets()).toEqual([1000, 2000, 2500]);
});

test('a frame that comes twice is one', async () => {
  for (const offset of [0, 1000, 1000]) await analyser.analyse(frameAt(offset));
  expect(offsets()).toEqual([0, 1000]);
});

test('cameras do not see what others see', async () => {
  await analyser.analyse(frameAt(0, { camera: 'north' }));
  await analyser.analyse(frameAt(500, { camera: 'south' }));
  expect(asked().map(({ camera, moments }) => [camera, moments.length])).toEqual([
    ['north', 1],
    ['south', 1],
  ]);
});

test('frames of one camera that come at once are all remembered', async () => {
  await Promise.all([0, 500, 1000].map((offset) => analyser.analyse(frameAt(offset))));
  await analyser.analyse(frameAt(1500));
  expect(offsets()).toEqual([500, 1000, 1500]);
});

test.each<[string, unknown, RegExp]>([
  ['no JSON', 'press', /not JSON/],
  ['another form', { play: 'press' }, /at schemaVersion/],
])('an answer that is %s is unusable', async (_what, content, reason) => {
  answer(content);
  await expect(analyser.analyse(frameAt(0))).rejects.toThrow(reason);
  await expect(analyser.analyse(frameAt(0))).rejects.toBeInstanceOf(UnusableMessage);
});

test('a model that fails may be asked again', async () => {
  const error = new ModelError({ message: 'It failed.', $metadata: {}, OriginalStatusCode: 500 });
  sagemaker.on(InvokeEndpointCommand).rejects(error);
  await expect(analyser.analyse(frameAt(0))).rejects.toBe(error);
});

test('in whichever order frames come, a request is in the order of time, within bounds, and ends with its frame', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 12 }), async (times) => {
      analyser = await newAnalyser();
      for (const time of times) {
        await analyser.analyse(frameAt(time));
        const seen = offsets();
        expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
        expect(seen.at(-1)).toBe(time);
        expect(seen[0]).toBeGreaterThan(time - 5000);
        expect(seen.length).toBeLessThanOrEqual(3);
      }
    }),
    { numRuns: 30 },
  );
});
