import { deviceRoles, emptiedBuckets, mediaBuckets, policiesOf, settings, videoTopics } from '../../lib/checks/kinds';
import { CheckedTemplate, type Resource } from '../../lib/checks/template';
import { allow, deviceRole, role } from '../support/written-policies';

type Written = Record<string, { Type: string; Properties?: Record<string, unknown> }>;

const BUCKET = { Type: 'AWS::S3::Bucket' };
const TOPIC = { Type: 'AWS::SNS::Topic' };

function idsOf(find: (template: CheckedTemplate) => Resource[], written: Written): string[] {
  return find(new CheckedTemplate({ Resources: { Media: BUCKET, Told: TOPIC, ...written } })).map(
    ({ logicalId }) => logicalId,
  );
}

describe('settings of Kinesis Video Streams', () => {
  const images = (template: CheckedTemplate) => settings(template, 'ImageGeneration');
  const call = (action: string) => JSON.stringify({ service: 'KinesisVideo', action });

  test.each<[type: string, properties: Record<string, unknown>, is: boolean]>([
    ['Custom::KinesisVideoImageGeneration', {}, true],
    ['Custom::KinesisVideoNotifications', {}, false],
    ['Custom::Own::Custom::KinesisVideoImageGeneration', {}, false],
    ['Custom::AWS', { Create: call('updateImageGenerationConfiguration') }, true],
    ['Custom::AWS', { Update: { 'Fn::Join': ['', [call('UpdateImageGenerationConfiguration'), '']] } }, true],
    ['Custom::AWS', { Create: call('updateNotificationConfiguration') }, false],
    ['Custom::AWS', { Delete: call('updateImageGenerationConfiguration') }, false],
    ['Custom::Other', { Create: call('updateImageGenerationConfiguration') }, false],
  ])('%s with %j: %j', (Type, Properties, is) => {
    expect(idsOf(images, { One: { Type, Properties } })).toEqual(is ? ['One'] : []);
  });
});

test('roles of devices are those that the credentials provider hands out', () => {
  const found = idsOf(deviceRoles, {
    Device: deviceRole(allow('s3:PutObject', '*')),
    Function: role('lambda.amazonaws.com', allow('s3:PutObject', '*')),
    User: { ...deviceRole(allow('s3:PutObject', '*')), Type: 'AWS::IAM::User' },
  });
  expect(found).toEqual(['Device']);
});

const ARN = { 'Fn::GetAtt': ['Media', 'Arn'] };

test.each<[what: string, written: Written, is: boolean]>([
  [
    'images',
    {
      One: {
        Type: 'Custom::KinesisVideoImageGeneration',
        Properties: { DestinationConfig: { Uri: { 'Fn::Sub': 's3://${Media}/frames' } } },
      },
    },
    true,
  ],
  [
    'frames of a stream processor',
    {
      One: {
        Type: 'AWS::Rekognition::StreamProcessor',
        Properties: { S3Destination: { BucketName: { Ref: 'Media' } } },
      },
    },
    true,
  ],
  [
    'something else that it does',
    { One: { Type: 'AWS::Rekognition::StreamProcessor', Properties: { KmsKeyId: { Ref: 'Media' } } } },
    false,
  ],
  [
    'notifications, which have none',
    { One: { Type: 'Custom::KinesisVideoNotifications', Properties: { Uri: { Ref: 'Media' } } } },
    false,
  ],
  ['what devices put there', { One: deviceRole(allow('s3:PutObject', { 'Fn::Join': ['', [ARN, '/*']] })) }, true],
  ['what devices read', { One: deviceRole(allow('s3:GetObject', ARN)) }, false],
  ['what others put there', { One: role('lambda.amazonaws.com', allow('s3:PutObject', ARN)) }, false],
])('a bucket of %s', (_what, written, is) => {
  expect(idsOf(mediaBuckets, written)).toEqual(is ? ['Media'] : []);
});

test('buckets that are emptied are those that are named', () => {
  const emptying = { Type: 'Custom::S3AutoDeleteObjects', Properties: { BucketName: { Ref: 'Media' } } };
  expect(idsOf(emptiedBuckets, { Other: BUCKET, Emptying: emptying })).toEqual(['Media']);
  expect(idsOf(emptiedBuckets, { Emptying: { ...emptying, Type: 'Custom::Other' } })).toEqual([]);
});

test.each<[what: string, written: Written, is: boolean]>([
  [
    'notifications',
    { One: { Type: 'Custom::KinesisVideoNotifications', Properties: { TopicArn: { Ref: 'Told' } } } },
    true,
  ],
  [
    'a stream processor',
    {
      One: { Type: 'AWS::Rekognition::StreamProcessor', Properties: { NotificationChannel: { Arn: { Ref: 'Told' } } } },
    },
    true,
  ],
  [
    'a rule of AWS IoT',
    {
      One: {
        Type: 'AWS::IoT::TopicRule',
        Properties: { TopicRulePayload: { Actions: [{ Sns: { TargetArn: { Ref: 'Told' } } }] } },
      },
      Empty: { Type: 'AWS::IoT::TopicRule' },
    },
    true,
  ],
  [
    'errors of such a rule',
    {
      One: {
        Type: 'AWS::IoT::TopicRule',
        Properties: { TopicRulePayload: { ErrorAction: { Sns: { TargetArn: { Ref: 'Told' } } } } },
      },
    },
    false,
  ],
  [
    'images, which have none',
    { One: { Type: 'Custom::KinesisVideoImageGeneration', Properties: { TopicArn: { Ref: 'Told' } } } },
    false,
  ],
  ['a device', { One: deviceRole(allow('sns:Publish', { Ref: 'Told' })) }, true],
  ['a function', { One: role('lambda.amazonaws.com', allow('sns:Publish', { Ref: 'Told' })) }, false],
])('a topic of %s', (_what, written, is) => {
  expect(idsOf(videoTopics, written)).toEqual(is ? ['Told'] : []);
});

test('policies are those of the very bucket or topic', () => {
  const template = new CheckedTemplate({
    Resources: {
      Media: BUCKET,
      Other: BUCKET,
      Told: TOPIC,
      OfMedia: { Type: 'AWS::S3::BucketPolicy', Properties: { Bucket: { Ref: 'Media' } } },
      OfOther: { Type: 'AWS::S3::BucketPolicy', Properties: { Bucket: { Ref: 'Other' } } },
      OfTold: { Type: 'AWS::SNS::TopicPolicy', Properties: { Topics: [{ Ref: 'Told' }] } },
      OfQueue: { Type: 'AWS::SQS::QueuePolicy', Properties: { Topics: [{ Ref: 'Told' }] } },
    },
  });
  const found = template.resources
    .filter(({ type }) => [BUCKET.Type, TOPIC.Type].includes(type))
    .map((resource) => policiesOf(template, resource).map(({ logicalId }) => logicalId));
  expect(found).toEqual([['OfMedia'], ['OfOther'], ['OfTold']]);
});
