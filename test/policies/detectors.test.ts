import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { AlertTopic } from '../../lib';
import { cloudOfCell } from '../support/fleet';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const cloud = cloudOfCell();
const IMAGES = 'FleetImageDetectorHandlerServiceRole';
const ON_DEVICE = 'FleetOnDeviceDetectionsHandlerServiceRole';

describe.each([
  ['the image detector', IMAGES, 'FramesWork', 'FleetOnDeviceDetectionsWork'],
  ['the detector of what devices have seen', ON_DEVICE, 'FleetOnDeviceDetectionsWork', 'FramesWork'],
])('%s', (_what, principal, own, other) => {
  test('publishes to the topic of alerts only', async () => {
    await cloud.expectAllowed({ principal, action: 'sns:Publish', resource: 'AlertsTopic' });
    await cloud.expectDenied({ principal, action: 'sns:Publish', resource: 'AlarmsTopic' });
    await cloud.expectDenied({
      principal,
      action: 'sns:Publish',
      resource: 'AlertsTopic',
      context: { 'aws:SecureTransport': 'false' },
    });
    for (const name of ['DeleteTopic', 'SetTopicAttributes', 'Subscribe']) {
      await cloud.expectDenied({ principal, action: `sns:${name}`, resource: 'AlertsTopic' });
    }
  });

  test('remembers what was seen and alerted, and reads or changes nothing else', async () => {
    for (const name of ['GetItem', 'PutItem']) {
      await cloud.expectAllowed({ principal, action: `dynamodb:${name}`, resource: 'AlertsHistory' });
    }
    for (const name of ['DeleteItem', 'Query', 'Scan', 'UpdateItem']) {
      await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'AlertsHistory' });
    }
    await cloud.expectDenied({ principal, action: 'dynamodb:PutItem', resource: 'AllowListTable' });
  });

  test('works its own queue off', async () => {
    for (const name of ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes']) {
      await cloud.expectAllowed({ principal, action: `sqs:${name}`, resource: `${own}Queue` });
      await cloud.expectDenied({ principal, action: `sqs:${name}`, resource: `${other}Queue` });
    }
    await cloud.expectDenied({ principal, action: 'sqs:SendMessage', resource: `${own}Queue` });
    await cloud.expectAllowed({ principal, action: 'sqs:SendMessage', resource: `${own}DeadLetterQueue` });
    await cloud.expectDenied({ principal, action: 'sqs:SendMessage', resource: `${other}DeadLetterQueue` });
    await cloud.expectDenied({ principal, action: 'sqs:ReceiveMessage', resource: `${own}DeadLetterQueue` });
  });

  test('uses the key, and does not manage it', async () => {
    // DynamoDB encrypts in the name of who writes.
    for (const name of ['Decrypt', 'Encrypt', 'GenerateDataKey']) {
      await cloud.expectAllowed({ principal, action: `kms:${name}`, resource: 'Key' });
    }
    for (const name of ['CreateGrant', 'PutKeyPolicy', 'ScheduleKeyDeletion']) {
      await cloud.expectDenied({ principal, action: `kms:${name}`, resource: 'Key' });
    }
  });
});

describe('frames', () => {
  const bucket = cloud.arn('FramesBucket');
  const frame = `${bucket}/frames/drone-1/1.jpg`;

  test('are read by the image detector, where devices put them, and nowhere else', async () => {
    const read = { principal: IMAGES, action: 's3:GetObject' };
    await cloud.expectAllowed({ ...read, resource: frame });
    for (const resource of [`${bucket}/other/1.jpg`, `${bucket}/frames-2/1.jpg`, `${bucket}-2/frames/drone-1/1.jpg`]) {
      await cloud.expectDenied({ ...read, resource });
    }
    await cloud.expectDenied({ ...read, resource: frame, context: { 'aws:SecureTransport': 'false' } });
    for (const action of ['s3:DeleteObject', 's3:PutObject']) {
      await cloud.expectDenied({ ...read, action, resource: frame });
    }
    // So that a frame that is gone is told from one that it may not read.
    await cloud.expectAllowed({ ...read, action: 's3:ListBucket', resource: 'FramesBucket' });
    await cloud.expectDenied({ ...read, action: 's3:ListBucket', resource: `${bucket}-2` });
  });

  test('are kept as evidence by the image detector, which can not remove them from there', async () => {
    const evidence = { principal: IMAGES, resource: `${bucket}/evidence/drone-1/1.jpg` };
    for (const action of ['s3:GetObject', 's3:PutObject']) {
      await cloud.expectAllowed({ ...evidence, action });
      for (const resource of [`${bucket}/evidence-2/1.jpg`, `${bucket}/1.jpg`, `${bucket}-2/evidence/1.jpg`]) {
        await cloud.expectDenied({ ...evidence, action, resource });
      }
      await cloud.expectDenied({ ...evidence, action, context: { 'aws:SecureTransport': 'false' } });
      await cloud.expectDenied({ ...evidence, action, principal: ON_DEVICE });
    }
    for (const action of ['s3:DeleteObject', 's3:PutObjectAcl', 's3:PutObjectTagging']) {
      await cloud.expectDenied({ ...evidence, action });
    }
  });

  test('are no business of the other detector, nor is Rekognition', async () => {
    for (const [action, resource] of [
      ['s3:GetObject', frame],
      ['rekognition:DetectLabels', '*'],
    ]) {
      await cloud.expectAllowed({ principal: IMAGES, action, resource });
      await cloud.expectDenied({ principal: ON_DEVICE, action, resource });
    }
    await cloud.expectDenied({ principal: IMAGES, action: 'rekognition:DetectFaces', resource: '*' });
  });
});

describe('a detector of somebody else, by grantRaise', () => {
  test.each([
    ['with a key', true],
    ['without a key', false],
  ])('%s may do what raising an alert takes', async (_what, encrypted) => {
    const stack = testStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const encryptionKey = encrypted ? new kms.Key(stack, 'Key') : undefined;
    new kms.Key(stack, 'OtherKey');
    new AlertTopic(stack, 'Alerts', { encryptionKey }).grantRaise(role).assertSuccess();
    new AlertTopic(stack, 'Others');
    const model = CloudModel.of(stack);
    for (const [action, own, other] of [
      ['sns:Publish', 'AlertsTopic', 'OthersTopic'],
      ['dynamodb:PutItem', 'AlertsHistory', 'OthersHistory'],
      ...(encrypted
        ? ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'].map((action) => [action, 'Key', 'OtherKey'])
        : []),
    ]) {
      await model.expectAllowed({ principal: 'Role', action, resource: own });
      await model.expectDenied({ principal: 'Role', action, resource: other });
    }
    const policies = JSON.stringify(model.identityPolicies('Role').policies);
    expect(policies.includes('kms:')).toBe(encrypted);
  });
});
