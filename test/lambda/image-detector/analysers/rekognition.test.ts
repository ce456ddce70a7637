import { DetectCustomLabelsCommand, DetectLabelsCommand, RekognitionClient } from '@aws-sdk/client-rekognition';
import { mockClient } from 'aws-sdk-client-mock';
import { UnusableMessage } from '../../../../lambda/common/queue-worker';
import { customLabels } from '../../../../lambda/image-detector/analysers/custom-labels';
import { labels } from '../../../../lambda/image-detector/analysers/labels';
import { FRAME } from '../../../support/frame-detector';

// What is made of the answers of DetectLabels is the subject of handler.test.ts.

const MODEL = 'arn:aws:rekognition:eu-west-1:111122223333:project/wires/version/wires.2026/1795514400000';
const client = new RekognitionClient({ region: 'eu-west-1' });
const rekognition = mockClient(client);
const ports = { rekognition: client, minimumConfidence: 62.5 };
const ANALYSERS = [
  ['DetectLabels', labels({ kind: 'labels' }, ports)],
  ['DetectCustomLabels', customLabels({ kind: 'custom-labels', projectVersionArn: MODEL }, ports)],
] as const;

beforeEach(() => rekognition.reset());

const image = { S3Object: { Bucket: FRAME.bucket, Name: FRAME.key } };
const named = (name: string) => Object.assign(new Error(`It is ${name}.`), { name });

test('DetectLabels is asked for as many labels as are wanted', async () => {
  rekognition.on(DetectLabelsCommand).resolves({});
  await labels({ kind: 'labels', maxLabels: 10 }, ports).analyse(FRAME);
  expect(rekognition.commandCalls(DetectLabelsCommand)[0].args[0].input).toEqual({
    Image: image,
    Features: ['GENERAL_LABELS'],
    MinConfidence: 62.5,
    MaxLabels: 10,
  });
});

describe('a model of custom labels', () => {
  const [, [, analyser]] = ANALYSERS;

  test('is asked about the frame where it is', async () => {
    rekognition.on(DetectCustomLabelsCommand).resolves({});
    expect(await analyser.analyse(FRAME)).toEqual([]);
    expect(rekognition.commandCalls(DetectCustomLabelsCommand)[0].args[0].input).toEqual({
      ProjectVersionArn: MODEL,
      Image: image,
      MinConfidence: 62.5,
    });
  });

  test('says where it saw what, or only that it did', async () => {
    rekognition.on(DetectCustomLabelsCommand).resolves({
      CustomLabels: [
        {
          Name: 'wire',
          Confidence: 87.5,
          Geometry: { BoundingBox: { Left: -0.25, Top: 0.5, Width: 0.5, Height: 0.25 } },
        },
        { Name: 'fog', Confidence: 70 },
        { Name: 'pole', Confidence: 65, Geometry: {} },
        {},
      ],
    });
    expect(await analyser.analyse(FRAME)).toEqual([
      { label: 'wire', confidence: 87.5, boundingBox: { left: 0, top: 0.5, width: 0.25, height: 0.25 } },
      { label: 'fog', confidence: 70 },
      { label: 'pole', confidence: 65 },
      { label: '', confidence: 0 },
    ]);
  });
});

describe.each(ANALYSERS)('%s', (_call, analyser) => {
  const failure = async (name: string): Promise<Error> => {
    rekognition.onAnyCommand().rejects(named(name));
    return analyser.analyse(FRAME).then(
      () => Promise.reject(new Error('There should be an error.')),
      (error: Error) => error,
    );
  };

  test.each(['InvalidImageFormatException', 'ImageTooLargeException'])('%s: the frame is unusable', async (name) => {
    const error = await failure(name);
    expect(error).toBeInstanceOf(UnusableMessage);
    expect(error.message).toBe(`Rekognition can't read s3://${FRAME.bucket}/${FRAME.key}: It is ${name}.`);
  });

  test.each([
    'AccessDeniedException',
    'InternalServerError',
    'InvalidParameterException',
    'InvalidS3ObjectException',
    'LimitExceededException',
    'ProvisionedThroughputExceededException',
    'ResourceNotFoundException',
    // The model isn't running, or not yet.
    'ResourceNotReadyException',
    'ThrottlingException',
  ])('%s: the frame may be tried again', async (name) => {
    const error = await failure(name);
    expect(error.name).toBe(name);
    expect(error).not.toBeInstanceOf(UnusableMessage);
  });
});
