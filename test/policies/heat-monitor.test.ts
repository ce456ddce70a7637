import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DeviceIdentity, FleetKey, HeatMonitor } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const [reader, commander] = ['HeatHandlerServiceRole', 'HeatCommandHandlerServiceRole'];
const OWN = { 'aws:SourceAccount': '111122223333' };
const ORDER = { 'events:source': 'cdk-kinesis-video.heat-monitor', 'events:detail-type': 'Maintenance Work Order' };

const stack = testStack();
const encryptionKey = new FleetKey(stack, 'Key');
const eventBus = new EventBus(stack, 'Bus');
new EventBus(stack, 'OtherBus');
new Topic(stack, 'Other');
new Queue(stack, 'OtherQueue');
new Table(stack, 'Neighbour', { partitionKey: { name: 'asset', type: AttributeType.STRING } });
const identity = new DeviceIdentity(stack, 'Identity');
const monitor = new HeatMonitor(stack, 'Heat', {
  fleetName: 'plant-1',
  assets: [{ name: 'pump' }],
  identity,
  eventBus,
  encryptionKey,
});
for (const [id, isFitter] of [
  ['Fitter', true],
  ['Visitor', false],
] as const) {
  const role = new Role(stack, id, { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  if (isFitter) monitor.grantCommand(role);
}
const cloud = CloudModel.of(stack);

test.each([reader, commander])(
  '%s reads and writes the table of assets only, one item at a time',
  async (principal) => {
    for (const name of ['GetItem', 'PutItem']) {
      await cloud.expectAllowed({ principal, action: `dynamodb:${name}`, resource: 'HeatTable' });
      await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'Neighbour' });
    }
    for (const name of ['DeleteItem', 'Scan', 'DeleteTable']) {
      await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'HeatTable' });
    }
  },
);

test('what takes readings puts work orders on its bus and nothing else; what takes commands puts none', async () => {
  const put = { principal: reader, action: 'events:PutEvents', resource: 'Bus', context: ORDER };
  await cloud.expectAllowed(put);
  await cloud.expectDenied({ ...put, principal: commander });
  await cloud.expectDenied({ ...put, resource: 'OtherBus' });
  await cloud.expectDenied({ ...put, context: { ...ORDER, 'events:source': 'aws.s3' } });
  await cloud.expectDenied({ ...put, context: { ...ORDER, 'events:detail-type': 'Staffing Signal' } });
  await cloud.expectDenied({ ...put, action: 'events:DeleteRule' });
});

test('it works its own queue off, and publishes nothing itself', async () => {
  for (const name of ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility']) {
    await cloud.expectAllowed({ principal: reader, action: `sqs:${name}`, resource: 'HeatWorkQueue' });
    await cloud.expectDenied({ principal: reader, action: `sqs:${name}`, resource: 'OtherQueue' });
    await cloud.expectDenied({ principal: commander, action: `sqs:${name}`, resource: 'HeatWorkQueue' });
  }
  await cloud.expectAllowed({ principal: reader, action: 'sqs:SendMessage', resource: 'HeatWorkDeadLetterQueue' });
  await cloud.expectDenied({ principal: reader, action: 'sqs:SendMessage', resource: 'HeatWorkQueue' });
  await cloud.expectDenied({ principal: reader, action: 'sns:Publish', resource: 'HeatTopic' });
});

test('the schedule sends to the queue of readings, with its key', async () => {
  const principal = /\/SchedulerRoleForTarget/;
  await cloud.expectAllowed({ principal, action: 'sqs:SendMessage', resource: 'HeatWorkQueue' });
  await cloud.expectDenied({ principal, action: 'sqs:SendMessage', resource: 'OtherQueue' });
  await cloud.expectDenied({ principal, action: 'sqs:ReceiveMessage', resource: 'HeatWorkQueue' });
  await cloud.expectAllowed({ principal, action: 'kms:GenerateDataKey', resource: 'Key' });
});

test('EventBridge publishes to the topic, and uses the key for this account', async () => {
  const events = { principal: 'events.amazonaws.com', context: OWN };
  await cloud.expectAllowed({ ...events, action: 'sns:Publish', resource: 'HeatTopic' });
  await cloud.expectDenied({ ...events, action: 'sns:Publish', resource: 'Other' });
  await cloud.expectAllowed({ ...events, action: 'kms:GenerateDataKey', resource: 'Key' });
  await cloud.expectDenied({ ...events, action: 'kms:ScheduleKeyDeletion', resource: 'Key' });
});

test('who may command may, and nobody else', async () => {
  const context = { 'lambda:FunctionUrlAuthType': 'AWS_IAM', 'lambda:InvokedViaFunctionUrl': 'true' };
  const call = { action: 'lambda:InvokeFunctionUrl', resource: 'HeatCommandHandler', context };
  await cloud.expectAllowed({ ...call, principal: 'Fitter' });
  await cloud.expectDenied({ ...call, principal: 'Visitor' });
  await cloud.expectDenied({ ...call, principal: 'Fitter', resource: 'HeatHandler' });
});

test('a device tells of its own assets, and of nobody else’s', async () => {
  const context = { 'iot:Connection.Thing.ThingName': 'pump', 'iot:Connection.Thing.IsAttached': 'true' };
  const publish = { principal: 'IdentityPolicy', context, action: 'iot:Publish' };
  const topic = (name: string) => `arn:aws:iot:eu-west-1:111122223333:topic/devices/${name}`;
  await cloud.expectAllowed({ ...publish, resource: topic('pump/heat') });
  for (const other of ['pump-2/heat', 'motor/heat', 'pump/heat/more', '+/heat']) {
    await cloud.expectDenied({ ...publish, resource: topic(other) });
  }
});
