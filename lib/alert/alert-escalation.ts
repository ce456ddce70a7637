import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { failedRuns } from '../private/alarms';
import { undeliveredQueue } from '../private/alert-delivery';
import { EscalationFlow } from '../private/escalation-flow';
import { queueSubscription } from '../private/queue-subscription';
import { checkRange, fail, lit } from '../private/validation';
import { QueueWorker, WorkQueue, deadLetterAlarm } from '../private/work-queue';
import { AlertAcknowledgements } from './alert-acknowledgements';
import { AlertSeverity, type AlertTopic } from './alert-topic';
import { EscalationTier, type EscalationTierOptions } from './escalation-tier';

/**
 * Properties of `AlertEscalation`.
 */
export interface AlertEscalationProps {
  /**
   * The alerts that are escalated.
   */
  readonly alerts: AlertTopic;

  /**
   * Who is told, one after the other: 1 to 10 tiers. The first one is told at once.
   */
  readonly tiers: EscalationTierOptions[];

  /**
   * How urgent an alert must be to be escalated. At least one.
   * @default - CRITICAL
   */
  readonly severities?: AlertSeverity[];

  /**
   * Whether alerts that a quiet window of the topic silences are escalated, too.
   * @default false
   */
  readonly duringQuietWindows?: boolean;

  /**
   * Where alerts are acknowledged. Several escalations may share it.
   * @default - a new one, with the key and the removal policy of this escalation
   */
  readonly acknowledgements?: AlertAcknowledgements;

  /**
   * What happens when one of the `alarms` goes off.
   * @default - nothing beyond the alarm's state
   */
  readonly alarmActions?: cloudwatch.IAlarmAction[];

  /**
   * The key that encrypts alerts in the topics, the queues, the state machine and its log.
   * @default - the topics are encrypted with the key that AWS manages for SNS, the rest with keys that the services own
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What becomes of the tiers' topics and of the acknowledgements when they leave the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Tells further people of an alert when nobody acknowledges it: tier after tier, each with a topic of its own and time to
 * acknowledge. One that is acknowledged before the first tier is told is not told to anybody.
 *
 * While SNS can't be reached, a tier is tried for some hours; one that can't be told at all is passed over, and
 * `unacknowledgedAlarm` goes off.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { EmailSubscription, SmsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
 *
 * const escalation = new AlertEscalation(stack, 'Escalation', {
 *   alerts: new AlertTopic(stack, 'Alerts'),
 *   tiers: [
 *     { name: 'pilots', acknowledgeWithin: Duration.minutes(2) },
 *     { name: 'chief', acknowledgeWithin: Duration.minutes(10) },
 *   ],
 * });
 * escalation.tiers[0].subscribe(new EmailSubscription('pilots@example.com'));
 * escalation.tiers[1].subscribe(new SmsSubscription('+15555550100'));
 */
export class AlertEscalation extends Construct {
  /** The tiers, to which people subscribe, in the order in which they are told. */
  public readonly tiers: EscalationTier[];

  /** Where alerts are acknowledged. */
  public readonly acknowledgements: AlertAcknowledgements;

  /** What the escalation of an alert is an execution of. */
  public readonly stateMachine: sfn.IStateMachine;

  /** Alerts whose escalation could not be started. */
  public readonly startDeadLetterQueue: sqs.IQueue;

  /** Alerts that could not be delivered to a subscriber of a tier. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when nobody has acknowledged an alert, or a tier could not be told. */
  public readonly unacknowledgedAlarm: cloudwatch.Alarm;

  /** Goes off when an alert is in one of the dead-letter queues. */
  public readonly deadLetterAlarms: cloudwatch.Alarm[];

  /** All alarms, those of the tiers included. */
  public readonly alarms: cloudwatch.Alarm[];

  /**
   * @throws ValidationError with one of the codes `EscalationTiers`, `EscalationTierName`, `EscalationTierDuration` and
   * `AlertFilter`
   */
  constructor(scope: Construct, id: string, props: AlertEscalationProps) {
    super(scope, id);
    const { alerts, encryptionKey, removalPolicy } = props;
    checkTiers(this, props.tiers);

    this.deadLetterQueue = undeliveredQueue(this, encryptionKey);
    this.tiers = props.tiers.map(
      (tier) =>
        new EscalationTier(this, `Tier-${tier.name}`, {
          ...tier,
          deadLetterQueue: this.deadLetterQueue,
          encryptionKey,
          removalPolicy,
        }),
    );
    this.acknowledgements =
      props.acknowledgements ?? new AlertAcknowledgements(this, 'Acknowledgements', { encryptionKey, removalPolicy });
    const { table } = this.acknowledgements;
    const { stateMachine } = new EscalationFlow(this, 'Flow', {
      tiers: this.tiers,
      acknowledgements: table,
      encryptionKey,
    });
    table.encryptionKey?.grantDecrypt(stateMachine);
    this.stateMachine = stateMachine;

    const work = new WorkQueue(this, 'Work', { content: 'alerts to be escalated', encryptionKey });
    this.startDeadLetterQueue = work.deadLetterQueue;
    const starter = new QueueWorker(this, 'Handler', {
      handler: 'alert-escalation',
      description: 'Starts the escalation of alerts',
      work,
      environment: { STATE_MACHINE_ARN: stateMachine.stateMachineArn },
    });
    stateMachine.grantStartExecution(starter);
    encryptionKey?.grantEncryptDecrypt(starter);
    alerts.subscribe(queueSubscription(work.queue), {
      severities: props.severities ?? [AlertSeverity.CRITICAL],
      duringQuietWindows: props.duringQuietWindows ?? false,
    });

    this.unacknowledgedAlarm = this.alarmOfFailures(stateMachine);
    this.deadLetterAlarms = [
      deadLetterAlarm(this, this.deadLetterQueue, 'alerts to a tier of an escalation'),
      work.deadLetterAlarm,
    ];
    this.alarms = [this.unacknowledgedAlarm, ...this.deadLetterAlarms, ...this.tiers.map((tier) => tier.deliveryAlarm)];
    const { alarmActions = [] } = props;
    for (const alarm of this.alarms) alarm.addAlarmAction(...alarmActions);
  }

  /** Lets somebody acknowledge alerts, and look up whether they are acknowledged. */
  public grantAcknowledge(grantee: iam.IGrantable): iam.Grant {
    return this.acknowledgements.grantAcknowledge(grantee);
  }

  private alarmOfFailures(stateMachine: sfn.IStateMachine): cloudwatch.Alarm {
    return failedRuns(stateMachine, {
      period: Duration.minutes(1),
      label: 'Alerts that nobody acknowledged',
    }).createAlarm(this, 'UnacknowledgedAlarm', {
      alarmDescription: 'Escalation: nobody has acknowledged an alert, or a tier could not be told',
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  }
}

function checkTiers(scope: Construct, tiers: EscalationTierOptions[]): void {
  checkRange(scope, lit`EscalationTiers`, 'tiers', tiers.length, { min: 1, max: 10, unit: 'tiers' });
  const names = tiers.map(({ name }) => name);
  if (new Set(names).size === names.length) return;
  fail(scope, lit`EscalationTiers`, `\`tiers\` has two tiers of one name: ${names.join(', ')}.`);
}
