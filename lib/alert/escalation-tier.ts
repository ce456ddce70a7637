import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deliveryAlarm, ownSubscription, encryptedTopic } from '../private/alert-delivery';
import { checkDuration, checkPattern, lit } from '../private/validation';

/**
 * A tier of an `AlertEscalation`.
 */
export interface EscalationTierOptions {
  /**
   * The name, which is told to the subscribers: 1 to 64 of `a-z A-Z 0-9 _ -`. Names must differ.
   */
  readonly name: string;

  /**
   * How long this tier has to acknowledge, until the next one is told: 10 seconds to 1 day.
   */
  readonly acknowledgeWithin: Duration;

  /**
   * The name that people see as the sender of e-mails.
   * @default - none
   */
  readonly displayName?: string;
}

/**
 * Properties of `EscalationTier`.
 */
export interface EscalationTierProps extends EscalationTierOptions {
  /**
   * Where SNS puts what can't be delivered to a subscriber.
   */
  readonly deadLetterQueue: sqs.IQueue;

  /**
   * The key that encrypts alerts.
   * @default - the key that AWS manages for SNS
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What becomes of the topic, and with it of the subscriptions that people have confirmed, when it leaves the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Those who are told of an alert at the same time: a topic, encrypted and by TLS only. Its messages are those of
 * `AlertTopic`, with the message attribute `tier` in place of `quiet`.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { SmsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
 *
 * const escalation = new AlertEscalation(stack, 'Escalation', {
 *   alerts: new AlertTopic(stack, 'Alerts'),
 *   tiers: [{ name: 'pilots', acknowledgeWithin: Duration.minutes(2) }],
 * });
 * escalation.tiers[0].subscribe(new SmsSubscription('+15555550100'));
 */
export class EscalationTier extends Construct {
  /** The name. */
  public readonly name: string;

  /** How long the tier has to acknowledge. */
  public readonly acknowledgeWithin: Duration;

  /** The topic. */
  public readonly topic: sns.ITopic;

  /** Goes off when an alert could not be delivered to a subscriber. */
  public readonly deliveryAlarm: cloudwatch.Alarm;

  private readonly deadLetterQueue: sqs.IQueue;

  /**
   * @throws ValidationError with one of the codes `EscalationTierName` and `EscalationTierDuration`
   */
  constructor(scope: Construct, id: string, props: EscalationTierProps) {
    super(scope, id);
    const { name, acknowledgeWithin } = props;
    const pattern = /^[a-zA-Z0-9_-]{1,64}$/;
    checkPattern(this, lit`EscalationTierName`, 'name', name, pattern, '1 to 64 of a-z A-Z 0-9 _ -');
    const range = { min: 10, max: 86_400, unit: 'seconds' } as const;
    checkDuration(this, lit`EscalationTierDuration`, 'acknowledgeWithin', acknowledgeWithin, range);
    this.name = name;
    this.acknowledgeWithin = acknowledgeWithin;
    this.deadLetterQueue = props.deadLetterQueue;
    this.topic = encryptedTopic(this, props);
    this.deliveryAlarm = deliveryAlarm(this, this.topic, 'Alerts of an escalation');
  }

  /**
   * Adds a subscriber, whose undeliverable alerts go to the dead-letter queue.
   *
   * @param subscription one of `aws-cdk-lib/aws-sns-subscriptions`, without filter and dead-letter queue of its own
   * @throws ValidationError `AlertSubscription` when the subscription has a filter or a dead-letter queue of its own
   */
  public subscribe(subscription: sns.ITopicSubscription): sns.Subscription {
    const { deadLetterQueue } = this;
    return this.topic.addSubscription(ownSubscription(this, subscription, { deadLetterQueue }));
  }
}
