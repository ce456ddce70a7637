import { Duration } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import * as library from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const principal = 'InspectorHandlerServiceRole';
const stack = testStack();
const encryptionKey = new library.FleetKey(stack, 'Key');
new Table(stack, 'Neighbour', { partitionKey: { name: 'id', type: AttributeType.STRING } });
const identity = new library.DeviceIdentity(stack, 'Identity');
const frames = new library.FrameStore(stack, 'Frames', { encryptionKey });
const common = { fleetName: 'plant-3', identity, encryptionKey };
const clips = new library.ClipArchive(stack, 'Clips', common);
new library.QualityInspector(stack, 'Inspector', {
  ...common,
  lines: ['line-1', 'line-2'],
  frames,
  clips,
  endpoint: library.ModelEndpoint.fromEndpointName(stack, 'Model', 'Quality'),
  defects: [new library.ObstacleClass({ name: 'scratch', labels: ['scratch'] })],
  rejectWithin: Duration.seconds(20),
});
const cloud = CloudModel.of(stack);
const topic = (name: string) => `arn:aws:iot:eu-west-1:111122223333:topic/devices/${name}`;

test('it tells its lines, on exactly their topics', async () => {
  const publish = { principal, action: 'iot:Publish' };
  for (const line of ['line-1', 'line-2']) {
    await cloud.expectAllowed({ ...publish, resource: topic(`${line}/rejects`) });
    await cloud.expectDenied({ ...publish, resource: topic(`${line}/rejects/more`) });
    await cloud.expectDenied({ ...publish, resource: topic(`${line}/commands`) });
  }
  for (const other of ['line-3/rejects', 'line-10/rejects', '+/rejects']) {
    await cloud.expectDenied({ ...publish, resource: topic(other) });
  }
  await cloud.expectDenied({ ...publish, action: 'iot:RetainPublish', resource: topic('line-1/rejects') });
});

test('a line receives what it is to reject, and not what others are', async () => {
  const context = { 'iot:Connection.Thing.ThingName': 'line-1', 'iot:Connection.Thing.IsAttached': 'true' };
  const receive = { principal: 'IdentityPolicy', context, action: 'iot:Receive' };
  await cloud.expectAllowed({ ...receive, resource: topic('line-1/rejects') });
  await cloud.expectDenied({ ...receive, resource: topic('line-2/rejects') });
  await cloud.expectDenied({ ...receive, action: 'iot:Publish', resource: topic('line-1/rejects') });
});

test('it asks its model, and no other', async () => {
  const ask = { principal, action: 'sagemaker:InvokeEndpoint' };
  const endpoint = 'arn:aws:sagemaker:eu-west-1:111122223333:endpoint/quality';
  await cloud.expectAllowed({ ...ask, resource: endpoint });
  await cloud.expectDenied({ ...ask, resource: `${endpoint}-2` });
  await cloud.expectDenied({ ...ask, action: 'sagemaker:DeleteEndpoint', resource: endpoint });
});

test('it reads images, writes evidence, and deletes neither', async () => {
  const bucket = cloud.arn('FramesBucket');
  const image = `${bucket}/frames/line-1/1.jpg`;
  const evidence = `${bucket}/evidence/line-1/1.jpg.json`;
  await cloud.expectAllowed({ principal, action: 's3:GetObject', resource: image });
  await cloud.expectDenied({ principal, action: 's3:PutObject', resource: image });
  await cloud.expectAllowed({ principal, action: 's3:PutObject', resource: evidence });
  for (const resource of [image, evidence]) {
    await cloud.expectDenied({ principal, action: 's3:DeleteObject', resource });
  }
  await cloud.expectAllowed({ principal, action: 's3:ListBucket', resource: 'FramesBucket' });
  await cloud.expectDenied({
    principal,
    action: 's3:GetObject',
    resource: `${cloud.arn('ClipsBucket')}/clips/line-1/1.mp4`,
  });
  for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
    await cloud.expectAllowed({ principal, action, resource: 'Key' });
  }
  await cloud.expectDenied({ principal, action: 'kms:ScheduleKeyDeletion', resource: 'Key' });
});

test('it remembers in its own table, and asks for clips', async () => {
  for (const name of ['GetItem', 'PutItem', 'UpdateItem']) {
    await cloud.expectAllowed({ principal, action: `dynamodb:${name}`, resource: 'InspectorTable' });
    await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'Neighbour' });
  }
  await cloud.expectDenied({ principal, action: 'dynamodb:DeleteItem', resource: 'InspectorTable' });
  await cloud.expectAllowed({ principal, action: 'sqs:SendMessage', resource: 'ClipsWorkQueue' });
  await cloud.expectDenied({ principal, action: 'sqs:ReceiveMessage', resource: 'ClipsWorkQueue' });
  await cloud.expectAllowed({ principal, action: 'sqs:ReceiveMessage', resource: 'FramesWorkQueue' });
});
