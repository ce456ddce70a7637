import { FleetKey, FrameStore } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const OWN = { 'aws:SourceAccount': '111122223333' };
const OTHER = { 'aws:SourceAccount': '444455556666' };

const stack = testStack();
new FrameStore(stack, 'Frames', { encryptionKey: new FleetKey(stack, 'Key') });
const cloud = CloudModel.of(stack);

test('S3 tells the queue of frames for this account only', async () => {
  const send = { principal: 's3.amazonaws.com', action: 'sqs:SendMessage', resource: 'FramesWorkQueue' };
  await cloud.expectAllowed({ ...send, context: OWN });
  await cloud.expectDenied({ ...send, context: OTHER });
  await cloud.expectDenied(send);
  await cloud.expectDenied({ ...send, context: OWN, principal: 'sns.amazonaws.com' });
  await cloud.expectDenied({ ...send, context: OWN, action: 'sqs:ReceiveMessage' });
  await cloud.expectDenied({ ...send, context: OWN, resource: 'FramesWorkDeadLetterQueue' });
});

test('S3 uses the key for this account only, and does not manage it', async () => {
  const principal = 's3.amazonaws.com';
  for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
    await cloud.expectAllowed({ principal, action, resource: 'Key', context: OWN });
    await cloud.expectDenied({ principal, action, resource: 'Key', context: OTHER });
    await cloud.expectDenied({ principal: 'sns.amazonaws.com', action, resource: 'Key', context: OWN });
  }
  await cloud.expectDenied({ principal, action: 'kms:ScheduleKeyDeletion', resource: 'Key', context: OWN });
});

test.each([
  ['frames', 's3:GetObject', () => `${cloud.arn('FramesBucket')}/frames/drone-1/1.jpg`],
  ['the bucket', 's3:ListBucket', () => 'FramesBucket'],
  ['the queue', 'sqs:ReceiveMessage', () => 'FramesWorkQueue'],
  ['the dead-letter queue', 'sqs:ReceiveMessage', () => 'FramesWorkDeadLetterQueue'],
])('%s: reached by TLS only, and from this account only', async (_what, action, resource) => {
  const request = { principal: '111122223333', action, resource: resource() };
  await cloud.expectAllowed(request);
  await cloud.expectDenied({ ...request, context: { 'aws:SecureTransport': 'false' } });
  await cloud.expectDenied({ ...request, principal: '444455556666' });
});

test('the bucket takes TLS 1.2 and later', async () => {
  const read = {
    principal: '111122223333',
    action: 's3:GetObject',
    resource: `${cloud.arn('FramesBucket')}/frames/drone-1/1.jpg`,
  };
  for (const version of ['1.2', '1.3']) await cloud.expectAllowed({ ...read, context: { 's3:TlsVersion': version } });
  for (const version of ['1.0', '1.1']) await cloud.expectDenied({ ...read, context: { 's3:TlsVersion': version } });
});
