import { App, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import cdkJson from '../../cdk.json';
import { AlertTopic, LabelDetections, type LabelDetectionsProps } from '../../lib';
import { BIRDS, codedError, deployed, environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

function detectionsIn(stack: Stack, props: Partial<LabelDetectionsProps> = {}): LabelDetections {
  return new LabelDetections(stack, 'Detections', {
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

  test('the topic is encrypted, and brings messages to the queue as they are', () => {
    template.hasResourceProperties('AWS::SNS::Subscription', {
      TopicArn: stack.resolve(detections.topic.topicArn),
      Protocol: 'sqs',
      Endpoint: stack.resolve(detections.queue.queueArn),
      RawMessageDelivery: true,
      FilterPolicy: Match.absent(),
    });
    const [topic] = deployed('AWS::SNS::Topic', stack).filter(({ logicalId }) => logicalId.startsWith('Detections'));
    expect(topic.get('KmsMasterKeyId')).toBe('alias/aws/sns');
  });

  test('what can not be delivered goes to the dead-letter queue', () => {
    template.hasResourceProperties('AWS::SNS::Subscription', {
      RedrivePolicy: { deadLetterTargetArn: stack.resolve(detections.deadLetterQueue.queueArn) },
    });
  });

  test('the handler works the queue off', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: stack.resolve(detections.queue.queueArn),
      FunctionName: stack.resolve(detections.handler.functionName),
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('the handler knows the fleet, the obstacles and where alerts go', () => {
    const { FLEET_NAME, OBSTACLES, ALERTS } = environments(stack)['label-events'];
    expect(FLEET_NAME).toBe('delivery');
    expect(JSON.parse(OBSTACLES)).toMatchObject([{ name: 'bird', labels: ['Bird'] }]);
    const [alerts] = deployed('AWS::SNS::Topic', stack).filter(({ logicalId }) => logicalId.startsWith('Alerts'));
    expect(JSON.parse(ALERTS)).toMatchObject({ topicArn: alerts.arn });
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

test('the key is that of topic and queues', () => {
  const stack = testStack();
  detectionsIn(stack, { encryptionKey: new kms.Key(stack, 'Key') });
  const [key] = deployed('AWS::KMS::Key', stack);
  const mine = (type: string) => deployed(type, stack).filter(({ logicalId }) => logicalId.startsWith('Detections'));
  expect(mine('AWS::SQS::Queue').map((queue) => queue.get('KmsMasterKeyId'))).toEqual([key.arn, key.arn]);
  expect(mine('AWS::SNS::Topic').map((topic) => topic.get('KmsMasterKeyId'))).toEqual([key.arn]);
});

test('the key may be in a stack that this one depends on', () => {
  const app = new App({ context: cdkJson.context });
  const encryptionKey = new kms.Key(new Stack(app, 'State'), 'Key');
  const stack = new Stack(app, 'Fleet');
  detectionsIn(stack, { encryptionKey });
  Template.fromStack(stack).resourceCountIs('AWS::SNS::Subscription', 1);
});

test('a topic that is given is used', () => {
  const stack = testStack();
  const topic = new sns.Topic(stack, 'Shared');
  expect(detectionsIn(stack, { topic }).topic).toBe(topic);
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::SNS::Topic', 2);
  template.hasResourceProperties('AWS::SNS::Subscription', { TopicArn: stack.resolve(topic.topicArn) });
});

test.each<[string, Partial<LabelDetectionsProps>, string, RegExp]>([
  ['a fleet name with a space', { fleetName: 'a b' }, 'FleetName', /`fleetName` is 'a b'; it must be 1 to 64 of/],
  ['no obstacles', { obstacles: [] }, 'Obstacles', /`obstacles` is empty/],
  ['an obstacle twice', { obstacles: [...BIRDS, ...BIRDS] }, 'Obstacles', /two classes of one name: bird, bird/],
])('%s names path, value and range', (_what, props, code, message) => {
  expect(() => detectionsIn(testStack(), props)).toThrow(codedError(code, message, 'Test/Detections'));
});
