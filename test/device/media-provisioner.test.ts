import { CfnParameter, Duration, type Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { mediaConfiguration as readByHandler } from '../../lambda/common/fleet-media';
import {
  DeviceIdentity,
  ImageFormat,
  ImageSelector,
  MediaProvisioner,
  MediaRemoval,
  StorageTier,
  type DeviceIdentityProps,
  type MediaProvisionerProps,
} from '../../lib';
import { codedError, deployed, environments } from '../support/fleet';
import { Match, Template, testStack, warningIds } from '../support/template';

function provisionerIn(
  stack: Stack,
  props: Partial<MediaProvisionerProps> = {},
  identity: DeviceIdentityProps = {},
): MediaProvisioner {
  return new MediaProvisioner(stack, 'Media', {
    fleetName: 'delivery',
    identity: new DeviceIdentity(stack, 'Identity', identity),
    ...props,
  });
}

/** What the handler is told, as it is deployed. */
function configurationIn(stack: Stack): unknown {
  return JSON.parse(environments(stack)['media-provisioner'].MEDIA);
}

describe('defaults', () => {
  const stack = testStack();
  const media = provisionerIn(stack);
  const template = Template.fromStack(stack);

  test('a device gets a stream for a day and a channel, which stay when its thing goes', () => {
    expect(configurationIn(stack)).toEqual({
      fleetName: 'delivery',
      thingTypeName: 'test-identitythingtype224409a5',
      cameras: [],
      removal: 'KEEP',
      tags: { 'cdk-kinesis-video:fleet': 'delivery' },
      stream: {
        DataRetentionInHours: 24,
        MediaType: 'video/h264',
        StreamStorageConfiguration: { DefaultStorageTier: 'HOT' },
      },
      channel: { MessageTtlSeconds: 60 },
    });
  });

  test('the registry tells of things, which is off in a new account', () => {
    template.resourceCountIs('Custom::IotThingEvents', 1);
  });

  test('a rule brings the events of things of this type to the queue, and what fails to its dead-letter queue', () => {
    const [thingType] = Object.keys(template.findResources('AWS::IoT::ThingType'));
    const roleArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^MediaThingRuleRole'), 'Arn'] };
    const to = (queueUrl: string) => ({
      Sqs: { QueueUrl: stack.resolve(queueUrl), RoleArn: roleArn, UseBase64: false },
    });
    template.hasResourceProperties('AWS::IoT::TopicRule', {
      TopicRulePayload: {
        Sql: {
          'Fn::Join': ['', ["SELECT * FROM '$aws/events/thing/+/+' WHERE thingTypeName = '", { Ref: thingType }, "'"]],
        },
        AwsIotSqlVersion: '2016-03-23',
        RuleDisabled: Match.absent(),
        Actions: [to(media.queue.queueUrl)],
        ErrorAction: to(media.deadLetterQueue.queueUrl),
      },
    });
  });

  test('the rule may send before it is there', () => {
    const [policy] = Object.keys(
      template.findResources('AWS::IAM::Policy', { Properties: { Roles: [{ Ref: Match.stringLikeRegexp('Rule') }] } }),
    );
    template.hasResource('AWS::IoT::TopicRule', { DependsOn: [policy] });
  });

  test('forty invocations work at once, enough to keep the pace', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: stack.resolve(media.queue.queueArn),
      ScalingConfig: { MaximumConcurrency: 40 },
    });
  });

  test('a failed event has six times the two minutes of the function before it is tried again', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 120,
      Environment: { Variables: Match.objectLike({ POWERTOOLS_SERVICE_NAME: 'media-provisioner' }) },
    });
    template.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 720 });
  });
});

describe('all properties reach the handler', () => {
  const stack = testStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  const bucket = new s3.Bucket(stack, 'Bucket', { bucketName: 'images-of-delivery' });
  const media = provisionerIn(
    stack,
    {
      fleetName: 'inspection',
      removal: MediaRemoval.DELETE,
      encryptionKey,
      media: {
        retention: Duration.days(60),
        storageTier: StorageTier.WARM,
        mediaType: 'video/h265,audio/aac',
        messageTtl: Duration.minutes(2),
        imageGeneration: {
          samplingInterval: Duration.millis(200),
          format: ImageFormat.JPEG,
          jpegQuality: 50,
          width: 1280,
          height: 720,
          selector: ImageSelector.SERVER_TIMESTAMP,
        },
        tags: { owner: 'flight', 'cdk-kinesis-video:fleet': 'another' },
      },
    },
    { cameras: ['front', 'down'], encryptionKey, images: { bucket, prefix: 'images' } },
  );

  test('as one configuration', () => {
    expect(configurationIn(stack)).toEqual({
      fleetName: 'inspection',
      thingTypeName: 'test-identitythingtype224409a5',
      cameras: ['front', 'down'],
      removal: 'DELETE',
      // The fleet's own tag limits what the provisioner may touch, so nobody else sets it.
      tags: { owner: 'flight', 'cdk-kinesis-video:fleet': 'inspection' },
      stream: {
        DataRetentionInHours: 1440,
        MediaType: 'video/h265,audio/aac',
        StreamStorageConfiguration: { DefaultStorageTier: 'WARM' },
        KmsKeyId: deployed('AWS::KMS::Key', stack)[0].arn,
      },
      channel: { MessageTtlSeconds: 120 },
      imageGeneration: {
        Status: 'ENABLED',
        ImageSelectorType: 'SERVER_TIMESTAMP',
        DestinationConfig: { Uri: 's3://images-of-delivery/images', DestinationRegion: 'eu-west-1' },
        SamplingInterval: 200,
        Format: 'JPEG',
        FormatConfig: { JPEGQuality: '50' },
        WidthPixels: 1280,
        HeightPixels: 720,
      },
    });
  });

  test('and the queues have the key', () => {
    const template = Template.fromStack(stack);
    template.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: stack.resolve(encryptionKey.keyArn) });
    expect(media.queue.encryptionMasterKey).toBe(encryptionKey);
  });
});

test('without signaling there is no channel', () => {
  const stack = testStack();
  provisionerIn(stack, {}, { signaling: false });
  expect(configurationIn(stack)).not.toHaveProperty('channel');
});

test('images of an identity that has a place for them: every three seconds, as JPEG, in the folder frames', () => {
  const stack = testStack();
  const bucket = new s3.Bucket(stack, 'Bucket', { bucketName: 'images-of-delivery' });
  provisionerIn(stack, {}, { images: { bucket } });
  expect(configurationIn(stack)).toMatchObject({
    imageGeneration: {
      Status: 'ENABLED',
      ImageSelectorType: 'PRODUCER_TIMESTAMP',
      DestinationConfig: { Uri: 's3://images-of-delivery/frames', DestinationRegion: 'eu-west-1' },
      SamplingInterval: 3000,
      Format: 'JPEG',
      FormatConfig: { JPEGQuality: '80' },
    },
  });
});

test.each<[string, Partial<MediaProvisionerProps>, DeviceIdentityProps]>([
  ['the least', {}, { signaling: false }],
  ['cameras', { removal: MediaRemoval.DELETE, media: { tags: { owner: 'flight' } } }, { cameras: ['front'] }],
])('the handler reads all that is written: %s', (_what, props, identity) => {
  const stack = testStack();
  const bucket = new s3.Bucket(stack, 'Bucket');
  provisionerIn(stack, props, { images: { bucket }, encryptionKey: new kms.Key(stack, 'Key'), ...identity });
  const written = configurationIn(stack);
  expect(readByHandler.parse(written)).toEqual(written);
});

test('warns when WARM costs more than it saves', () => {
  const stack = testStack();
  provisionerIn(stack, { media: { storageTier: StorageTier.WARM, retention: Duration.days(29) } });
  expect(warningIds(stack)).toEqual(['cdk-kinesis-video:warmStorageMinimum']);
});

describe('bad input', () => {
  const retention = /`media.retention` is .*; it must be a whole number between 1 and 87600 hours/;
  const ttl = /`media.messageTtl` is .*; it must be a whole number between 5 and 120 seconds/;
  const name = /`fleetName` is '.*'; it must be 1 to 64 of a-z A-Z 0-9 _ -/;
  test.each<[string, Partial<MediaProvisionerProps>, string, RegExp]>([
    ['a fleet name with a space', { fleetName: 'a b' }, 'FleetName', name],
    ['no fleet name', { fleetName: '' }, 'FleetName', name],
    ['a fleet name of 65 characters', { fleetName: 'f'.repeat(65) }, 'FleetName', name],
    ['no retention', { media: { retention: Duration.hours(0) } }, 'StreamRetention', retention],
    ['over ten years', { media: { retention: Duration.days(3651) } }, 'StreamRetention', retention],
    ['half an hour', { media: { retention: Duration.minutes(90) } }, 'StreamRetention', /is 1.5 hours/],
    ['four seconds', { media: { messageTtl: Duration.seconds(4) } }, 'ChannelMessageTtl', ttl],
    ['over two minutes', { media: { messageTtl: Duration.seconds(121) } }, 'ChannelMessageTtl', ttl],
    ['no type', { media: { mediaType: 'video' } }, 'StreamMediaType', /`media.mediaType` is 'video'; .* 'video\/h264/],
    ["a tag of AWS's", { media: { tags: { 'aws:x': '1' } } }, 'StreamTags', /`media.tags` is 'aws:x'/],
    [
      'too many tags',
      { media: { tags: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`tag-${i}`, 'x'])) } },
      'StreamTags',
      /`media.tags` has 50 tags and .* 49 and 2000 are allowed/,
    ],
    [
      'more tags than fit into the environment',
      { media: { tags: Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`tag-${i}`, 'x'.repeat(256)])) } },
      'StreamTags',
      /`media.tags` has 9 tags and 24\d\d bytes/,
    ],
    [
      'images too often',
      { media: { imageGeneration: { samplingInterval: Duration.millis(199) } } },
      'ImageInterval',
      /`samplingInterval` is 199 milliseconds/,
    ],
    [
      'quality of PNG',
      { media: { imageGeneration: { format: ImageFormat.PNG, jpegQuality: 50 } } },
      'ImageQuality',
      /no meaning for PNG; leave it out/,
    ],
    [
      'quality of over 100',
      { media: { imageGeneration: { jpegQuality: 101 } } },
      'ImageQuality',
      /`jpegQuality` is 101; it must be a whole number between 1 and 100/,
    ],
    ['no width', { media: { imageGeneration: { width: 0 } } }, 'ImageSize', /`width` is 0 pixels/],
    ['too high images', { media: { imageGeneration: { height: 2161 } } }, 'ImageSize', /`height` is 2161 pixels/],
  ])('%s names path, value and range', (_what, props, code, message) => {
    const stack = testStack();
    const bucket = new s3.Bucket(stack, 'Bucket');
    expect(() => provisionerIn(stack, props, { images: { bucket } })).toThrow(codedError(code, message, 'Test/Media'));
  });

  test.each([
    [1, 5],
    [87_600, 120],
  ])('the bounds pass: %i hours, %i seconds', (hours, seconds) => {
    const stack = testStack();
    provisionerIn(stack, { media: { retention: Duration.hours(hours), messageTtl: Duration.seconds(seconds) } });
    expect(configurationIn(stack)).toMatchObject({
      stream: { DataRetentionInHours: hours },
      channel: { MessageTtlSeconds: seconds },
    });
  });

  test('tokens pass, and numbers remain numbers', () => {
    const stack = testStack();
    const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
    provisionerIn(stack, {
      fleetName: new CfnParameter(stack, 'Fleet').valueAsString,
      media: { retention: Duration.hours(number('Hours')), messageTtl: Duration.seconds(number('Seconds')) },
    });
    const text = JSON.stringify(Template.fromStack(stack).toJSON());
    expect(text).toContain('cdk-kinesis-video:fleet\\":\\"",{"Ref":"Fleet"}');
    expect(text).toContain('DataRetentionInHours\\":",{"Ref":"Hours"},"');
    expect(text).toContain('MessageTtlSeconds\\":",{"Ref":"Seconds"},"');
  });
});
