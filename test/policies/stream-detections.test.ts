import * as kms from 'aws-cdk-lib/aws-kms';
import { AlertTopic, FaceDetections, LabelDetections } from '../../lib';
import { BIRDS } from '../support/fleet';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const stack = testStack();
const encryptionKey = new kms.Key(stack, 'Key');
new kms.Key(stack, 'OtherKey');
const what = { fleetName: 'delivery', obstacles: BIRDS, alerts: new AlertTopic(stack, 'Alerts'), encryptionKey };
new LabelDetections(stack, 'Labels', what);
new LabelDetections(stack, 'Others', what);
new FaceDetections(stack, 'Faces', what);
new FaceDetections(stack, 'Elsewhere', what);
const cloud = CloudModel.of(stack);

const LABELS = 'LabelsHandlerServiceRole';
const FACES = 'FacesHandlerServiceRole';

describe.each([
  ['of labels', LABELS, 'LabelsWorkDeadLetterQueue', 'FacesDeadLetterQueue'],
  ['of faces', FACES, 'FacesDeadLetterQueue', 'LabelsWorkDeadLetterQueue'],
])('the handler %s', (_what, principal, own, other) => {
  test('raises alerts, and publishes nothing else', async () => {
    await cloud.expectAllowed({ principal, action: 'sns:Publish', resource: 'AlertsTopic' });
    await cloud.expectDenied({ principal, action: 'sns:Publish', resource: 'LabelsTopic' });
    await cloud.expectAllowed({ principal, action: 'dynamodb:PutItem', resource: 'AlertsHistory' });
    await cloud.expectDenied({ principal, action: 'dynamodb:DeleteItem', resource: 'AlertsHistory' });
  });

  test('puts what it can not use into its dead-letter queue', async () => {
    await cloud.expectAllowed({ principal, action: 'sqs:SendMessage', resource: own });
    await cloud.expectDenied({ principal, action: 'sqs:SendMessage', resource: other });
    await cloud.expectDenied({ principal, action: 'sqs:ReceiveMessage', resource: own });
    await cloud.expectAllowed({ principal, action: 'kms:GenerateDataKey', resource: 'Key' });
    await cloud.expectDenied({ principal, action: 'kms:GenerateDataKey', resource: 'OtherKey' });
  });
});

test('the handler of labels works its own queue off', async () => {
  for (const name of ['ReceiveMessage', 'DeleteMessage']) {
    const request = { principal: LABELS, action: `sqs:${name}` };
    await cloud.expectAllowed({ ...request, resource: 'LabelsWorkQueue' });
    await cloud.expectDenied({ ...request, resource: 'OthersWorkQueue' });
  }
});

test('the handler of faces reads its own data stream, and writes none', async () => {
  for (const name of ['GetRecords', 'GetShardIterator', 'DescribeStream']) {
    const request = { principal: FACES, action: `kinesis:${name}` };
    await cloud.expectAllowed({ ...request, resource: 'FacesDataStream' });
    await cloud.expectDenied({ ...request, resource: 'ElsewhereDataStream' });
  }
  for (const name of ['PutRecord', 'DeleteStream']) {
    await cloud.expectDenied({ principal: FACES, action: `kinesis:${name}`, resource: 'FacesDataStream' });
  }
});

test('SNS brings messages of its topic to the queue, and of no other', async () => {
  const send = { principal: 'sns.amazonaws.com', action: 'sqs:SendMessage' };
  for (const resource of ['LabelsWorkQueue', 'LabelsWorkDeadLetterQueue']) {
    const from = (topic: string) => ({ ...send, resource, context: { 'aws:SourceArn': cloud.arn(topic) } });
    await cloud.expectAllowed(from('LabelsTopic'));
    await cloud.expectDenied(from('OthersTopic'));
    await cloud.expectDenied({ ...send, resource });
  }
});

test('SNS uses the key of the queue for this account only', async () => {
  const use = { principal: 'sns.amazonaws.com', action: 'kms:GenerateDataKey', resource: 'Key' };
  await cloud.expectAllowed({ ...use, context: { 'aws:SourceAccount': '111122223333' } });
  await cloud.expectDenied({ ...use, context: { 'aws:SourceAccount': '444455556666' } });
  await cloud.expectDenied({
    ...use,
    principal: 'events.amazonaws.com',
    context: { 'aws:SourceAccount': '111122223333' },
  });
});

test('the topic is published to by TLS only', async () => {
  const publish = { principal: '111122223333', action: 'sns:Publish', resource: 'LabelsTopic' };
  await cloud.expectAllowed(publish);
  await cloud.expectDenied({ ...publish, context: { 'aws:SecureTransport': 'false' } });
});
