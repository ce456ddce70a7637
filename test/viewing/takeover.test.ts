import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { DeviceIdentity, LapseAction, Takeover, type TakeoverProps } from '../../lib';
import { codedError, deployed, environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

// Who may do what is the subject of test/policies.

const TABLE = 'AWS::DynamoDB::Table';

function takeoverIn(stack: Stack, props: Partial<TakeoverProps> = {}): Takeover {
  return new Takeover(stack, 'Takeover', {
    fleetName: 'delivery',
    identity: props.identity ?? new DeviceIdentity(stack, 'Identity'),
    ...props,
  });
}

describe('defaults', () => {
  const stack = testStack();
  const takeover = takeoverIn(stack);
  const template = Template.fromStack(stack);

  test('the function knows the tables and the topic, leases of 15 seconds, and that devices hover', () => {
    const [leases, commands] = deployed(TABLE, stack).map((table) => table.attribute('Ref'));
    expect(JSON.parse(environments(stack).takeover.TAKEOVER)).toEqual({
      leaseTable: leases,
      commandTable: commands,
      topicPrefix: 'devices',
      leaseSeconds: 15,
      commandSeconds: 5,
      onLapse: 'HOVER',
    });
    expect(environments(stack)['command-acknowledgement'].COMMAND_TABLE).toBe(commands);
  });

  test.each([
    ['leases', [{ AttributeName: 'device', KeyType: 'HASH' }], () => takeover.leaseTable],
    [
      'commands',
      [
        { AttributeName: 'device', KeyType: 'HASH' },
        { AttributeName: 'id', KeyType: 'RANGE' },
      ],
      () => takeover.commandTable,
    ],
  ])('%s survive the stack and mistakes', (_what, KeySchema, table) => {
    const found = template.findResources(TABLE, {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        KeySchema,
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
      },
    });
    expect(Object.keys(found)).toEqual([stack.resolve(table().tableName).Ref]);
  });

  test('a rule brings what devices acknowledge to the queue, as it is', () => {
    template.hasResourceProperties('AWS::IoT::TopicRule', {
      TopicRulePayload: {
        Sql: "SELECT topic(2) AS device, encode(*, 'base64') AS content FROM 'devices/+/commands/acks'",
        Actions: [{ Sqs: { QueueUrl: stack.resolve(takeover.queue.queueUrl) } }],
        ErrorAction: { Sqs: { QueueUrl: stack.resolve(takeover.deadLetterQueue.queueUrl) } },
      },
    });
  });

  test('an alarm goes off when an acknowledgement could not be processed', () => {
    const [[id]] = Object.entries(
      template.findResources('AWS::CloudWatch::Alarm', {
        Properties: {
          MetricName: 'ApproximateNumberOfMessagesVisible',
          Dimensions: [{ Name: 'QueueName', Value: stack.resolve(takeover.deadLetterQueue.queueName) }],
          AlarmDescription: Match.stringLikeRegexp('acknowledgements of commands'),
        },
      }),
    );
    expect(stack.resolve(takeover.deadLetterAlarm.alarmArn)).toEqual({ 'Fn::GetAtt': [id, 'Arn'] });
  });

  test.each([
    ['the function', () => takeover.handler, 'takeover'],
    ['what notes acknowledgements', () => takeover.acknowledgementHandler, 'command-acknowledgement'],
  ])('%s is told', (_what, fn, service) => {
    const [id] = Object.keys(
      template.findResources('AWS::Lambda::Function', {
        Properties: { Environment: { Variables: { POWERTOOLS_SERVICE_NAME: service } } },
      }),
    );
    expect(stack.resolve(fn().functionName)).toEqual({ Ref: id });
  });

  test.each([
    ['metric', () => takeover.metric('ControlTaken'), 'takeover', 'ControlTaken', 'Sum'],
    [
      'metricAcknowledgements',
      () => takeover.metricAcknowledgements('CommandRefused'),
      'command-acknowledgement',
      'CommandRefused',
      'Sum',
    ],
    ['metricCommandLatency', () => takeover.metricCommandLatency(), 'command-acknowledgement', 'CommandLatency', 'p90'],
  ])('%s is where the handlers put it', (_what, metric, service, metricName, statistic) => {
    expect(metric()).toMatchObject({
      namespace: 'KinesisVideoFleet',
      dimensions: { service },
      metricName,
      statistic,
    });
  });
});

test('passes all properties on', () => {
  const stack = testStack();
  takeoverIn(stack, {
    identity: new DeviceIdentity(stack, 'Identity', { topicPrefix: 'fleet-7' }),
    leaseLength: Duration.minutes(2),
    onLapse: LapseAction.RETURN,
    commands: ['HOVER', 'LAND_2'],
    commandValidity: Duration.seconds(60),
    encryptionKey: new kms.Key(stack, 'Key'),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  expect(JSON.parse(environments(stack).takeover.TAKEOVER)).toMatchObject({
    topicPrefix: 'fleet-7',
    leaseSeconds: 120,
    commandSeconds: 60,
    onLapse: 'RETURN',
    commands: ['HOVER', 'LAND_2'],
  });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IoT::TopicRule', {
    TopicRulePayload: { Sql: Match.stringLikeRegexp("FROM 'fleet-7/\\+/commands/acks'$") },
  });
  template.allResources(TABLE, {
    DeletionPolicy: 'Delete',
    Properties: { DeletionProtectionEnabled: false, SSESpecification: { SSEType: 'KMS' } },
  });
  const [key] = deployed('AWS::KMS::Key', stack);
  expect(deployed('AWS::SQS::Queue', stack).map((queue) => queue.get('KmsMasterKeyId'))).toEqual([key.arn, key.arn]);
});

test.each<[string, Partial<TakeoverProps>, string, RegExp]>([
  ['a fleet name with a space', { fleetName: 'a b' }, 'FleetName', /`fleetName` is 'a b'/],
  ['4 seconds', { leaseLength: Duration.seconds(4) }, 'TakeoverLease', /`leaseLength` is 4 seconds; .* 5 and 120/],
  ['over two minutes', { leaseLength: Duration.seconds(121) }, 'TakeoverLease', /`leaseLength` is 121 seconds/],
  ['half a second', { leaseLength: Duration.millis(7500) }, 'TakeoverLease', /`leaseLength` is 7.5 seconds/],
  [
    'commands that are valid for no time',
    { commandValidity: Duration.seconds(0) },
    'TakeoverCommandValidity',
    /`commandValidity` is 0 seconds; .* 1 and 60/,
  ],
  [
    'commands that are valid for too long',
    { commandValidity: Duration.seconds(61) },
    'TakeoverCommandValidity',
    /`commandValidity` is 61 seconds/,
  ],
  ['no command at all', { commands: [] }, 'TakeoverCommands', /`commands.length` is 0/],
  ['33 commands', { commands: Array(33).fill('MOVE') }, 'TakeoverCommands', /`commands.length` is 33/],
  ['a command in lower case', { commands: ['HOVER', 'move'] }, 'TakeoverCommands', /`commands` is 'move'/],
  ['a command of the lease', { commands: ['RELEASE'] }, 'TakeoverCommands', /'RELEASE', which the lease itself sends/],
])('%s names path, value and range', (_what, props, code, message) => {
  expect(() => takeoverIn(testStack(), props)).toThrow(codedError(code, message, 'Test/Takeover'));
});
