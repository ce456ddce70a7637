import { DeviceIdentity, MediaProvisioner, MediaRemoval } from '../../lib';
import { cloudOfCell } from '../support/fleet';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const principal = 'FleetMediaProvisionerHandlerServiceRole';
const FLEET = 'cdk-kinesis-video:fleet';
const CREATE = ['CreateStream', 'CreateSignalingChannel'];
const TAG = ['TagStream', 'TagResource'];
const DELETE = ['DeleteStream', 'DeleteSignalingChannel'];

function arn(action: string, account = '111122223333', region = 'eu-west-1'): string {
  const resource = /Channel|TagResource/.test(action) ? 'channel' : 'stream';
  return `arn:aws:kinesisvideo:${region}:${account}:${resource}/drone-1/1700000000000`;
}

const asked = (fleet: string) => ({ [`aws:RequestTag/${FLEET}`]: fleet });
const carried = (fleet: string) => ({ [`aws:ResourceTag/${FLEET}`]: fleet });

describe('media that is kept', () => {
  const cloud = cloudOfCell();

  test.each(CREATE)('%s: only with the tag of the fleet', async (name) => {
    const request = { principal, action: `kinesisvideo:${name}`, resource: arn(name) };
    await cloud.expectAllowed({ ...request, context: asked('delivery') });
    await cloud.expectDenied({ ...request, context: asked('inspection') });
    await cloud.expectDenied(request);
  });

  test.each(CREATE)('%s: only in its own account and region', async (name) => {
    const request = { principal, action: `kinesisvideo:${name}`, context: asked('delivery') };
    await cloud.expectAllowed({ ...request, resource: arn(name) });
    await cloud.expectDenied({ ...request, resource: arn(name, '444455556666') });
    await cloud.expectDenied({ ...request, resource: arn(name, '111122223333', 'us-east-1') });
  });

  test.each(TAG)(
    '%s: the tag of the fleet is put on what is made, and what is of another fleet stays that',
    async (name) => {
      const request = { principal, action: `kinesisvideo:${name}`, resource: arn(name) };
      await cloud.expectAllowed({ ...request, context: asked('delivery') });
      await cloud.expectAllowed({ ...request, context: { ...asked('delivery'), ...carried('delivery') } });
      await cloud.expectDenied({ ...request, context: { ...asked('delivery'), ...carried('inspection') } });
      await cloud.expectDenied({ ...request, context: asked('inspection') });
      await cloud.expectDenied({ ...request, context: carried('delivery') });
    },
  );

  test.each([
    'UpdateDataRetention',
    'UpdateImageGenerationConfiguration',
    'UpdateSignalingChannel',
    'UpdateStream',
    'UpdateStreamStorageConfiguration',
  ])('%s: of the fleet only', async (name) => {
    const request = { principal, action: `kinesisvideo:${name}`, resource: arn(name) };
    await cloud.expectAllowed({ ...request, context: carried('delivery') });
    await cloud.expectDenied({ ...request, context: carried('inspection') });
    await cloud.expectDenied(request);
  });

  test.each([
    'DescribeImageGenerationConfiguration',
    'DescribeSignalingChannel',
    'DescribeStream',
    'DescribeStreamStorageConfiguration',
    'ListTagsForResource',
    'ListTagsForStream',
  ])('%s: whatever is there', async (name) => {
    await cloud.expectAllowed({ principal, action: `kinesisvideo:${name}`, resource: arn(name) });
    await cloud.expectDenied({ principal, action: `kinesisvideo:${name}`, resource: arn(name, '444455556666') });
  });

  test.each([
    ...DELETE,
    'GetMedia',
    'PutMedia',
    'UntagResource',
    'UntagStream',
    'UpdateMediaStorageConfiguration',
    'UpdateNotificationConfiguration',
  ])('%s: never, not even of its own fleet', async (name) => {
    const context = { ...asked('delivery'), ...carried('delivery') };
    await cloud.expectDenied({ principal, context, action: `kinesisvideo:${name}`, resource: arn(name) });
    await cloud.expectAllowed({ principal, context, action: 'kinesisvideo:TagStream', resource: arn('TagStream') });
  });
});

describe('media that goes with its device', () => {
  const cloud = cloudOfCell({ mediaRemoval: MediaRemoval.DELETE });

  test.each(DELETE)('%s: only of the fleet', async (name) => {
    const request = { principal, action: `kinesisvideo:${name}`, resource: arn(name) };
    await cloud.expectAllowed({ ...request, context: carried('delivery') });
    await cloud.expectDenied({ ...request, context: carried('inspection') });
    await cloud.expectDenied({ ...request, context: asked('delivery') });
    await cloud.expectDenied(request);
  });
});

test('without signaling there is nothing that it may do to channels', async () => {
  const stack = testStack();
  const identity = new DeviceIdentity(stack, 'Identity', { signaling: false });
  new MediaProvisioner(stack, 'Media', { fleetName: 'delivery', identity, removal: MediaRemoval.DELETE });
  const cloud = CloudModel.of(stack);
  const context = { ...asked('delivery'), ...carried('delivery') };
  for (const name of ['CreateSignalingChannel', 'DescribeSignalingChannel', 'DeleteSignalingChannel', 'TagResource']) {
    const request = { context, action: `kinesisvideo:${name}`, resource: arn(name) };
    await cloud.expectDenied({ ...request, principal: 'MediaHandlerServiceRole' });
  }
  await cloud.expectDenied({
    principal: 'MediaHandlerServiceRole',
    context,
    action: 'kinesisvideo:TagResource',
    resource: arn('TagStream'),
  });
  for (const name of ['CreateStream', 'DescribeStream', 'DeleteStream', 'TagStream']) {
    const request = { context, action: `kinesisvideo:${name}`, resource: arn(name) };
    await cloud.expectAllowed({ ...request, principal: 'MediaHandlerServiceRole' });
  }
});

test('without images it configures none', async () => {
  const name = 'UpdateImageGenerationConfiguration';
  const request = { principal, action: `kinesisvideo:${name}`, resource: arn(name), context: carried('delivery') };
  await cloudOfCell({ imageDetection: false }).expectDenied(request);
  await cloudOfCell().expectAllowed(request);
});

describe('beside media', () => {
  const cloud = cloudOfCell();

  test('it asks the registry for things, and changes nothing there', async () => {
    const resource = 'arn:aws:iot:eu-west-1:111122223333:thing/drone-1';
    await cloud.expectAllowed({ principal, action: 'iot:DescribeThing', resource });
    for (const name of ['CreateThing', 'DeleteThing', 'UpdateThing']) {
      await cloud.expectDenied({ principal, action: `iot:${name}`, resource });
    }
  });

  test('it works its own queue off', async () => {
    for (const name of ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes']) {
      await cloud.expectAllowed({ principal, action: `sqs:${name}`, resource: 'FleetMediaProvisionerWorkQueue' });
    }
    await cloud.expectDenied({ principal, action: 'sqs:SendMessage', resource: 'FleetMediaProvisionerWorkQueue' });
    await cloud.expectDenied({ principal, action: 'sqs:ReceiveMessage', resource: 'FramesWorkQueue' });
    const deadLetterQueue = 'FleetMediaProvisionerWorkDeadLetterQueue';
    await cloud.expectAllowed({ principal, action: 'sqs:SendMessage', resource: deadLetterQueue });
    await cloud.expectDenied({ principal, action: 'sqs:ReceiveMessage', resource: deadLetterQueue });
  });

  test('it uses the key of streams and queues, and does not manage it', async () => {
    for (const name of ['DescribeKey', 'GenerateDataKey', 'Decrypt']) {
      await cloud.expectAllowed({ principal, action: `kms:${name}`, resource: 'Key' });
    }
    for (const name of ['CreateGrant', 'DisableKey', 'PutKeyPolicy', 'ScheduleKeyDeletion']) {
      await cloud.expectDenied({ principal, action: `kms:${name}`, resource: 'Key' });
    }
  });

  test('it reads no image', async () => {
    const read = { action: 's3:GetObject', resource: `${cloud.arn('FramesBucket')}/frames/drone-1/1.jpg` };
    await cloud.expectDenied({ principal, ...read });
    await cloud.expectAllowed({ principal: 'FleetImageDetectorHandlerServiceRole', ...read });
  });
});
