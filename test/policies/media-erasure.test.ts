import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  AlertAcknowledgements,
  AlertFeed,
  AlertTopic,
  ClipArchive,
  DeviceIdentity,
  FaceCollection,
  MediaErasure,
  MediaProvisioner,
  Takeover,
} from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const stack = testStack();
const identity = new DeviceIdentity(stack, 'Identity');
const key = new kms.Key(stack, 'Key');
const bucket = new s3.Bucket(stack, 'Frames', { encryptionKey: new kms.Key(stack, 'FrameKey') });
const alerts = (id: string) => new AlertFeed(stack, id, { identity, alerts: new AlertTopic(stack, `${id}Topic`) });
new s3.Bucket(stack, 'OtherBucket');
const others = {
  provisioner: new MediaProvisioner(stack, 'OtherMedia', { fleetName: 'another', identity }),
  alerts: alerts('OtherFeed'),
  acknowledgements: new AlertAcknowledgements(stack, 'OtherAcknowledgements'),
  takeover: new Takeover(stack, 'OtherTakeover', { fleetName: 'another', identity }),
};
new FaceCollection(stack, 'OtherFaces', { faceCollectionId: 'others' });
const erasure = new MediaErasure(stack, 'Erasure', {
  provisioner: new MediaProvisioner(stack, 'Media', { fleetName: 'delivery', identity }),
  folders: [{ bucket, prefix: 'frames' }],
  archive: new ClipArchive(stack, 'Archive', { fleetName: 'delivery', identity }),
  alerts: alerts('Feed'),
  acknowledgements: new AlertAcknowledgements(stack, 'Acknowledgements'),
  takeover: new Takeover(stack, 'Takeover', { fleetName: 'delivery', identity }),
  faces: new FaceCollection(stack, 'Faces', { faceCollectionId: 'known' }),
  encryptionKey: key,
});
// Without faces, and with nothing but streams.
new MediaErasure(stack, 'Plain', { ...others, folders: [] });
const officer = new iam.Role(stack, 'Officer', { assumedBy: new iam.AccountRootPrincipal() });
const auditor = new iam.Role(stack, 'Auditor', { assumedBy: new iam.AccountRootPrincipal() });
erasure.grants.requestErasure(officer);
erasure.grants.readProofs(auditor);

const cloud = CloudModel.of(stack);
const principal = 'ErasureHandlerServiceRole';
const STREAM = 'arn:aws:kinesisvideo:eu-west-1:111122223333:stream/drone-1/1700000000000';
const CHANNEL = 'arn:aws:kinesisvideo:eu-west-1:111122223333:channel/drone-1/1700000000000';
const objects = cloud.arn('Frames');
const proofs = cloud.arn('ErasureProofs');
const tagged = (fleet: string) => ({ 'aws:ResourceTag/cdk-kinesis-video:fleet': fleet });

describe('the function', () => {
  test('deletes streams of its fleet, and no others', async () => {
    const request = { principal, action: 'kinesisvideo:DeleteStream', resource: STREAM };
    await cloud.expectAllowed({ ...request, context: tagged('delivery') });
    await cloud.expectDenied({ ...request, context: tagged('another') });
    await cloud.expectDenied(request);
  });

  test('lists and looks at streams, and changes, makes, tags and watches none', async () => {
    await cloud.expectAllowed({ principal, action: 'kinesisvideo:ListStreams', resource: '*' });
    for (const action of ['DescribeStream', 'ListTagsForStream']) {
      await cloud.expectAllowed({ principal, action: `kinesisvideo:${action}`, resource: STREAM });
    }
    for (const action of ['CreateStream', 'TagStream', 'UpdateDataRetention', 'GetMedia', 'GetDataEndpoint']) {
      const context = tagged('delivery');
      await cloud.expectDenied({ principal, action: `kinesisvideo:${action}`, resource: STREAM, context });
    }
    const context = tagged('delivery');
    await cloud.expectDenied({ principal, action: 'kinesisvideo:DeleteSignalingChannel', resource: CHANNEL, context });
  });

  test.each(['DeleteObject', 'DeleteObjectVersion', 'GetObjectLegalHold', 'GetObjectRetention'])(
    'may %s in its folders only',
    async (name) => {
      const request = { principal, action: `s3:${name}` };
      await cloud.expectAllowed({ ...request, resource: `${objects}/frames/drone-1/1.jpg` });
      await cloud.expectDenied({ ...request, resource: `${objects}/other/drone-1/1.jpg` });
      await cloud.expectDenied({ ...request, resource: `${objects}/frames2/drone-1/1.jpg` });
      await cloud.expectDenied({ ...request, resource: `${cloud.arn('OtherBucket')}/frames/drone-1/1.jpg` });
      await cloud.expectDenied({ ...request, resource: `${proofs}/frames/drone-1/1.jpg` });
    },
  );

  test('sees which objects there are in its folders, and reads none', async () => {
    const list = { principal, action: 's3:ListBucketVersions', resource: 'Frames' };
    for (const prefix of ['frames/drone-1/', 'frames/drone-1.']) {
      await cloud.expectAllowed({ ...list, context: { 's3:prefix': prefix } });
    }
    await cloud.expectDenied({ ...list, context: { 's3:prefix': 'other/' } });
    await cloud.expectDenied({ ...list, context: { 's3:prefix': 'frames' } });
    await cloud.expectDenied(list);
    const resource = `${objects}/frames/drone-1/1.jpg`;
    for (const action of ['s3:GetObject', 's3:PutObject', 's3:BypassGovernanceRetention', 's3:PutObjectLegalHold']) {
      await cloud.expectDenied({ principal, action, resource });
    }
    await cloud.expectDenied({ principal, action: 'kms:Decrypt', resource: 'FrameKey' });
  });

  test('deletes clips of the archive, and nothing of it that is no clip', async () => {
    const archive = cloud.arn('ArchiveBucket');
    const request = { principal, action: 's3:DeleteObjectVersion' };
    await cloud.expectAllowed({ ...request, resource: `${archive}/clips/drone-1/2026/01/01/a/manifest.json` });
    await cloud.expectDenied({ ...request, resource: `${archive}/other/drone-1/a.mp4` });
    await cloud.expectDenied({ ...request, action: 's3:PutObjectLegalHold', resource: `${archive}/clips/drone-1/a` });
  });

  test('writes and reads proofs, and deletes none', async () => {
    const resource = `${proofs}/r-1/certificate.json`;
    for (const action of ['s3:GetObject', 's3:PutObject']) await cloud.expectAllowed({ principal, action, resource });
    for (const action of ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:PutObjectRetention']) {
      await cloud.expectDenied({ principal, action, resource });
    }
    await cloud.expectAllowed({ principal, action: 'kms:GenerateDataKey', resource: 'Key' });
    await cloud.expectDenied({ principal, action: 'kms:ScheduleKeyDeletion', resource: 'Key' });
  });

  test.each([
    ['ArchiveIndex', ['DeleteItem', 'Query'], 'OtherFeedTable'],
    ['FeedTable', ['DeleteItem', 'Query', 'Scan'], 'OtherFeedTable'],
    ['AcknowledgementsTable', ['DeleteItem'], 'OtherAcknowledgementsTable'],
    ['TakeoverCommands', ['DeleteItem', 'Query'], 'OtherTakeoverCommands'],
  ])('finds and deletes rows of %s, and writes none', async (table, names, other) => {
    for (const name of names) {
      await cloud.expectAllowed({ principal, action: `dynamodb:${name}`, resource: table });
      await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: other });
    }
    for (const name of ['PutItem', 'UpdateItem', 'BatchWriteItem', 'DeleteTable']) {
      await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: table });
    }
  });

  test('has no say in who is in control', async () => {
    const request = { principal, action: 'dynamodb:DeleteItem' };
    await cloud.expectAllowed({ ...request, resource: 'TakeoverCommands' });
    await cloud.expectDenied({ ...request, resource: 'TakeoverLeases' });
  });

  test('reads through all alerts only if there are faces whose names may be in them', async () => {
    const request = { principal: 'PlainHandlerServiceRole', resource: 'OtherFeedTable' };
    await cloud.expectAllowed({ ...request, action: 'dynamodb:Query' });
    await cloud.expectDenied({ ...request, action: 'dynamodb:Scan' });
  });

  test('lists and deletes faces of its collection, and searches none', async () => {
    for (const name of ['ListFaces', 'DeleteFaces']) {
      await cloud.expectAllowed({ principal, action: `rekognition:${name}`, resource: 'Faces' });
      await cloud.expectDenied({ principal, action: `rekognition:${name}`, resource: 'OtherFaces' });
    }
    for (const name of ['SearchFaces', 'IndexFaces', 'DeleteCollection']) {
      await cloud.expectDenied({ principal, action: `rekognition:${name}`, resource: 'Faces' });
    }
  });

  test('asks the provisioner of its fleet for new streams', async () => {
    const request = { principal, action: 'sqs:SendMessage' };
    await cloud.expectAllowed({ ...request, resource: 'MediaWorkQueue' });
    await cloud.expectDenied({ ...request, resource: 'OtherMediaWorkQueue' });
  });
});

describe('who requests an erasure', () => {
  test('starts it, and stops none', async () => {
    const request = { principal: 'Officer', resource: 'ErasureFlowStateMachine' };
    await cloud.expectAllowed({ ...request, action: 'states:StartExecution' });
    await cloud.expectDenied({ ...request, action: 'states:UpdateStateMachine' });
    await cloud.expectDenied({ ...request, action: 'states:StartExecution', resource: 'PlainFlowStateMachine' });
    await cloud.expectDenied({ ...request, action: 'states:StartExecution', principal: 'Auditor' });
  });

  test('erases nothing directly, and reads no proofs', async () => {
    const request = { principal: 'Officer', action: 's3:GetObject', resource: `${proofs}/r-1/certificate.json` };
    await cloud.expectAllowed({ ...request, principal: 'Auditor' });
    await cloud.expectDenied(request);
    const context = tagged('delivery');
    await cloud.expectDenied({
      principal: 'Officer',
      action: 'kinesisvideo:DeleteStream',
      resource: STREAM,
      context,
    });
  });
});

test('who reads proofs reads no media, and changes nothing', async () => {
  await cloud.expectAllowed({ principal: 'Auditor', action: 's3:ListBucket', resource: 'ErasureProofs' });
  await cloud.expectAllowed({ principal: 'Auditor', action: 'kms:Decrypt', resource: 'Key' });
  await cloud.expectDenied({ principal: 'Auditor', action: 's3:GetObject', resource: `${objects}/frames/a/1.jpg` });
  await cloud.expectDenied({
    principal: 'Auditor',
    action: 's3:PutObject',
    resource: `${proofs}/r-1/certificate.json`,
  });
  await cloud.expectDenied({ principal: 'Auditor', action: 'kms:Encrypt', resource: 'Key' });
});

test('the state machine invokes its function, and nothing else', async () => {
  const request = { principal: 'ErasureFlowStateMachineRole', action: 'lambda:InvokeFunction' };
  await cloud.expectAllowed({ ...request, resource: /ErasureHandler[0-9A-F]{8}$/ });
  await cloud.expectDenied({ ...request, resource: /PlainHandler[0-9A-F]{8}$/ });
});
