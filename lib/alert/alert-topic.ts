import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  deliveryAlarm,
  filterPolicy,
  ownSubscription,
  encryptedTopic,
  undeliveredQueue,
} from '../private/alert-delivery';
import { checkDuration, fail, lit } from '../private/validation';
import { deadLetterAlarm } from '../private/work-queue';
import type { QuietWindow } from './quiet-window';

/**
 * How urgent an alert is.
 */
export enum AlertSeverity {
  /** Somebody has to act now. */
  CRITICAL = 'CRITICAL',

  /** Somebody has to look. */
  WARNING = 'WARNING',

  /** Worth knowing. */
  INFO = 'INFO',
}

/**
 * The path by which an obstacle was detected.
 */
export enum DetectionSource {
  /** A model on the device. */
  ON_DEVICE = 'ON_DEVICE',

  /** Images of the stream, analysed in the cloud. */
  IMAGE = 'IMAGE',

  /** A stream processor of Rekognition. */
  STREAM_PROCESSOR = 'STREAM_PROCESSOR',
}

/**
 * Which alerts a subscriber gets: those that fulfil each criterion that is given. Five criteria at most, `duringQuietWindows:
 * false` being one, with 150 combinations of their values; a list that is given isn't empty.
 */
export interface AlertFilter {
  /**
   * Names of things.
   * @default - all devices but those for trials
   */
  readonly devices?: string[];

  /**
   * Names of classes of obstacles.
   * @default - all classes
   */
  readonly obstacles?: string[];

  /**
   * The models' own labels.
   * @default - all labels
   */
  readonly labels?: string[];

  /**
   * Severities.
   * @default - all severities
   */
  readonly severities?: AlertSeverity[];

  /**
   * Paths by which was detected.
   * @default - all paths
   */
  readonly sources?: DetectionSource[];

  /**
   * Whether it also gets alerts that a quiet window of the topic silences.
   * @default true
   */
  readonly duringQuietWindows?: boolean;
}

/**
 * Properties of `AlertTopic`.
 */
export interface AlertTopicProps {
  /**
   * The key that encrypts alerts.
   * @default - the topic is encrypted with the key that AWS manages for SNS, the rest with keys that the services own
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * How long further detections of the same class by the same device raise no other alert: 1 second to 1 day.
   * @default Duration.minutes(1)
   */
  readonly repeatAfter?: Duration;

  /**
   * When alerts are marked as quiet, for subscribers that don't want those. All are published nevertheless. 400
   * bytes as JSON at most, which are three or four windows.
   * @default - none
   */
  readonly quietWindows?: QuietWindow[];

  /**
   * Names of things whose alerts are trials, like those of a `Canary`: only subscribers whose filter names them get
   * those.
   * @default - none
   */
  readonly trialDevices?: string[];

  /**
   * The name that people see as the sender of e-mails.
   * @default - none
   */
  readonly displayName?: string;

  /**
   * What becomes of the topic, and with it of the subscriptions that people have confirmed, when it leaves the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The topic that all alerts are published to, encrypted and by TLS only.
 *
 * An alert is a detection event (`schemas/detection-event.v1.json`) as JSON; subscribers by e-mail and SMS get it as a
 * text for people. The message attributes `device`, `obstacle`, `label`, `severity`, `source` and `quiet` are there to filter
 * on.
 *
 * A table remembers for a while what was alerted, so that an obstacle that stays in sight is one alert and not a storm.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
 *
 * const alerts = new AlertTopic(stack, 'Alerts', {
 *   repeatAfter: Duration.seconds(30),
 *   quietWindows: [new QuietWindow({ start: '22:00', end: '06:00', timeZone: 'Europe/Berlin' })],
 * });
 * alerts.subscribe(new EmailSubscription('pilots@example.com'), { severities: [AlertSeverity.CRITICAL] });
 */
export class AlertTopic extends Construct {
  /** The topic. */
  public readonly topic: sns.ITopic;

  /** Alerts that could not be delivered to a subscriber. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when an alert is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /** Goes off when an alert could not be delivered, a subscriber without dead-letter queue included. */
  public readonly deliveryAlarm: cloudwatch.Alarm;

  private readonly encryptionKey?: kms.IKey;
  private readonly history: dynamodb.Table;
  private readonly repeatAfterSeconds: number;
  private readonly quietWindows?: object[];
  private readonly trialDevices?: string[];

  /**
   * @throws ValidationError with one of the codes `AlertRepeatAfter` and `QuietWindows`
   */
  constructor(scope: Construct, id: string, props: AlertTopicProps = {}) {
    super(scope, id);
    const { encryptionKey } = props;
    this.encryptionKey = encryptionKey;
    this.trialDevices = props.trialDevices;
    this.repeatAfterSeconds = checkDuration(
      this,
      lit`AlertRepeatAfter`,
      'repeatAfter',
      props.repeatAfter ?? Duration.minutes(1),
      { min: 1, max: 86_400, unit: 'seconds' },
    );
    this.quietWindows = props.quietWindows?.map((window) => window._render());
    if (this.quietWindows) checkQuietWindows(this, this.quietWindows);

    this.topic = encryptedTopic(this, props);
    this.deadLetterQueue = undeliveredQueue(this, encryptionKey);
    this.deadLetterAlarm = deadLetterAlarm(this, this.deadLetterQueue, 'alerts to a subscriber');
    this.deliveryAlarm = deliveryAlarm(this, this.topic, 'Alerts');

    // TableV2 can't have a key of the account's own in a stack that isn't bound to a region.
    this.history = new dynamodb.Table(this, 'History', {
      partitionKey: { name: 'device', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'obstacle', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryptionKey,
      // What it remembers is forgotten after `repeatAfter` anyway.
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /**
   * Adds a subscriber, whose undeliverable alerts go to the dead-letter queue.
   *
   * @param subscription one of `aws-cdk-lib/aws-sns-subscriptions`, without filter and dead-letter queue of its own
   * @param filter which alerts it gets; all unless told
   * @throws ValidationError `AlertSubscription` when the subscription has a filter or a dead-letter queue of its own, and
   * `AlertFilter` when SNS can't filter so, or nothing would pass
   */
  public subscribe(subscription: sns.ITopicSubscription, filter: AlertFilter = {}): sns.Subscription {
    const { deadLetterQueue } = this;
    const config = { filterPolicy: filterPolicy(this, filter, this.trialDevices), deadLetterQueue };
    return this.topic.addSubscription(ownSubscription(this, subscription, config));
  }

  /** Lets a detector raise alerts: publish to the topic, and remember what was seen and for which detection. */
  public grantRaise(grantee: iam.IGrantable): iam.Grant {
    const grant = sns.TopicGrants.fromTopic(this.topic)
      .publish(grantee)
      .combine(this.history.grants.actions(grantee, 'dynamodb:GetItem', 'dynamodb:PutItem'));
    return this.encryptionKey ? grant.combine(this.encryptionKey.grantEncryptDecrypt(grantee)) : grant;
  }

  /**
   * Tells one of this package's detectors where alerts go, and lets it raise them.
   * @internal
   */
  public _connect(detector: lambda.Function): void {
    this.grantRaise(detector);
    const settings = {
      topicArn: this.topic.topicArn,
      tableName: this.history.tableName,
      repeatAfterSeconds: this.repeatAfterSeconds,
      quietWindows: this.quietWindows,
    };
    detector.addEnvironment('ALERTS', Stack.of(detector).toJsonString(settings));
  }
}

/** Of the 4 KB that a detector's environment may have, obstacles take 3000 bytes at most. */
function checkQuietWindows(scope: Construct, windows: object[]): void {
  const bytes = Buffer.byteLength(JSON.stringify(windows));
  if (bytes <= 400) return;
  fail(scope, lit`QuietWindows`, `\`quietWindows\` has ${bytes} bytes as JSON; 400 are allowed. Use fewer windows.`);
}
