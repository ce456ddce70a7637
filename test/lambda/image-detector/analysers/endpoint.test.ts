import {
  InternalDependencyException,
  InvokeEndpointCommand,
  ModelError,
  ModelNotReadyException,
  SageMakerRuntimeClient,
  ServiceUnavailable,
  ValidationError,
} from '@aws-sdk/client-sagemaker-runtime';
import { mockClient } from 'aws-sdk-client-mock';
import { UnusableMessage } from '../../../../lambda/common/queue-worker';
import { endpoint } from '../../../../lambda/image-detector/analysers/endpoint';
import { FRAME, testFrame } from '../../../support/frame-detector';

const client = new SageMakerRuntimeClient({ region: 'eu-west-1' });
const sagemaker = mockClient(client);
const reads = jest.fn();
let bytes: Buffer;

beforeEach(() => {
  sagemaker.reset();
  reads.mockClear();
  bytes = testFrame('thermal-cool.jpg');
});

function analyse(labels?: string[]) {
  const readFrame = async (...request: unknown[]) => {
    reads(...request);
    return bytes;
  };
  return endpoint({ kind: 'endpoint', endpointName: 'wires', labels }, { sagemaker: client, readFrame }).analyse(FRAME);
}

function answer(content: unknown): void {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const Body = Object.assign(Buffer.from(text), { transformToString: () => text });
  sagemaker.on(InvokeEndpointCommand).resolves({ Body, ContentType: 'application/json' });
}

async function failure(): Promise<Error> {
  return analyse().then(
    () => Promise.reject(new Error('There should be an error.')),
    (error: Error) => error,
  );
}

test.each([
  ['thermal-cool.jpg', 'image/jpeg'],
  ['red.png', 'image/png'],
])('the model gets the bytes of %s as %s', async (name, ContentType) => {
  bytes = testFrame(name);
  answer({ prediction: [] });
  expect(await analyse()).toEqual([]);
  expect(reads.mock.calls).toEqual([[FRAME, 6_291_456]]);
  expect(sagemaker.commandCalls(InvokeEndpointCommand)[0].args[0].input).toEqual({
    EndpointName: 'wires',
    Body: bytes,
    ContentType,
    Accept: 'application/json',
  });
});

test.each([
  ['a text', Buffer.from('<html>no frame</html>')],
  ['a GIF', Buffer.from('GIF89a')],
  ['two bytes', Buffer.from([0xff, 0xd8])],
])('%s with the name of a JPEG is no frame, and the model is not asked', async (_what, content) => {
  bytes = content;
  const error = await failure();
  expect(error).toBeInstanceOf(UnusableMessage);
  expect(error.message).toBe(`s3://${FRAME.bucket}/${FRAME.key} is neither a JPEG nor a PNG.`);
  expect(sagemaker.calls()).toEqual([]);
});

describe('an answer', () => {
  const prediction = [
    [1, 0.9, 0.25, 0.5, 0.75, 1],
    [0, 0.5, -0.5, 0, 1.5, 0.25],
    [7, 0.125, 0.5, 0.5, 0.25, 0.25],
  ];

  test("in the form of SageMaker's own object detection has the names of the classes", async () => {
    answer({ prediction });
    expect(await analyse(['wire', 'pole'])).toEqual([
      { label: 'pole', confidence: 90, boundingBox: { left: 0.25, top: 0.5, width: 0.5, height: 0.5 } },
      { label: 'wire', confidence: 50, boundingBox: { left: 0, top: 0, width: 1, height: 0.25 } },
      { label: '7', confidence: 12.5, boundingBox: { left: 0.5, top: 0.5, width: 0, height: 0 } },
    ]);
    expect((await analyse()).map(({ label }) => label)).toEqual(['1', '0', '7']);
  });

  test('in the published form is taken as it is', async () => {
    const detections = [
      { label: 'wire', confidence: 87.5, boundingBox: { left: 0, top: 0.5, width: 1, height: 0.125 } },
      { label: 'leak', confidence: 100, value: 4.25 },
    ];
    answer({ schemaVersion: '1.1', detections, model: 'wires-7' });
    expect(await analyse()).toEqual(detections);
  });

  test.each<[string, unknown, RegExp]>([
    ['no JSON', 'wire', /not JSON/],
    ['nothing', '', /not JSON/],
    ['neither of the forms', { predictions: [] }, /at schemaVersion/],
    ['a share that is a percentage', { prediction: [[0, 90, 0, 0, 1, 1]] }, /at schemaVersion/],
    ['a class that is no number', { prediction: [['wire', 0.9, 0, 0, 1, 1]] }, /at schemaVersion/],
    [
      'a detection without label',
      { schemaVersion: '1.0', detections: [{ confidence: 9 }] },
      /at detections\[0\]\.label/,
    ],
  ])('that is %s is unusable', async (_what, content, reason) => {
    answer(content);
    const error = await failure();
    expect(error).toBeInstanceOf(UnusableMessage);
    expect(error.message).toMatch(reason);
  });
});

describe('a failure', () => {
  const about = { message: 'It failed.', $metadata: {} };
  const ofModel = (OriginalStatusCode?: number) =>
    new ModelError({ ...about, OriginalStatusCode, OriginalMessage: 'It is too dark.' });

  test.each([400, 413, 415, 422])('of the model with status %i: it refuses the frame', async (status) => {
    sagemaker.on(InvokeEndpointCommand).rejects(ofModel(status));
    const error = await failure();
    expect(error).toBeInstanceOf(UnusableMessage);
    expect(error.message).toBe("The model of 'wires' refuses the request: It is too dark.");
  });

  test.each([
    ['of the model with status 500', ofModel(500)],
    ['of the model with status 408', ofModel(408)],
    ['of the model with status 429', ofModel(429)],
    ['of the model without status', ofModel()],
    // Also what SageMaker says of an endpoint that isn't there, or not yet.
    ['of validation', new ValidationError(about)],
    ['of a model that is not ready', new ModelNotReadyException(about)],
    ['of SageMaker', new ServiceUnavailable(about)],
    ['of what SageMaker needs', new InternalDependencyException(about)],
  ])('%s: the frame may be tried again', async (_what, thrown) => {
    sagemaker.on(InvokeEndpointCommand).rejects(thrown);
    const error = await failure();
    expect(error).toBe(thrown);
    expect(error).not.toBeInstanceOf(UnusableMessage);
  });
});
