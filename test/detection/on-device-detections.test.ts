import type { Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { AlertTopic, DeviceIdentity, OnDeviceDetections, type OnDeviceDetectionsProps } from '../../lib';
import { BIRDS, codedError, deployed, environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

function detectionsIn(stack: Stack, props: Partial<OnDeviceDetectionsProps> = {}): OnDeviceDetections {
  return new OnDeviceDetections(stack, 'Detections', {
    fleetName: 'delivery',
    identity: props.identity ?? new DeviceIdentity(stack, 'Identity'),
    obstacles: BIRDS,
    alerts: new AlertTopic(stack, 'Alerts'),
    ...props,
  });
}

describe('defaults', () => {
  const stack = testStack();
  const detections = detectionsIn(stack);
  const template = Template.fromStack(stack);

  test('a rule brings what devices publish to the queue, as it is, and what fails to the dead-letter queue', () => {
    const roleArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^DetectionsRuleRole'), 'Arn'] };
    const to = (queueUrl: string) => ({
      Sqs: { QueueUrl: stack.resolve(queueUrl), RoleArn: roleArn, UseBase64: false },
    });
    template.hasResourceProperties('AWS::IoT::TopicRule', {
      TopicRulePayload: {
        Sql: "SELECT topic(2) AS device, encode(*, 'base64') AS content FROM 'devices/+/detections'",
        AwsIotSqlVersion: '2016-03-23',
        RuleDisabled: Match.absent(),
        Actions: [to(detections.queue.queueUrl)],
        ErrorAction: to(detections.deadLetterQueue.queueUrl),
      },
    });
  });

  test('the rule may send before it is there', () => {
    const [policy] = Object.keys(
      template.findResources('AWS::IAM::Policy', { Properties: { Roles: [{ Ref: Match.stringLikeRegexp('Rule') }] } }),
    );
    template.hasResource('AWS::IoT::TopicRule', { DependsOn: [policy] });
  });

  test('devices may publish to their topic, which nothing else allows them', () => {
    const resource = (thing: string) => `arn:aws:iot:eu-west-1:111122223333:topic/devices/${thing}/detections`;
    const statement = {
      Action: 'iot:Publish',
      Effect: 'Allow',
      Resource: resource('${iot:Connection.Thing.ThingName}'),
    };
    template.hasResourceProperties('AWS::IoT::Policy', { PolicyDocument: { Statement: Match.arrayWith([statement]) } });
    const without = testStack();
    new DeviceIdentity(without, 'Identity');
    expect(JSON.stringify(Template.fromStack(without).toJSON())).not.toContain('iot:Publish');
  });

  test('the handler works the queue off with as many invocations as it takes', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: stack.resolve(detections.queue.queueArn),
      FunctionName: stack.resolve(detections.handler.functionName),
      BatchSize: 10,
      ScalingConfig: Match.absent(),
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('the handler knows the fleet, the obstacles, where alerts go, and where what it can not use goes', () => {
    const [deadLetterQueue] = deployed('AWS::SQS::Queue', stack).filter(({ logicalId }) =>
      /^DetectionsWorkDead/.test(logicalId),
    );
    const { FLEET_NAME, OBSTACLES, ALERTS, QUEUE_URL, DEAD_LETTER_QUEUE_URL } =
      environments(stack)['on-device-detections'];
    expect(FLEET_NAME).toBe('delivery');
    expect(environments(stack)['on-device-detections'].MESSAGES_PER_SECOND).toBe('30');
    expect(JSON.parse(OBSTACLES)).toMatchObject([{ name: 'bird', labels: ['Bird'] }]);
    expect(JSON.parse(ALERTS)).toMatchObject({ topicArn: deployed('AWS::SNS::Topic', stack)[0].arn });
    const [queue] = deployed('AWS::SQS::Queue', stack).filter(({ logicalId }) =>
      /^DetectionsWorkQueue/.test(logicalId),
    );
    expect(QUEUE_URL).toBe(queue.attribute('QueueUrl'));
    expect(DEAD_LETTER_QUEUE_URL).toBe(deadLetterQueue.attribute('QueueUrl'));
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

test('passes all properties on', () => {
  const stack = testStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  detectionsIn(stack, {
    fleetName: 'inspection',
    identity: new DeviceIdentity(stack, 'Identity', { topicPrefix: 'fleet-7' }),
    encryptionKey,
    maxMessagesPerSecond: 100,
  });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IoT::TopicRule', {
    TopicRulePayload: { Sql: Match.stringLikeRegexp("FROM 'fleet-7/\\+/detections'$") },
  });
  const queues = deployed('AWS::SQS::Queue', stack).filter(({ logicalId }) => logicalId.startsWith('DetectionsWork'));
  const [key] = deployed('AWS::KMS::Key', stack);
  expect(queues.map((queue) => queue.get('KmsMasterKeyId'))).toEqual([key.arn, key.arn]);
  expect(environments(stack)['on-device-detections'].FLEET_NAME).toBe('inspection');
  expect(environments(stack)['on-device-detections'].MESSAGES_PER_SECOND).toBe('100');
});

test.each<[string, Partial<OnDeviceDetectionsProps>, string, RegExp]>([
  ['a fleet name with a space', { fleetName: 'a b' }, 'FleetName', /`fleetName` is 'a b'; it must be 1 to 64 of/],
  ['no obstacles', { obstacles: [] }, 'Obstacles', /`obstacles` is empty/],
  ['no messages', { maxMessagesPerSecond: 0 }, 'DetectionRate', /`maxMessagesPerSecond` is 0; .* between 1 and 100/],
  ['more than IoT takes', { maxMessagesPerSecond: 101 }, 'DetectionRate', /`maxMessagesPerSecond` is 101/],
  ['an obstacle twice', { obstacles: [...BIRDS, ...BIRDS] }, 'Obstacles', /two classes of one name: bird, bird/],
])('%s names path, value and range', (_what, props, code, message) => {
  expect(() => detectionsIn(testStack(), props)).toThrow(codedError(code, message, 'Test/Detections'));
});
