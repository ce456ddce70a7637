import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import {
  AlarmTopic,
  AlertFeed,
  AlertSeverity,
  AlertTopic,
  ApiPacer,
  ClipArchive,
  DeviceIdentity,
  WriteOnceMode,
  type ClipArchiveProps,
} from '../../lib';
import { codedError, environments } from '../support/fleet';
import { Match, Template, testStack, warningIds } from '../support/template';

// Who may do what is the subject of test/policies.

const BUCKET = 'AWS::S3::Bucket';
const TABLE = 'AWS::DynamoDB::Table';
const QUEUE = 'AWS::SQS::Queue';

function archiveIn(stack: Stack, props: Partial<ClipArchiveProps> = {}): ClipArchive {
  const identity = new DeviceIdentity(stack, 'Identity');
  return new ClipArchive(stack, 'Archive', { fleetName: 'delivery', identity, ...props });
}

const settingsOf = (stack: Stack) => JSON.parse(environments(stack)['clip-archive'].CLIPS);

test('there is nothing to warn of', () => {
  const stack = testStack();
  archiveIn(stack);
  expect(warningIds(stack)).toEqual([]);
});

describe('the bucket', () => {
  test('keeps clips, with versions and locks, and they get colder', () => {
    const stack = testStack();
    archiveIn(stack);
    Template.fromStack(stack).hasResource(BUCKET, {
      DeletionPolicy: 'Retain',
      Properties: {
        VersioningConfiguration: { Status: 'Enabled' },
        ObjectLockEnabled: true,
        ObjectLockConfiguration: Match.absent(),
        PublicAccessBlockConfiguration: Match.objectLike({ BlockPublicAcls: true, RestrictPublicBuckets: true }),
        LifecycleConfiguration: {
          Rules: [
            {
              Status: 'Enabled',
              NoncurrentVersionExpiration: { NoncurrentDays: 30 },
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            },
            {
              Status: 'Enabled',
              ObjectSizeGreaterThan: 131_072,
              Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 30 }],
            },
          ],
        },
      },
    });
  });

  test('deletes and locks them, if so wished', () => {
    const stack = testStack();
    archiveIn(stack, {
      removalPolicy: RemovalPolicy.DESTROY,
      storage: {
        instantRetrievalAfter: Duration.days(0),
        deepArchiveAfter: Duration.days(90),
        expireAfter: Duration.days(2555),
        writeOnce: { retention: Duration.days(365), mode: WriteOnceMode.COMPLIANCE },
      },
    });
    Template.fromStack(stack).hasResource(BUCKET, {
      DeletionPolicy: 'Delete',
      Properties: Match.objectLike({
        ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 365 } } },
        LifecycleConfiguration: {
          Rules: [
            Match.objectLike({ ExpirationInDays: 2555 }),
            Match.objectLike({
              Transitions: [
                { StorageClass: 'GLACIER_IR', TransitionInDays: 0 },
                { StorageClass: 'DEEP_ARCHIVE', TransitionInDays: 90 },
              ],
            }),
          ],
        },
      }),
    });
    expect(settingsOf(stack)).toMatchObject({ expireDays: 2555 });
  });

  test.each<[string, ClipArchiveProps['storage'], RegExp]>([
    ['half a day', { expireAfter: Duration.hours(12) }, /expireAfter/],
    ['colder before it pays', { deepArchiveAfter: Duration.days(119) }, /120 or more/],
    ['deleted as soon as it is cold', { expireAfter: Duration.days(30) }, /colder class/],
    [
      'deleted while it is locked',
      { expireAfter: Duration.days(99), writeOnce: { retention: Duration.days(100) } },
      /writeOnce/,
    ],
  ])('is not for what is to be %s', (_what, storage, message) => {
    expect(() => archiveIn(testStack(), { storage })).toThrow(codedError('ArchiveStorage', message, 'Test/Archive'));
  });
});

test('the index is by device and time, and forgets what expires', () => {
  const stack = testStack();
  archiveIn(stack);
  Template.fromStack(stack).hasResource(TABLE, {
    DeletionPolicy: 'Retain',
    Properties: Match.objectLike({
      KeySchema: [
        { AttributeName: 'device', KeyType: 'HASH' },
        { AttributeName: 'at', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
    }),
  });
});

describe('incidents', () => {
  test('are the alerts that are asked for, some time after they happened', () => {
    const stack = testStack();
    const alerts = new AlertTopic(stack, 'Alerts');
    const { queue } = archiveIn(stack, {
      alerts,
      alertFilter: { severities: [AlertSeverity.CRITICAL] },
      before: Duration.seconds(10),
      after: Duration.minutes(5),
      settleAfter: Duration.minutes(2),
      patience: Duration.hours(1),
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'sqs',
      Endpoint: stack.resolve(queue.queueArn),
      RawMessageDelivery: true,
      FilterPolicy: { severity: ['CRITICAL'] },
    });
    template.hasResourceProperties(QUEUE, { DelaySeconds: 420, VisibilityTimeout: 1800 });
    expect(settingsOf(stack)).toEqual({
      beforeSeconds: 10,
      afterSeconds: 300,
      settleSeconds: 120,
      patienceSeconds: 3600,
      legalHolds: true,
    });
  });

  test('wait in the queue for as long as SQS has it', () => {
    const stack = testStack();
    archiveIn(stack, { after: Duration.hours(1) });
    Template.fromStack(stack).hasResourceProperties(QUEUE, { DelaySeconds: 900 });
  });

  test('are worked on one by one, and so many at once', () => {
    const stack = testStack();
    const { queue, handler, deadLetterQueue } = archiveIn(stack, { maxConcurrency: 5 });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: stack.resolve(queue.queueArn),
      FunctionName: stack.resolve(handler.functionName),
      BatchSize: 1,
      ScalingConfig: { MaximumConcurrency: 5 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    template.hasResourceProperties(QUEUE, {
      RedrivePolicy: { deadLetterTargetArn: stack.resolve(deadLetterQueue.queueArn) },
    });
  });

  test('have the alerts of the feed beside them', () => {
    const stack = testStack();
    const identity = new DeviceIdentity(stack, 'Devices', { topicPrefix: 'feed' });
    const feed = new AlertFeed(stack, 'Feed', { alerts: new AlertTopic(stack, 'Alerts'), identity });
    archiveIn(stack, { feed });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          POWERTOOLS_SERVICE_NAME: 'clip-archive',
          ALERT_TABLE: stack.resolve(feed.table.tableName),
        }),
      },
    });
  });

  test.each<[string, Partial<ClipArchiveProps>, string]>([
    ['no time', { before: Duration.seconds(0), after: Duration.seconds(0) }, 'ClipWindow'],
    ['more than an hour before', { before: Duration.seconds(3601) }, 'ClipWindow'],
    ['more than an hour after', { after: Duration.hours(2) }, 'ClipWindow'],
    ['what has not settled', { settleAfter: Duration.seconds(9) }, 'ClipPatience'],
    ['less patience than that', { patience: Duration.seconds(59) }, 'ClipPatience'],
    ['more than patience', { patience: Duration.hours(7) }, 'ClipPatience'],
    ['one at a time', { maxConcurrency: 1 }, 'ClipConcurrency'],
    ['a fleet without a name', { fleetName: '' }, 'FleetName'],
  ])('of %s are refused', (_what, props, code) => {
    expect(() => archiveIn(testStack(), props)).toThrow(codedError(code, /./, 'Test/Archive'));
  });
});

test('without legal holds, there is nothing that takes them', () => {
  const stack = testStack();
  const archive = archiveIn(stack, { legalHolds: false });
  expect(archive.holdHandler).toBeUndefined();
  expect(Object.keys(environments(stack))).not.toContain('clip-archive-hold');
  expect(settingsOf(stack)).toMatchObject({ legalHolds: false });
  Template.fromStack(stack).hasResourceProperties(BUCKET, { ObjectLockEnabled: Match.absent() });
  expect(() => archive.grants.holdClips(archive.handler)).toThrow(
    codedError('ClipHolds', /no legal holds/, 'Test/Archive'),
  );
});

test('a key encrypts the bucket, the index and the queues', () => {
  const stack = testStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  archiveIn(stack, { encryptionKey });
  const template = Template.fromStack(stack);
  const KMSMasterKeyId = stack.resolve(encryptionKey.keyArn);
  template.hasResourceProperties(BUCKET, {
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KMSMasterKeyId },
        },
      ],
    },
  });
  template.resourcePropertiesCountIs(TABLE, { SSESpecification: Match.objectLike({ KMSMasterKeyId }) }, 2);
  template.resourcePropertiesCountIs(QUEUE, { KmsMasterKeyId: KMSMasterKeyId }, 2);
});

test('calls take turns with those of the fleet', () => {
  const stack = testStack();
  const pacer = new ApiPacer(stack, 'Pacer', { rates: { describe: 33 } });
  archiveIn(stack, { pacer });
  expect(JSON.parse(environments(stack)['clip-archive'].PACER).rates).toMatchObject({ GetDataEndpoint: 33 });
  expect(stack.node.findChild('Archive').node.tryFindChild('Pacer')).toBeUndefined();
});

test('each alarm does what it is told', () => {
  const stack = testStack();
  const alarms = new AlarmTopic(stack, 'Alarms');
  const { alarms: all, queue } = archiveIn(stack, { alarmActions: [alarms.action] });
  expect(all).toHaveLength(4);
  const template = Template.fromStack(stack);
  const AlarmActions = [stack.resolve(alarms.topic.topicArn)];
  template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { AlarmActions }, 4);
  for (const MetricName of ['ClipEmpty', 'ClipExpired']) {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName,
      Namespace: 'KinesisVideoFleet',
      Dimensions: [{ Name: 'service', Value: 'clip-archive' }],
      Statistic: 'Sum',
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
    });
  }
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'ApproximateAgeOfOldestMessage',
    Dimensions: [{ Name: 'QueueName', Value: stack.resolve(queue.queueName) }],
    // An hour after the patience of 15 minutes and the minute of the window.
    Threshold: 3600 + 960,
  });
});

test('what is made is measured', () => {
  const archive = archiveIn(testStack());
  const dimensions = { service: 'clip-archive' };
  expect(archive.metric('ClipStored')).toMatchObject({ metricName: 'ClipStored', dimensions, statistic: 'Sum' });
  expect(archive.metricLatency()).toMatchObject({ metricName: 'ClipLatency', dimensions, statistic: 'p90' });
});
