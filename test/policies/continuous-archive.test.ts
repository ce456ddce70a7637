import { ContinuousArchive, DeviceIdentity, FleetKey } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { Template, testStack } from '../support/template';

const stack = testStack();
const identity = new DeviceIdentity(stack, 'Identity', { signaling: false });
new ContinuousArchive(stack, 'Archive', { fleetName: 'delivery', identity, encryptionKey: new FleetKey(stack, 'Key') });
new ContinuousArchive(stack, 'Others', { fleetName: 'others', identity });
const machines = Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine');
const cloud = CloudModel.of(stack).given(
  Object.fromEntries(
    Object.entries(machines).map(([id, { Properties }]) => [
      `${id}.Ref`,
      `arn:aws:states:eu-west-1:111122223333:stateMachine:${Properties.StateMachineName}`,
    ]),
  ),
);

const ARCHIVER = 'ArchiveHandlerServiceRole';
const LISTER = 'ArchiveListerServiceRole';
const STREAM = 'arn:aws:kinesisvideo:eu-west-1:111122223333:stream/drone-1/1700000000000';
const of = (fleet: string) => ({ 'aws:ResourceTag/cdk-kinesis-video:fleet': fleet });

test.each(['ListFragments', 'GetMediaForFragmentList', 'GetDataEndpoint'])(
  'what stores media may %s of its own fleet',
  async (name) => {
    const request = { principal: ARCHIVER, action: `kinesisvideo:${name}`, resource: STREAM };
    await cloud.expectAllowed({ ...request, context: of('delivery') });
    await cloud.expectDenied({ ...request, context: of('others') });
    await cloud.expectDenied({ ...request, principal: LISTER, context: of('delivery') });
  },
);

test('it sees that a stream is not there, and changes none', async () => {
  const request = { principal: ARCHIVER, resource: STREAM };
  await cloud.expectAllowed({ ...request, action: 'kinesisvideo:DescribeStream' });
  for (const name of ['DeleteStream', 'UpdateDataRetention', 'PutMedia']) {
    await cloud.expectDenied({ ...request, action: `kinesisvideo:${name}`, context: of('delivery') });
  }
});

test('it writes to its own bucket only, and deletes nothing', async () => {
  const key = 'continuous/drone-1/2026/11/24/1000/slice.json';
  const bucket = cloud.arn(/\/ArchiveBucket[0-9A-F]{8}$/);
  for (const action of ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload']) {
    await cloud.expectAllowed({ principal: ARCHIVER, action, resource: `${bucket}/${key}` });
    await cloud.expectDenied({ principal: ARCHIVER, action, resource: `${bucket}/clips/drone-1/1.mp4` });
    const others = cloud.arn(/\/OthersBucket[0-9A-F]{8}$/);
    await cloud.expectDenied({ principal: ARCHIVER, action, resource: `${others}/${key}` });
  }
  await cloud.expectDenied({ principal: ARCHIVER, action: 's3:DeleteObject', resource: `${bucket}/${key}` });
});

test('it moves its own watermarks', async () => {
  for (const action of ['dynamodb:GetItem', 'dynamodb:UpdateItem']) {
    await cloud.expectAllowed({ principal: ARCHIVER, action, resource: 'ArchiveWatermarks' });
    await cloud.expectDenied({ principal: ARCHIVER, action, resource: 'OthersWatermarks' });
  }
  await cloud.expectDenied({ principal: ARCHIVER, action: 'dynamodb:DeleteItem', resource: 'ArchiveWatermarks' });
});

test('the lister lists things, and nothing else', async () => {
  await cloud.expectAllowed({ principal: LISTER, action: 'iot:ListThings', resource: '*' });
  await cloud.expectDenied({ principal: LISTER, action: 'kinesisvideo:ListStreams', resource: '*' });
  await cloud.expectDenied({ principal: ARCHIVER, action: 'iot:ListThings', resource: '*' });
});

test('the key is used by what stores media', async () => {
  for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
    await cloud.expectAllowed({ principal: ARCHIVER, action, resource: 'Key' });
    await cloud.expectDenied({ principal: LISTER, action, resource: 'Key' });
  }
});
