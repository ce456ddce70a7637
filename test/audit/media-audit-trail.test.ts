import { App, CfnParameter, Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  AlarmTopic,
  DeviceIdentity,
  ManagementEvents,
  MediaAuditTrail,
  SignalingChannel,
  VideoStream,
  ViewingApi,
  WriteOnceMode,
  type MediaAuditTrailProps,
} from '../../lib';
import { keyCall, mediaCall, objectCall, record, trailCall, type CloudTrailRecord } from '../events/cloudtrail';
import { DeployedStack } from '../support/cloudformation-resolver';
import { Match, Template, testStack, warningIds } from '../support/template';

const TRAIL = 'AWS::CloudTrail::Trail';
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

function audit(props: MediaAuditTrailProps = {}, stack = testStack()): Template {
  new MediaAuditTrail(stack, 'Audit', { trailName: 'media', ...props });
  return Template.fromStack(stack);
}

describe('defaults', () => {
  const template = audit();

  test('one region, with digests, under a rotated key', () => {
    template.hasResource(TRAIL, {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^AuditLogsPolicy')]),
      Properties: {
        TrailName: 'media',
        IsLogging: true,
        IsMultiRegionTrail: false,
        IncludeGlobalServiceEvents: false,
        EnableLogFileValidation: true,
        KMSKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^AuditKey'), 'Arn'] },
        CloudWatchLogsLogGroupArn: Match.absent(),
        EventSelectors: Match.absent(),
      },
    });
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  test('records are kept for six years, in a private bucket that outlives the stack', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        ObjectLockEnabled: Match.absent(),
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true },
        LifecycleConfiguration: {
          Rules: [
            {
              ExpirationInDays: 2192,
              NoncurrentVersionExpiration: Match.absent(),
              Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 90 }],
            },
          ],
        },
      },
    });
    template.hasResourceProperties('AWS::Glue::Table', {
      TableInput: { Parameters: { 'projection.day.range': 'NOW-2192DAYS,NOW' } },
    });
  });

  test('answers go to a bucket of their own, encrypted, whatever a client asks for', () => {
    template.hasResourceProperties('AWS::Athena::WorkGroup', {
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: 100 * 1024 ** 3,
        ResultConfiguration: {
          OutputLocation: { 'Fn::Join': ['', ['s3://', { Ref: Match.stringLikeRegexp('Results') }, '/answers/']] },
          EncryptionConfiguration: { EncryptionOption: 'SSE_KMS' },
          ExpectedBucketOwner: '111122223333',
        },
      },
    });
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
      },
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 30 }] },
    });
  });

  test('the table is where CloudTrail writes', () => {
    const { resources } = new DeployedStack(defaultStack(), [], {});
    const { Parameters } = resources
      .find(({ type }) => type === 'AWS::Glue::Table')!
      .get<{ Parameters: Record<string, string> }>('TableInput')!;
    const bucket = resources.find(({ logicalId }) => logicalId.startsWith('AuditLogs'))!.attribute('Ref');
    expect(Parameters['storage.location.template']).toBe(
      `s3://${bucket}/AWSLogs/111122223333/CloudTrail/eu-west-1/\${day}`,
    );
  });

  test('no warning', () => {
    expect(warningIds(defaultStack())).toEqual([]);
  });
});

function defaultStack(): Stack {
  const stack = testStack();
  new MediaAuditTrail(stack, 'Audit');
  return stack;
}

/** Whether a trail records an event, as CloudTrail evaluates selectors: any of them, all of its fields. */
function records(template: Template, event: CloudTrailRecord): boolean {
  const [trail] = Object.values(template.findResources(TRAIL));
  const [resource] = event.resources ?? [{ type: '', ARN: '' }];
  const values: Record<string, string> = {
    eventCategory: event.eventCategory,
    eventName: event.eventName,
    eventSource: event.eventSource,
    readOnly: String(event.readOnly),
    'resources.type': resource.type,
    'resources.ARN': resource.ARN,
  };
  const matches = ({ Field, Equals, StartsWith, NotEquals }: Record<string, string[]> & { Field: string }) => {
    const value = values[Field];
    if (value === undefined) throw new Error(`${Field} is no field of selectors.`);
    if (NotEquals?.includes(value)) return false;
    if (!Equals && !StartsWith) return true;
    return Boolean(Equals?.includes(value) || StartsWith?.some((prefix) => value.startsWith(prefix)));
  };
  return trail.Properties.AdvancedEventSelectors.some(({ FieldSelectors }: { FieldSelectors: never[] }) =>
    FieldSelectors.every(matches),
  );
}

describe('what is recorded', () => {
  const nobody = {};
  const change = record({ eventName: 'UpdateDataRetention', readOnly: false });
  const look = record({ eventName: 'DescribeStream', readOnly: true });

  test.each([
    ['GetMedia', true],
    ['PutMedia', true],
    ['GetHLSStreamingSessionURL', true],
    ['ConnectAsViewer', true],
    ['ANewCallOfNextYear', true],
    ['GetMP4MediaFragment', false],
    ['GetHLSMediaPlaylist', false],
  ])('%s by default: %s', (name, recorded) => {
    expect(records(audit(), mediaCall(name, 'drone-1', nobody))).toBe(recorded);
  });

  test('just the calls that are named', () => {
    const template = audit({ streamEvents: ['GetMedia'], channelEvents: ['ConnectAsViewer'] });
    expect(records(template, mediaCall('GetMedia', 'drone-1', nobody))).toBe(true);
    expect(records(template, mediaCall('PutMedia', 'drone-1', nobody))).toBe(false);
    expect(records(template, mediaCall('ConnectAsViewer', 'drone-1', nobody))).toBe(true);
    expect(records(template, mediaCall('ConnectAsMaster', 'drone-1', nobody))).toBe(false);
  });

  test('just the streams and channels that are named, by ARN or by name', () => {
    const stack = testStack();
    const template = audit(
      {
        streams: [
          VideoStream.fromStreamArn(
            stack,
            'One',
            'arn:aws:kinesisvideo:eu-west-1:111122223333:stream/drone-1/1700000000000',
          ),
          VideoStream.fromStreamAttributes(stack, 'Two', { streamName: 'drone-2' }),
        ],
        channels: [SignalingChannel.fromChannelAttributes(stack, 'Three', { channelName: 'drone-3' })],
      },
      stack,
    );
    for (const name of ['drone-1', 'drone-2']) {
      expect(records(template, mediaCall('GetMedia', name, nobody))).toBe(true);
      expect(records(template, mediaCall('GetMedia', `${name}0`, nobody))).toBe(false);
    }
    expect(records(template, mediaCall('ConnectAsViewer', 'drone-3', nobody))).toBe(true);
    expect(records(template, mediaCall('ConnectAsViewer', 'drone-1', nobody))).toBe(false);
  });

  test('of buckets, all but uploads', () => {
    const stack = testStack();
    const template = audit({ buckets: [s3.Bucket.fromBucketName(stack, 'Frames', 'frames')] }, stack);
    const of = (name: string, bucket = 'frames') => records(template, objectCall(name, bucket, 'a.jpg', nobody));
    expect([of('GetObject'), of('DeleteObject'), of('PutObject'), of('UploadPart')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(of('GetObject', 'frames2')).toBe(false);
    expect(records(audit(), objectCall('GetObject', 'frames', 'a.jpg', nobody))).toBe(false);
  });

  test.each([
    [ManagementEvents.NONE, [false, false, false, false]],
    [ManagementEvents.WRITE, [true, false, true, false]],
    [ManagementEvents.ALL_BUT_KMS, [true, true, false, false]],
    [ManagementEvents.ALL, [true, true, true, true]],
  ])('management events: %s', (managementEvents, expected) => {
    const template = audit({ managementEvents });
    const events = [change, look, keyCall('DisableKey', KEY, nobody), keyCall('Decrypt', KEY, nobody)];
    expect(events.map((event) => records(template, event))).toEqual(expected);
  });
});

test('warns that nothing notices changes of a trail without management events', () => {
  const stack = testStack();
  new MediaAuditTrail(stack, 'Audit', { managementEvents: ManagementEvents.NONE });
  expect(warningIds(stack)).toEqual(['cdk-kinesis-video:auditTrailUnwatched']);
});

test.each([
  [undefined, 'GOVERNANCE'],
  [WriteOnceMode.GOVERNANCE, 'GOVERNANCE'],
  [WriteOnceMode.COMPLIANCE, 'COMPLIANCE'],
])('write once, %s', (mode, expected) => {
  audit({ retention: Duration.days(400), writeOnce: { retention: Duration.days(365), mode } }).hasResourceProperties(
    'AWS::S3::Bucket',
    {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Days: 365, Mode: expected } } },
      LifecycleConfiguration: {
        Rules: [{ ExpirationInDays: 400, NoncurrentVersionExpiration: { NoncurrentDays: 1 } }],
      },
    },
  );
});

test('is in CloudWatch Logs too where that is asked for', () => {
  const template = audit({ logRetention: logs.RetentionDays.ONE_MONTH });
  template.hasResource('AWS::Logs::LogGroup', {
    DeletionPolicy: 'Retain',
    Properties: { RetentionInDays: 30, KmsKeyId: Match.anyValue() },
  });
  template.hasResourceProperties(TRAIL, {
    CloudWatchLogsLogGroupArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^AuditLive'), 'Arn'] },
    CloudWatchLogsRoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^AuditDeliveryRole'), 'Arn'] },
  });
});

describe('questions to CloudWatch Logs', () => {
  const stack = testStack();
  const viewing = new ViewingApi(stack, 'Viewing', {
    fleetName: 'delivery',
    identity: new DeviceIdentity(stack, 'Identity'),
    issuer: { issuerUrl: 'https://login.example.com', audience: ['viewing'] },
  });
  const takeover = logs.LogGroup.fromLogGroupName(stack, 'Takeover', 'takeover');
  const trail = new MediaAuditTrail(stack, 'Audit', {
    trailName: 'media',
    viewing: [viewing],
    auditLogs: [takeover],
    logRetention: logs.RetentionDays.ONE_WEEK,
  });
  const template = Template.fromStack(stack);
  const viewingLogs = { Ref: Match.stringLikeRegexp('^ViewingHandlerLogs') };

  test.each([
    ['granted-and-denied', [viewingLogs, 'takeover'], /message in \["Access granted", "Access denied"\]/],
    ['control', [viewingLogs, 'takeover'], /message in \["Control", "Control refused", "Command acknowledged"\]/],
    ['calls', [{ Ref: Match.stringLikeRegexp('^AuditLive') }, viewingLogs, 'takeover'], /eventSource = "kinesisvideo/],
  ])('%s', (name, groups, filter) => {
    template.hasResourceProperties('AWS::Logs::QueryDefinition', {
      Name: `media/${name}`,
      LogGroupNames: groups,
      QueryString: Match.stringLikeRegexp(filter.source),
    });
  });

  test('each is a pipeline of known commands, about one device, in the order of time', () => {
    const queries = Object.values(template.findResources('AWS::Logs::QueryDefinition'));
    expect(queries).toHaveLength(3);
    for (const { Properties } of queries) {
      const commands = Properties.QueryString.split('\n| ') as string[];
      expect(commands.map((command) => command.split(' ')[0])).toEqual(['fields', 'filter', 'filter', 'sort', 'limit']);
      expect(commands[2]).toMatch(/^filter (device =|about like) "DEVICE"$/);
      expect(commands[3]).toBe('sort @timestamp asc');
    }
  });

  test('are about the groups that the trail knows', () => {
    expect(trail.queriedLogGroups).toHaveLength(3);
  });

  test('none without logs', () => {
    audit().resourceCountIs('AWS::Logs::QueryDefinition', 0);
  });

  test('clips of the API are recorded', () => {
    const [{ Properties }] = Object.values(template.findResources(TRAIL));
    const clips = { 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching('^ViewingClips'), 'Arn'] }, '/']] };
    expect(JSON.stringify(Properties.AdvancedEventSelectors)).toContain('AWS::S3::Object');
    expect(Properties.AdvancedEventSelectors[2].FieldSelectors).toContainEqual({
      Field: 'resources.ARN',
      StartsWith: [clips],
    });
  });
});

/** Whether a pattern of EventBridge matches: alternatives in a list, all fields, and `$or`. */
function matches(pattern: Record<string, unknown>, event: Record<string, unknown>): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    if (field === '$or') return (wanted as Record<string, unknown>[]).some((one) => matches(one, event));
    if (Array.isArray(wanted)) return wanted.includes(event[field]);
    return matches(wanted as Record<string, unknown>, (event[field] ?? {}) as Record<string, unknown>);
  });
}

describe('changes of the trail', () => {
  const stack = testStack();
  const trail = new MediaAuditTrail(stack, 'Audit', {
    trailName: 'media',
    alarmActions: [new AlarmTopic(stack, 'Alarms').action],
  });
  const deployed = new DeployedStack(stack, [], {});
  const of = (prefix: string) => deployed.resources.find(({ logicalId }) => logicalId.startsWith(prefix))!;
  const bucketName = of('AuditLogs').attribute('Ref');
  const key = of('AuditKey');
  const notices = (source: string, { eventSource, eventName, requestParameters }: CloudTrailRecord) =>
    matches(of('AuditWatchRule').get('EventPattern')!, {
      source,
      'detail-type': 'AWS API Call via CloudTrail',
      detail: { eventSource, eventName, requestParameters },
    });
  const arn = 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/media';

  test.each([
    ['StopLogging', { name: 'media' }],
    ['StopLogging', { name: arn }],
    ['DeleteTrail', { name: 'media' }],
    ['UpdateTrail', { name: 'media', enableLogFileValidation: false }],
    ['PutEventSelectors', { trailName: 'media' }],
  ])('%s %j is noticed, and of another trail not', (name, parameters) => {
    expect(notices('aws.cloudtrail', trailCall(name, parameters))).toBe(true);
    const [field] = Object.keys(parameters);
    expect(notices('aws.cloudtrail', trailCall(name, { ...parameters, [field]: 'media2' }))).toBe(false);
  });

  test('starting it is no matter', () => {
    expect(notices('aws.cloudtrail', trailCall('StartLogging', { name: 'media' }))).toBe(false);
  });

  test.each(['DeleteBucketPolicy', 'PutBucketPolicy', 'PutBucketLifecycle', 'PutBucketVersioning', 'DeleteBucket'])(
    '%s of its bucket is noticed, and of another not',
    (eventName) => {
      const call = (bucket: string) =>
        record({ eventSource: 's3.amazonaws.com', eventName, requestParameters: { bucketName: bucket } });
      expect(notices('aws.s3', call(bucketName))).toBe(true);
      expect(notices('aws.s3', call('others'))).toBe(false);
    },
  );

  test.each(['DisableKey', 'ScheduleKeyDeletion', 'PutKeyPolicy'])('%s of its key is noticed', (eventName) => {
    const call = (keyId: string) =>
      record({ eventSource: 'kms.amazonaws.com', eventName, requestParameters: { keyId } });
    expect(notices('aws.kms', call(key.arn))).toBe(true);
    expect(notices('aws.kms', call(key.attribute('Ref')))).toBe(true);
    expect(notices('aws.kms', call(KEY))).toBe(false);
  });

  test('goes off at once, and tells who is asked to be told', () => {
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/Events',
      MetricName: 'TriggeredRules',
      Dimensions: [{ Name: 'RuleName', Value: { Ref: Match.stringLikeRegexp('^AuditWatchRule') } }],
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^AlarmsTopic') }],
    });
    expect(trail.metricChanges({ period: Duration.minutes(5) }).toMetricConfig().metricStat).toMatchObject({
      metricName: 'TriggeredRules',
      statistic: 'Sum',
      period: Duration.minutes(5),
    });
  });

  test('are kept apart from the trail, in a group that only this rule writes to', () => {
    const [target] = of('AuditWatchRule').get<{ Arn: string }[]>('Targets')!;
    const group = of('AuditWatchChanges');
    // The ARN of a group ends in `:*`, and that of a target doesn't.
    expect(target.Arn).toBe(group.arn.replace(/:\*$/, ''));
    const { Statement } = JSON.parse(of('AuditWatchDelivery').get('PolicyDocument')!);
    expect(Statement).toMatchObject([
      { Action: 'logs:CreateLogStream', Resource: group.arn },
      {
        Action: 'logs:PutLogEvents',
        Resource: group.arn,
        Condition: { ArnEquals: { 'aws:SourceArn': of('AuditWatchRule').arn } },
      },
    ]);
  });
});

test('passes all properties on', () => {
  const stack = testStack();
  const encryptionKey = new kms.Key(stack, 'Shared');
  const template = audit(
    {
      encryptionKey,
      retention: Duration.days(100),
      answerRetention: Duration.days(7),
      scanLimit: Size.mebibytes(10),
      removalPolicy: RemovalPolicy.DESTROY,
    },
    stack,
  );
  template.resourceCountIs('AWS::KMS::Key', 1);
  template.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  template.hasResourceProperties('AWS::S3::Bucket', { LifecycleConfiguration: { Rules: [{ ExpirationInDays: 100 }] } });
  template.hasResourceProperties('AWS::S3::Bucket', { LifecycleConfiguration: { Rules: [{ ExpirationInDays: 7 }] } });
  template.hasResourceProperties('AWS::Athena::WorkGroup', {
    WorkGroupConfiguration: { BytesScannedCutoffPerQuery: 10 * 1024 ** 2 },
  });
});

describe('bad input', () => {
  test.each<[string, MediaAuditTrailProps, RegExp]>([
    ['a name that starts with a dash', { trailName: '-media' }, /`trailName` is '-media'/],
    ['a name of two', { trailName: 'ab' }, /`trailName` is 'ab'/],
    ['three months', { retention: Duration.days(90) }, /`retention` is 90 days.*between 91 and 36500/],
    [
      'locked for longer',
      { writeOnce: { retention: Duration.days(2193) } },
      /`writeOnce.retention` is 2193 days.*2192/,
    ],
    ['locked for hours', { writeOnce: { retention: Duration.hours(12) } }, /`writeOnce.retention` is 0.5 days/],
    ['answers for ever', { answerRetention: Duration.days(366) }, /`answerRetention` is 366 days/],
    ['hardly a scan', { scanLimit: Size.mebibytes(9) }, /`scanLimit` is 9 MiB.*between 10 and/],
    ['no calls', { streamEvents: [] }, /`streamEvents` is empty; leave it out to record all/],
    ['a permission', { channelEvents: ['kinesisvideo:ConnectAsViewer'] }, /`channelEvents` is 'kinesisvideo:Connect/],
    ['a wildcard', { bucketEvents: ['Get*'] }, /`bucketEvents` is 'Get\*'/],
    ['no streams', { streams: [] }, /`streams` is empty/],
  ])('%s', (_what, props, message) => {
    expect(() => audit(props)).toThrow(message);
  });

  test('more resources than selectors take', () => {
    const stack = testStack();
    const names = Array.from({ length: 201 }, (_, index) => `frames-${index}`);
    const buckets = names.map((name) => s3.Bucket.fromBucketName(stack, name, name));
    expect(() => audit({ buckets }, stack)).toThrow(/is 201 resources.*between 0 and 200/);
    expect(() => new MediaAuditTrail(stack, 'Fewer', { buckets: buckets.slice(1) })).not.toThrow();
  });

  test('tokens pass', () => {
    const stack = testStack();
    audit({ trailName: new CfnParameter(stack, 'Name').valueAsString }, stack).hasResourceProperties(TRAIL, {
      TrailName: { Ref: 'Name' },
    });
  });
});

test('a stack of whatever account and region', () => {
  const stack = new Stack(new App(), 'Anywhere');
  new MediaAuditTrail(stack, 'Audit');
  Template.fromStack(stack).resourceCountIs(TRAIL, 1);
});
