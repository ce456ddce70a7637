import * as iam from 'aws-cdk-lib/aws-iam';
import { DeviceIdentity, FleetKey, Takeover } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const stack = testStack();
const identity = new DeviceIdentity(stack, 'Identity');
const takeover = new Takeover(stack, 'Takeover', {
  fleetName: 'delivery',
  identity,
  encryptionKey: new FleetKey(stack, 'Key'),
});
const others = new DeviceIdentity(stack, 'OtherIdentity', { topicPrefix: 'others' });
new Takeover(stack, 'Others', { fleetName: 'others', identity: others });
takeover.grants.invoke(new iam.Role(stack, 'Api', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }));
const cloud = CloudModel.of(stack);

const topic = (name: string) => `arn:aws:iot:eu-west-1:111122223333:topic/${name}`;
const filter = (name: string) => `arn:aws:iot:eu-west-1:111122223333:topicfilter/${name}`;

describe('what gives control', () => {
  const principal = 'TakeoverHandlerServiceRole';

  test('publishes commands of its fleet, and nothing else', async () => {
    const publish = { principal, action: 'iot:Publish' };
    for (const thing of ['drone-1', 'drone-10']) {
      await cloud.expectAllowed({ ...publish, resource: topic(`devices/${thing}/commands`) });
    }
    for (const other of [
      'others/drone-1/commands',
      'devices/drone-1/detections',
      'devices/drone-1/commands/acks',
      'devices/commands',
      '$aws/things/drone-1/shadow/update',
    ]) {
      await cloud.expectDenied({ ...publish, resource: topic(other) });
    }
  });

  test('keeps no message at the broker, and hears nothing', async () => {
    const resource = topic('devices/drone-1/commands');
    await cloud.expectAllowed({ principal, action: 'iot:Publish', resource });
    await cloud.expectDenied({ principal, action: 'iot:RetainPublish', resource });
    await cloud.expectDenied({ principal, action: 'iot:Receive', resource });
  });

  test.each(['Leases', 'Commands'])('reads and writes %s one by one', async (table) => {
    for (const name of ['GetItem', 'PutItem']) {
      await cloud.expectAllowed({ principal, action: `dynamodb:${name}`, resource: `Takeover${table}` });
      await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: `Others${table}` });
    }
    for (const name of ['DeleteItem', 'UpdateItem', 'Scan', 'DeleteTable']) {
      await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: `Takeover${table}` });
    }
  });

  test('uses the key without managing it', async () => {
    await cloud.expectAllowed({ principal, action: 'kms:Decrypt', resource: 'Key' });
    await cloud.expectDenied({ principal, action: 'kms:ScheduleKeyDeletion', resource: 'Key' });
  });
});

describe('what notes acknowledgements', () => {
  const principal = 'TakeoverAcknowledgementHandlerServiceRole';

  test('changes commands, and no lease', async () => {
    const update = { principal, action: 'dynamodb:UpdateItem' };
    await cloud.expectAllowed({ ...update, resource: 'TakeoverCommands' });
    await cloud.expectDenied({ ...update, resource: 'TakeoverLeases' });
    await cloud.expectDenied({ ...update, resource: 'OthersCommands' });
    for (const name of ['PutItem', 'DeleteItem', 'Scan']) {
      await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'TakeoverCommands' });
    }
  });

  test('works its own queue off, and sends no commands', async () => {
    for (const name of ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility']) {
      await cloud.expectAllowed({ principal, action: `sqs:${name}`, resource: 'TakeoverAcknowledgementsQueue' });
      await cloud.expectDenied({ principal, action: `sqs:${name}`, resource: 'OthersAcknowledgementsQueue' });
    }
    const publish = { action: 'iot:Publish', resource: topic('devices/drone-1/commands') };
    await cloud.expectDenied({ principal, ...publish });
    await cloud.expectAllowed({ principal: 'TakeoverHandlerServiceRole', ...publish });
  });
});

test('the rule brings acknowledgements to its queue only', async () => {
  const send = { principal: 'TakeoverRuleRole', action: 'sqs:SendMessage' };
  for (const queue of ['TakeoverAcknowledgementsQueue', 'TakeoverAcknowledgementsDeadLetterQueue']) {
    await cloud.expectAllowed({ ...send, resource: queue });
  }
  await cloud.expectDenied({ ...send, resource: 'OthersAcknowledgementsQueue' });
});

describe('a device', () => {
  const context = { 'iot:Connection.Thing.ThingName': 'drone-1', 'iot:Connection.Thing.IsAttached': 'true' };
  const device = { principal: 'IdentityPolicy', context };

  test.each([
    ['iot:Subscribe', filter],
    ['iot:Receive', topic],
  ])('hears its own commands, and nobody else’s: %s', async (action, arn) => {
    await cloud.expectAllowed({ ...device, action, resource: arn('devices/drone-1/commands') });
    for (const other of [
      'devices/drone-10/commands',
      'devices/drone-2/commands',
      'devices/+/commands',
      'devices/#',
      'devices/drone-1/commands/acks',
      'devices/drone-1/commands/#',
      'others/drone-1/commands',
    ]) {
      await cloud.expectDenied({ ...device, action, resource: arn(other) });
    }
  });

  test('acknowledges its own commands, and commands nobody', async () => {
    const publish = { ...device, action: 'iot:Publish' };
    await cloud.expectAllowed({ ...publish, resource: topic('devices/drone-1/commands/acks') });
    for (const other of [
      'devices/drone-10/commands/acks',
      'devices/drone-2/commands/acks',
      'devices/drone-1/commands',
      'devices/drone-2/commands',
      'devices/drone-1/commands/acks/more',
      'others/drone-1/commands/acks',
    ]) {
      await cloud.expectDenied({ ...publish, resource: topic(other) });
    }
  });

  test('has no part in this by its role', async () => {
    const invoke = { action: 'lambda:InvokeFunction', resource: 'TakeoverHandler' };
    await cloud.expectDenied({ principal: 'IdentityRole', ...invoke });
    await cloud.expectAllowed({ principal: 'Api', ...invoke });
  });
});

test('whoever is granted to invoke controls this fleet, and gets at nothing behind it', async () => {
  const principal = 'Api';
  const invoke = { principal, action: 'lambda:InvokeFunction' };
  await cloud.expectAllowed({ ...invoke, resource: 'TakeoverHandler' });
  await cloud.expectDenied({ ...invoke, resource: 'OthersHandler' });
  await cloud.expectDenied({ ...invoke, resource: 'TakeoverAcknowledgementHandler' });
  const behind = [
    { action: 'dynamodb:PutItem', resource: 'TakeoverLeases' },
    { action: 'iot:Publish', resource: topic('devices/drone-1/commands') },
  ];
  for (const request of behind) {
    await cloud.expectDenied({ principal, ...request });
    await cloud.expectAllowed({ principal: 'TakeoverHandlerServiceRole', ...request });
  }
});
