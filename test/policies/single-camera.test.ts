import { singleCamera } from '../../bin/single-camera';
import { DEPLOYED_ENDPOINTS } from '../support/fleet';
import { CloudModel } from '../support/policy-simulator';
import { appWith } from '../support/reference-app';

const stack = singleCamera(appWith({ camera: 'yard' }));
const cloud = CloudModel.of(stack).given(DEPLOYED_ENDPOINTS);
const [region, account] = ['eu-west-1', '111122223333'];

const named = (resource: 'stream' | 'channel', name: string) =>
  `arn:aws:kinesisvideo:${region}:${account}:${resource}/${name}/1700000000000`;

describe('the camera', () => {
  const principal = 'IdentityRole';
  const context = { 'credentials-iot:ThingName': 'yard' };

  test.each([
    ['stream', 'kinesisvideo:PutMedia', 'Stream'],
    ['channel', 'kinesisvideo:ConnectAsMaster', 'Channel'],
  ] as const)('gets at the %s of the stack, and at none beside it', async (kind, action, resource) => {
    await cloud.expectAllowed({ principal, context, action, resource });
    for (const other of ['yard-2', 'yar', 'yard.front', 'lane']) {
      await cloud.expectDenied({ principal, context, action, resource: named(kind, other) });
    }
  });

  test('is nobody with a certificate of another thing', async () => {
    const request = { principal, action: 'kinesisvideo:PutMedia', resource: 'Stream' };
    await cloud.expectAllowed({ ...request, context });
    await cloud.expectDenied({ ...request, context: { 'credentials-iot:ThingName': 'lane' } });
  });

  test('watches nothing, its own stream included', async () => {
    await cloud.expectAllowed({ principal, context, action: 'kinesisvideo:PutMedia', resource: 'Stream' });
    for (const action of ['GetMedia', 'GetHLSStreamingSessionURL', 'GetClip', 'DeleteStream']) {
      await cloud.expectDenied({ principal, context, action: `kinesisvideo:${action}`, resource: 'Stream' });
    }
  });

  test('has images made where the stack has them put, and reads none', async () => {
    const bucket = cloud.arn('FramesBucket');
    const put = { principal, context, action: 's3:PutObject' };
    await cloud.expectAllowed({ ...put, resource: `${bucket}/frames/yard/1.jpg` });
    for (const key of ['frames/lane/1.jpg', 'frames/yard-2/1.jpg', 'frames/1.jpg', 'evidence/yard/1.jpg']) {
      await cloud.expectDenied({ ...put, resource: `${bucket}/${key}` });
    }
    await cloud.expectDenied({ ...put, action: 's3:GetObject', resource: `${bucket}/frames/yard/1.jpg` });
  });

  test('uses the key by the services that it sends to, and not itself', async () => {
    const use = { principal, action: 'kms:GenerateDataKey', resource: 'Key' };
    const via = (service: string) => ({ ...context, 'kms:ViaService': `${service}.${region}.amazonaws.com` });
    await cloud.expectAllowed({ ...use, context: via('kinesisvideo') });
    await cloud.expectDenied({ ...use, context: via('sqs') });
    await cloud.expectDenied({ ...use, context });
  });

  test('connects as the one thing', async () => {
    const connect = {
      principal: 'IdentityPolicy',
      action: 'iot:Connect',
      context: { 'iot:Connection.Thing.ThingName': 'yard', 'iot:Connection.Thing.IsAttached': 'true' },
    };
    await cloud.expectAllowed({ ...connect, resource: `arn:aws:iot:${region}:${account}:client/yard` });
    await cloud.expectDenied({ ...connect, resource: `arn:aws:iot:${region}:${account}:client/lane` });
  });
});

describe('the detector', () => {
  const principal = 'PersonsHandlerServiceRole';

  test('reads frames, and no media', async () => {
    const bucket = cloud.arn('FramesBucket');
    const resource = `${bucket}/frames/yard/1.jpg`;
    await cloud.expectAllowed({ principal, action: 's3:GetObject', resource });
    await cloud.expectDenied({ principal, action: 's3:DeleteObject', resource });
    await cloud.expectDenied({ principal, action: 'kinesisvideo:GetMedia', resource: 'Stream' });
  });

  test('alerts, and raises no alarm', async () => {
    await cloud.expectAllowed({ principal, action: 'sns:Publish', resource: 'AlertsTopic' });
    await cloud.expectDenied({ principal, action: 'sns:Publish', resource: 'AlarmsTopic' });
  });
});

test('alarms come from CloudWatch, and alerts do not', async () => {
  const publish = { principal: 'cloudwatch.amazonaws.com', action: 'sns:Publish' };
  const context = { 'aws:SourceAccount': account };
  await cloud.expectAllowed({ ...publish, context, resource: 'AlarmsTopic' });
  await cloud.expectDenied({ ...publish, context: { 'aws:SourceAccount': '444455556666' }, resource: 'AlarmsTopic' });
  await cloud.expectDenied({ ...publish, context, resource: 'AlertsTopic' });
});

test('the settings of images are made of this stream only', async () => {
  const set = {
    principal: 'CdkKinesisVideovideosettingsHandlerServiceRole',
    action: 'kinesisvideo:UpdateImageGenerationConfiguration',
  };
  await cloud.expectAllowed({ ...set, resource: 'Stream' });
  await cloud.expectDenied({ ...set, resource: named('stream', 'lane') });
});
