import type { TemplateResource } from '../../../cli/guard/template';
import { effects, stackOf } from '../../support/assemblies';

/** What is found when properties of a resource change, without the name of the resource. */
function between(type: string, before: object | undefined, after: object | undefined): string[] {
  const [was, is] = [before, after].map((properties) =>
    stackOf({ One: { Type: type, DeletionPolicy: 'Retain', Properties: properties as Record<string, unknown> } }),
  );
  return effects(was, is).map((effect) => effect.replace('State One: ', ''));
}

describe('times', () => {
  test.each<[type: string, property: string, from: unknown, to: unknown, why: string]>([
    ['AWS::KinesisVideo::Stream', 'DataRetentionInHours', 168, 24, '168 hours -> 24 hours'],
    ['AWS::KinesisVideo::Stream', 'DataRetentionInHours', '24', undefined, '24 hours -> 0 hours'],
    ['AWS::KinesisVideo::Stream', 'DataRetentionInHours', 24, { Ref: 'Hours' }, '24 hours -> {"Ref":"Hours"}'],
    ['AWS::KMS::Key', 'PendingWindowInDays', undefined, 7, '30 days -> 7 days'],
    ['AWS::SQS::Queue', 'MessageRetentionPeriod', 1_209_600, undefined, '1209600 seconds -> 345600 seconds'],
    ['AWS::Logs::LogGroup', 'RetentionInDays', undefined, 90, 'forever -> 90 days'],
    ['AWS::Kinesis::Stream', 'RetentionPeriodHours', 168, 24, '168 hours -> 24 hours'],
    ['AWS::CloudTrail::EventDataStore', 'RetentionPeriod', 2557, 90, '2557 days -> 90 days'],
  ])('%s.%s: from %j to %j', (type, property, from, to, why) => {
    expect(between(type, { [property]: from }, { [property]: to })).toEqual([`shorten ${property}: ${why}`]);
    if (typeof to !== 'object') expect(between(type, { [property]: to }, { [property]: from })).toEqual([]);
  });

  test('one that is known at deployment only may stay so', () => {
    const hours = () => ({ DataRetentionInHours: { Ref: 'Hours' } });
    expect(between('AWS::KinesisVideo::Stream', hours(), hours())).toEqual([]);
  });

  test('one may be written as a text', () => {
    const hours = (DataRetentionInHours: unknown) => ({ DataRetentionInHours });
    expect(between('AWS::KinesisVideo::Stream', hours(24), hours('24'))).toEqual([]);
  });
});

describe('the key of a stream', () => {
  const key = (KmsKeyId?: unknown) => (KmsKeyId === undefined ? {} : { KmsKeyId });
  const arn = { 'Fn::GetAtt': ['Key', 'Arn'] };

  test.each([
    ["AWS's", 'one of its own', undefined, arn, 'alias/aws/kinesisvideo -> {"Fn::GetAtt":["Key","Arn"]}'],
    ['one of its own', "AWS's", 'alias/media', undefined, 'alias/media -> alias/aws/kinesisvideo'],
    ['one', 'another', 'alias/media', 'alias/other', 'alias/media -> alias/other'],
  ])('can not be changed from %s to %s', (_from, _to, was, is, why) => {
    expect(between('AWS::KinesisVideo::Stream', key(was), key(is))).toEqual([
      `weaken KmsKeyId: ${why}, which no update can do: it stays as it was made`,
    ]);
  });

  test.each([
    [undefined, 'alias/aws/kinesisvideo'],
    [arn, arn],
    ['alias/media', 'alias/media'],
  ])('is the same: %j and %j', (was, is) =>
    expect(between('AWS::KinesisVideo::Stream', key(was), key(is))).toEqual([]),
  );
});

test.each<[type: string, on: object | undefined, off: object | undefined, property: string]>([
  ['AWS::KMS::Key', undefined, { Enabled: false }, 'Enabled'],
  ['AWS::DynamoDB::Table', { DeletionProtectionEnabled: true }, {}, 'DeletionProtectionEnabled'],
  ['AWS::DynamoDB::Table', { DeletionProtectionEnabled: 'true' }, {}, 'DeletionProtectionEnabled'],
  [
    'AWS::DynamoDB::Table',
    { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
    { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false } },
    'PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled',
  ],
  [
    'AWS::Cognito::UserPool',
    { DeletionProtection: 'ACTIVE' },
    { DeletionProtection: 'INACTIVE' },
    'DeletionProtection',
  ],
  [
    'AWS::S3::Bucket',
    { VersioningConfiguration: { Status: 'Enabled' } },
    { VersioningConfiguration: { Status: 'Suspended' } },
    'VersioningConfiguration.Status',
  ],
  ['AWS::Logs::LogGroup', { DeletionProtectionEnabled: true }, {}, 'DeletionProtectionEnabled'],
  ['AWS::CloudTrail::Trail', { IsLogging: true }, { IsLogging: false }, 'IsLogging'],
  ['AWS::CloudTrail::EventDataStore', {}, { TerminationProtectionEnabled: false }, 'TerminationProtectionEnabled'],
  ['AWS::CloudTrail::EventDataStore', {}, { IngestionEnabled: false }, 'IngestionEnabled'],
])('%s: from %j to %j', (type, on, off, property) => {
  expect(between(type, on, off)).toEqual([`weaken ${property} is switched off`]);
  expect(between(type, off, on)).toEqual([]);
});

describe('items of a table', () => {
  const expiring = (AttributeName: unknown, Enabled: boolean | string = true) => ({
    TimeToLiveSpecification: { AttributeName, Enabled },
  });

  test.each<[name: string, before: object, after: object, why: string[]]>([
    ['begin to expire', {}, expiring('until'), ['shorten TimeToLiveSpecification: items expire by "until"']],
    [
      'begin to, by what they had',
      expiring('a', false),
      expiring('a'),
      ['shorten TimeToLiveSpecification: items expire by "a"'],
    ],
    ['expire by another', expiring('a'), expiring('b'), ['shorten TimeToLiveSpecification: items expire by "b"']],
    ['expire as they did', expiring('until'), expiring('until', 'true'), []],
    ['expire by what is known at deployment only', expiring({ Ref: 'By' }), expiring({ Ref: 'By' }), []],
    ['do not yet', expiring('until', false), expiring('other', false), []],
    ['expire no more', expiring('until'), {}, []],
  ])('%s', (_name, before, after, why) => {
    for (const type of ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'])
      expect(between(type, before, after)).toEqual(why);
  });
});

describe('objects of a bucket', () => {
  const objects = (ExpirationInDays: unknown, rest: object = {}) => ({ Status: 'Enabled', ExpirationInDays, ...rest });
  const versions = (NoncurrentDays: number) => ({ Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays } });

  test.each<[name: string, before: object[], after: object[], why: string[]]>([
    ['expire earlier', [objects(7)], [objects(3)], ['objects expire after 3 days']],
    ['expire at all', [], [objects(7)], ['objects expire after 7 days']],
    ['expire in a folder', [], [objects(7, { Prefix: 'lists/' })], ['objects expire after 7 days in lists/']],
    [
      'expire on a day',
      [objects(7)],
      [{ Status: 'Enabled', ExpirationDate: '2027-01-01' }],
      ['objects expire after 0 days'],
    ],
    ['expire at a time unknown', [objects(7)], [objects({ Ref: 'Days' })], ['objects expire after 0 days']],
    [
      'expire with a rule switched on',
      [objects(7, { Status: 'Disabled' })],
      [objects(7)],
      ['objects expire after 7 days'],
    ],
    [
      'of another folder',
      [objects(7, { Prefix: 'a/' })],
      [objects(7, { Prefix: 'b/' })],
      ['objects expire after 7 days in b/'],
    ],
    ['had former versions for longer', [versions(30)], [versions(7)], ['former versions expire after 7 days']],
    ['expire later', [objects(7)], [objects(30)], []],
    ['expire no more', [objects(7)], [], []],
    ['expired in all folders', [objects(7)], [objects(7, { Prefix: 'lists/' })], []],
    ['expired with an empty prefix', [objects(7, { Prefix: '' })], [objects(7, { Prefix: 'lists/' })], []],
    ['expire with an empty prefix', [], [objects(7, { Prefix: '' })], ['objects expire after 7 days']],
    ['expire in a folder unknown', [], [objects(7, { Prefix: { Ref: 'In' } })], ['objects expire after 7 days']],
    ['lose uploads that were broken off', [], [{ Status: 'Enabled', AbortIncompleteMultipartUpload: {} }], []],
  ])('%s', (_name, before, after, why) => {
    const [was, is] = [before, after].map((Rules) => ({ LifecycleConfiguration: { Rules } }));
    const expected = why.map((text) => `shorten LifecycleConfiguration: ${text}`);
    expect(between('AWS::S3::Bucket', was, is)).toEqual(expected);
  });

  test('go before the bucket does', () => {
    const named = (Key: string) => ({ Tags: [{ Key, Value: 'true' }] });
    const emptied = named('aws-cdk:auto-delete-objects');
    const why = 'weaken `autoDeleteObjects` empties the bucket when it leaves the stack';
    expect(between('AWS::S3::Bucket', {}, named('aws-cdk:cr-owned:1'))).toEqual([]);
    expect(between('AWS::S3::Bucket', {}, emptied)).toEqual([why]);
    expect(between('AWS::S3::Bucket', emptied, emptied)).toEqual([]);
  });
});

describe('policies', () => {
  const policies = ['Retain', 'RetainExceptOnCreate', 'Snapshot', 'Delete', undefined];
  const safety = [2, 2, 1, 0, 0];
  const pairs = policies.flatMap((from, one) =>
    policies.map((to, other) => [from, to, safety[other] < safety[one]] as const),
  );

  test.each(pairs)('from %s to %s', (from, to, weaker) => {
    const bucket = (policies: Partial<TemplateResource>) => stackOf({ One: { Type: 'AWS::S3::Bucket', ...policies } });
    for (const policy of ['DeletionPolicy', 'UpdateReplacePolicy']) {
      const why = `weaken State One: ${policy}: ${from} -> ${to ?? 'Delete'}`;
      expect(effects(bucket({ [policy]: from }), bucket({ [policy]: to }))).toEqual(weaker ? [why] : []);
    }
  });

  test('that keep what is replaced: both templates must say so', () => {
    const bucket = (BucketName: string, UpdateReplacePolicy?: string) =>
      stackOf({ One: { Type: 'AWS::S3::Bucket', UpdateReplacePolicy, Properties: { BucketName } } });
    const fate = (from?: string, to?: string) =>
      effects(bucket('a', from), bucket('b', to)).find((effect) => effect.startsWith('replace'));
    expect(fate('Retain', 'Retain')).toContain('the old one stays, but no stack manages it');
    expect(fate('Delete', 'Retain')).toContain('the old one is destroyed');
    expect(fate('Retain', undefined)).toContain('the old one is destroyed');
  });
});

test('a condition under which the resource may go', () => {
  const bucket = (Condition?: string) => stackOf({ One: { Type: 'AWS::S3::Bucket', Condition } });
  const why = 'weaken State One: Condition: it leaves the stack when IsProduction is false';
  expect(effects(bucket(), bucket('IsProduction'))).toEqual([why]);
  expect(effects(bucket('IsProduction'), bucket('IsProduction'))).toEqual([]);
  expect(effects(bucket('IsProduction'), bucket())).toEqual([]);
});

test('termination protection', () => {
  const stack = (terminationProtection: boolean) => stackOf({}, { terminationProtection });
  expect(effects(stack(true), stack(false))).toEqual(['weaken State State: termination protection is switched off']);
  expect(effects(stack(false), stack(true))).toEqual([]);
});

test('a snapshot stays of what goes', () => {
  const before = stackOf({ One: { Type: 'AWS::RDS::DBInstance', DeletionPolicy: 'Snapshot' } });
  expect(effects(before, stackOf({}))).toEqual(['destroy State One: a snapshot stays']);
});
