import { Duration } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  AlertAcknowledgements,
  AlertTopic,
  ClipArchive,
  DeviceIdentity,
  FleetKey,
  ShotDetector,
  SignedWebhook,
} from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const [finder, decider, sender] = [
  'ShotsHandlerServiceRole',
  'ShotsDecisionHandlerServiceRole',
  'DispatchHandlerServiceRole',
];

const stack = testStack();
const encryptionKey = new FleetKey(stack, 'Key');
new Key(stack, 'OtherKey');
new Topic(stack, 'Other');
new Queue(stack, 'OtherQueue');
new Secret(stack, 'OtherSecret');
new Table(stack, 'Neighbour', { partitionKey: { name: 'id', type: AttributeType.STRING } });
const identity = new DeviceIdentity(stack, 'Identity');
const alerts = new AlertTopic(stack, 'Alerts', { encryptionKey });
const dispatch = new SignedWebhook(stack, 'Dispatch', {
  url: 'https://dispatch.example.com',
  secret: new Secret(stack, 'Secret', { encryptionKey }),
  encryptionKey,
});
const acknowledgements = new AlertAcknowledgements(stack, 'Acknowledged', { encryptionKey });
const detector = new ShotDetector(stack, 'Shots', {
  fleetName: 'city-1',
  identity,
  alerts,
  dispatch,
  clips: new ClipArchive(stack, 'Clips', { fleetName: 'city-1', identity, encryptionKey }),
  confirmation: { within: Duration.minutes(1), acknowledgements },
  encryptionKey,
});
for (const [id, isOperator] of [
  ['Operator', true],
  ['Visitor', false],
] as const) {
  const role = new Role(stack, id, { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  if (isOperator) detector.grantDecide(role);
}
const cloud = CloudModel.of(stack);

test.each([finder, decider])('%s reads and writes incidents, one at a time', async (principal) => {
  for (const name of ['GetItem', 'PutItem']) {
    await cloud.expectAllowed({ principal, action: `dynamodb:${name}`, resource: 'ShotsTable' });
    await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'Neighbour' });
    await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'ShotsCameras' });
  }
  await cloud.expectDenied({ principal, action: 'dynamodb:Scan', resource: 'ShotsTable' });
  await cloud.expectAllowed({ principal, action: 'sqs:SendMessage', resource: 'ShotsWorkQueue' });
  await cloud.expectDenied({ principal, action: 'sqs:SendMessage', resource: 'OtherQueue' });
});

test('what finds shots looks for cameras, tells of them, has them dispatched and clips made', async () => {
  await cloud.expectAllowed({ principal: finder, action: 'dynamodb:Query', resource: 'ShotsCameras' });
  await cloud.expectDenied({ principal: finder, action: 'dynamodb:Query', resource: 'Neighbour' });
  await cloud.expectDenied({ principal: finder, action: 'dynamodb:DeleteItem', resource: 'ShotsCameras' });
  await cloud.expectAllowed({ principal: finder, action: 'sns:Publish', resource: 'AlertsTopic' });
  await cloud.expectDenied({ principal: finder, action: 'sns:Publish', resource: 'Other' });
  for (const resource of ['DispatchWorkQueue', 'ClipsWorkQueue']) {
    await cloud.expectAllowed({ principal: finder, action: 'sqs:SendMessage', resource });
    await cloud.expectDenied({ principal: finder, action: 'sqs:ReceiveMessage', resource });
    await cloud.expectDenied({ principal: decider, action: 'sqs:SendMessage', resource });
  }
  await cloud.expectDenied({ principal: decider, action: 'sns:Publish', resource: 'AlertsTopic' });
});

test('what takes decisions acknowledges; what finds shots doesn’t', async () => {
  const acknowledge = { action: 'dynamodb:UpdateItem', resource: 'AcknowledgedTable' };
  await cloud.expectAllowed({ ...acknowledge, principal: decider });
  await cloud.expectDenied({ ...acknowledge, principal: finder });
  await cloud.expectDenied({ ...acknowledge, principal: decider, action: 'dynamodb:DeleteItem' });
});

test('what sends knows its own secret, the current one and the one before', async () => {
  const context = (stage: string) => ({ 'secretsmanager:VersionStage': stage });
  const read = { principal: sender, action: 'secretsmanager:GetSecretValue', resource: 'Secret' };
  for (const stage of ['AWSCURRENT', 'AWSPREVIOUS']) {
    await cloud.expectAllowed({ ...read, context: context(stage) });
    await cloud.expectDenied({ ...read, context: context(stage), resource: 'OtherSecret' });
    for (const principal of [finder, decider])
      await cloud.expectDenied({ ...read, principal, context: context(stage) });
  }
  await cloud.expectDenied({ ...read, context: context('AWSPENDING') });
  await cloud.expectDenied({ ...read, action: 'secretsmanager:PutSecretValue', context: context('AWSCURRENT') });
  await cloud.expectAllowed({ principal: sender, action: 'kms:Decrypt', resource: 'Key' });
  await cloud.expectDenied({ principal: sender, action: 'kms:Decrypt', resource: 'OtherKey' });
});

test('who may decide may, and nobody else', async () => {
  const context = { 'lambda:FunctionUrlAuthType': 'AWS_IAM', 'lambda:InvokedViaFunctionUrl': 'true' };
  const call = { action: 'lambda:InvokeFunctionUrl', resource: 'ShotsDecisionHandler', context };
  await cloud.expectAllowed({ ...call, principal: 'Operator' });
  await cloud.expectDenied({ ...call, principal: 'Visitor' });
  await cloud.expectDenied({ ...call, principal: 'Operator', resource: 'ShotsHandler' });
});

test('a sensor tells what it heard, and not what another did', async () => {
  const context = { 'iot:Connection.Thing.ThingName': 'sensor-1', 'iot:Connection.Thing.IsAttached': 'true' };
  const publish = { principal: 'IdentityPolicy', context, action: 'iot:Publish' };
  const topic = (name: string) => `arn:aws:iot:eu-west-1:111122223333:topic/devices/${name}`;
  await cloud.expectAllowed({ ...publish, resource: topic('sensor-1/shots') });
  for (const other of ['sensor-10/shots', 'sensor-2/shots', 'sensor-1/shots/more', '+/shots']) {
    await cloud.expectDenied({ ...publish, resource: topic(other) });
  }
});
