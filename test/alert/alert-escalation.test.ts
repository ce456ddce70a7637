import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import {
  AlarmTopic,
  AlertAcknowledgements,
  AlertEscalation,
  AlertSeverity,
  AlertTopic,
  type AlertEscalationProps,
  type EscalationTierOptions,
} from '../../lib';
import { codedError, deployed } from '../support/fleet';
import { Match, Template, testStack, warningIds } from '../support/template';

// What an execution does is the subject of escalation-flow.test.ts, and who may do what of test/policies.

const TOPIC = 'AWS::SNS::Topic';
const QUEUE = 'AWS::SQS::Queue';
const SUBSCRIPTION = 'AWS::SNS::Subscription';
const MACHINE = 'AWS::StepFunctions::StateMachine';

const TIERS: EscalationTierOptions[] = [
  { name: 'pilots', acknowledgeWithin: Duration.minutes(2) },
  { name: 'chief', acknowledgeWithin: Duration.minutes(10), displayName: 'Chief of flights' },
];

function escalationIn(stack: Stack, props: Partial<AlertEscalationProps> = {}): AlertEscalation {
  const alerts = props.alerts ?? new AlertTopic(stack, 'Alerts', { encryptionKey: props.encryptionKey });
  return new AlertEscalation(stack, 'Escalation', { alerts, tiers: TIERS, ...props });
}

/** Of the alert topic to the queue that starts escalations. */
function subscribed(stack: Stack) {
  return Object.values(Template.fromStack(stack).findResources(SUBSCRIPTION, { Properties: { Protocol: 'sqs' } })).map(
    ({ Properties }) => Properties,
  );
}

describe('defaults', () => {
  const stack = testStack();
  const escalation = escalationIn(stack);
  const template = Template.fromStack(stack);

  test('there is nothing to warn of', () => {
    expect(warningIds(stack)).toEqual([]);
  });

  test('critical alerts are escalated that no window silences, and what the queue does not get is kept', () => {
    expect(subscribed(stack)).toEqual([
      {
        Protocol: 'sqs',
        Endpoint: { 'Fn::GetAtt': [expect.stringMatching(/^EscalationWorkQueue/), 'Arn'] },
        TopicArn: { Ref: expect.stringMatching(/^AlertsTopic/) },
        RawMessageDelivery: true,
        FilterPolicy: { severity: ['CRITICAL'], quiet: ['false'] },
        RedrivePolicy: {
          deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^AlertsDeadLetterQueue/), 'Arn'] },
        },
      },
    ]);
  });

  test('each tier has a topic, encrypted with the key of AWS, that survives the stack with its subscriptions', () => {
    expect(escalation.tiers.map(({ name }) => name)).toEqual(['pilots', 'chief']);
    for (const [DisplayName, id] of [
      [Match.absent(), 'EscalationTierpilotsTopic'],
      ['Chief of flights', 'EscalationTierchiefTopic'],
    ] as const) {
      const found = template.findResources(TOPIC, {
        DeletionPolicy: 'Retain',
        Properties: { KmsMasterKeyId: 'alias/aws/sns', DisplayName },
      });
      expect(Object.keys(found)).toContainEqual(expect.stringMatching(new RegExp(`^${id}`)));
    }
  });

  test('the state machine is traced and logged where it takes no room in the policy of log deliveries', () => {
    template.hasResourceProperties(MACHINE, {
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL' },
      EncryptionConfiguration: Match.absent(),
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: Match.stringLikeRegexp('^/aws/vendedlogs/states/'),
      KmsKeyId: Match.absent(),
    });
  });

  test('an alarm goes off within a minute when nobody has acknowledged', () => {
    const [id] = Object.keys(template.findResources(MACHINE));
    const metric = (MetricName: string) =>
      Match.objectLike({
        MetricStat: {
          Metric: {
            Namespace: 'AWS/States',
            MetricName,
            Dimensions: [{ Name: 'StateMachineArn', Value: { Ref: id } }],
          },
          Period: 60,
          Stat: 'Sum',
        },
      });
    const alarms = template.findResources('AWS::CloudWatch::Alarm', {
      Properties: {
        Threshold: 1,
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
        Metrics: [
          Match.objectLike({ Expression: 'FILL(failed, 0) + FILL(timedOut, 0)' }),
          metric('ExecutionsFailed'),
          metric('ExecutionsTimedOut'),
        ],
      },
    });
    const { unacknowledgedAlarm } = escalation;
    expect(Object.keys(alarms).map((alarm) => ({ 'Fn::GetAtt': [alarm, 'Arn'] }))).toEqual([
      stack.resolve(unacknowledgedAlarm.alarmArn),
    ]);
  });

  test('all of its alarms are there for the operators', () => {
    const ids = Object.keys(template.findResources('AWS::CloudWatch::Alarm')).filter((id) =>
      id.startsWith('Escalation'),
    );
    expect(escalation.alarms.map((alarm) => stack.resolve(alarm.alarmArn)['Fn::GetAtt'][0]).sort()).toEqual(ids.sort());
    expect(ids).toHaveLength(5);
  });
});

describe('a subscriber of a tier', () => {
  test('gets all that the tier is told, and what can not be delivered is kept', () => {
    const stack = testStack();
    const { tiers, deadLetterQueue } = escalationIn(stack);
    tiers[1].subscribe(new subscriptions.EmailSubscription('chief@example.com'));
    Template.fromStack(stack).hasResourceProperties(SUBSCRIPTION, {
      Protocol: 'email',
      Endpoint: 'chief@example.com',
      TopicArn: stack.resolve(tiers[1].topic.topicArn),
      FilterPolicy: Match.absent(),
      RedrivePolicy: { deadLetterTargetArn: stack.resolve(deadLetterQueue.queueArn) },
    });
  });

  test('has no dead-letter queue of its own', () => {
    const stack = testStack();
    const { tiers, startDeadLetterQueue } = escalationIn(stack);
    const own = new subscriptions.EmailSubscription('chief@example.com', { deadLetterQueue: startDeadLetterQueue });
    expect(() => tiers[0].subscribe(own)).toThrow(
      codedError('AlertSubscription', /dead-letter queue of its own/, 'Test/Escalation/Tier-pilots'),
    );
  });
});

test('severities and quiet windows are as told', () => {
  const stack = testStack();
  const severities = [AlertSeverity.CRITICAL, AlertSeverity.WARNING];
  escalationIn(stack, { severities, duringQuietWindows: true });
  expect(subscribed(stack).map(({ FilterPolicy }) => FilterPolicy)).toEqual([{ severity: ['CRITICAL', 'WARNING'] }]);
});

test('two escalations may share where alerts are acknowledged', () => {
  const stack = testStack();
  const alerts = new AlertTopic(stack, 'Alerts');
  const acknowledgements = new AlertAcknowledgements(stack, 'Acknowledgements');
  escalationIn(stack, { alerts, acknowledgements });
  const severities = [AlertSeverity.WARNING];
  new AlertEscalation(stack, 'Slow', { alerts, acknowledgements, severities, tiers: TIERS });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::Lambda::Url', 1);
  template.resourceCountIs(MACHINE, 2);
  const names = deployed(MACHINE, stack).map((machine) => machine.get<string>('StateMachineName'));
  expect(new Set(names).size).toBe(2);
  // That of the history of alerts is the other.
  template.resourceCountIs('AWS::DynamoDB::Table', 2);
});

test('all alarms have the actions that are given', () => {
  const stack = testStack();
  const { action, topic } = new AlarmTopic(stack, 'Alarms');
  escalationIn(stack, { alarmActions: [action] });
  const alarms = Object.entries(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'));
  const own = alarms.filter(([id]) => id.startsWith('Escalation')).map(([, { Properties }]) => Properties.AlarmActions);
  expect(own).toEqual(Array(5).fill([stack.resolve(topic.topicArn)]));
});

test('with a key, everything that holds alerts is encrypted with it', () => {
  const stack = testStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  escalationIn(stack, { encryptionKey, removalPolicy: RemovalPolicy.DESTROY });
  const template = Template.fromStack(stack);
  const keyArn = stack.resolve(encryptionKey.keyArn);
  template.allResourcesProperties(TOPIC, { KmsMasterKeyId: keyArn });
  template.allResourcesProperties(QUEUE, { KmsMasterKeyId: keyArn });
  template.allResourcesProperties('AWS::DynamoDB::Table', { SSESpecification: { KMSMasterKeyId: keyArn } });
  template.hasResourceProperties(MACHINE, {
    EncryptionConfiguration: { Type: 'CUSTOMER_MANAGED_KMS_KEY', KmsKeyId: keyArn },
  });
  template.hasResourceProperties('AWS::Logs::LogGroup', {
    LogGroupName: Match.stringLikeRegexp('states'),
    KmsKeyId: keyArn,
  });
  template.hasResource(TOPIC, { DeletionPolicy: 'Delete', Properties: { DisplayName: 'Chief of flights' } });
  template.hasResource('AWS::DynamoDB::Table', {
    DeletionPolicy: 'Delete',
    Properties: { KeySchema: [{ AttributeName: 'detectionId' }] },
  });
});

describe('bad input', () => {
  const tier = (props: Partial<EscalationTierOptions> = {}) => ({ ...TIERS[0], ...props });
  const seconds = (amount: number) => tier({ acknowledgeWithin: Duration.seconds(amount) });

  test.each<[string, Partial<AlertEscalationProps>, RegExp]>([
    ['EscalationTiers', { tiers: [] }, /`tiers` is 0 tiers; it must be a whole number between 1 and 10 tiers/],
    [
      'EscalationTiers',
      { tiers: Array.from({ length: 11 }, (_, index) => tier({ name: `tier-${index}` })) },
      /`tiers` is 11 tiers/,
    ],
    ['EscalationTiers', { tiers: [tier(), tier()] }, /two tiers of one name: pilots, pilots/],
    ['EscalationTierName', { tiers: [tier({ name: 'on duty' })] }, /`name` is 'on duty'; it must be 1 to 64 of/],
    ['EscalationTierName', { tiers: [tier({ name: 'x'.repeat(65) })] }, /`name` is 'x+'/],
    ['EscalationTierDuration', { tiers: [seconds(9)] }, /is 9 seconds; it must be .* between 10 and 86400 seconds/],
    ['EscalationTierDuration', { tiers: [seconds(86_401)] }, /`acknowledgeWithin` is 86401 seconds/],
    ['EscalationTierDuration', { tiers: [tier({ acknowledgeWithin: Duration.millis(10_500) })] }, /is 10.5 seconds/],
    ['AlertFilter', { severities: [] }, /`severities` is empty/],
  ])('is told by %s: %j', (code, props, message) => {
    expect(() => escalationIn(testStack(), props)).toThrow(codedError(code, message));
  });

  test('the bounds pass', () => {
    const names = Array.from({ length: 8 }, (_, index) => tier({ name: `tier-${index}` }));
    const tiers = [tier({ ...seconds(10), name: 'x'.repeat(64) }), tier({ ...seconds(86_400), name: 'y' }), ...names];
    expect(escalationIn(testStack(), { tiers }).tiers).toHaveLength(10);
  });
});
