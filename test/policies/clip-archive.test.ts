import * as iam from 'aws-cdk-lib/aws-iam';
import { AlertFeed, AlertTopic, ClipArchive, DeviceIdentity, FleetKey } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const stack = testStack();
const mediaKey = new FleetKey(stack, 'MediaKey');
const identity = new DeviceIdentity(stack, 'Identity', { encryptionKey: mediaKey });
const alerts = new AlertTopic(stack, 'Alerts');
const archive = new ClipArchive(stack, 'Archive', {
  fleetName: 'delivery',
  identity,
  alerts,
  feed: new AlertFeed(stack, 'Feed', { alerts, identity }),
  encryptionKey: new FleetKey(stack, 'Key'),
});
const plain = new ClipArchive(stack, 'Others', { fleetName: 'others', identity, alerts });
const role = (id: string) => new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
archive.grants.read(role('Reader')).assertSuccess();
plain.grants.read(role('Other')).assertSuccess();
archive.grants.read(role('Owner'), 'drone-1');
archive.grants.requestClip(role('Button'));
archive.grants.holdClips(role('Counsel'));

const cloud = CloudModel.of(stack);
const MAKER = 'ArchiveHandlerServiceRole';
const HOLDER = 'ArchiveHoldHandlerServiceRole';
const STREAM = 'arn:aws:kinesisvideo:eu-west-1:111122223333:stream/drone-1/1700000000000';
const bucket = cloud.arn('ArchiveBucket');
const others = cloud.arn('OthersBucket');
const clip = (device: string) => `${bucket}/clips/${device}/2026/11/24/1/manifest.json`;

describe('what makes clips', () => {
  const principal = MAKER;

  test.each(['GetDataEndpoint', 'ListFragments', 'GetClip', 'GetMediaForFragmentList'])(
    'may %s of its own fleet',
    async (name) => {
      const request = { principal, action: `kinesisvideo:${name}`, resource: STREAM };
      const of = (fleet: string) => ({ 'aws:ResourceTag/cdk-kinesis-video:fleet': fleet });
      await cloud.expectAllowed({ ...request, context: of('delivery') });
      await cloud.expectDenied({ ...request, context: of('others') });
      await cloud.expectDenied(request);
      await cloud.expectDenied({ ...request, principal: HOLDER, context: of('delivery') });
    },
  );

  test.each(['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload'])('may %s, among the clips', async (action) => {
    await cloud.expectAllowed({ principal, action, resource: clip('drone-1') });
    await cloud.expectDenied({ principal, action, resource: `${bucket}/elsewhere/1.mp4` });
    await cloud.expectDenied({ principal, action, resource: `${others}/clips/drone-1/1.mp4` });
  });

  test('deletes nothing', async () => {
    for (const action of ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:BypassGovernanceRetention']) {
      await cloud.expectDenied({ principal, action, resource: clip('drone-1') });
    }
    await cloud.expectAllowed({ principal, action: 's3:PutObjectLegalHold', resource: clip('drone-1') });
  });

  test('lists clips only', async () => {
    const request = { principal, action: 's3:ListBucket', resource: bucket };
    await cloud.expectAllowed({ ...request, context: { 's3:prefix': 'clips/drone-1/2026/11/24/1/' } });
    await cloud.expectDenied({ ...request, context: { 's3:prefix': 'other/' } });
    await cloud.expectDenied(request);
  });

  test('takes notes in its own index, and reads the feed', async () => {
    await cloud.expectAllowed({ principal, action: 'dynamodb:UpdateItem', resource: 'ArchiveIndex' });
    await cloud.expectDenied({ principal, action: 'dynamodb:UpdateItem', resource: 'OthersIndex' });
    await cloud.expectDenied({ principal, action: 'dynamodb:DeleteItem', resource: 'ArchiveIndex' });
    await cloud.expectAllowed({ principal, action: 'dynamodb:Query', resource: 'FeedTable' });
    await cloud.expectDenied({ principal, action: 'dynamodb:UpdateItem', resource: 'FeedTable' });
  });

  test('takes turns with the others', async () => {
    await cloud.expectAllowed({ principal, action: 'dynamodb:UpdateItem', resource: 'ArchivePacerTable' });
    await cloud.expectDenied({ principal, action: 'dynamodb:UpdateItem', resource: 'OthersPacerTable' });
  });

  test('reads encrypted media through Kinesis Video Streams, and uses its own key for what it keeps', async () => {
    const decrypt = { principal, action: 'kms:Decrypt' };
    const through = (service: string) => ({ 'kms:ViaService': `${service}.eu-west-1.amazonaws.com` });
    await cloud.expectAllowed({ ...decrypt, resource: 'MediaKey', context: through('kinesisvideo') });
    await cloud.expectDenied({ ...decrypt, resource: 'MediaKey', context: through('s3') });
    await cloud.expectAllowed({ principal, action: 'kms:GenerateDataKey', resource: /\/Key[0-9A-F]{8}$/ });
    await cloud.expectDenied({ principal, action: 'kms:GenerateDataKey', resource: 'MediaKey' });
  });
});

describe('what holds clips', () => {
  const principal = HOLDER;

  test('reads and writes no clip', async () => {
    await cloud.expectAllowed({ principal, action: 's3:PutObjectLegalHold', resource: clip('drone-1') });
    await cloud.expectDenied({ principal, action: 's3:PutObjectLegalHold', resource: `${others}/clips/drone-1/1.mp4` });
    for (const action of ['s3:GetObject', 's3:PutObject', 's3:DeleteObjectVersion', 's3:PutObjectRetention']) {
      await cloud.expectDenied({ principal, action, resource: clip('drone-1') });
    }
  });

  test('sees which versions there are', async () => {
    const request = { principal, action: 's3:ListBucketVersions', resource: bucket };
    await cloud.expectAllowed({ ...request, context: { 's3:prefix': 'clips/drone-1/' } });
    await cloud.expectDenied({ ...request, context: { 's3:prefix': 'elsewhere/' } });
  });
});

test('who may read an archive without a key of its own uses none', async () => {
  const object = `${others}/clips/drone-1/2026/11/24/1/manifest.json`;
  await cloud.expectAllowed({ principal: 'Other', action: 's3:GetObject', resource: object });
  await cloud.expectDenied({ principal: 'Other', action: 's3:GetObject', resource: clip('drone-1') });
  expect(JSON.stringify(cloud.identityPolicies('Other').policies)).not.toContain('kms:');
});

describe('who may read', () => {
  test.each([
    ['all devices', 'Reader', 'allowed'],
    ['one device', 'Owner', 'denied'],
  ])('%s', async (_what, principal, another) => {
    for (const action of ['s3:GetObject', 's3:GetObjectVersion']) {
      expect(await cloud.simulate({ principal, action, resource: clip('drone-1') })).toBe('allowed');
      for (const device of ['drone-10', 'drone-2']) {
        expect(await cloud.simulate({ principal, action, resource: clip(device) })).toBe(another);
      }
      await cloud.expectDenied({ principal, action, resource: `${others}/clips/drone-1/1.mp4` });
    }
    const list = { principal, action: 's3:ListBucket', resource: bucket };
    await cloud.expectAllowed({ ...list, context: { 's3:prefix': 'clips/drone-1/' } });
    expect(await cloud.simulate({ ...list, context: { 's3:prefix': 'clips/drone-10/' } })).toBe(another);
    await cloud.expectDenied({ ...list, context: { 's3:prefix': '' } });
    const query = { principal, action: 'dynamodb:Query', resource: 'ArchiveIndex' };
    await cloud.expectAllowed({ ...query, context: { 'dynamodb:LeadingKeys': ['drone-1'] } });
    expect(await cloud.simulate({ ...query, context: { 'dynamodb:LeadingKeys': ['drone-10'] } })).toBe(another);
    await cloud.expectAllowed({ principal, action: 'kms:Decrypt', resource: /\/Key[0-9A-F]{8}$/ });
  });

  test('changes and requests nothing', async () => {
    const principal = 'Reader';
    for (const action of ['s3:PutObject', 's3:DeleteObject', 's3:PutObjectLegalHold']) {
      await cloud.expectDenied({ principal, action, resource: clip('drone-1') });
    }
    const send = { action: 'sqs:SendMessage', resource: 'ArchiveWorkQueue' };
    await cloud.expectDenied({ ...send, principal });
    await cloud.expectAllowed({ ...send, principal: 'Button' });
  });
});

test('who may request sends requests to this archive, and reads nothing', async () => {
  const principal = 'Button';
  await cloud.expectAllowed({ principal, action: 'sqs:SendMessage', resource: 'ArchiveWorkQueue' });
  await cloud.expectDenied({ principal, action: 'sqs:SendMessage', resource: 'OthersWorkQueue' });
  await cloud.expectDenied({ principal, action: 'sqs:ReceiveMessage', resource: 'ArchiveWorkQueue' });
  await cloud.expectDenied({ principal, action: 's3:GetObject', resource: clip('drone-1') });
  await cloud.expectDenied({ principal, action: 'lambda:InvokeFunction', resource: 'ArchiveHoldHandler' });
  await cloud.expectAllowed({ principal: 'Counsel', action: 'lambda:InvokeFunction', resource: 'ArchiveHoldHandler' });
});

test('who may hold asks for it, and does nothing by itself', async () => {
  const principal = 'Counsel';
  await cloud.expectDenied({ principal, action: 'lambda:InvokeFunction', resource: 'OthersHoldHandler' });
  await cloud.expectDenied({ principal, action: 's3:PutObjectLegalHold', resource: clip('drone-1') });
  await cloud.expectAllowed({ principal: HOLDER, action: 's3:PutObjectLegalHold', resource: clip('drone-1') });
});

test('alerts come from the topic only', async () => {
  const send = { principal: 'sns.amazonaws.com', action: 'sqs:SendMessage', resource: 'ArchiveWorkQueue' };
  await cloud.expectAllowed({ ...send, context: { 'aws:SourceArn': cloud.arn('AlertsTopic') } });
  await cloud.expectDenied({ ...send, context: { 'aws:SourceArn': `${cloud.arn('AlertsTopic')}2` } });
});

test('nobody comes without TLS', async () => {
  const request = { principal: 'Reader', action: 's3:GetObject', resource: clip('drone-1') };
  await cloud.expectAllowed(request);
  await cloud.expectDenied({ ...request, context: { 'aws:SecureTransport': 'false' } });
});
