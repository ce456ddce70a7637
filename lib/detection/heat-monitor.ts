import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { SqsSendMessage } from 'aws-cdk-lib/aws-scheduler-targets';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DeviceIdentity } from '../device/device-identity';
import { ABOVE_ZERO } from '../private/alarms';
import { deliveryAlarm, encryptedTopic } from '../private/alert-delivery';
import { allowEvents, eventText } from '../private/bus-event';
import { AUDIT_LOGS, HandlerFunction, handlerMetric } from '../private/handler-function';
import { renderAssets, renderHeat } from '../private/heat-settings';
import { keptTable } from '../private/kept-table';
import { TopicRule } from '../private/topic-rule';
import { checkFleetName, fail, lit } from '../private/validation';
import { QueueWorker, WorkQueue } from '../private/work-queue';
import type { HeatAsset, HeatOptions } from './heat-options';

/**
 * Properties of `HeatMonitor`.
 */
export interface HeatMonitorProps extends HeatOptions {
  /**
   * The name of the fleet, which stands in metrics and work orders: of the plant. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * All assets, 1 to 100. Names must differ. Together they may have 2,800 bytes as JSON: some 60 with names only, 25 with
   * regions.
   */
  readonly assets: HeatAsset[];

  /**
   * What the cameras or their gateways are: they are allowed to publish to `<prefix>/<thing>/heat`.
   */
  readonly identity: DeviceIdentity;

  /**
   * Where work orders are put.
   * @default - the default event bus of the account
   */
  readonly eventBus?: events.IEventBus;

  /**
   * The key of the topic, the table and the queues. It must be a customer-managed one: EventBridge can't use the key that AWS
   * manages for SNS.
   * @default - a new one, rotated yearly
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What becomes of the table and the topic when they leave the stack: of what is normal and which alarms there are, and of
   * the subscriptions that people have confirmed. Unless it is DESTROY, DynamoDB refuses the deletion of the table too.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** What is put on the bus, as lambda/heat-monitor/work-order.ts has it. */
const WORK_ORDER = { source: 'cdk-kinesis-video.heat-monitor', detailType: 'Maintenance Work Order' };

/** How many invocations run at once. Different assets don't wait for each other. */
const CONCURRENCY = 5;

/**
 * Abnormal heat of assets that thermal cameras watch, and a work order for each fault.
 *
 * Devices publish `schemas/device-heat.v1.json`: a grid of temperatures, or those of assets. It is learned of each asset how
 * much warmer than the air it normally is; a hot spot, a drift, a limit that is passed and a sensor that is silent are
 * faults. Each has an alarm of its own, with the states that alarm models of AWS IoT Events had until that service ended:
 * somebody acknowledges it, it is latched when the heat is gone, and it stays until somebody resets it.
 *
 * A work order is an event of EventBridge, whose detail is `schemas/maintenance-work-order.v1.json`, and a text for the
 * subscribers of the topic.
 *
 * `POST` to `url` takes `schemas/asset-command.v1.json`, and `GET` with `?asset=…` says how an asset is; both are signed with
 * credentials of IAM.
 *
 * @see https://docs.aws.amazon.com/iotevents/latest/apireference/API_iotevents-data_AlarmState.html
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const heat = new HeatMonitor(stack, 'Heat', {
 *   fleetName: 'plant',
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   assets: [{ name: 'pump-3', device: 'thermal-1', maximumCelsius: 95 }],
 * });
 */
export class HeatMonitor extends Construct {
  /** Where people are told of work orders. */
  public readonly topic: sns.ITopic;

  /** Brings work orders to the topic. Whoever wants them elsewhere makes a rule of their own with the same pattern. */
  public readonly rule: events.IRule;

  /** What is known of each asset, with the key `asset`. */
  public readonly table: dynamodb.ITable;

  /** The function that takes readings. */
  public readonly handler: lambda.IFunction;

  /** The function that takes commands. */
  public readonly commandHandler: lambda.IFunction;

  /** Where alarms are acknowledged and reset. */
  public readonly url: string;

  /** Readings that wait. */
  public readonly queue: sqs.IQueue;

  /** Messages that could not be processed. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when a message is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /** Goes off when a work order could not be delivered to a subscriber. */
  public readonly deliveryAlarm: cloudwatch.Alarm;

  /** Goes off when a sensor is silent, or nobody looks whether one is. */
  public readonly silentAlarm: cloudwatch.Alarm;

  /** All alarms: of the system, and not of the assets. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly fleetName: string;
  private readonly assets: string[];

  /**
   * @throws ValidationError with one of the codes `FleetName`, `HeatAssets`, `HeatLimits` and `HeatTimes`
   */
  constructor(scope: Construct, id: string, props: HeatMonitorProps) {
    super(scope, id);
    const { fleetName, assets, removalPolicy = RemovalPolicy.RETAIN } = props;
    checkFleetName(this, fleetName);
    this.fleetName = fleetName;
    this.assets = assets.map(({ name }) => name);
    const settings = { fleet: fleetName, assets: renderAssets(this, assets), ...renderHeat(this, props) };

    const encryptionKey =
      props.encryptionKey ?? new kms.Key(this, 'Key', { description: 'Heat of assets', enableKeyRotation: true });
    this.topic = encryptedTopic(this, { displayName: fleetName, encryptionKey, removalPolicy });
    this.deliveryAlarm = deliveryAlarm(this, this.topic, 'Work orders');
    const eventBus = props.eventBus ?? events.EventBus.fromEventBusName(this, 'Bus', 'default');
    const table = keptTable(this, 'Table', { partitionKey: 'asset', encryptionKey, removalPolicy });
    this.table = table;

    const work = new WorkQueue(this, 'Work', { content: 'temperatures of assets', encryptionKey });
    this.queue = work.queue;
    this.deadLetterQueue = work.deadLetterQueue;
    this.deadLetterAlarm = work.deadLetterAlarm;
    const environment = { HEAT: Stack.of(this).toJsonString({ ...settings, tableName: table.tableName }) };
    const handler = new QueueWorker(this, 'Handler', {
      work,
      handler: 'heat-monitor',
      description: `Watches the heat of assets in ${fleetName}`,
      maxConcurrency: CONCURRENCY,
      environment: { ...environment, EVENT_BUS: eventBus.eventBusName },
    });
    allowEvents(handler, eventBus, WORK_ORDER);
    this.handler = handler;
    const commandHandler = new HandlerFunction(this, 'CommandHandler', {
      handler: 'heat-monitor-command',
      description: `Takes commands to assets in ${fleetName}`,
      timeout: Duration.seconds(10),
      logs: { ...AUDIT_LOGS, removalPolicy },
      environment,
    });
    this.commandHandler = commandHandler;
    this.url = commandHandler.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM }).url;
    for (const each of [handler, commandHandler]) {
      table.grants.actions(each, 'dynamodb:GetItem', 'dynamodb:PutItem');
      encryptionKey.grantEncryptDecrypt(each);
    }
    this.takeReadings(props.identity, work);
    this.rule = this.tell(eventBus);
    this.silentAlarm = this.alarmOfSilence();
    this.alarms = [this.deadLetterAlarm, this.deliveryAlarm, this.silentAlarm];
  }

  /**
   * Lets somebody acknowledge and reset alarms, have it learned anew what is normal, and see how assets are.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
   */
  public grantCommand(grantee: iam.IGrantable): iam.Grant {
    return this.commandHandler.grantInvokeUrl(grantee);
  }

  /** How hot the hottest part of an asset is, in degrees Celsius. Maximum over 1 minute. */
  public metricAssetTemperature(asset: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    if (!this.assets.includes(asset)) {
      fail(this, lit`HeatAssets`, `'${asset}' is none of the assets: ${this.assets.join(', ')}.`);
    }
    return this.metric('AssetTemperature', { ...props, dimensionsMap: { asset, ...props?.dimensionsMap } });
  }

  /** How many assets have an alarm that isn't reset. Maximum over 1 minute. */
  public metricAssetsInAlarm(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('AssetsInAlarm', props);
  }

  /** Of how many assets there are no readings. Maximum over 1 minute. */
  public metricAssetsSilent(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('AssetsSilent', props);
  }

  /** Of how many assets it isn't known yet what is normal. Maximum over 1 minute. */
  public metricAssetsLearning(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('AssetsLearning', props);
  }

  private metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, 'heat-monitor', metricName, {
      statistic: cloudwatch.Stats.MAXIMUM,
      period: Duration.minutes(1),
      ...props,
      dimensionsMap: { service: 'heat-monitor', fleet: this.fleetName, ...props?.dimensionsMap },
    });
  }

  private takeReadings(identity: DeviceIdentity, work: WorkQueue): void {
    identity.allowPublish('heat');
    new TopicRule(this, 'Rule', {
      description: `Temperatures of assets in ${this.fleetName}`,
      // Encoded, so that a message that isn't JSON reaches the handler too, which says what is wrong with it.
      sql: `SELECT topic(2) AS device, encode(*, 'base64') AS content FROM '${identity.topic('+', 'heat')}'`,
      target: work,
    });
    // What is silent sends nothing that could say so. TTL of DynamoDB would be days late.
    new scheduler.Schedule(this, 'Tick', {
      description: `Looks which sensors of ${this.fleetName} are silent`,
      schedule: scheduler.ScheduleExpression.rate(Duration.minutes(1)),
      target: new SqsSendMessage(work.queue, {
        input: scheduler.ScheduleTargetInput.fromObject({ kind: 'TICK' }),
        // The next one does as well.
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
      }),
    });
  }

  private tell(eventBus: events.IEventBus): events.Rule {
    const { fleetName, topic, deadLetterQueue } = this;
    return eventText(this, 'Orders', {
      description: `Tells of work orders of ${fleetName}`,
      eventBus,
      name: WORK_ORDER,
      fleetName,
      topic,
      text: (field) =>
        `${field('reason')} at ${field('asset')} in ${fleetName}, since ${field('since')}. Alarm ${field('id')}`,
      deadLetterQueue,
    });
  }

  private alarmOfSilence(): cloudwatch.Alarm {
    return this.metricAssetsSilent({ period: Duration.minutes(5) }).createAlarm(this, 'SilentAlarm', {
      alarmDescription: 'Heat of assets: there are no readings of one, or nobody looks',
      ...ABOVE_ZERO,
      evaluationPeriods: 2,
      // Nobody looks: that is the worst of it.
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
  }
}
