import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { DeviceIdentity } from '../../lib';
import { cloudOfCell } from '../support/fleet';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const principal = 'IdentityRole';
const context = { 'credentials-iot:ThingName': 'drone-1' };

/** Names that are like that of `drone-1`. */
const OTHERS = ['drone', 'drone-', 'drone-10', 'drone-1-2', 'drone-1.front', 'drone-1_', 'Drone-1', 'my-drone-1', '*'];

const STREAM = ['DescribeStream', 'GetDataEndpoint', 'PutMedia', 'TagStream'];
const NO_STREAM = [
  'CreateStream',
  'DeleteStream',
  'GetClip',
  'GetHLSStreamingSessionURL',
  'GetImages',
  'GetMedia',
  'ListFragments',
  'UntagStream',
  'UpdateDataRetention',
  'UpdateImageGenerationConfiguration',
  'UpdateNotificationConfiguration',
  'UpdateStream',
];
const CHANNEL = ['ConnectAsMaster', 'DescribeSignalingChannel', 'GetIceServerConfig', 'GetSignalingChannelEndpoint'];
const NO_CHANNEL = [
  'ConnectAsViewer',
  'CreateSignalingChannel',
  'DeleteSignalingChannel',
  'JoinStorageSession',
  'UpdateMediaStorageConfiguration',
  'UpdateSignalingChannel',
];

function arn(resource: 'stream' | 'channel', name: string): string {
  return `arn:aws:kinesisvideo:eu-west-1:111122223333:${resource}/${name}/1700000000000`;
}

describe('a device with one camera', () => {
  const cloud = cloudOfCell();

  test.each([
    ['stream', STREAM, NO_STREAM],
    ['channel', CHANNEL, NO_CHANNEL],
  ] as const)('may do to its own %s what its SDK calls, and nothing else', async (resource, allowed, denied) => {
    const request = { principal, context, resource: arn(resource, 'drone-1') };
    for (const name of allowed) await cloud.expectAllowed({ ...request, action: `kinesisvideo:${name}` });
    for (const name of denied) await cloud.expectDenied({ ...request, action: `kinesisvideo:${name}` });
  });

  test.each([
    ['stream', STREAM],
    ['channel', CHANNEL],
  ] as const)('reaches no %s of another name, however similar', async (resource, actions) => {
    for (const action of actions.map((name) => `kinesisvideo:${name}`)) {
      await cloud.expectAllowed({ principal, context, action, resource: arn(resource, 'drone-1') });
      for (const other of OTHERS) {
        await cloud.expectDenied({ principal, context, action, resource: arn(resource, other) });
      }
    }
  });

  test('reaches nothing of its name in another region or account', async () => {
    const request = { principal, context, action: 'kinesisvideo:PutMedia' };
    const own = arn('stream', 'drone-1');
    await cloud.expectAllowed({ ...request, resource: own });
    await cloud.expectDenied({ ...request, resource: own.replace('eu-west-1', 'us-east-1') });
    await cloud.expectDenied({ ...request, resource: own.replace('111122223333', '444455556666') });
  });

  test('reaches nothing unless it says which thing it is', async () => {
    const request = { principal, action: 'kinesisvideo:PutMedia' };
    await cloud.expectAllowed({ ...request, context, resource: arn('stream', 'drone-1') });
    for (const name of ['drone-1', '', '*']) await cloud.expectDenied({ ...request, resource: arn('stream', name) });
  });

  test('is never the device whose name only begins like the stream', async () => {
    const request = { principal, action: 'kinesisvideo:PutMedia', resource: arn('stream', 'drone-10') };
    await cloud.expectAllowed({ ...request, context: { 'credentials-iot:ThingName': 'drone-10' } });
    await cloud.expectDenied({ ...request, context });
  });

  test('writes images to its own folder only, by TLS, and reads none', async () => {
    const bucket = cloud.arn('FramesBucket');
    const request = { principal, context, action: 's3:PutObject' };
    const own = `${bucket}/frames/drone-1/image_111122223333_drone-1_1700000000000_0.jpg`;
    await cloud.expectAllowed({ ...request, resource: own });
    for (const other of [...OTHERS.map((name) => `frames/${name}/1.jpg`), 'frames/1.jpg', 'drone-1/1.jpg', '1.jpg']) {
      await cloud.expectDenied({ ...request, resource: `${bucket}/${other}` });
    }
    await cloud.expectDenied({ ...request, resource: own.replace(bucket, `${bucket}-2`) });
    await cloud.expectDenied({ ...request, resource: own, context: { ...context, 'aws:SecureTransport': 'false' } });
    for (const action of ['s3:GetObject', 's3:DeleteObject', 's3:PutObjectAcl', 's3:PutObjectTagging']) {
      await cloud.expectDenied({ ...request, action, resource: own });
    }
  });

  test('uses the key only through the services that write media and images for it', async () => {
    const via = (service?: string) => (service ? { ...context, 'kms:ViaService': service } : context);
    const request = { principal, resource: 'Key' };
    for (const action of ['kms:GenerateDataKey', 'kms:Encrypt', 'kms:Decrypt']) {
      for (const service of ['kinesisvideo', 's3']) {
        await cloud.expectAllowed({ ...request, action, context: via(`${service}.eu-west-1.amazonaws.com`) });
        await cloud.expectDenied({ ...request, action, context: via(`${service}.us-east-1.amazonaws.com`) });
      }
      await cloud.expectDenied({ ...request, action, context: via() });
      await cloud.expectDenied({ ...request, action, context: via('dynamodb.eu-west-1.amazonaws.com') });
    }
    for (const action of ['kms:ScheduleKeyDeletion', 'kms:PutKeyPolicy', 'kms:CreateGrant', 'kms:ReEncryptFrom']) {
      await cloud.expectDenied({ ...request, action, context: via('s3.eu-west-1.amazonaws.com') });
    }
  });

  test('has nothing to do with the rest of the fleet', async () => {
    for (const [action, resource] of [
      ['sns:Publish', 'AlertsTopic'],
      ['sqs:SendMessage', 'FramesWorkQueue'],
      ['dynamodb:UpdateItem', 'AllowListTable'],
      ['iot:Publish', 'arn:aws:iot:eu-west-1:111122223333:topic/devices/drone-1/detections'],
      ['lambda:InvokeFunction', 'FleetProvisioningHook'],
    ]) {
      await cloud.expectDenied({ principal, context, action, resource });
      await cloud.expectAllowed({ principal: '111122223333', action, resource });
    }
  });
});

describe('a device with several cameras', () => {
  const cloud = cloudOfCell({ cameras: ['front', 'down'] });

  test.each([
    ['stream', STREAM],
    ['channel', CHANNEL],
  ] as const)('reaches the %s of each of its own cameras, and no other', async (resource, actions) => {
    for (const action of actions.map((name) => `kinesisvideo:${name}`)) {
      for (const name of ['drone-1.front', 'drone-1.down']) {
        await cloud.expectAllowed({ principal, context, action, resource: arn(resource, name) });
      }
      for (const name of ['drone-1', 'drone-1.back', 'drone-1-front', 'drone-1.front2', ...OTHERS.slice(0, 3)]) {
        await cloud.expectDenied({ principal, context, action, resource: arn(resource, name) });
      }
      for (const name of ['drone-10.front', 'drone-1-2.front', 'my-drone-1.front']) {
        await cloud.expectDenied({ principal, context, action, resource: arn(resource, name) });
      }
    }
  });

  test('writes images to the folders of its own cameras only', async () => {
    const request = { principal, context, action: 's3:PutObject' };
    const frames = `${cloud.arn('FramesBucket')}/frames`;
    for (const name of ['drone-1.front', 'drone-1.down']) {
      await cloud.expectAllowed({ ...request, resource: `${frames}/${name}/1.jpg` });
    }
    for (const name of ['drone-1', 'drone-1.back', 'drone-10.front', 'drone-1-2.down']) {
      await cloud.expectDenied({ ...request, resource: `${frames}/${name}/1.jpg` });
    }
  });
});

test('without signaling no channel is reached', async () => {
  const request = { principal, context, action: 'kinesisvideo:ConnectAsMaster', resource: arn('channel', 'drone-1') };
  await cloudOfCell({ signaling: false }).expectDenied(request);
  await cloudOfCell().expectAllowed(request);
});

test('without images there is no bucket to write to, and the key does not decrypt', async () => {
  const cloud = cloudOfCell({ imageDetection: false });
  const key = {
    principal,
    resource: 'Key',
    context: { ...context, 'kms:ViaService': 'kinesisvideo.eu-west-1.amazonaws.com' },
  };
  await cloud.expectAllowed({ ...key, action: 'kms:GenerateDataKey' });
  await cloud.expectDenied({ ...key, action: 'kms:Decrypt' });
  await cloud.expectDenied({ ...key, action: 'kms:GenerateDataKey', context });
  await cloud.expectDenied({
    principal,
    context,
    action: 's3:PutObject',
    resource: 'arn:aws:s3:::cell-state-framesbucketd64979ab/frames/drone-1/1.jpg',
  });
});

test('notifications go to their topic only, with its key', async () => {
  const stack = testStack();
  const notifications = new sns.Topic(stack, 'Notifications', { masterKey: new kms.Key(stack, 'TopicKey') });
  new sns.Topic(stack, 'OtherTopic');
  new kms.Key(stack, 'OtherKey');
  new DeviceIdentity(stack, 'Identity', { notifications });
  const cloud = CloudModel.of(stack);
  await cloud.expectAllowed({ principal, context, action: 'sns:Publish', resource: 'Notifications' });
  await cloud.expectDenied({ principal, context, action: 'sns:Publish', resource: 'OtherTopic' });
  await cloud.expectDenied({ principal, context, action: 'sns:Subscribe', resource: 'Notifications' });
  for (const action of ['kms:GenerateDataKey', 'kms:Decrypt']) {
    await cloud.expectAllowed({ principal, context, action, resource: 'TopicKey' });
    await cloud.expectDenied({ principal, context, action, resource: 'OtherKey' });
  }
});

describe('the role', () => {
  const cloud = cloudOfCell();
  const trust = {
    principal: 'credentials.iot.amazonaws.com',
    action: 'sts:AssumeRole',
    resource: principal,
    context: {
      'aws:SourceAccount': '111122223333',
      'aws:SourceArn': 'arn:aws:iot:eu-west-1:111122223333:rolealias/cameras',
    },
  };

  test('is given out by the credentials provider for a role alias of this account', async () => {
    await cloud.expectAllowed(trust);
  });

  test.each([
    ['another account', { 'aws:SourceAccount': '444455556666' }],
    ['an alias of another account', { 'aws:SourceArn': 'arn:aws:iot:eu-west-1:444455556666:rolealias/cameras' }],
    ['an alias of another region', { 'aws:SourceArn': 'arn:aws:iot:us-east-1:111122223333:rolealias/cameras' }],
    ['something that is no alias', { 'aws:SourceArn': 'arn:aws:iot:eu-west-1:111122223333:rule/cameras' }],
    ['nobody', { 'aws:SourceAccount': '', 'aws:SourceArn': '' }],
  ])('is not given out on behalf of %s', async (_what, context) => {
    await cloud.expectDenied({ ...trust, context: { ...trust.context, ...context } });
  });

  test.each(['iot.amazonaws.com', 'lambda.amazonaws.com', '444455556666'])('is not for %s', async (other) => {
    await cloud.expectDenied({ ...trust, principal: other });
  });
});
