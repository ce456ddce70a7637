import type { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  ImageGeneration,
  MediaStorage,
  SignalingChannel,
  StreamNotifications,
  VideoStream,
  VideoStreamEncryption,
  type VideoStreamProps,
} from '../../lib';
import { CloudModel, type AccessRequest } from '../support/policy-simulator';
import { defaultKeyPolicy } from '../support/resource-policies';
import { testStack } from '../support/template';

const FOREIGN_KEY = 'arn:aws:kms:eu-west-1:111122223333:key/0123abcd-0123-0123-0123-0123456789ab';

function arn(resource: 'stream' | 'channel', name: string): string {
  return `arn:aws:kinesisvideo:eu-west-1:111122223333:${resource}/${name}/1700000000000`;
}

function streamIn(stack: Stack, props: VideoStreamProps = {}): VideoStream {
  return new VideoStream(stack, 'Camera', { streamName: 'drone-1', ...props });
}

function producerIn(stack: Stack): iam.Role {
  return new iam.Role(stack, 'Producer', { assumedBy: new iam.ServicePrincipal('credentials.iot.amazonaws.com') });
}

describe('the function of the settings', () => {
  const principal = 'CdkKinesisVideovideosettingsHandlerServiceRole';

  interface Setting {
    readonly set: (stack: Stack) => unknown;
    /** Exactly what the function is to be allowed on the stream `drone-1`, and on the channel `drone-1`. */
    readonly stream: string[];
    readonly channel: string[];
  }
  const SETTINGS: Record<string, Setting> = {
    ImageGeneration: {
      set: (stack) =>
        new ImageGeneration(stack, 'Images', { stream: streamIn(stack), bucket: new s3.Bucket(stack, 'Bucket') }),
      stream: ['DescribeStream', 'UpdateImageGenerationConfiguration'],
      channel: [],
    },
    StreamNotifications: {
      set: (stack) =>
        new StreamNotifications(stack, 'Notifications', {
          stream: streamIn(stack),
          topic: new sns.Topic(stack, 'Topic'),
        }),
      stream: ['DescribeStream', 'UpdateNotificationConfiguration'],
      channel: [],
    },
    MediaStorage: {
      set: (stack) =>
        new MediaStorage(stack, 'Storage', {
          channel: SignalingChannel.fromChannelAttributes(stack, 'Channel', { channelName: 'drone-1' }),
          stream: streamIn(stack),
        }),
      // The reference knows the update on channels only, but it does change what comes into the stream.
      stream: ['DescribeStream', 'UpdateMediaStorageConfiguration'],
      channel: ['DescribeSignalingChannel', 'UpdateMediaStorageConfiguration'],
    },
    SignalingChannel: {
      set: (stack) => new SignalingChannel(stack, 'Channel', { channelName: 'drone-1' }),
      stream: [],
      channel: ['TagResource', 'UntagResource'],
    },
  };

  /** What somebody could do to a stream or channel: all that settings need, and what none does. */
  const ACTIONS = {
    stream: [
      'DescribeStream',
      'UpdateImageGenerationConfiguration',
      'UpdateNotificationConfiguration',
      'UpdateMediaStorageConfiguration',
      'DescribeImageGenerationConfiguration',
      'DescribeNotificationConfiguration',
      'TagResource',
      'UntagResource',
      'TagStream',
      'UntagStream',
      'DeleteStream',
      'UpdateStream',
      'UpdateDataRetention',
      'GetDataEndpoint',
      'GetMedia',
      'PutMedia',
    ],
    channel: [
      'DescribeSignalingChannel',
      'DescribeMediaStorageConfiguration',
      'UpdateMediaStorageConfiguration',
      'TagResource',
      'UntagResource',
      'DeleteSignalingChannel',
      'UpdateSignalingChannel',
      'ConnectAsMaster',
      'ConnectAsViewer',
      'GetSignalingChannelEndpoint',
    ],
  };

  describe.each(Object.entries(SETTINGS))('with %s', (_what, { set, ...granted }) => {
    const stack = testStack();
    set(stack);
    const cloud = CloudModel.of(stack);

    test.each(['stream', 'channel'] as const)(
      'may do to the %s what that needs, and nothing to another',
      async (kind) => {
        for (const name of ACTIONS[kind]) {
          const request = { principal, action: `kinesisvideo:${name}` };
          await cloud.expectDenied({ ...request, resource: arn(kind, 'drone-10') });
          if (granted[kind].includes(name)) await cloud.expectAllowed({ ...request, resource: arn(kind, 'drone-1') });
          else await cloud.expectDenied({ ...request, resource: arn(kind, 'drone-1') });
        }
      },
    );
  });

  test('may do to each of several what its own setting needs', async () => {
    const stack = testStack();
    const other = new CfnStream(stack, 'Other', { name: 'drone-2', dataRetentionInHours: 24 });
    new ImageGeneration(stack, 'Images', { stream: streamIn(stack), bucket: new s3.Bucket(stack, 'Bucket') });
    new StreamNotifications(stack, 'Notifications', { stream: other, topic: new sns.Topic(stack, 'Topic') });
    const cloud = CloudModel.of(stack);
    const images = { principal, action: 'kinesisvideo:UpdateImageGenerationConfiguration' };
    await cloud.expectAllowed({ ...images, resource: 'Camera' });
    await cloud.expectDenied({ ...images, resource: 'Other' });
    const notifications = { principal, action: 'kinesisvideo:UpdateNotificationConfiguration' };
    await cloud.expectAllowed({ ...notifications, resource: 'Other' });
    await cloud.expectDenied({ ...notifications, resource: 'Camera' });
  });

  test('has nothing to do with what the images and messages go to', async () => {
    const stack = testStack();
    const bucket = new s3.Bucket(stack, 'Bucket', { bucketName: 'images' });
    const topic = new sns.Topic(stack, 'Topic');
    const producer = producerIn(stack);
    const stream = streamIn(stack);
    new ImageGeneration(stack, 'Images', { stream, bucket }).grantProducer(producer);
    new StreamNotifications(stack, 'Notifications', { stream, topic }).grantProducer(producer);
    const cloud = CloudModel.of(stack);
    for (const request of [
      { action: 's3:PutObject', resource: 'arn:aws:s3:::images/1.jpg' },
      { action: 'sns:Publish', resource: 'Topic' },
    ]) {
      await cloud.expectAllowed({ ...request, principal: 'Producer' });
      await cloud.expectDenied({ ...request, principal });
    }
  });
});

describe('the producer of images', () => {
  const put = (key: string) => ({
    principal: 'Producer',
    action: 's3:PutObject',
    resource: `arn:aws:s3:::images/${key}`,
  });

  async function expectUse(cloud: CloudModel, key: Pick<AccessRequest, 'resource' | 'resourcePolicy'>) {
    for (const action of ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey']) {
      await cloud.expectAllowed({ principal: 'Producer', action, ...key });
    }
    for (const action of ['kms:CreateGrant', 'kms:ScheduleKeyDeletion']) {
      await cloud.expectDenied({ principal: 'Producer', action, ...key });
    }
  }

  async function expectNoUse(cloud: CloudModel, key: Pick<AccessRequest, 'resource' | 'resourcePolicy'>) {
    for (const action of ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey']) {
      await cloud.expectDenied({ principal: 'Producer', action, ...key });
    }
  }

  test('may write below the prefix, and use the keys of bucket and stream', async () => {
    const stack = testStack();
    const bucket = new s3.Bucket(stack, 'Bucket', {
      bucketName: 'images',
      encryptionKey: new kms.Key(stack, 'BucketKey'),
    });
    new kms.Key(stack, 'OtherKey');
    new s3.Bucket(stack, 'OtherBucket', { bucketName: 'images-2' });
    const images = new ImageGeneration(stack, 'Images', { stream: streamIn(stack), bucket, prefix: 'drone-1' });
    images.grantProducer(producerIn(stack)).assertSuccess();
    const cloud = CloudModel.of(stack);

    await cloud.expectAllowed(put('drone-1/1.jpg'));
    for (const elsewhere of ['drone-10/1.jpg', 'drone-1.jpg', '1.jpg', 'fleet/drone-1/1.jpg']) {
      await cloud.expectDenied(put(elsewhere));
    }
    await cloud.expectDenied({ ...put('drone-1/1.jpg'), resource: 'arn:aws:s3:::images-2/drone-1/1.jpg' });
    for (const action of ['s3:GetObject', 's3:DeleteObject']) {
      await cloud.expectDenied({ ...put('drone-1/1.jpg'), action });
    }
    await expectUse(cloud, { resource: 'BucketKey' });
    await expectUse(cloud, { resource: 'CameraKey' });
    await expectNoUse(cloud, { resource: 'OtherKey' });
  });

  test('may write all over the bucket when there is no prefix', async () => {
    const stack = testStack();
    const bucket = new s3.Bucket(stack, 'Bucket', { bucketName: 'images' });
    new ImageGeneration(stack, 'Images', { stream: streamIn(stack), bucket }).grantProducer(producerIn(stack));
    const cloud = CloudModel.of(stack);
    await cloud.expectAllowed(put('1.jpg'));
    await cloud.expectAllowed(put('drone-1/1.jpg'));
    await cloud.expectDenied({ ...put('1.jpg'), resource: 'arn:aws:s3:::images-2/1.jpg' });
  });

  test('may use the keys of an imported bucket and a CfnStream', async () => {
    const stack = testStack();
    const streamKey = new kms.Key(stack, 'StreamKey');
    const stream = new CfnStream(stack, 'Camera', {
      name: 'drone-1',
      dataRetentionInHours: 24,
      kmsKeyId: streamKey.keyArn,
    });
    const encryptionKey = kms.Key.fromKeyArn(stack, 'BucketKey', FOREIGN_KEY);
    const bucket = s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'images', encryptionKey });
    new ImageGeneration(stack, 'Images', { stream, bucket, prefix: 'a' }).grantProducer(producerIn(stack));
    const cloud = CloudModel.of(stack);
    await cloud.expectAllowed(put('a/1.jpg'));
    await cloud.expectDenied(put('b/1.jpg'));
    await expectUse(cloud, { resource: FOREIGN_KEY, resourcePolicy: defaultKeyPolicy('111122223333') });
    await expectUse(cloud, { resource: 'StreamKey' });
  });

  test("needs no key where AWS's own are used", async () => {
    const stack = testStack();
    const bucket = new s3.Bucket(stack, 'Bucket', { bucketName: 'images' });
    const stream = streamIn(stack, { encryption: VideoStreamEncryption.AWS_MANAGED });
    new ImageGeneration(stack, 'Images', { stream, bucket }).grantProducer(producerIn(stack));
    const cloud = CloudModel.of(stack);
    await cloud.expectAllowed(put('1.jpg'));
    expect(JSON.stringify(cloud.identityPolicies('Producer').policies)).not.toContain('kms:');
  });
});

describe('the producer of notifications', () => {
  const publish = { principal: 'Producer', action: 'sns:Publish' };

  test('may publish to the topic, and use its key', async () => {
    const stack = testStack();
    const topic = new sns.Topic(stack, 'Topic', { masterKey: new kms.Key(stack, 'TopicKey') });
    new sns.Topic(stack, 'OtherTopic');
    new kms.Key(stack, 'OtherKey');
    const notifications = new StreamNotifications(stack, 'Notifications', { stream: streamIn(stack), topic });
    notifications.grantProducer(producerIn(stack)).assertSuccess();
    const cloud = CloudModel.of(stack);

    await cloud.expectAllowed({ ...publish, resource: 'Topic' });
    await cloud.expectDenied({ ...publish, resource: 'OtherTopic' });
    await cloud.expectDenied({ ...publish, action: 'sns:Subscribe', resource: 'Topic' });
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
      await cloud.expectAllowed({ principal: 'Producer', action, resource: 'TopicKey' });
      await cloud.expectDenied({ principal: 'Producer', action, resource: 'OtherKey' });
      await cloud.expectDenied({ principal: 'Producer', action, resource: 'CameraKey' });
    }
    await cloud.expectDenied({ principal: 'Producer', action: 'kms:ScheduleKeyDeletion', resource: 'TopicKey' });
  });

  test('may publish to an imported topic, and use its key', async () => {
    const stack = testStack();
    const topicArn = 'arn:aws:sns:eu-west-1:111122223333:fragments';
    const topic = sns.Topic.fromTopicAttributes(stack, 'Topic', { topicArn, keyArn: FOREIGN_KEY });
    new StreamNotifications(stack, 'Notifications', { stream: streamIn(stack), topic }).grantProducer(
      producerIn(stack),
    );
    const cloud = CloudModel.of(stack);
    await cloud.expectAllowed({ ...publish, resource: topicArn });
    await cloud.expectDenied({ ...publish, resource: `${topicArn}-2` });
    const resourcePolicy = defaultKeyPolicy('111122223333');
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
      await cloud.expectAllowed({ principal: 'Producer', action, resource: FOREIGN_KEY, resourcePolicy });
    }
    await cloud.expectDenied({
      principal: 'Producer',
      action: 'kms:CreateGrant',
      resource: FOREIGN_KEY,
      resourcePolicy,
    });
  });

  test('needs no key where the topic has none', async () => {
    const stack = testStack();
    const topic = new sns.Topic(stack, 'Topic');
    new StreamNotifications(stack, 'Notifications', { stream: streamIn(stack), topic }).grantProducer(
      producerIn(stack),
    );
    const cloud = CloudModel.of(stack);
    await cloud.expectAllowed({ ...publish, resource: 'Topic' });
    expect(JSON.stringify(cloud.identityPolicies('Producer').policies)).not.toContain('kms:');
  });
});
