import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { AlarmTopic, AlertTopic, FleetKey } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const OWN = { 'aws:SourceAccount': '111122223333' };
const OTHER = { 'aws:SourceAccount': '444455556666' };

const stack = testStack();
const encryptionKey = new FleetKey(stack, 'Key');
const alerts = new AlertTopic(stack, 'Alerts', { encryptionKey });
alerts.subscribe(new subscriptions.SqsSubscription(new sqs.Queue(stack, 'Subscriber')));
new AlertTopic(stack, 'Others', { encryptionKey });
new AlarmTopic(stack, 'Alarms', { encryptionKey });
const cloud = CloudModel.of(stack);

describe.each(['AlertsTopic', 'AlarmsTopic'])('%s', (resource) => {
  test('is published to by TLS only', async () => {
    const publish = { principal: '111122223333', action: 'sns:Publish', resource };
    await cloud.expectAllowed(publish);
    await cloud.expectDenied({ ...publish, context: { 'aws:SecureTransport': 'false' } });
  });

  test('is closed to other accounts', async () => {
    for (const action of ['sns:Publish', 'sns:Subscribe']) {
      await cloud.expectAllowed({ principal: '111122223333', action, resource });
      await cloud.expectDenied({ principal: '444455556666', action, resource });
    }
  });
});

describe('alarms', () => {
  const publish = { principal: 'cloudwatch.amazonaws.com', action: 'sns:Publish', resource: 'AlarmsTopic' };

  test('are published by CloudWatch for this account only', async () => {
    await cloud.expectAllowed({ ...publish, context: OWN });
    await cloud.expectDenied({ ...publish, context: OTHER });
    await cloud.expectDenied(publish);
    await cloud.expectDenied({ ...publish, context: { ...OWN, 'aws:SecureTransport': 'false' } });
  });

  test('are published by no other service, and CloudWatch publishes no alerts', async () => {
    await cloud.expectAllowed({ ...publish, context: OWN });
    for (const principal of ['s3.amazonaws.com', 'events.amazonaws.com']) {
      await cloud.expectDenied({ ...publish, principal, context: OWN });
    }
    await cloud.expectDenied({ ...publish, resource: 'AlertsTopic', context: OWN });
    await cloud.expectDenied({ ...publish, action: 'sns:Subscribe', context: OWN });
  });
});

describe('an undeliverable alert', () => {
  const send = { principal: 'sns.amazonaws.com', action: 'sqs:SendMessage', resource: 'AlertsDeadLetterQueue' };

  test('is put into the dead-letter queue by SNS for its topic only', async () => {
    const context = { 'aws:SourceArn': cloud.arn('AlertsTopic') };
    await cloud.expectAllowed({ ...send, context });
    await cloud.expectDenied({ ...send, context: { 'aws:SourceArn': cloud.arn('OthersTopic') } });
    await cloud.expectDenied(send);
    await cloud.expectDenied({ ...send, context, principal: 'events.amazonaws.com' });
    await cloud.expectDenied({ ...send, context, resource: 'OthersDeadLetterQueue' });
  });

  test('is reached by TLS only', async () => {
    const read = { principal: '111122223333', action: 'sqs:ReceiveMessage', resource: 'AlertsDeadLetterQueue' };
    await cloud.expectAllowed(read);
    await cloud.expectDenied({ ...read, context: { 'aws:SecureTransport': 'false' } });
  });
});

test.each(['sns.amazonaws.com', 'cloudwatch.amazonaws.com'])(
  'the key is used by %s for this account, and not managed',
  async (principal) => {
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
      await cloud.expectAllowed({ principal, action, resource: 'Key', context: OWN });
      await cloud.expectDenied({ principal, action, resource: 'Key', context: OTHER });
      await cloud.expectDenied({ principal: 'events.amazonaws.com', action, resource: 'Key', context: OWN });
    }
    for (const action of ['kms:CreateGrant', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion']) {
      await cloud.expectDenied({ principal, action, resource: 'Key', context: OWN });
    }
  },
);
