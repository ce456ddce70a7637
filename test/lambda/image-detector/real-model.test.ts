import { captureOutput } from '../../support/handler-output';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { lambdaFunction } from '../../../lambda/image-detector/analysers/function';
import { frameKey, objectCreated } from '../../events/s3';
import { AlertTarget } from '../../support/alert-target';
import { LocalDynamoDB } from '../../support/dynamodb';
import { FrameDetector, testFrame } from '../../support/frame-detector';
import { LocalModel } from '../../support/local-model';
import { picture } from '../../support/pictures';

captureOutput();
let dynamodb: LocalDynamoDB;
let model: LocalModel;

beforeAll(async () => {
  [dynamodb, model] = await Promise.all([LocalDynamoDB.start(), LocalModel.load()]);
}, 30_000);
afterAll(() => dynamodb.stop());

test('a picture goes through a model that sees who is in it, and becomes an alert', async () => {
  const target = await AlertTarget.in(dynamodb);
  const client = new LambdaClient({ region: 'eu-west-1' });
  const { bucket, queue } = new FrameDetector(
    target,
    ['person', 'car'].map((name) => ({ name, labels: [name], minimumConfidence: 55, severity: 'WARNING' })),
    () => lambdaFunction({ kind: 'function', functionArn: 'own' }, { lambda: client }),
  );
  mockClient(client)
    .on(InvokeCommand)
    .callsFake(async ({ Payload }) => {
      const answer = await model.invoke(JSON.parse(Payload), async (_bucket, key) => bucket.objects.get(key)!);
      return { Payload: Buffer.from(JSON.stringify(answer)) };
    });
  const frame = (device: string, bytes: Buffer) => {
    const key = frameKey({ folder: `frames/${device}`, stream: device });
    bucket.objects.set(key, bytes);
    return objectCreated(key);
  };

  expect(await queue.process(frame('nobody', testFrame('thermal-cool.jpg')))).toBe('done');
  expect(target.events).toEqual([]);

  // In its left third a figure stands, from head to foot.
  expect(await queue.process(frame('somebody', picture('screenshot-vrm.jpg')))).toBe('done');
  expect(target.events.map(({ device, obstacle }) => [device, obstacle])).toEqual([['somebody', 'person']]);
  const [{ confidence, boundingBox, frame: kept }] = target.events;
  expect(confidence).toBeGreaterThan(55);
  expect(boundingBox!.left + boundingBox!.width).toBeLessThan(0.4);
  expect(boundingBox!.height).toBeGreaterThan(0.5);
  expect(bucket.objects.get(kept!.key)).toEqual(picture('screenshot-vrm.jpg'));
}, 60_000);
