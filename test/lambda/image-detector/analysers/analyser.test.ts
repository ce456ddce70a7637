import { LambdaClient } from '@aws-sdk/client-lambda';
import { RekognitionClient } from '@aws-sdk/client-rekognition';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { analyserOf, analyserSettings } from '../../../../lambda/image-detector/analysers/analyser';

jest.mock('@aws-sdk/client-lambda', () => ({
  ...jest.requireActual('@aws-sdk/client-lambda'),
  LambdaClient: jest.fn(),
}));
jest.mock('@aws-sdk/client-rekognition', () => ({
  ...jest.requireActual('@aws-sdk/client-rekognition'),
  RekognitionClient: jest.fn(),
}));
jest.mock('@aws-sdk/client-sagemaker-runtime', () => ({
  ...jest.requireActual('@aws-sdk/client-sagemaker-runtime'),
  SageMakerRuntimeClient: jest.fn(),
}));

const CLIENTS = { LambdaClient, RekognitionClient, SageMakerRuntimeClient };
const ports = { readFrame: jest.fn(), minimumConfidence: 80 };

beforeEach(() => jest.clearAllMocks());

const SETTINGS = [
  [{ kind: 'labels' }, 'RekognitionClient'],
  [{ kind: 'labels', maxLabels: 10 }, 'RekognitionClient'],
  [{ kind: 'custom-labels', projectVersionArn: 'arn' }, 'RekognitionClient'],
  [{ kind: 'endpoint', endpointName: 'wires' }, 'SageMakerRuntimeClient'],
  [{ kind: 'endpoint', endpointName: 'wires', labels: ['wire'] }, 'SageMakerRuntimeClient'],
  [{ kind: 'function', functionArn: 'arn' }, 'LambdaClient'],
  [{ kind: 'thermal', coldest: 0, hottest: 100, hotspotAbove: 50 }, undefined],
] as const;

test.each(SETTINGS)('%j needs the client %s, and no other is made', (settings, client) => {
  expect(analyserOf(analyserSettings.parse(settings), ports)).toEqual({ analyse: expect.any(Function) });
  const made = Object.entries(CLIENTS).filter(([, constructor]) => jest.mocked(constructor).mock.calls.length > 0);
  expect(made.map(([name]) => name)).toEqual(client ? [client] : []);
});

test('of movement it is where people are, and what they are doing', () => {
  const settings = { kind: 'movement', endpointName: 'plays', tableName: 'positions', moments: 8, withinSeconds: 5 };
  expect(analyserOf(analyserSettings.parse(settings), ports)).toEqual({ analyse: expect.any(Function) });
  expect(RekognitionClient).toHaveBeenCalledTimes(1);
  expect(SageMakerRuntimeClient).toHaveBeenCalledTimes(1);
  expect(LambdaClient).not.toHaveBeenCalled();
});

test.each([
  [{ kind: 'labels', maxLabels: '10' }, ['maxLabels']],
  [{ kind: 'custom-labels' }, ['projectVersionArn']],
  [{ kind: 'endpoint', endpointName: '' }, ['endpointName']],
  [{ kind: 'function' }, ['functionArn']],
  [{ kind: 'thermal', coldest: 0, hottest: 100 }, ['hotspotAbove']],
  [{ kind: 'movement', endpointName: 'plays', tableName: 'positions', moments: 1, withinSeconds: 5 }, ['moments']],
  [{ kind: 'faces' }, ['kind']],
  [{}, ['kind']],
])('%j is no analyser', (settings, path) => {
  expect(analyserSettings.safeParse(settings).error?.issues.map((issue) => issue.path)).toEqual([path]);
});
