import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { AlarmTopic, AlertFeed, AlertTopic, DeviceIdentity, type AlertFeedProps } from '../../lib';
import { codedError, environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

// Who may do what is the subject of test/policies.

const TABLE = 'AWS::DynamoDB::Table';

function feedIn(stack: Stack, props: Partial<AlertFeedProps> = {}): AlertFeed {
  const identity = new DeviceIdentity(stack, 'Identity', { topicPrefix: 'fleet' });
  return new AlertFeed(stack, 'Feed', { alerts: new AlertTopic(stack, 'Alerts'), identity, ...props });
}

test('alerts are kept by device and time, until they expire', () => {
  const stack = testStack();
  const { table } = feedIn(stack);
  const template = Template.fromStack(stack);
  template.hasResource(TABLE, {
    DeletionPolicy: 'Retain',
    Properties: {
      KeySchema: [
        { AttributeName: 'device', KeyType: 'HASH' },
        { AttributeName: 'at', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
    },
  });
  expect(environments(stack)['alert-feed']).toMatchObject({ RETENTION_DAYS: '90', TOPIC_PREFIX: 'fleet' });
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: Match.objectLike({ ALERT_TABLE: stack.resolve(table.tableName) }) },
  });
});

test('all alerts come to the queue as they are, quiet ones too', () => {
  const stack = testStack();
  const { queue, handler, deadLetterQueue } = feedIn(stack);
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'sqs',
    Endpoint: stack.resolve(queue.queueArn),
    RawMessageDelivery: true,
    FilterPolicy: Match.absent(),
  });
  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    EventSourceArn: stack.resolve(queue.queueArn),
    FunctionName: stack.resolve(handler.functionName),
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  });
  template.hasResourceProperties('AWS::SQS::Queue', {
    RedrivePolicy: { deadLetterTargetArn: stack.resolve(deadLetterQueue.queueArn) },
  });
});

test('the alarm of the dead-letter queue does what it is told', () => {
  const stack = testStack();
  const alarms = new AlarmTopic(stack, 'Alarms');
  const { deadLetterQueue } = feedIn(stack, { alarmActions: [alarms.action] });
  Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
    Dimensions: [{ Name: 'QueueName', Value: stack.resolve(deadLetterQueue.queueName) }],
    AlarmActions: [stack.resolve(alarms.topic.topicArn)],
  });
});

test('a key encrypts the table and the queues', () => {
  const stack = testStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  const feed = feedIn(stack, { encryptionKey });
  expect(feed.encryptionKey).toBe(encryptionKey);
  const template = Template.fromStack(stack);
  const KmsMasterKeyId = stack.resolve(encryptionKey.keyArn);
  template.hasResourceProperties(TABLE, {
    KeySchema: Match.arrayWith([{ AttributeName: 'at', KeyType: 'RANGE' }]),
    SSESpecification: { KMSMasterKeyId: KmsMasterKeyId, SSEEnabled: true, SSEType: 'KMS' },
  });
  template.resourcePropertiesCountIs('AWS::SQS::Queue', { KmsMasterKeyId }, 2);
});

test('the table goes with the stack, if so wished', () => {
  const stack = testStack();
  feedIn(stack, { removalPolicy: RemovalPolicy.DESTROY });
  Template.fromStack(stack).hasResource(TABLE, {
    DeletionPolicy: 'Delete',
    Properties: {
      KeySchema: Match.arrayWith([{ AttributeName: 'at', KeyType: 'RANGE' }]),
      DeletionProtectionEnabled: false,
    },
  });
});

test.each([
  ['AlertPublished', 'Sum'],
  ['AlertFeedLatency', 'p90'],
])('%s is measured', (name, statistic) => {
  const metric = feedIn(testStack()).metric(name);
  expect(metric).toMatchObject({
    metricName: name,
    namespace: 'KinesisVideoFleet',
    dimensions: { service: 'alert-feed' },
    statistic,
  });
});

test.each([Duration.days(6), Duration.days(3651), Duration.hours(36)])('alerts are not kept for %s', (retention) => {
  const error = codedError('AlertFeedRetention', /between 7 and 3650 days/, 'Test/Feed');
  expect(() => feedIn(testStack(), { retention })).toThrow(error);
});

test.each([7, 3650])('alerts may be kept for %i days', (days) => {
  const stack = testStack();
  feedIn(stack, { retention: Duration.days(days) });
  expect(environments(stack)['alert-feed'].RETENTION_DAYS).toBe(String(days));
});
