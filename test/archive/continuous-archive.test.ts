import { Duration, type Stack } from 'aws-cdk-lib';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { AlarmTopic, ContinuousArchive, DeviceIdentity, type ContinuousArchiveProps } from '../../lib';
import { codedError, environments } from '../support/fleet';
import { definitionIn } from '../support/state-machine';
import { Match, Template, testStack, warningIds } from '../support/template';

// Who may do what is the subject of test/policies.

function archiveIn(stack: Stack, props: Partial<ContinuousArchiveProps> = {}): ContinuousArchive {
  const identity = new DeviceIdentity(stack, 'Identity', { cameras: ['front', 'rear'] });
  return new ContinuousArchive(stack, 'Archive', { fleetName: 'delivery', identity, ...props });
}

test('there is nothing to warn of', () => {
  const stack = testStack();
  archiveIn(stack);
  expect(warningIds(stack)).toEqual([]);
});

test('all devices are listed each hour, a few to a page, and many pages are worked on at once', () => {
  const stack = testStack();
  archiveIn(stack, { maxConcurrency: 50 });
  const { 'List all': listing, 'Reconcile all': pages } = definitionIn(stack).States as unknown as Record<
    string,
    Record<string, unknown>
  >;
  expect(listing.Items).toEqual(['things']);
  expect(pages.MaxConcurrency).toBe(50);
  expect(environments(stack)['fleet-lister']).toMatchObject({ PAGE_SIZE: '25', COUNT_AS: 'DevicesToArchive' });
  Template.fromStack(stack).hasResourceProperties('AWS::Scheduler::Schedule', {
    ScheduleExpression: 'cron(23 * * * ? *)',
  });
});

test('runs as often, and waits for media as long, as it is told', () => {
  const stack = testStack();
  archiveIn(stack, {
    schedule: scheduler.ScheduleExpression.rate(Duration.hours(6)),
    overdueAfter: Duration.hours(24),
    settleAfter: Duration.minutes(5),
  });
  Template.fromStack(stack).hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(6 hours)' });
  expect(definitionIn(stack).TimeoutSeconds).toBe(86_400);
  expect(environments(stack)['continuous-archive']).toMatchObject({
    SETTLE_SECONDS: '300',
    CAMERAS: '["front","rear"]',
  });
});

test('media and watermarks stay when the stack goes, and what runs leave behind goes', () => {
  const stack = testStack();
  archiveIn(stack);
  const template = Template.fromStack(stack);
  template.hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Retain',
    Properties: Match.objectLike({ VersioningConfiguration: { Status: 'Enabled' } }),
  });
  template.hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Delete',
    Properties: Match.objectLike({
      LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ Prefix: 'runs/', ExpirationInDays: 7 })]) },
    }),
  });
  template.hasResource('AWS::DynamoDB::Table', {
    DeletionPolicy: 'Retain',
    Properties: Match.objectLike({
      KeySchema: [{ AttributeName: 'stream', KeyType: 'HASH' }],
      DeletionProtectionEnabled: true,
    }),
  });
});

test('each alarm does what it is told', () => {
  const stack = testStack();
  const alarms = new AlarmTopic(stack, 'Alarms');
  const { alarms: all } = archiveIn(stack, { alarmActions: [alarms.action] });
  expect(all).toHaveLength(4);
  const template = Template.fromStack(stack);
  const AlarmActions = [stack.resolve(alarms.topic.topicArn)];
  template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { AlarmActions }, 4);
  for (const MetricName of ['ArchiveFailed', 'ArchiveLost']) {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName,
      Dimensions: [{ Name: 'service', Value: 'continuous-archive' }],
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });
  }
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    // Another one than the reconciler's, which would take these runs for its own.
    MetricName: 'DevicesToArchive',
    EvaluationPeriods: 12,
    TreatMissingData: 'breaching',
  });
});

test.each<[Partial<ContinuousArchiveProps>, string]>([
  [{ overdueAfter: Duration.hours(1) }, 'ContinuousOverdue'],
  [{ settleAfter: Duration.seconds(59) }, 'ContinuousSettle'],
  [{ maxConcurrency: 0 }, 'ContinuousConcurrency'],
  [{ fleetName: 'a b' }, 'FleetName'],
  [{ storage: { expireAfter: Duration.days(1) } }, 'ArchiveStorage'],
])('%j is refused', (props, code) => {
  expect(() => archiveIn(testStack(), props)).toThrow(codedError(code, /./, 'Test/Archive'));
});
