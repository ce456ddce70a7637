import {
  conditionStays,
  isRetained,
  itemsStay,
  keptFor,
  madeWith,
  nothingEmptiesIt,
  objectsStay,
  policiesStay,
  switchedOn,
  type Protection,
} from './protections';
import type { Template, TemplateResource } from './template';
import { isStatefulInModel } from './model';

/** Why a type of resource can't be thrown away and made anew. */
export interface StatefulType {
  /** What is lost with it. */
  readonly holds: string;
  /** The property with the name that is given by people, which two resources can't both have. */
  readonly name?: string;
  /** Those of the type that hold it. @default - all */
  readonly when?: (resource: TemplateResource, logicalId: string, template: Template) => boolean;
  /** What protects the state beside the policies, which all have. */
  readonly protections?: Protection[];
}

/**
 * What holds state. Stream processors of Rekognition aren't here: they are replaced at each change, and hold nothing.
 */
const STATEFUL: Record<string, StatefulType> = {
  'AWS::KinesisVideo::Stream': {
    holds: 'recordings',
    name: 'Name',
    // UpdateStream takes no key: https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_UpdateStream.html
    protections: [keptFor('DataRetentionInHours', 'hours', 0), madeWith('KmsKeyId', 'alias/aws/kinesisvideo')],
  },
  'AWS::KinesisVideo::SignalingChannel': {
    holds: 'the ARN by which devices and viewers meet',
    name: 'Name',
  },
  'AWS::KMS::Key': {
    holds: 'the only means to read what it encrypts',
    protections: [switchedOn('Enabled', true), keptFor('PendingWindowInDays', 'days', 30)],
  },
  'AWS::S3::Bucket': {
    holds: 'objects',
    name: 'BucketName',
    protections: [objectsStay, nothingEmptiesIt, switchedOn('VersioningConfiguration.Status')],
  },
  'AWS::DynamoDB::Table': {
    holds: 'items',
    name: 'TableName',
    protections: [
      itemsStay,
      switchedOn('DeletionProtectionEnabled'),
      switchedOn('PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled'),
    ],
  },
  'AWS::DynamoDB::GlobalTable': { holds: 'items', name: 'TableName', protections: [itemsStay] },
  'AWS::Cognito::UserPool': {
    holds: 'users and their passwords',
    protections: [switchedOn('DeletionProtection')],
  },
  'AWS::Cognito::UserPoolGroup': { holds: 'who is a member' },
  'AWS::Cognito::UserPoolClient': { holds: 'the id that applications sign in with' },
  'AWS::Cognito::UserPoolDomain': { holds: 'the address that applications sign in at', name: 'Domain' },
  'AWS::ApiGatewayV2::Api': { holds: 'the address that applications call' },
  'AWS::IoT::Thing': { holds: 'the shadow and the certificates of a device', name: 'ThingName' },
  'AWS::IoT::ThingGroup': { holds: 'which things are members', name: 'ThingGroupName' },
  'AWS::IoT::ThingType': { holds: 'which things are of the type', name: 'ThingTypeName' },
  'AWS::IoT::Policy': { holds: 'which certificates it is attached to', name: 'PolicyName' },
  'AWS::IoT::RoleAlias': { holds: 'the name by which devices ask for credentials', name: 'RoleAlias' },
  'AWS::IoT::ProvisioningTemplate': { holds: 'the name by which devices register', name: 'TemplateName' },
  'AWS::IoT::Certificate': { holds: 'what a device is known by' },
  'AWS::IoT::CACertificate': { holds: 'what the certificates of devices are known by' },
  'AWS::IoT::Authorizer': { holds: 'the name by which devices are let in', name: 'AuthorizerName' },
  'AWS::IoT::DomainConfiguration': { holds: 'the address that devices connect to', name: 'DomainConfigurationName' },
  'AWS::Rekognition::Collection': { holds: 'faces', name: 'CollectionId' },
  'AWS::Rekognition::Project': { holds: 'trained models', name: 'ProjectName' },
  'AWS::SNS::Topic': { holds: 'subscriptions that people have confirmed', name: 'TopicName' },
  'AWS::SNS::Subscription': {
    holds: 'a confirmation',
    when: ({ Properties }) => ['email', 'email-json', 'http', 'https', 'sms'].includes(String(Properties?.Protocol)),
  },
  'AWS::SQS::Queue': {
    holds: 'messages that failed, and wait for somebody',
    name: 'QueueName',
    when: isDeadLetterQueue,
    protections: [keptFor('MessageRetentionPeriod', 'seconds', 345_600)],
  },
  'AWS::Logs::LogGroup': {
    holds: 'logs, which may be of an audit',
    name: 'LogGroupName',
    // By default a log group is retained: for this one somebody has said that it needn't be.
    when: ({ DeletionPolicy }) => DeletionPolicy !== 'Delete',
    protections: [keptFor('RetentionInDays', 'days', Infinity), switchedOn('DeletionProtectionEnabled')],
  },
  'AWS::Kinesis::Stream': {
    holds: 'records that nobody has read yet',
    name: 'Name',
    protections: [keptFor('RetentionPeriodHours', 'hours', 24)],
  },
  'AWS::CloudTrail::Trail': {
    holds: 'the record of who did what',
    name: 'TrailName',
    protections: [switchedOn('IsLogging')],
  },
  'AWS::CloudTrail::EventDataStore': {
    holds: 'the record of who did what',
    name: 'Name',
    protections: [
      keptFor('RetentionPeriod', 'days', 2557),
      switchedOn('TerminationProtectionEnabled', true),
      switchedOn('IngestionEnabled', true),
    ],
  },
  // A setting under another logical id is made first and taken away last, so it ends switched off.
  'Custom::KinesisVideoMediaStorage': { holds: 'that sessions are recorded' },
  'Custom::KinesisVideoImageGeneration': { holds: 'that images are made of the stream' },
  'Custom::KinesisVideoNotifications': { holds: 'that notifications are sent of the stream' },
  'Custom::IotThingEvents': { holds: 'that the account tells of things that come and go' },
};

/** The types of the table, for whoever wants to see that each is guarded. */
export const STATEFUL_TYPES = Object.keys(STATEFUL);

/** What the resource holds, if it holds anything. Types that aren't in the table are as CloudFormation's model has them. */
export function statefulType(template: Template, logicalId: string): StatefulType | undefined {
  const resource = template.Resources[logicalId];
  const type = STATEFUL[resource.Type] ?? (isStatefulInModel(resource.Type) ? { holds: 'data' } : undefined);
  return type?.when?.(resource, logicalId, template) === false ? undefined : type;
}

/** What protects the state of a resource of that type. */
export function protections({ protections: own = [] }: StatefulType): Protection[] {
  return [policiesStay, conditionStays, ...own];
}

/** Where a resource says where what failed goes: a queue or a subscription, a function or a target, a source of events. */
const FAILED = ['RedrivePolicy', 'DeadLetterConfig', 'OnFailure'];

function isDeadLetterQueue(queue: TemplateResource, logicalId: string, template: Template): boolean {
  const reference = `["${logicalId}","Arn"]`;
  const takesFailed = (properties: unknown): boolean =>
    Object.entries(properties ?? {}).some(([key, value]) =>
      FAILED.includes(key)
        ? JSON.stringify(value).includes(reference)
        : typeof value === 'object' && takesFailed(value),
    );
  return (
    isRetained(queue.DeletionPolicy) || Object.values(template.Resources).some((other) => takesFailed(other.Properties))
  );
}
