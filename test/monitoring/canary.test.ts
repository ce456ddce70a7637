import { Duration, type Stack } from 'aws-cdk-lib';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { AlarmTopic, AlertTopic, Canary, DeviceIdentity, FleetKey, FrameStore, type CanaryProps } from '../../lib';
import { codedError, environments } from '../support/fleet';
import { CloudModel } from '../support/policy-simulator';
import { Match, Template, testStack } from '../support/template';

function canaryIn(stack: Stack, props: Partial<CanaryProps> = {}): Canary {
  const encryptionKey = new FleetKey(stack, 'Key');
  const frames = new FrameStore(stack, 'Frames', { encryptionKey });
  const topic = new AlertTopic(stack, 'Alerts', { encryptionKey, trialDevices: ['canary'] });
  topic.subscribe(new subscriptions.EmailSubscription('pilot@example.com'));
  const identity = new DeviceIdentity(stack, 'Identity', { topicPrefix: 'fleet' });
  return new Canary(stack, 'Canary', { encryptionKey, frames, alerts: { topic, identity, label: 'Trial' }, ...props });
}

test('it flies every 15 minutes, and is not tried again when it fails', () => {
  const stack = testStack();
  canaryIn(stack);
  Template.fromStack(stack).hasResourceProperties('AWS::Scheduler::Schedule', {
    ScheduleExpression: 'rate(15 minutes)',
    Target: Match.objectLike({ RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 } }),
  });
  // The schedule hands the event over, and Lambda would try again by itself.
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 });
});

test('it sends to a stream of its own, which the reconciler leaves alone', () => {
  const stack = testStack();
  canaryIn(stack);
  Template.fromStack(stack).hasResourceProperties('AWS::KinesisVideo::Stream', {
    Name: 'canary',
    DataRetentionInHours: 1,
    Tags: Match.absent(),
  });
});

test('it knows where images and alerts should be', () => {
  const stack = testStack();
  canaryIn(stack);
  const { DEVICE, IMAGES, ALERTS } = environments(stack).canary;
  expect(DEVICE).toBe('canary');
  expect(JSON.parse(IMAGES)).toEqual({ bucket: expect.stringContaining('frames'), prefix: 'frames/canary/' });
  expect(JSON.parse(ALERTS)).toEqual({
    topic: 'fleet/canary/detections',
    label: 'Trial',
    queueUrl: expect.stringContaining('canaryqueue'),
  });
});

test('nobody but the canary is told of its alerts', () => {
  const stack = testStack();
  canaryIn(stack);
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'sqs', FilterPolicy: { device: ['canary'] } });
  template.hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'email',
    FilterPolicy: { device: [{ 'anything-but': ['canary'] }] },
  });
});

test('the alarm goes off after two failures, and if it does not fly', () => {
  const stack = testStack();
  const alarms = new AlarmTopic(stack, 'Alarms');
  canaryIn(stack, { interval: Duration.minutes(5), alarmActions: [alarms.action] });
  Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'KinesisVideoFleet',
    MetricName: 'CanaryFailed',
    Dimensions: [{ Name: 'service', Value: 'canary' }],
    Statistic: 'Maximum',
    Period: 300,
    EvaluationPeriods: 2,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'breaching',
    AlarmActions: [stack.resolve(alarms.topic.topicArn)],
  });
});

test('figures have the statistic that suits them', () => {
  const canary = canaryIn(testStack());
  expect(canary.metric('PlaybackLatency')).toMatchObject({ statistic: 'Average' });
  expect(canary.metric('PlaybackFailed')).toMatchObject({ statistic: 'Maximum', dimensions: { service: 'canary' } });
});

test.each([
  ['CanaryDevice', { deviceName: 'the canary' }],
  ['CanaryInterval', { interval: Duration.minutes(4) }],
  ['CanaryInterval', { interval: Duration.hours(2) }],
  ['CanaryInterval', { interval: Duration.seconds(330) }],
])('%s: %j is refused', (code, props) => {
  expect(() => canaryIn(testStack(), props)).toThrow(codedError(code, /must be/, 'Test/Canary'));
});

describe('its permissions', () => {
  const stack = testStack();
  canaryIn(stack);
  const cloud = CloudModel.of(stack);
  const principal = 'CanaryHandlerServiceRole';
  const stream = (name: string) => `arn:aws:kinesisvideo:eu-west-1:111122223333:stream/${name}/1700000000000`;

  test('are for its own stream', async () => {
    for (const name of ['PutMedia', 'GetDataEndpoint', 'GetHLSStreamingSessionURL']) {
      const request = { principal, action: `kinesisvideo:${name}` };
      await cloud.expectAllowed({ ...request, resource: stream('canary') });
      await cloud.expectDenied({ ...request, resource: stream('canary-2') });
      await cloud.expectDenied({ ...request, resource: stream('drone-1') });
    }
    await cloud.expectDenied({ principal, action: 'kinesisvideo:DeleteStream', resource: stream('canary') });
  });

  test('are for images of its own folder, which it sees but does not read', async () => {
    const bucket = cloud.arn('FramesBucket');
    const put = { principal, action: 's3:PutObject' };
    await cloud.expectAllowed({ ...put, resource: `${bucket}/frames/canary/1.jpg` });
    await cloud.expectDenied({ ...put, resource: `${bucket}/frames/drone-1/1.jpg` });
    await cloud.expectDenied({ principal, action: 's3:GetObject', resource: `${bucket}/frames/canary/1.jpg` });
    const list = { principal, action: 's3:ListBucket', resource: bucket };
    await cloud.expectAllowed({ ...list, context: { 's3:prefix': 'frames/canary/' } });
    await cloud.expectDenied({ ...list, context: { 's3:prefix': 'frames/drone-1/' } });
    await cloud.expectDenied(list);
  });

  test('are to say what it has seen, and nothing in the name of others', async () => {
    const topics = 'arn:aws:iot:eu-west-1:111122223333:topic';
    const publish = { principal, action: 'iot:Publish' };
    await cloud.expectAllowed({ ...publish, resource: `${topics}/fleet/canary/detections` });
    await cloud.expectDenied({ ...publish, resource: `${topics}/fleet/canary/commands` });
    await cloud.expectDenied({ ...publish, resource: `${topics}/fleet/drone-1/detections` });
  });

  test('are to take its alerts', async () => {
    for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage']) {
      await cloud.expectAllowed({ principal, action, resource: 'CanaryQueue' });
      await cloud.expectDenied({ principal, action, resource: 'FramesWorkQueue' });
    }
  });
});
