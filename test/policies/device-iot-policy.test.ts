import { DeviceIdentity } from '../../lib';
import { cloudOfCell } from '../support/fleet';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const principal = 'IdentityPolicy';
const context = { 'iot:Connection.Thing.ThingName': 'drone-1', 'iot:Connection.Thing.IsAttached': 'true' };

function arn(resource: string): string {
  return `arn:aws:iot:eu-west-1:111122223333:${resource}`;
}

describe('the certificate of a device', () => {
  const cloud = cloudOfCell();

  test('connects as its own thing only, and only if it is attached to it', async () => {
    const connect = { principal, context, action: 'iot:Connect' };
    await cloud.expectAllowed({ ...connect, resource: arn('client/drone-1') });
    for (const other of ['drone-10', 'drone-1-2', 'drone', 'claim-1', '*', '']) {
      await cloud.expectDenied({ ...connect, resource: arn(`client/${other}`) });
    }
    const detached = { ...context, 'iot:Connection.Thing.IsAttached': 'false' };
    await cloud.expectDenied({ ...connect, context: detached, resource: arn('client/drone-1') });
    await cloud.expectDenied({ ...connect, context: {}, resource: arn('client/drone-1') });
  });

  test('publishes detections to its own topic, and nothing anywhere else', async () => {
    const publish = { principal, context, action: 'iot:Publish' };
    await cloud.expectAllowed({ ...publish, resource: arn('topic/devices/drone-1/detections') });
    for (const topic of [
      'devices/drone-10/detections',
      'devices/drone-1-2/detections',
      'devices/drone-1/detections/more',
      'devices/drone-1/commands',
      'devices/+/detections',
      'others/drone-1/detections',
      '$aws/things/drone-1/shadow/update',
      '$aws/events/thing/drone-1/created',
      '$aws/certificates/create/json',
    ]) {
      await cloud.expectDenied({ ...publish, resource: arn(`topic/${topic}`) });
    }
    await cloud.expectDenied({ ...publish, context: {}, resource: arn('topic/devices//detections') });
  });

  test('keeps no message at the broker, and hears nothing', async () => {
    const topic = 'devices/drone-1/detections';
    await cloud.expectAllowed({ principal, context, action: 'iot:Publish', resource: arn(`topic/${topic}`) });
    await cloud.expectDenied({ principal, context, action: 'iot:RetainPublish', resource: arn(`topic/${topic}`) });
    await cloud.expectDenied({ principal, context, action: 'iot:Receive', resource: arn(`topic/${topic}`) });
    await cloud.expectDenied({ principal, context, action: 'iot:Subscribe', resource: arn(`topicfilter/${topic}`) });
  });

  test('gets credentials by the alias of the fleet only', async () => {
    const assume = { principal, context, action: 'iot:AssumeRoleWithCertificate' };
    await cloud.expectAllowed({ ...assume, resource: 'IdentityRoleAlias' });
    await cloud.expectDenied({ ...assume, resource: arn('rolealias/another') });
    await cloud.expectDenied({ ...assume, resource: arn('rolealias/*') });
  });
});

test('without detection on devices it publishes nothing', async () => {
  const publish = { principal, context, action: 'iot:Publish', resource: arn('topic/devices/drone-1/detections') };
  await cloudOfCell({ onDeviceDetection: false }).expectDenied(publish);
  await cloudOfCell().expectAllowed(publish);
});

test('what is allowed in addition is about its own topics, too', async () => {
  const stack = testStack();
  const identity = new DeviceIdentity(stack, 'Identity', { topicPrefix: 'fleet-7' });
  identity.allowPublish('status');
  identity.allowSubscribe('commands');
  const cloud = CloudModel.of(stack);
  for (const [action, resource, suffix] of [
    ['iot:Publish', 'topic', 'status'],
    ['iot:Subscribe', 'topicfilter', 'commands'],
    ['iot:Receive', 'topic', 'commands'],
  ]) {
    const request = { principal, context, action };
    await cloud.expectAllowed({ ...request, resource: arn(`${resource}/fleet-7/drone-1/${suffix}`) });
    for (const topic of [
      `fleet-7/drone-10/${suffix}`,
      'fleet-7/#',
      'fleet-7/drone-1/other',
      `devices/drone-1/${suffix}`,
    ]) {
      await cloud.expectDenied({ ...request, resource: arn(`${resource}/${topic}`) });
    }
  }
  await cloud.expectDenied({
    principal,
    context,
    action: 'iot:Publish',
    resource: arn('topic/fleet-7/drone-1/commands'),
  });
});

test('what goes past the broker is sent to the one rule, and for the own thing', async () => {
  const stack = testStack();
  new DeviceIdentity(stack, 'Identity', { topicPrefix: 'fleet-7' }).allowBasicIngest('telemetry_rule', 'telemetry');
  const cloud = CloudModel.of(stack);
  const request = { principal, context, action: 'iot:Publish' };
  const topic = (rule: string, rest: string) => arn(`topic/$aws/rules/${rule}/${rest}`);
  await cloud.expectAllowed({ ...request, resource: topic('telemetry_rule', 'fleet-7/drone-1/telemetry') });
  for (const resource of [
    topic('other_rule', 'fleet-7/drone-1/telemetry'),
    topic('telemetry_rule', 'fleet-7/drone-10/telemetry'),
    topic('telemetry_rule', 'fleet-7/drone-1/detections'),
    topic('telemetry_rule', 'telemetry'),
    arn('topic/fleet-7/drone-1/telemetry'),
  ]) {
    await cloud.expectDenied({ ...request, resource });
  }
});
