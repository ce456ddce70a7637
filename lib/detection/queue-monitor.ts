import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DeviceIdentity } from '../device/device-identity';
import { ABOVE_ZERO } from '../private/alarms';
import { deliveryAlarm, encryptedTopic } from '../private/alert-delivery';
import { allowEvents, eventText } from '../private/bus-event';
import { handlerMetric } from '../private/handler-function';
import { CONCURRENCY, renderFrames, renderRegisters, renderStaffing } from '../private/queue-settings';
import { TopicRule } from '../private/topic-rule';
import { checkFleetName, fail, lit } from '../private/validation';
import { allowServiceToUseKey, QueueWorker, WorkQueue } from '../private/work-queue';
import type { FrameStore } from './frame-store';
import type { FrameCountOptions, QueueRegister, StaffingOptions } from './queue-options';

/**
 * Properties of `QueueMonitor`.
 */
export interface QueueMonitorProps extends StaffingOptions {
  /**
   * The name of the fleet, which stands in metrics and signals: of the store. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * All registers, 1 to 100. Names must differ. Together they may have 2,800 bytes as JSON: some 100 with names only, 25
   * with both regions.
   */
  readonly registers: QueueRegister[];

  /**
   * What the devices are, if they count: they are allowed to publish to `<prefix>/<thing>/counts`.
   * @default - devices don't count
   */
  readonly identity?: DeviceIdentity;

  /**
   * Where the frames are, if people are counted in them, with DetectLabels. A store has one reader; each frame is deleted as
   * soon as it is counted.
   * @default - there are no frames
   */
  readonly frames?: FrameStore;

  /**
   * How they are counted in frames.
   * @default - 5 frames a second, people of whom the model is sure by 70 percent
   */
  readonly frameCounts?: FrameCountOptions;

  /**
   * Where signals are put.
   * @default - the default event bus of the account
   */
  readonly eventBus?: events.IEventBus;

  /**
   * The key of the topic, the table and the queues. It must be a customer-managed one: EventBridge can't use the key that AWS
   * manages for SNS.
   * @default - that of `frames`, or a new one, rotated yearly
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What becomes of the topic, and with it of the subscriptions that people have confirmed, when it leaves the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** What is put on the bus, as lambda/queue-monitor/signal.ts has it. */
const SIGNAL = { source: 'cdk-kinesis-video.queue-monitor', detailType: 'Staffing Signal' };

/**
 * How many people stand in line at each register, as metrics, and a signal when another register is needed or one less.
 *
 * People are counted on the devices, which publish `schemas/device-counts.v1.json`, or in frames of the streams. Either way
 * numbers are all that is kept: the metrics, and the latest count of each register in a table.
 *
 * The signal is an event of EventBridge, whose detail is `schemas/staffing-signal.v1.json`, and a text for the subscribers of
 * the topic. There is none while one of the registers has no fresh count: a camera that is missing isn't an empty line.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const checkouts = new QueueMonitor(stack, 'Checkouts', {
 *   fleetName: 'shop-1',
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   registers: [{ name: 'till-1' }, { name: 'till-2' }],
 *   openAbove: 4,
 *   openAfter: Duration.minutes(1),
 * });
 */
export class QueueMonitor extends Construct {
  /** Where people are told of signals. */
  public readonly topic: sns.ITopic;

  /** Brings signals to the topic. Whoever wants them elsewhere makes a rule of their own with the same pattern. */
  public readonly rule: events.IRule;

  /** The function that counts. */
  public readonly handler: lambda.IFunction;

  /** Counts, or notifications of frames, that wait. */
  public readonly queue: sqs.IQueue;

  /** Messages that could not be processed. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when a message is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /** Goes off when a signal could not be delivered to a subscriber. */
  public readonly deliveryAlarm: cloudwatch.Alarm;

  /** Goes off when a register had no count for a quarter of an hour, or there was none at all: there are no signals then. */
  public readonly missingAlarm: cloudwatch.Alarm;

  /** All alarms. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly fleetName: string;
  private readonly registers: string[];

  /**
   * @throws ValidationError with one of the codes `FleetName`, `QueueCounts`, `QueueRegisters`, `QueueStaffing`,
   * `QueueStale` and `QueueFrames`
   */
  constructor(scope: Construct, id: string, props: QueueMonitorProps) {
    super(scope, id);
    const { fleetName, registers, identity, frames, removalPolicy } = props;
    checkFleetName(this, fleetName);
    if ((identity === undefined) === (frames === undefined)) {
      fail(this, lit`QueueCounts`, 'People are counted on devices or in frames: give one of `identity` and `frames`.');
    }
    this.fleetName = fleetName;
    this.registers = registers.map(({ name }) => name);
    const settings = {
      fleet: fleetName,
      registers: renderRegisters(this, registers, frames !== undefined),
      ...renderStaffing(this, props),
      frames: frames && renderFrames(this, props.frameCounts),
    };

    const framesKey = frames?.bucket.encryptionKey;
    const encryptionKey = props.encryptionKey ?? framesKey ?? makeKey(this);
    // That of the topic has it from the target. Both are needed: what can't be told goes to the queue of the frames.
    if (framesKey && framesKey !== encryptionKey) allowServiceToUseKey(framesKey, 'events.amazonaws.com');
    this.topic = encryptedTopic(this, { displayName: fleetName, encryptionKey, removalPolicy });
    this.deliveryAlarm = deliveryAlarm(this, this.topic, 'Staffing signals');
    const eventBus = props.eventBus ?? events.EventBus.fromEventBusName(this, 'Bus', 'default');
    const table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: 'fleet', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryptionKey,
      // It remembers some minutes.
      removalPolicy: RemovalPolicy.DESTROY,
    });

    const work = frames?._work ?? new WorkQueue(this, 'Work', { content: 'counts of people in line', encryptionKey });
    this.queue = work.queue;
    this.deadLetterQueue = work.deadLetterQueue;
    this.deadLetterAlarm = work.deadLetterAlarm;
    const handler = new QueueWorker(this, 'Handler', {
      work,
      handler: 'queue-monitor',
      description: `Counts people in line in ${fleetName}`,
      maxConcurrency: CONCURRENCY,
      environment: {
        MONITOR: Stack.of(this).toJsonString({
          ...settings,
          tableName: table.tableName,
          eventBusName: eventBus.eventBusName,
        }),
      },
    });
    table.grants.actions(handler, 'dynamodb:GetItem', 'dynamodb:PutItem');
    encryptionKey.grantEncryptDecrypt(handler);
    allowEvents(handler, eventBus, SIGNAL);
    this.handler = handler;
    if (frames) countIn(frames, handler);
    if (identity) this.takeCounts(identity, work);
    this.rule = this.tell(eventBus, work);
    this.missingAlarm = this.alarmOfMissing();
    this.alarms = [this.deadLetterAlarm, this.deliveryAlarm, this.missingAlarm];
  }

  /** How many people wait at a register. Maximum over 1 minute. */
  public metricPeopleWaiting(register: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    if (!this.registers.includes(register)) {
      fail(this, lit`QueueRegisters`, `'${register}' is none of the registers: ${this.registers.join(', ')}.`);
    }
    return this.metric('PeopleWaiting', { ...props, dimensionsMap: { register, ...props?.dimensionsMap } });
  }

  /** How many people wait for each open register. Maximum over 1 minute. */
  public metricPeoplePerOpenRegister(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PeoplePerOpenRegister', props);
  }

  /** How many registers have no fresh count. Maximum over 1 minute. */
  public metricRegistersMissing(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('RegistersMissing', props);
  }

  private metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, 'queue-monitor', metricName, {
      statistic: cloudwatch.Stats.MAXIMUM,
      period: Duration.minutes(1),
      ...props,
      dimensionsMap: { service: 'queue-monitor', fleet: this.fleetName, ...props?.dimensionsMap },
    });
  }

  private takeCounts(identity: DeviceIdentity, work: WorkQueue): void {
    identity.allowPublish('counts');
    new TopicRule(this, 'Rule', {
      description: `People in line in ${this.fleetName}`,
      // Encoded, so that a message that isn't JSON reaches the handler too, which says what is wrong with it.
      sql: `SELECT topic(2) AS device, encode(*, 'base64') AS content FROM '${identity.topic('+', 'counts')}'`,
      target: work,
    });
  }

  private tell(eventBus: events.IEventBus, { deadLetterQueue }: WorkQueue): events.Rule {
    const { fleetName, topic } = this;
    return eventText(this, 'Signals', {
      description: `Tells of staffing signals of ${fleetName}`,
      eventBus,
      name: SIGNAL,
      fleetName,
      topic,
      text: (field) =>
        `${field('change')} a register of ${fleetName}: ${field('waiting')} people wait at ${field('openRegisters')} open registers.`,
      deadLetterQueue,
    });
  }

  private alarmOfMissing(): cloudwatch.Alarm {
    return this.metricRegistersMissing({ period: Duration.minutes(5) }).createAlarm(this, 'MissingAlarm', {
      alarmDescription: 'People in line: a register is not counted, so there are no staffing signals',
      ...ABOVE_ZERO,
      evaluationPeriods: 3,
      // No count at all is the worst of it.
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
  }
}

function makeKey(scope: Construct): kms.Key {
  // eslint-disable-next-line awscdk/require-passing-this -- it is the caller's
  return new kms.Key(scope, 'Key', { description: 'Counts of people in line', enableKeyRotation: true });
}

/** Lets the function read frames, ask the model, and delete what is counted. */
function countIn(frames: FrameStore, handler: lambda.Function): void {
  frames._grantRead(handler);
  frames._grantDelete(handler);
  handler.addToRolePolicy(
    // Without it, S3 says of a frame that is gone that access is denied.
    new iam.PolicyStatement({ actions: ['s3:ListBucket'], resources: [frames.bucket.bucketArn] }),
  );
  handler.addToRolePolicy(
    // The call has no resource to name. Rekognition reads the frame with the permissions of its caller.
    new iam.PolicyStatement({ actions: ['rekognition:DetectLabels'], resources: ['*'] }),
  );
}
