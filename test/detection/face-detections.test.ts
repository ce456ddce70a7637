import { App, Stack } from 'aws-cdk-lib';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import * as kms from 'aws-cdk-lib/aws-kms';
import cdkJson from '../../cdk.json';
import { AlertTopic, FaceDetections, type FaceDetectionsProps } from '../../lib';
import { BIRDS, codedError, deployed, environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

function detectionsIn(stack: Stack, props: Partial<FaceDetectionsProps> = {}): FaceDetections {
  return new FaceDetections(stack, 'Detections', {
    fleetName: 'delivery',
    obstacles: BIRDS,
    alerts: new AlertTopic(stack, 'Alerts'),
    ...props,
  });
}

describe('defaults', () => {
  const stack = testStack();
  const detections = detectionsIn(stack);
  const template = Template.fromStack(stack);

  test('the data stream grows with what is written, and is encrypted', () => {
    template.hasResourceProperties('AWS::Kinesis::Stream', {
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' },
      RetentionPeriodHours: 24,
    });
  });

  test('the handler reads new records, and one that fails again and again is given up', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: stack.resolve(detections.dataStream.streamArn),
      FunctionName: stack.resolve(detections.handler.functionName),
      StartingPosition: 'LATEST',
      BatchSize: 100,
      MaximumRetryAttempts: 10,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: stack.resolve(detections.deadLetterQueue.queueArn) } },
    });
  });

  test('the handler knows the fleet, the obstacles, where alerts go, and where what it can not use goes', () => {
    const { FLEET_NAME, OBSTACLES, ALERTS, DEAD_LETTER_QUEUE_URL } = environments(stack)['face-matches'];
    expect(FLEET_NAME).toBe('delivery');
    expect(JSON.parse(OBSTACLES)).toMatchObject([{ name: 'bird', labels: ['Bird'] }]);
    expect(JSON.parse(ALERTS)).toMatchObject({ topicArn: deployed('AWS::SNS::Topic', stack)[0].arn });
    const [own] = deployed('AWS::SQS::Queue', stack).filter(({ logicalId }) => logicalId.startsWith('Detections'));
    expect(DEAD_LETTER_QUEUE_URL).toBe(own.attribute('QueueUrl'));
  });

  test('an alarm goes off as soon as a message is in the dead-letter queue', () => {
    const [id] = Object.keys(
      template.findResources('AWS::CloudWatch::Alarm', {
        Properties: {
          MetricName: 'ApproximateNumberOfMessagesVisible',
          Threshold: 0,
          Dimensions: [{ Name: 'QueueName', Value: stack.resolve(detections.deadLetterQueue.queueName) }],
        },
      }),
    );
    expect(stack.resolve(detections.deadLetterAlarm.alarmArn)).toEqual({ 'Fn::GetAtt': [id, 'Arn'] });
  });
});

test('the key is that of data stream and queue', () => {
  const stack = testStack();
  detectionsIn(stack, { encryptionKey: new kms.Key(stack, 'Key') });
  const template = Template.fromStack(stack);
  const key = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] };
  template.hasResourceProperties('AWS::Kinesis::Stream', { StreamEncryption: { EncryptionType: 'KMS', KeyId: key } });
  template.hasResourceProperties('AWS::SQS::Queue', { KmsMasterKeyId: key });
});

test('the key may be in a stack that this one depends on', () => {
  const app = new App({ context: cdkJson.context });
  const encryptionKey = new kms.Key(new Stack(app, 'State'), 'Key');
  const stack = new Stack(app, 'Fleet');
  detectionsIn(stack, { encryptionKey });
  Template.fromStack(stack).resourceCountIs('AWS::Kinesis::Stream', 1);
});

test('a data stream that is given is used', () => {
  const stack = testStack();
  const dataStream = new kinesis.Stream(stack, 'Shared');
  expect(detectionsIn(stack, { dataStream }).dataStream).toBe(dataStream);
  Template.fromStack(stack).resourceCountIs('AWS::Kinesis::Stream', 1);
});

test.each<[string, Partial<FaceDetectionsProps>, string, RegExp]>([
  ['a fleet name with a space', { fleetName: 'a b' }, 'FleetName', /`fleetName` is 'a b'; it must be 1 to 64 of/],
  ['no obstacles', { obstacles: [] }, 'Obstacles', /`obstacles` is empty/],
])('%s names path, value and range', (_what, props, code, message) => {
  expect(() => detectionsIn(testStack(), props)).toThrow(codedError(code, message, 'Test/Detections'));
});
