import { Duration } from 'aws-cdk-lib';
import { DeviceIdentity, FleetKey, ProducerTelemetry, type ProducerTelemetryProps } from '../../lib';
import { codedError, environments } from '../support/fleet';
import { CloudModel } from '../support/policy-simulator';
import { Match, Template, testStack } from '../support/template';

function telemetry(props: Partial<ProducerTelemetryProps> = {}) {
  const stack = testStack();
  const identity = new DeviceIdentity(stack, 'Identity');
  return { stack, telemetry: new ProducerTelemetry(stack, 'Telemetry', { identity, ...props }) };
}

describe('the rule', () => {
  test('has the name that devices know, and says of each message from whom and when it is', () => {
    const { stack, telemetry: made } = telemetry();
    expect(made.topic).toMatch(/^\$aws\/rules\/[a-zA-Z0-9_]{1,128}\/devices\/\{thing\}\/telemetry$/);
    Template.fromStack(stack).hasResourceProperties('AWS::IoT::TopicRule', {
      RuleName: made.topic.split('/')[2],
      TopicRulePayload: {
        Sql: "SELECT topic(2) AS device, timestamp() AS receivedAt, encode(*, 'base64') AS content FROM 'devices/+/telemetry'",
        AwsIotSqlVersion: '2016-03-23',
        Actions: [{ Kinesis: Match.objectLike({ PartitionKey: '${topic(2)}' }) }],
        ErrorAction: { Sqs: Match.anyValue() },
      },
    });
  });

  test('can be named', () => {
    expect(telemetry({ ruleName: 'producers' }).telemetry.topic).toBe('$aws/rules/producers/devices/{thing}/telemetry');
  });

  test.each(['fleet-1', 'a b', ''])('can not be named %p', (ruleName) => {
    expect(() => telemetry({ ruleName })).toThrow(codedError('TelemetryRuleName', /1 to 128 of a-z/, 'Test/Telemetry'));
  });
});

describe('the interval', () => {
  test('is told to the function, and is what a report stands for', () => {
    const { stack, telemetry: made } = telemetry({ interval: Duration.minutes(2) });
    expect(environments(stack)['producer-telemetry'].INTERVAL_SECONDS).toBe('120');
    expect(made.metricReportingDevices().expression).toBe('reports * 0.4');
    expect(made.metricReportingDevices({ period: Duration.minutes(1) }).expression).toBe('reports * 2');
  });

  test.each([29, 901])('of %d seconds is refused', (seconds) => {
    expect(() => telemetry({ interval: Duration.seconds(seconds) })).toThrow(
      codedError('TelemetryInterval', /between 30 and 900 seconds/, 'Test/Telemetry'),
    );
  });
});

describe('permissions', () => {
  const { stack, telemetry: made } = telemetry();
  const cloud = CloudModel.of(stack);
  const arn = (topic: string) => `arn:aws:iot:eu-west-1:111122223333:topic/${topic}`;

  test('let a device report for itself, to this rule only', async () => {
    const context = { 'iot:Connection.Thing.ThingName': 'drone-1', 'iot:Connection.Thing.IsAttached': 'true' };
    const publish = { principal: 'IdentityPolicy', context, action: 'iot:Publish' };
    const own = made.topic.replace('{thing}', 'drone-1');
    await cloud.expectAllowed({ ...publish, resource: arn(own) });
    for (const topic of [
      made.topic.replace('{thing}', 'drone-10'),
      `${own}/more`,
      own.replace(/^\$aws\/rules\/[^/]+/, '$aws/rules/other'),
      // At the broker it would be billed, and anybody who is subscribed would hear it.
      'devices/drone-1/telemetry',
    ]) {
      await cloud.expectDenied({ ...publish, resource: arn(topic) });
    }
  });

  test('let the rule write to its stream and dead-letter queue only', async () => {
    const rule = { principal: 'TelemetryRuleRole' };
    await cloud.expectAllowed({ ...rule, action: 'kinesis:PutRecord', resource: 'TelemetryDataStream' });
    await cloud.expectAllowed({ ...rule, action: 'sqs:SendMessage', resource: 'TelemetryDeadLetterQueue' });
    await cloud.expectDenied({ ...rule, action: 'kinesis:GetRecords', resource: 'TelemetryDataStream' });
    await cloud.expectDenied({
      ...rule,
      action: 'kinesis:PutRecord',
      resource: 'arn:aws:kinesis:eu-west-1:111122223333:stream/other',
    });
  });

  test('let the function read the stream', async () => {
    const handler = { principal: 'TelemetryHandlerServiceRole', resource: 'TelemetryDataStream' };
    await cloud.expectAllowed({ ...handler, action: 'kinesis:GetRecords' });
    await cloud.expectDenied({ ...handler, action: 'kinesis:PutRecord' });
  });
});

test('a key of the own encrypts the stream and the queue, and the rule may use it', async () => {
  const stack = testStack();
  const encryptionKey = new FleetKey(stack, 'Key');
  const identity = new DeviceIdentity(stack, 'Identity');
  new ProducerTelemetry(stack, 'Telemetry', { identity, encryptionKey });
  Template.fromStack(stack).hasResourceProperties('AWS::Kinesis::Stream', {
    StreamEncryption: { EncryptionType: 'KMS', KeyId: stack.resolve(encryptionKey.keyArn) },
  });
  const cloud = CloudModel.of(stack);
  await cloud.expectAllowed({ principal: 'TelemetryRuleRole', action: 'kms:GenerateDataKey', resource: 'Key' });
  await cloud.expectDenied({ principal: 'TelemetryRuleRole', action: 'kms:ScheduleKeyDeletion', resource: 'Key' });
});
