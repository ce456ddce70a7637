import { App, Duration } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json';
import { DroneFleetCell, MotionGate } from '../../lib';
import { BIRDS } from '../support/fleet';
import { CloudModel } from '../support/policy-simulator';

const cell = new DroneFleetCell(new App({ context: cdkJson.context }), 'Cell', {
  env: { account: '111122223333', region: 'eu-west-1' },
  fleetName: 'delivery',
  obstacles: BIRDS,
});
new MotionGate(cell.state, 'Gate', {
  fleetName: 'delivery',
  identity: cell.state.identity,
  fleetLimitPerDay: Duration.hours(100),
  encryptionKey: cell.state.encryptionKey,
});
const cloud = CloudModel.of(cell.state, cell.fleet);

describe('what opens gates', () => {
  const principal = 'GateHandlerServiceRole';

  test('reads and changes gates only, one by one', async () => {
    for (const name of ['GetItem', 'PutItem', 'UpdateItem']) {
      await cloud.expectAllowed({ principal, action: `dynamodb:${name}`, resource: 'GateTable' });
      await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'AlertsHistory' });
    }
    for (const name of ['DeleteItem', 'Scan', 'DeleteTable']) {
      await cloud.expectDenied({ principal, action: `dynamodb:${name}`, resource: 'GateTable' });
    }
  });

  test('works its own queue off', async () => {
    for (const name of ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility']) {
      await cloud.expectAllowed({ principal, action: `sqs:${name}`, resource: 'GateWorkQueue' });
      await cloud.expectDenied({ principal, action: `sqs:${name}`, resource: 'FramesWorkQueue' });
    }
    await cloud.expectAllowed({ principal, action: 'sqs:SendMessage', resource: 'GateWorkDeadLetterQueue' });
    await cloud.expectDenied({ principal, action: 'sqs:SendMessage', resource: 'GateWorkQueue' });
  });

  test('raises no alerts, and uses the key without managing it', async () => {
    await cloud.expectDenied({ principal, action: 'sns:Publish', resource: 'AlertsTopic' });
    await cloud.expectAllowed({ principal, action: 'kms:Decrypt', resource: 'Key' });
    await cloud.expectDenied({ principal, action: 'kms:ScheduleKeyDeletion', resource: 'Key' });
  });
});

test('the rule brings motion to its queue only', async () => {
  const send = { principal: 'GateRuleRole', action: 'sqs:SendMessage' };
  for (const queue of ['GateWorkQueue', 'GateWorkDeadLetterQueue']) {
    await cloud.expectAllowed({ ...send, resource: queue });
  }
  await cloud.expectDenied({ ...send, resource: 'FramesWorkQueue' });
});

test('a device tells of its own motion, and of nobody else’s', async () => {
  const context = { 'iot:Connection.Thing.ThingName': 'drone-1', 'iot:Connection.Thing.IsAttached': 'true' };
  const publish = { principal: 'IdentityPolicy', context, action: 'iot:Publish' };
  const topic = (name: string) => `arn:aws:iot:eu-west-1:111122223333:topic/devices/${name}`;
  await cloud.expectAllowed({ ...publish, resource: topic('drone-1/motion') });
  for (const other of ['drone-10/motion', 'drone-2/motion', 'drone-1/motion/more', '+/motion']) {
    await cloud.expectDenied({ ...publish, resource: topic(other) });
  }
});
