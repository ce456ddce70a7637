import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { DeviceIdentity, FleetKey, FrameStore, QueueMonitor } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const principal = 'LinesHandlerServiceRole';
const OWN = { 'aws:SourceAccount': '111122223333' };
const SIGNAL = { 'events:source': 'cdk-kinesis-video.queue-monitor', 'events:detail-type': 'Staffing Signal' };

const stack = testStack();
const encryptionKey = new FleetKey(stack, 'Key');
const eventBus = new EventBus(stack, 'Bus');
new EventBus(stack, 'OtherBus');
new Topic(stack, 'Other');
new Table(stack, 'Neighbour', { partitionKey: { name: 'fleet', type: AttributeType.STRING } });
const identity = new DeviceIdentity(stack, 'Identity');
const [fleetName, registers] = ['store-7', [{ name: 'till-1' }]];
new QueueMonitor(stack, 'Lines', { fleetName, registers, identity, eventBus, encryptionKey });
const frames = new FrameStore(stack, 'Frames', { encryptionKey });
new QueueMonitor(stack, 'Seen', { fleetName, registers, frames, eventBus, encryptionKey });
const cloud = CloudModel.of(stack);

test('what takes counts reads and writes its own table only, one item at a time', async () => {
  for (const name of ['GetItem', 'PutItem']) {
    await cloud.expectAllowed({ principal, action: `dynamodb:${name}`, resource: 'LinesTable' });
    await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'Neighbour' });
  }
  for (const name of ['DeleteItem', 'Scan', 'DeleteTable']) {
    await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'LinesTable' });
  }
});

test('it puts staffing signals on its bus, and nothing else', async () => {
  const put = { principal, action: 'events:PutEvents', resource: 'Bus', context: SIGNAL };
  await cloud.expectAllowed(put);
  await cloud.expectDenied({ ...put, resource: 'OtherBus' });
  await cloud.expectDenied({ ...put, context: { ...SIGNAL, 'events:source': 'aws.s3' } });
  await cloud.expectDenied({ ...put, context: { ...SIGNAL, 'events:detail-type': 'Object Deleted' } });
  await cloud.expectDenied({ ...put, action: 'events:DeleteRule' });
});

test('it works its own queue off, and publishes nothing itself', async () => {
  for (const name of ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility']) {
    await cloud.expectAllowed({ principal, action: `sqs:${name}`, resource: 'LinesWorkQueue' });
    await cloud.expectDenied({ principal, action: `sqs:${name}`, resource: 'FramesWorkQueue' });
  }
  await cloud.expectAllowed({ principal, action: 'sqs:SendMessage', resource: 'LinesWorkDeadLetterQueue' });
  await cloud.expectDenied({ principal, action: 'sqs:SendMessage', resource: 'LinesWorkQueue' });
  await cloud.expectDenied({ principal, action: 'sns:Publish', resource: 'LinesTopic' });
  await cloud.expectDenied({ principal, action: 'rekognition:DetectLabels', resource: '*' });
});

test('what counts in frames reads and deletes frames, and neither evidence nor the bucket', async () => {
  const seen = 'SeenHandlerServiceRole';
  const bucket = cloud.arn('FramesBucket');
  for (const action of ['s3:GetObject', 's3:DeleteObject']) {
    await cloud.expectAllowed({ principal: seen, action, resource: `${bucket}/frames/till-1/1.jpg` });
    await cloud.expectDenied({ principal: seen, action, resource: `${bucket}/evidence/till-1/1.jpg` });
    await cloud.expectDenied({ principal, action, resource: `${bucket}/frames/till-1/1.jpg` });
  }
  await cloud.expectDenied({ principal: seen, action: 's3:PutObject', resource: `${bucket}/frames/till-1/1.jpg` });
  await cloud.expectDenied({ principal: seen, action: 's3:DeleteBucket', resource: 'FramesBucket' });
  await cloud.expectAllowed({ principal: seen, action: 's3:ListBucket', resource: 'FramesBucket' });
  await cloud.expectAllowed({ principal: seen, action: 'rekognition:DetectLabels', resource: '*' });
  for (const action of ['rekognition:DetectFaces', 'rekognition:SearchFacesByImage', 'rekognition:DetectText']) {
    await cloud.expectDenied({ principal: seen, action, resource: '*' });
  }
});

test('EventBridge publishes to the topic, and uses the key for this account', async () => {
  const events = { principal: 'events.amazonaws.com', context: OWN };
  await cloud.expectAllowed({ ...events, action: 'sns:Publish', resource: 'LinesTopic' });
  await cloud.expectDenied({ ...events, action: 'sns:Publish', resource: 'Other' });
  for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
    await cloud.expectAllowed({ ...events, action, resource: 'Key' });
    await cloud.expectDenied({ ...events, principal: 'lambda.amazonaws.com', action, resource: 'Key' });
  }
  await cloud.expectDenied({ ...events, action: 'kms:ScheduleKeyDeletion', resource: 'Key' });
});

test('a device counts at its own registers, and at nobody else’s', async () => {
  const context = { 'iot:Connection.Thing.ThingName': 'till-1', 'iot:Connection.Thing.IsAttached': 'true' };
  const publish = { principal: 'IdentityPolicy', context, action: 'iot:Publish' };
  const topic = (name: string) => `arn:aws:iot:eu-west-1:111122223333:topic/devices/${name}`;
  await cloud.expectAllowed({ ...publish, resource: topic('till-1/counts') });
  for (const other of ['till-10/counts', 'till-2/counts', 'till-1/counts/more', '+/counts']) {
    await cloud.expectDenied({ ...publish, resource: topic(other) });
  }
});
