import { RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import { AlarmTopic } from '../../lib';
import { Template, testStack } from '../support/template';

// Who may publish is the subject of test/policies.

test('has by default a rotated key of its own, because CloudWatch can not use that of AWS', () => {
  const stack = testStack();
  new AlarmTopic(stack, 'Alarms');
  const template = Template.fromStack(stack);
  const [key] = Object.keys(template.findResources('AWS::KMS::Key', { Properties: { EnableKeyRotation: true } }));
  template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: { 'Fn::GetAtt': [key, 'Arn'] } });
  template.hasResource('AWS::KMS::Key', { DeletionPolicy: 'Retain' });
});

test.each([
  [undefined, 'Retain'],
  [RemovalPolicy.DESTROY, 'Delete'],
])('keeps its subscriptions unless told: %s', (removalPolicy, DeletionPolicy) => {
  const stack = testStack();
  new AlarmTopic(stack, 'Alarms', { removalPolicy });
  Template.fromStack(stack).hasResource('AWS::SNS::Topic', { DeletionPolicy });
});

test('is encrypted with the key that it is given', () => {
  const stack = testStack();
  const encryptionKey = new kms.Key(stack, 'Shared');
  new AlarmTopic(stack, 'Alarms', { encryptionKey });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::KMS::Key', 1);
  template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: stack.resolve(encryptionKey.keyArn) });
});

test('is where an alarm with its action is published', () => {
  const stack = testStack();
  const alarms = new AlarmTopic(stack, 'Alarms');
  const metric = new cloudwatch.Metric({ namespace: 'Test', metricName: 'Failures' });
  const alarm = metric.createAlarm(stack, 'Alarm', { threshold: 1, evaluationPeriods: 1 });
  alarm.addAlarmAction(alarms.action);
  Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmActions: [stack.resolve(alarms.topic.topicArn)],
  });
});
