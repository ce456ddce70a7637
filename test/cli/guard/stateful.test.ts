import { compare } from '../../../cli/guard/compare';
import { STATEFUL_TYPES } from '../../../cli/guard/stateful';
import type { TemplateResource } from '../../../cli/guard/template';
import { effects, stackOf } from '../../support/assemblies';

type Properties = Record<string, unknown>;

/** For each type what it has, and a change that replaces it, if there is one. */
const TYPES: Record<string, { has?: Properties; replacedBy?: Properties }> = {
  'AWS::KinesisVideo::Stream': { has: { DataRetentionInHours: 24 }, replacedBy: { Name: 'drone-2' } },
  'AWS::KinesisVideo::SignalingChannel': { replacedBy: { Name: 'drone-2' } },
  // CloudFormation refuses what would make another key, another pool of users, another address.
  'AWS::KMS::Key': {},
  'AWS::Cognito::UserPool': {},
  'AWS::S3::Bucket': { replacedBy: { BucketName: 'frames-2' } },
  'AWS::DynamoDB::Table': {
    has: { KeySchema: [{ AttributeName: 'serialNumber', KeyType: 'HASH' }] },
    replacedBy: { KeySchema: [{ AttributeName: 'thing', KeyType: 'HASH' }] },
  },
  'AWS::DynamoDB::GlobalTable': { replacedBy: { TableName: 'devices-2' } },
  'AWS::Cognito::UserPoolGroup': { replacedBy: { GroupName: 'pilots-2' } },
  'AWS::Cognito::UserPoolClient': { replacedBy: { GenerateSecret: true } },
  'AWS::Cognito::UserPoolDomain': { replacedBy: { Domain: 'viewers-2' } },
  'AWS::ApiGatewayV2::Api': { has: { ProtocolType: 'HTTP' }, replacedBy: { ProtocolType: 'WEBSOCKET' } },
  'AWS::IoT::Thing': { replacedBy: { ThingName: 'drone-2' } },
  'AWS::IoT::ThingGroup': { replacedBy: { ParentGroupName: 'quarantine' } },
  'AWS::IoT::ThingType': { replacedBy: { ThingTypeName: 'drone-2' } },
  'AWS::IoT::Policy': { replacedBy: { PolicyName: 'drone-2' } },
  'AWS::IoT::RoleAlias': { replacedBy: { RoleAlias: 'drone-2' } },
  'AWS::IoT::ProvisioningTemplate': { replacedBy: { TemplateType: 'JITP' } },
  'AWS::IoT::Certificate': { replacedBy: { CertificatePem: 'another' } },
  'AWS::IoT::CACertificate': { replacedBy: { CACertificatePem: 'another' } },
  'AWS::IoT::Authorizer': { replacedBy: { SigningDisabled: true } },
  'AWS::IoT::DomainConfiguration': { replacedBy: { DomainName: 'devices.example.com' } },
  'AWS::Rekognition::Collection': { replacedBy: { CollectionId: 'staff-2' } },
  'AWS::Rekognition::Project': { replacedBy: { ProjectName: 'wires-2' } },
  'AWS::SNS::Topic': { replacedBy: { TopicName: 'alerts-2' } },
  'AWS::SNS::Subscription': { has: { Protocol: 'email' }, replacedBy: { Endpoint: 'pilot@example.com' } },
  'AWS::SQS::Queue': { replacedBy: { QueueName: 'failed-2' } },
  'AWS::Logs::LogGroup': { replacedBy: { LogGroupName: 'access-2' } },
  'AWS::Kinesis::Stream': { replacedBy: { Name: 'faces-2' } },
  'AWS::CloudTrail::Trail': { replacedBy: { TrailName: 'audit-2' } },
  'AWS::CloudTrail::EventDataStore': {},
  'Custom::KinesisVideoMediaStorage': {},
  'Custom::KinesisVideoImageGeneration': {},
  'Custom::KinesisVideoNotifications': {},
  'Custom::IotThingEvents': {},
};

const RETAINED = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
const NAMES = Object.keys(TYPES);

function resource(type: string, change: Properties = {}): TemplateResource {
  return { Type: type, ...RETAINED, Properties: { ...TYPES[type].has, ...change } };
}

test('each type of the table is tested here', () => {
  expect(NAMES.sort()).toEqual([...STATEFUL_TYPES].sort());
});

test.each(NAMES)('%s: another logical id', (type) => {
  const [before, after] = [stackOf({ One: resource(type) }), stackOf({ Two: resource(type) })];
  expect(effects(before, after)).toEqual(['orphan State One: renamed from One to Two']);
  expect(effects(before, before)).toEqual([]);
});

/** By which property people name one, and no two. */
const NAMED_BY = {
  'AWS::KinesisVideo::Stream': 'Name',
  'AWS::KinesisVideo::SignalingChannel': 'Name',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::Cognito::UserPoolDomain': 'Domain',
  'AWS::IoT::Thing': 'ThingName',
  'AWS::IoT::ThingGroup': 'ThingGroupName',
  'AWS::IoT::ThingType': 'ThingTypeName',
  'AWS::IoT::Policy': 'PolicyName',
  'AWS::IoT::RoleAlias': 'RoleAlias',
  'AWS::IoT::ProvisioningTemplate': 'TemplateName',
  'AWS::IoT::Authorizer': 'AuthorizerName',
  'AWS::IoT::DomainConfiguration': 'DomainConfigurationName',
  'AWS::Rekognition::Collection': 'CollectionId',
  'AWS::Rekognition::Project': 'ProjectName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::Kinesis::Stream': 'Name',
  'AWS::CloudTrail::Trail': 'TrailName',
  'AWS::CloudTrail::EventDataStore': 'Name',
};

test.each(Object.entries(NAMED_BY))('%s: another logical id and the same %s', (type, name) => {
  const given = resource(type, { [name]: 'given' });
  expect(effects(stackOf({ One: given }), stackOf({ Two: given }))).toEqual([
    'orphan State One: renamed from One to Two; the deployment fails, because the name given is taken',
  ]);
});

test.each(NAMES)('%s: says what it holds', (type) => {
  const [{ holds }] = compare([stackOf({ One: resource(type) })], [stackOf({})]);
  expect(holds).toMatch(/[a-z]{5}/);
});

test.each(NAMES)('%s: removed', (type) => {
  const { DeletionPolicy, ...unprotected } = resource(type);
  const [kept, deleted] = [stackOf({ One: resource(type) }), stackOf({ One: unprotected })];
  expect(effects(kept, stackOf({}))).toEqual(['orphan State One: it is no longer in the template']);
  // A log group or queue that isn't retained has been said to be of no worth.
  if (type === 'AWS::SQS::Queue') return;
  expect(effects(deleted, stackOf({}))).toEqual(['destroy State One: it is no longer in the template']);
});

test.each(NAMES.filter((type) => TYPES[type].replacedBy))('%s: a property that replaces it', (type) => {
  const [before, after] = [{}, TYPES[type].replacedBy].map((change) => stackOf({ One: resource(type, change) }));
  const [name] = Object.keys(TYPES[type].replacedBy!);
  expect(effects(before, after)).toEqual([expect.stringMatching(`^replace State One: ${name}: .* -> .*stays`)]);
});

test.each(NAMES)('%s: what harms nothing', (type) => {
  const before = stackOf({ One: resource(type) });
  const after = stackOf({
    One: resource(type, { Tags: [{ Key: 'fleet', Value: 'drones' }], Description: 'New' }),
    Two: { Type: 'AWS::IAM::Role' },
  });
  expect(effects(before, after)).toEqual([]);
});

test('types that are not in the table are as the model of CloudFormation has them', () => {
  const before = stackOf({ Files: { Type: 'AWS::EFS::FileSystem' }, Role: { Type: 'AWS::IAM::Role' } });
  expect(effects(before, stackOf({}))).toEqual(['destroy State Files: it is no longer in the template']);
  expect(compare([before], [stackOf({})])[0].holds).toBe('data');
});

test.each([
  ['a type that the model does not know', 'AWS::Tomorrow::Camera'],
  ['a nested stack, which is looked into', 'AWS::CloudFormation::Stack'],
])('%s holds nothing as a whole', (_what, Type) => {
  expect(effects(stackOf({ One: { Type } }), stackOf({}))).toEqual([]);
});

test('a resource whose type changes is another one', () => {
  const [before, after] = ['AWS::IoT::Thing', 'AWS::IoT::ThingType'].map((Type) => stackOf({ One: { Type } }));
  expect(effects(before, after)).toEqual([
    'replace State One: its type becomes AWS::IoT::ThingType; the old one is destroyed',
  ]);
});

test('stream processors hold nothing', () => {
  const before = stackOf({ One: { Type: 'AWS::Rekognition::StreamProcessor' } });
  expect(effects(before, stackOf({}))).toEqual([]);
});

const TO_FAILED = { 'Fn::GetAtt': ['Failed', 'Arn'] };

test.each<[what: string, type: string, properties: Properties]>([
  ['a queue', 'AWS::SQS::Queue', { RedrivePolicy: { deadLetterTargetArn: TO_FAILED, maxReceiveCount: 3 } }],
  ['a subscription', 'AWS::SNS::Subscription', { RedrivePolicy: { deadLetterTargetArn: TO_FAILED } }],
  ['a function', 'AWS::Lambda::Function', { DeadLetterConfig: { TargetArn: TO_FAILED } }],
  ['a source', 'AWS::Lambda::EventSourceMapping', { DestinationConfig: { OnFailure: { Destination: TO_FAILED } } }],
  ['a target', 'AWS::Events::Rule', { Targets: [{ Id: 'Other' }, { DeadLetterConfig: { Arn: TO_FAILED } }] }],
])('a queue holds what %s could not handle', (_what, Type, Properties) => {
  const before = stackOf({
    Work: { Type, DeletionPolicy: 'Delete', Properties },
    Failed: { Type: 'AWS::SQS::Queue', DeletionPolicy: 'Delete' },
  });
  expect(effects(before, stackOf({}))).toEqual(['destroy State Failed: it is no longer in the template']);
});

test.each<[what: string, properties?: Properties]>([
  ['that others only send to', { Targets: [{ Id: 'Other', Arn: TO_FAILED }] }],
  ['beside another, of what failed', { RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Other', 'Arn'] } } }],
  ['that nobody refers to', { Nothing: null }],
  ['beside what has no properties', undefined],
])('a queue %s holds nothing that somebody has to look at', (_what, Properties) => {
  const before = stackOf({
    Rule: { Type: 'AWS::Events::Rule', Properties },
    Failed: { Type: 'AWS::SQS::Queue', DeletionPolicy: 'Delete' },
  });
  expect(effects(before, stackOf({}))).toEqual([]);
});

test.each([
  ['email', 1],
  ['email-json', 1],
  ['http', 1],
  ['sms', 1],
  ['https', 1],
  ['sqs', 0],
  ['lambda', 0],
])('a subscription by %s', (Protocol, count) => {
  const before = stackOf({ One: { Type: 'AWS::SNS::Subscription', Properties: { Protocol } } });
  expect(effects(before, stackOf({}))).toHaveLength(count);
});

test('a subscription that says nothing of itself', () => {
  expect(effects(stackOf({ One: { Type: 'AWS::SNS::Subscription' } }), stackOf({}))).toEqual([]);
});

test('log groups that are deleted with their stack have been said to be of no worth', () => {
  const group = (DeletionPolicy?: string) => stackOf({ One: { Type: 'AWS::Logs::LogGroup', DeletionPolicy } });
  expect(effects(group('Delete'), stackOf({}))).toEqual([]);
  expect(effects(group('RetainExceptOnCreate'), stackOf({}))).toHaveLength(1);
});
