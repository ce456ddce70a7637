import { Duration } from 'aws-cdk-lib';
import { alertMessage } from '../../lambda/common/alerts';
import type { DetectionEvent } from '../../lambda/common/detection-event';
import { AlertEscalation, AlertTopic } from '../../lib';
import { deployed } from '../support/fleet';
import { StateMachineModel, TaskFailure, definitionIn, type Ending } from '../support/state-machine';
import { testStack } from '../support/template';

const stack = testStack();
new AlertEscalation(stack, 'Escalation', {
  alerts: new AlertTopic(stack, 'Alerts'),
  tiers: [
    { name: 'pilots', acknowledgeWithin: Duration.seconds(90) },
    { name: 'chief', acknowledgeWithin: Duration.minutes(5) },
    { name: 'owner', acknowledgeWithin: Duration.minutes(10) },
  ],
});
const definition = definitionIn(stack);
const topics = deployed('AWS::SNS::Topic', stack).map(({ arn }) => arn);
const topicOf = (tier: string) => topics.find((arn) => arn.includes(`tier${tier}`))!;
const [tableName] = deployed('AWS::DynamoDB::Table', stack)
  .filter(({ logicalId }) => logicalId.includes('Acknowledgements'))
  .map((table) => table.attribute('Ref'));

const DETECTION: DetectionEvent = {
  schemaVersion: '1.0',
  id: 'drone-1:1:person',
  fleet: 'delivery',
  device: 'drone-1',
  source: 'ON_DEVICE',
  obstacle: 'person',
  severity: 'CRITICAL',
  label: 'Pedestrian',
  confidence: 97.4612345678901,
  capturedAt: '2026-11-24T10:00:00.000Z',
  detectedAt: '2026-11-24T10:00:02.000Z',
};
const INPUT = JSON.parse(JSON.stringify({ detectionId: DETECTION.id, ...alertMessage(DETECTION) }));

interface Course {
  /** When somebody acknowledges the alert, in seconds since the start. */
  readonly acknowledgedAt?: number;
  /** With what publishing to a tier fails at a time, if it does. */
  readonly snsFailure?: (tier: string, now: number) => string | undefined;
  readonly tableFailure?: string;
}

interface Told {
  readonly tier: string;
  readonly at: number;
  readonly message: Record<string, unknown>;
}

async function escalate({ acknowledgedAt = Infinity, snsFailure, tableFailure }: Course) {
  const told: Told[] = [];
  const lookedUp: unknown[] = [];
  const machine: StateMachineModel = new StateMachineModel(definition, {
    'sns:publish': (message) => {
      const tier = ['pilots', 'chief', 'owner'].find((name) => topicOf(name) === message.TopicArn)!;
      const failure = snsFailure?.(tier, machine.now);
      if (failure) throw new TaskFailure(failure);
      told.push({ tier, at: machine.now, message });
      return { MessageId: '567910cd-659e-55d4-8ccb-5aaf14679dc0' };
    },
    'dynamodb:getItem': (request) => {
      lookedUp.push(request);
      if (tableFailure) throw new TaskFailure(tableFailure);
      return machine.now >= acknowledgedAt ? { Item: { detectionId: { S: DETECTION.id } } } : {};
    },
  });
  const ending: Ending = await machine.execute(INPUT);
  return { ending, told, lookedUp, seconds: machine.now };
}

const who = (told: Told[]) => told.map(({ tier, at }) => [tier, at]);

describe('an alert', () => {
  test('that nobody acknowledges is told to one tier after the other, and then fails', async () => {
    const { ending, told, seconds } = await escalate({});
    expect(who(told)).toEqual([
      ['pilots', 0],
      ['chief', 90],
      ['owner', 390],
    ]);
    expect(seconds).toBe(990);
    expect(ending).toEqual({
      status: 'FAILED',
      error: 'AlertUnacknowledged',
      cause: 'Nobody has acknowledged drone-1:1:person.',
    });
  });

  test.each([
    ['before the first look', 0, []],
    ['in the time of the first tier', 1, ['pilots']],
    ['at the end of it', 90, ['pilots']],
    ['in the time of the second', 91, ['pilots', 'chief']],
    ['in the time of the last', 391, ['pilots', 'chief', 'owner']],
    ['at the end', 990, ['pilots', 'chief', 'owner']],
  ])('that is acknowledged %s is told to nobody else', async (_when, acknowledgedAt, tiers) => {
    const { ending, told } = await escalate({ acknowledgedAt });
    expect(told.map(({ tier }) => tier)).toEqual(tiers);
    expect(ending).toEqual({ status: 'SUCCEEDED', output: { tiersTold: tiers.length } });
  });

  test('is looked up by its id, as it is and not as it was, and without who it was', async () => {
    const { lookedUp } = await escalate({ acknowledgedAt: 0 });
    expect(lookedUp).toEqual([
      {
        TableName: tableName,
        Key: { detectionId: { S: 'drone-1:1:person' } },
        ConsistentRead: true,
        ProjectionExpression: 'detectionId',
      },
    ]);
  });

  test('is told as the topic told it, with the tier', async () => {
    const { told } = await escalate({ acknowledgedAt: 90 });
    const { Subject, MessageStructure, Message, MessageAttributes } = told[0].message;
    expect({ Subject, MessageStructure }).toEqual({ Subject: 'CRITICAL: person at drone-1', MessageStructure: 'json' });
    const forms = JSON.parse(Message as string);
    expect(forms).toEqual({
      default: INPUT.forms.default,
      sms: INPUT.forms.sms,
      email: `${INPUT.forms.email}\n\nTold to:    pilots, which has 90 s to acknowledge it`,
    });
    expect(JSON.parse(forms.default)).toEqual(DETECTION);
    expect(MessageAttributes).toEqual({
      ...INPUT.attributes,
      tier: { DataType: 'String', StringValue: 'pilots' },
    });
  });
});

describe('while SNS fails', () => {
  const OUTAGE = 3 * 3600;

  test('for hours, the tier is told in the end, and has its time from then on', async () => {
    const { ending, told, seconds } = await escalate({
      snsFailure: (_tier, now) => (now < OUTAGE ? 'Sns.InternalErrorException' : undefined),
    });
    expect(told.map(({ tier }) => tier)).toEqual(['pilots', 'chief', 'owner']);
    // Five minutes pass between two attempts at most.
    expect(told[0].at).toBeGreaterThanOrEqual(OUTAGE);
    expect(told[0].at).toBeLessThanOrEqual(OUTAGE + 300);
    expect(told[1].at).toBe(told[0].at + 90);
    expect(seconds).toBe(told[0].at + 990);
    expect(ending.error).toBe('AlertUnacknowledged');
  });

  test('the first attempts come soon after one another', async () => {
    const { told } = await escalate({
      snsFailure: (_tier, now) => (now < 60 ? 'Sns.ThrottledException' : undefined),
    });
    expect(told[0].at).toBeLessThan(120);
  });

  test('for good, it ends within its timeout, and says who could not be told', async () => {
    const { ending, told, seconds } = await escalate({ snsFailure: () => 'Sns.InternalErrorException' });
    expect(told).toEqual([]);
    expect(seconds).toBeGreaterThan(3 * 5 * 3600);
    expect(seconds).toBeLessThan(definition.TimeoutSeconds!);
    expect(ending).toEqual({
      status: 'FAILED',
      error: 'AlertUnacknowledged',
      cause: 'Nobody has acknowledged drone-1:1:person. Could not be told: pilots chief owner',
    });
  });

  test('somebody who acknowledges meanwhile ends it, though not unnoticed', async () => {
    const { ending, told } = await escalate({ acknowledgedAt: 60, snsFailure: () => 'Sns.InternalErrorException' });
    expect(told).toEqual([]);
    expect(ending).toEqual({
      status: 'FAILED',
      error: 'TierUnreached',
      cause: 'drone-1:1:person is acknowledged. Could not be told: pilots',
    });
  });

  test.each(['Sns.NotFoundException', 'Sns.AuthorizationErrorException', 'Sns.KmsDisabledException'])(
    'for one tier with %s, the next one does not wait for hours',
    async (failure) => {
      const { ending, told } = await escalate({
        acknowledgedAt: 120,
        snsFailure: (tier) => (tier === 'pilots' ? failure : undefined),
      });
      expect(told.map(({ tier }) => tier)).toEqual(['chief']);
      expect(told[0].at).toBeLessThan(60);
      expect(ending).toMatchObject({ error: 'TierUnreached', cause: expect.stringMatching(/told: pilots$/) });
    },
  );
});

test('who can not be seen to have acknowledged is taken not to have, and the next tier is told without delay', async () => {
  const { told } = await escalate({ acknowledgedAt: 0, tableFailure: 'DynamoDB.InternalServerErrorException' });
  expect(told.map(({ tier }) => tier)).toEqual(['pilots', 'chief', 'owner']);
  expect(told[0].at).toBeLessThan(30);
});

test('the longest escalation is within the timeout, and that within what Step Functions allows', () => {
  const { TimeoutSeconds } = definition;
  const { Retry = [] } = definition.States['Tell the tier'];
  const waits = Retry.map(({ IntervalSeconds, BackoffRate, MaxAttempts, MaxDelaySeconds = Infinity }) =>
    Array.from({ length: MaxAttempts }, (_, made) => Math.min(IntervalSeconds * BackoffRate ** made, MaxDelaySeconds)),
  );
  const attempts = waits.flat().reduce((sum, seconds) => sum + seconds, 0);
  expect(TimeoutSeconds).toBeGreaterThan(3 * (attempts + 86_400));
  expect(TimeoutSeconds).toBeLessThan(365 * 86_400);
});
