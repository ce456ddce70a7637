import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AlertTopic, ClosedArea, DeviceIdentity, FieldWatch, ObstacleClass } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const principal = 'WatchHandlerServiceRole';

const stack = testStack();
const encryptionKey = new kms.Key(stack, 'ReserveKey');
new kms.Key(stack, 'OtherKey');
new Bucket(stack, 'OtherBucket');
new Topic(stack, 'OtherTopic');
new Table(stack, 'Neighbour', { partitionKey: { name: 'device', type: AttributeType.STRING } });
const identity = new DeviceIdentity(stack, 'Identity', { signaling: false });
const corners = [
  { latitude: 0, longitude: 0 },
  { latitude: 0, longitude: 1 },
  { latitude: 1, longitude: 0 },
];
new FieldWatch(stack, 'Watch', {
  fleetName: 'reserve',
  identity,
  alerts: new AlertTopic(stack, 'Alerts', { encryptionKey }),
  obstacles: [new ObstacleClass({ name: 'person', labels: ['Person'] })],
  areas: [new ClosedArea('north', corners)],
  encryptionKey,
});
const cloud = CloudModel.of(stack);
const bucket = cloud.arn('WatchBucket');

test('it records and remembers in its own table only, one item at a time', async () => {
  for (const name of ['GetItem', 'PutItem']) {
    await cloud.expectAllowed({ principal, action: `dynamodb:${name}`, resource: 'WatchTable' });
    await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'Neighbour' });
  }
  for (const name of ['DeleteItem', 'UpdateItem', 'Scan', 'Query', 'DeleteTable']) {
    await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'WatchTable' });
  }
});

test('it keeps pictures and links to them, and neither lists nor deletes any', async () => {
  for (const action of ['s3:GetObject', 's3:PutObject']) {
    await cloud.expectAllowed({ principal, action, resource: `${bucket}/snapshots/trap-1/1.jpg` });
    await cloud.expectDenied({ principal, action, resource: `${bucket}/other/trap-1/1.jpg` });
    await cloud.expectDenied({ principal, action, resource: `${cloud.arn('OtherBucket')}/snapshots/trap-1/1.jpg` });
  }
  await cloud.expectDenied({ principal, action: 's3:DeleteObject', resource: `${bucket}/snapshots/trap-1/1.jpg` });
  await cloud.expectDenied({ principal, action: 's3:ListBucket', resource: 'WatchBucket' });
});

test('it tells of alerts by their topic, and by no other', async () => {
  await cloud.expectAllowed({ principal, action: 'sns:Publish', resource: 'AlertsTopic' });
  await cloud.expectDenied({ principal, action: 'sns:Publish', resource: 'OtherTopic' });
  for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
    await cloud.expectAllowed({ principal, action, resource: 'ReserveKey' });
    await cloud.expectDenied({ principal, action, resource: 'OtherKey' });
  }
  await cloud.expectDenied({ principal, action: 'rekognition:DetectLabels', resource: '*' });
});

test('it works its own queue off', async () => {
  await cloud.expectAllowed({ principal, action: 'sqs:ReceiveMessage', resource: 'WatchWorkQueue' });
  await cloud.expectAllowed({ principal, action: 'sqs:SendMessage', resource: 'WatchWorkDeadLetterQueue' });
  await cloud.expectDenied({ principal, action: 'sqs:SendMessage', resource: 'WatchWorkQueue' });
});

test('a device publishes its own sightings, and nobody else’s', async () => {
  const context = { 'iot:Connection.Thing.ThingName': 'trap-1', 'iot:Connection.Thing.IsAttached': 'true' };
  const publish = { principal: 'IdentityPolicy', context, action: 'iot:Publish' };
  const topic = (name: string) => `arn:aws:iot:eu-west-1:111122223333:topic/devices/${name}`;
  await cloud.expectAllowed({ ...publish, resource: topic('trap-1/sightings') });
  for (const other of ['trap-10/sightings', 'trap-2/sightings', 'trap-1/sightings/more', 'trap-1/detections']) {
    await cloud.expectDenied({ ...publish, resource: topic(other) });
  }
});

test('the rule brings messages to its queues, and to no others', async () => {
  const send = { principal: 'WatchRuleRole', action: 'sqs:SendMessage' };
  await cloud.expectAllowed({ ...send, resource: 'WatchWorkQueue' });
  await cloud.expectAllowed({ ...send, resource: 'WatchWorkDeadLetterQueue' });
  await cloud.expectDenied({ ...send, resource: 'AlertsDeadLetterQueue' });
});
