import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { AlertTopic } from '../alert/alert-topic';
import type { SignedWebhook } from '../alert/signed-webhook';
import type { ClipArchive } from '../archive/clip-archive';
import type { DeviceIdentity } from '../device/device-identity';
import { ABOVE_ZERO } from '../private/alarms';
import { AUDIT_LOGS, HandlerFunction, handlerMetric } from '../private/handler-function';
import { keptTable } from '../private/kept-table';
import { renderConfirmation, renderShots } from '../private/shot-settings';
import { TopicRule } from '../private/topic-rule';
import { checkFleetName } from '../private/validation';
import { QueueWorker, WorkQueue } from '../private/work-queue';
import type { ShotConfirmation, ShotOptions } from './shot-options';

/**
 * Properties of `ShotDetector`.
 */
export interface ShotDetectorProps extends ShotOptions {
  /**
   * The name of the fleet, which stands in incidents: of the city. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * What the sensors are: they are allowed to publish to `<prefix>/<thing>/shots`.
   */
  readonly identity: DeviceIdentity;

  /**
   * Where people are told of an incident, as of an obstacle `gunshot`.
   */
  readonly alerts: AlertTopic;

  /**
   * Where incidents are dispatched.
   */
  readonly dispatch: SignedWebhook;

  /**
   * Whether somebody has to look at an incident first.
   * @default - it is dispatched at once
   */
  readonly confirmation?: ShotConfirmation;

  /**
   * Where clips of the nearest cameras are kept.
   * @default - no clips are requested
   */
  readonly clips?: ClipArchive;

  /**
   * The key of the tables and the queues. That of `alerts`, `dispatch` and `clips` may be another one.
   * @default - keys that the services own
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What becomes of the tables when they leave the stack. Unless it is DESTROY, DynamoDB refuses their deletion too.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** How many invocations run at once: all of them write the same item. */
const CONCURRENCY = 2;

/**
 * Shots that several sensors have heard: where they were, the nearest cameras, and one dispatch for each.
 *
 * A sensor publishes `schemas/device-shot.v1.json` when its own classifier takes a sound for a shot; no sound is sent. What
 * sensors heard is one shot if one source explains when it arrived at each. An incident is dispatched as
 * `schemas/shot-incident.v1.json`, at once or when somebody has decided.
 *
 * `POST` to `url` takes `schemas/shot-decision.v1.json`, and `GET` with `?incident=…` says how an incident is; both are signed
 * with credentials of IAM.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-timers.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
 *
 * const shots = new ShotDetector(stack, 'Shots', {
 *   fleetName: 'city',
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   alerts: new AlertTopic(stack, 'Alerts'),
 *   dispatch: new SignedWebhook(stack, 'Dispatch', {
 *     url: 'https://dispatch.example.com/shots',
 *     secret: new Secret(stack, 'Secret'),
 *   }),
 *   minimumSensors: 3,
 * });
 */
export class ShotDetector extends Construct {
  /** What was heard last, and the incidents, with the key `id`. */
  public readonly table: dynamodb.ITable;

  /**
   * Where cameras are, with the keys `cell` and `stream`: those who mount them put `latitude` and `longitude` there. The cell
   * is `<latitude>:<longitude>`, in hundredths of a degree and rounded down.
   */
  public readonly cameraTable: dynamodb.ITable;

  /** The function that finds shots. */
  public readonly handler: lambda.IFunction;

  /** The function that takes decisions. */
  public readonly decisionHandler: lambda.IFunction;

  /** Where somebody decides. */
  public readonly url: string;

  /** What sensors have heard, and what is due. */
  public readonly queue: sqs.IQueue;

  /** Messages that could not be processed. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when a message is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /** Goes off when sensors have heard more than can be looked at. */
  public readonly overloadAlarm: cloudwatch.Alarm;

  /** All alarms. */
  public readonly alarms: cloudwatch.Alarm[];

  /**
   * @throws ValidationError with one of the codes `FleetName`, `ShotLimits`, `ShotTimes`, `ShotCameras` and
   * `ShotConfirmation`
   */
  constructor(scope: Construct, id: string, props: ShotDetectorProps) {
    super(scope, id);
    const { fleetName, alerts, dispatch, clips, confirmation, encryptionKey } = props;
    const { removalPolicy = RemovalPolicy.RETAIN } = props;
    checkFleetName(this, fleetName);
    const settings = {
      fleet: fleetName,
      ...renderShots(this, props),
      confirmation: confirmation && renderConfirmation(this, confirmation),
    };
    const kept = { encryptionKey, removalPolicy };
    this.table = keptTable(this, 'Table', { partitionKey: 'id', expires: true, ...kept });
    this.cameraTable = keptTable(this, 'Cameras', { partitionKey: 'cell', sortKey: 'stream', ...kept });

    const work = new WorkQueue(this, 'Work', { content: 'what sensors have heard', encryptionKey });
    this.queue = work.queue;
    this.deadLetterQueue = work.deadLetterQueue;
    this.deadLetterAlarm = work.deadLetterAlarm;
    const environment = {
      SHOTS: Stack.of(this).toJsonString({
        ...settings,
        tableName: this.table.tableName,
        cameraTableName: this.cameraTable.tableName,
        topicArn: alerts.topic.topicArn,
        webhookQueueUrl: dispatch.queue.queueUrl,
        clipQueueUrl: clips?.queue.queueUrl,
      }),
    };
    const handler = new QueueWorker(this, 'Handler', {
      work,
      handler: 'shot-detector',
      description: `Finds shots that sensors of ${fleetName} have heard`,
      memorySize: 1024,
      maxConcurrency: CONCURRENCY,
      environment,
    });
    this.handler = handler;
    this.cameraTable.grant(handler, 'dynamodb:Query');
    alerts.topic.grantPublish(handler);
    dispatch.grantSend(handler);
    clips?.grants.requestClip(handler);
    const decisionHandler = this.makeDecisionHandler(props, environment, removalPolicy);
    this.decisionHandler = decisionHandler;
    this.url = decisionHandler.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM }).url;
    for (const each of [handler, decisionHandler]) {
      this.table.grant(each, 'dynamodb:GetItem', 'dynamodb:PutItem');
      work.queue.grants.sendMessages(each);
      encryptionKey?.grantEncryptDecrypt(each);
    }
    this.takeShots(props, work);
    this.overloadAlarm = this.alarmOfOverload();
    this.alarms = [this.deadLetterAlarm, this.overloadAlarm];
  }

  /**
   * Lets somebody decide on incidents, and see how they are.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
   */
  public grantDecide(grantee: iam.IGrantable): iam.Grant {
    return this.decisionHandler.grantInvokeUrl(grantee);
  }

  /**
   * A metric in the namespace `KinesisVideoFleet`: `Hearing`, `HearingFaint`, `HearingLate`, `HearingRepeated`,
   * `HearingDropped`, `ShotIncident`, `ShotDispatched`, as sums; `ShotLatency`, from the shot until its incident is open, in
   * milliseconds, of which nine of ten are below.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    const statistic = metricName === 'ShotLatency' ? cloudwatch.Stats.p(90) : cloudwatch.Stats.SUM;
    return handlerMetric(this, 'shot-detector', metricName, { statistic, ...props });
  }

  private makeDecisionHandler(
    { fleetName, confirmation }: ShotDetectorProps,
    environment: Record<string, string>,
    removalPolicy: RemovalPolicy,
  ): lambda.Function {
    const acknowledgements = confirmation?.acknowledgements;
    const noted = acknowledgements && {
      tableName: acknowledgements.table.tableName,
      retentionDays: acknowledgements.retention.toDays(),
    };
    const handler = new HandlerFunction(this, 'DecisionHandler', {
      handler: 'shot-decision',
      description: `Takes decisions on shots in ${fleetName}`,
      timeout: Duration.seconds(10),
      logs: { ...AUDIT_LOGS, removalPolicy },
      environment: {
        ...environment,
        QUEUE_URL: this.queue.queueUrl,
        ...(noted && { ACKNOWLEDGEMENTS: Stack.of(this).toJsonString(noted) }),
      },
    });
    acknowledgements?.table.grant(handler, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    acknowledgements?.encryptionKey?.grantEncryptDecrypt(handler);
    return handler;
  }

  private takeShots({ fleetName, identity }: ShotDetectorProps, work: WorkQueue): void {
    identity.allowPublish('shots');
    new TopicRule(this, 'Rule', {
      description: `Shots that sensors of ${fleetName} have heard`,
      // Encoded, so that a message that isn't JSON reaches the handler too, which says what is wrong with it.
      sql: `SELECT topic(2) AS device, encode(*, 'base64') AS content FROM '${identity.topic('+', 'shots')}'`,
      target: work,
    });
  }

  private alarmOfOverload(): cloudwatch.Alarm {
    return this.metric('HearingDropped', { period: Duration.minutes(1) }).createAlarm(this, 'OverloadAlarm', {
      alarmDescription: 'Shots: sensors hear more than can be looked at, so one may be missed',
      ...ABOVE_ZERO,
    });
  }
}
