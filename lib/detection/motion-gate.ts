import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import { Construct } from 'constructs';
import type { DeviceIdentity } from '../device/device-identity';
import { ABOVE_ZERO } from '../private/alarms';
import { handlerMetric } from '../private/handler-function';
import { queueSubscription } from '../private/queue-subscription';
import { TopicRule } from '../private/topic-rule';
import { checkDuration, checkFleetName, fail, lit } from '../private/validation';
import { QueueWorker, WorkQueue } from '../private/work-queue';
import type { IStreamProcessor } from './stream-processor';

/**
 * A label detector that runs while the gate of its stream is open.
 */
export interface GatedLabelDetector {
  /** The `LabelDetector`, or one that is imported. */
  readonly detector: IStreamProcessor;

  /** The stream that it looks at, named `<thing>` or `<thing>.<camera>`. */
  readonly stream: refs.IStreamRef;

  /** The topic that it tells of what it sees, and when a run is over: that of `LabelDetections`. */
  readonly topic: sns.ITopic;
}

/**
 * How long streams are analysed.
 */
export interface MotionGateOptions {
  /**
   * How long a stream is analysed after motion: 4 seconds to 1 hour. It is extended as long as motion goes on.
   * @default Duration.seconds(30)
   */
  readonly openFor?: Duration;

  /**
   * How long a stream may be analysed in a day (UTC): as long as `openFor`, or longer, up to 24 hours.
   * @default Duration.hours(4)
   */
  readonly streamLimitPerDay?: Duration;

  /**
   * How long all streams together may be analysed in a day (UTC): as long as `openFor`, or longer. This is what bounds the
   * bill: an hour at a frame each 3 seconds is 1,200 images.
   */
  readonly fleetLimitPerDay: Duration;

  /**
   * Label detectors to run while the gates of their streams are open: up to two minutes at a time, and again as long as
   * motion goes on. A face search has no end of its own, and can't be gated.
   * @default - none
   */
  readonly labelDetectors?: GatedLabelDetector[];
}

/**
 * Properties of `MotionGate`.
 */
export interface MotionGateProps extends MotionGateOptions {
  /**
   * The name of the fleet. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * What the devices are. They are allowed to publish that something moves.
   */
  readonly identity: DeviceIdentity;

  /**
   * The key of the table and the queues.
   * @default - keys that the services own
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Has streams analysed while something moves, and not otherwise: what analysis in the cloud costs is proportional to how
 * long it goes on, and most of what cameras see is nothing.
 *
 * A device publishes to `<prefix>/<thing>/motion` what `schemas/device-motion.v1.json` describes, when motion begins and
 * every few seconds as long as it goes on. That opens the gate of its stream for `openFor`, never beyond the limits of
 * the day, and the gate closes by itself. Where a limit is reached, an alarm goes off and the stream isn't analysed in the
 * cloud any more that day; what the models on the devices see goes on to be alerted of.
 *
 * @see https://aws.amazon.com/rekognition/pricing/
 *
 * @exampleMetadata fixture=stack
 * @example
 * const gate = new MotionGate(stack, 'Gate', {
 *   fleetName: 'delivery',
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   openFor: Duration.minutes(2),
 *   fleetLimitPerDay: Duration.hours(100),
 * });
 * new ImageDetector(stack, 'Detector', {
 *   fleetName: 'delivery',
 *   frames: new FrameStore(stack, 'Frames'),
 *   alerts: new AlertTopic(stack, 'Alerts'),
 *   obstacles: [new ObstacleClass({ name: 'person', labels: ['Person'] })],
 *   gate,
 * });
 */
export class MotionGate extends Construct {
  /** The function that opens gates. */
  public readonly handler: lambda.IFunction;

  /** Motion that waits. */
  public readonly queue: sqs.IQueue;

  /** Messages that could not be processed. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when a message is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /** Goes off when the fleet has reached its limit, so that nothing more is analysed in the cloud until midnight (UTC). */
  public readonly fleetLimitAlarm: cloudwatch.Alarm;

  /** Goes off when a stream has reached its limit. */
  public readonly streamLimitAlarm: cloudwatch.Alarm;

  /** All alarms. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly table: dynamodb.Table;
  private readonly encryptionKey?: kms.IKey;
  private readonly settings: Record<string, number>;

  /**
   * @throws ValidationError with one of the codes `FleetName`, `MotionOpenFor`, `MotionStreamLimit` and `MotionFleetLimit`
   */
  constructor(scope: Construct, id: string, props: MotionGateProps) {
    super(scope, id);
    checkFleetName(this, props.fleetName);
    this.encryptionKey = props.encryptionKey;
    this.settings = this.render(props);

    this.table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: 'stream', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryptionKey: props.encryptionKey,
      // It remembers a day.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const work = new WorkQueue(this, 'Work', { content: 'motion', encryptionKey: props.encryptionKey });
    this.queue = work.queue;
    this.deadLetterQueue = work.deadLetterQueue;
    this.deadLetterAlarm = work.deadLetterAlarm;
    const handler = new QueueWorker(this, 'Handler', {
      work,
      handler: 'motion-gate',
      description: `Has the streams of ${props.fleetName} analysed while something moves`,
      environment: { PROCESSORS: this.renderDetectors(props.labelDetectors) },
    });
    this._connect(handler);
    this.handler = handler;
    this.gateDetectors(work, handler, props.labelDetectors);

    props.identity.allowPublish('motion');
    new TopicRule(this, 'Rule', {
      description: `Motion before the cameras of ${props.fleetName}`,
      // Encoded, so that a message that isn't JSON reaches the handler too, which says what is wrong with it.
      sql: `SELECT topic(2) AS device, encode(*, 'base64') AS content FROM '${props.identity.topic('+', 'motion')}'`,
      target: work,
    });
    this.fleetLimitAlarm = this.alarm('FleetLimitAlarm', 'FleetBudgetExhausted', 'the fleet');
    this.streamLimitAlarm = this.alarm('StreamLimitAlarm', 'StreamBudgetExhausted', 'a stream');
    this.alarms = [this.deadLetterAlarm, this.fleetLimitAlarm, this.streamLimitAlarm];
  }

  /**
   * A metric of what opens gates, in the namespace `KinesisVideoFleet`: `GateOpened`, `GateExtended`, `GateOpenAlready`,
   * `StreamBudgetExhausted`, `FleetBudgetExhausted`, `MotionStale`, `StreamProcessorStarted`, all as sums.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, 'motion-gate', metricName, {
      statistic: cloudwatch.Stats.SUM,
      ...props,
    });
  }

  /**
   * Lets one of this package's functions open gates, and see which are open.
   * @internal
   */
  public _connect(fn: lambda.Function): void {
    this.table.grants.actions(fn, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    this.encryptionKey?.grantEncryptDecrypt(fn);
    fn.addEnvironment('GATE', Stack.of(fn).toJsonString({ tableName: this.table.tableName, ...this.settings }));
  }

  private renderDetectors(detectors: GatedLabelDetector[] = []): string {
    const processors = detectors.map(({ detector, stream }) => ({
      stream: stream.streamRef.streamName,
      processor: detector.streamProcessorName,
    }));
    return Stack.of(this).toJsonString(processors);
  }

  private gateDetectors(work: WorkQueue, handler: lambda.Function, detectors: GatedLabelDetector[] = []): void {
    for (const { detector } of detectors) detector.grants.actions(handler, 'rekognition:StartStreamProcessor');
    const isComplete = sns.SubscriptionFilter.stringFilter({ allowlist: ['STREAM_PROCESSING_COMPLETE'] });
    const filterPolicyWithMessageBody = {
      eventNamespace: sns.FilterOrPolicy.policy({ type: sns.FilterOrPolicy.filter(isComplete) }),
    };
    for (const topic of new Set(detectors.map((detector) => detector.topic))) {
      topic.addSubscription(
        queueSubscription(work.queue, { deadLetterQueue: work.deadLetterQueue, filterPolicyWithMessageBody }),
      );
    }
  }

  private render(props: MotionGateProps): Record<string, number> {
    const { openFor = Duration.seconds(30), streamLimitPerDay = Duration.hours(4), fleetLimitPerDay } = props;
    const seconds = { unit: 'seconds' } as const;
    const settings = {
      openForSeconds: checkDuration(this, lit`MotionOpenFor`, 'openFor', openFor, { ...seconds, min: 4, max: 3600 }),
      streamSecondsPerDay: checkDuration(this, lit`MotionStreamLimit`, 'streamLimitPerDay', streamLimitPerDay, {
        ...seconds,
        min: 4,
        max: 86_400,
      }),
      fleetSecondsPerDay: checkDuration(this, lit`MotionFleetLimit`, 'fleetLimitPerDay', fleetLimitPerDay, {
        ...seconds,
        min: 4,
        max: Number.MAX_SAFE_INTEGER,
      }),
    };
    const { openForSeconds, streamSecondsPerDay, fleetSecondsPerDay } = settings;
    if (streamSecondsPerDay < openForSeconds) {
      fail(this, lit`MotionStreamLimit`, '`streamLimitPerDay` is shorter than `openFor`: no gate would ever open.');
    }
    if (fleetSecondsPerDay < openForSeconds) {
      fail(this, lit`MotionFleetLimit`, '`fleetLimitPerDay` is shorter than `openFor`: no gate would ever open.');
    }
    return settings;
  }

  private alarm(id: string, metricName: string, who: string): cloudwatch.Alarm {
    return this.metric(metricName, { period: Duration.minutes(5) }).createAlarm(this, id, {
      alarmDescription: `Detection: ${who} has been analysed for as long as it may be in a day`,
      ...ABOVE_ZERO,
    });
  }
}
