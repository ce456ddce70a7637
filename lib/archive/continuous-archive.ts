import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ApiPacer } from '../device/api-pacer';
import type { DeviceIdentity } from '../device/device-identity';
import { failedRuns, overdueAlarm } from '../private/alarms';
import { allowDescribingStreams, allowReadingStreams, allowStoring } from '../private/archive-access';
import { archiveBucket } from '../private/archive-bucket';
import { FleetLister } from '../private/fleet-lister';
import { HandlerFunction, handlerMetric } from '../private/handler-function';
import { keptTable } from '../private/kept-table';
import { privateBucket } from '../private/private-bucket';
import { ReconciliationFlow } from '../private/reconciliation-flow';
import { checkDuration, checkFleetName, checkRange, lit } from '../private/validation';
import type { ArchiveStorage } from './archive-storage';

/**
 * Properties of `ContinuousArchive`.
 */
export interface ContinuousArchiveProps {
  /**
   * The name of the fleet, whose streams are stored and no others. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * What the devices are: all streams of those that are registered are stored.
   */
  readonly identity: DeviceIdentity;

  /**
   * When a run starts: several times within the retention of the streams. One that starts while another one still runs ends
   * at once.
   * @default - each hour
   */
  readonly schedule?: scheduler.ScheduleExpression;

  /**
   * How long after the start of a run it is ended if it still goes on, and the alarm goes off if no other one has begun:
   * whole hours, from 2 to 168 (a week).
   * @default Duration.hours(12)
   */
  readonly overdueAfter?: Duration;

  /**
   * After how long what was received is taken for listed: 60 seconds to 15 minutes.
   * @default Duration.minutes(2)
   */
  readonly settleAfter?: Duration;

  /**
   * How many functions work at once, each on 25 devices, four of them at a time: 1 to 1000.
   * @default 20
   */
  readonly maxConcurrency?: number;

  /**
   * How media is kept.
   * @default - in Glacier Instant Retrieval after 30 days, and for ever
   */
  readonly storage?: ArchiveStorage;

  /**
   * What paces the calls about streams. Fleets of one account and region should share it.
   * @default - a new one, at AWS's quotas
   */
  readonly pacer?: ApiPacer;

  /**
   * The key of the buckets and the table.
   * @default - keys that the services own
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What happens when an alarm goes off.
   * @default - nothing beyond the alarm's state
   */
  readonly alarmActions?: cloudwatch.IAlarmAction[];

  /**
   * What becomes of the media and the watermarks when they leave the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** So many devices share an invocation, and an execution of the state machine. */
const PAGE_SIZE = 25;

/**
 * Everything that the streams of a fleet receive, stored for longer than they keep it: each fragment as it was sent, in MKV, by
 * ten minutes of the clock of AWS, in `continuous/<stream>/<yyyy>/<mm>/<dd>/<hhmm>/` with a list of it, `slice.json`.
 *
 * Each run goes on where the one before has ended, stream by stream. A watermark for each moves on only after what is before
 * it is stored: a run that fails, is throttled or is ended leaves nothing out, as long as another one comes before the
 * retention of the stream is over.
 *
 * It copies all media, day by day. Where streams can keep it themselves, in the tier WARM, that is the simpler way.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_reader_GetMediaForFragmentList.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const archive = new ContinuousArchive(stack, 'Archive', {
 *   fleetName: 'delivery',
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   alarmActions: [new AlarmTopic(stack, 'Alarms').action],
 * });
 */
export class ContinuousArchive extends Construct {
  /** Where media is. */
  public readonly bucket: s3.IBucket;

  /** What a run is an execution of. */
  public readonly stateMachine: sfn.IStateMachine;

  /** The function that stores media. */
  public readonly handler: lambda.IFunction;

  /** Up to when each stream is stored, by its name. */
  public readonly watermarks: dynamodb.ITable;

  /** Goes off when a run failed, or was ended because it took too long. */
  public readonly runAlarm: cloudwatch.Alarm;

  /** Goes off when no run has begun for too long; before the first run, too. */
  public readonly overdueAlarm: cloudwatch.Alarm;

  /** Goes off when the media of a device could not be stored; the next run tries again. */
  public readonly failureAlarm: cloudwatch.Alarm;

  /** Goes off when media was deleted before it was stored. */
  public readonly lossAlarm: cloudwatch.Alarm;

  /** All alarms. */
  public readonly alarms: cloudwatch.Alarm[];

  /**
   * @throws ValidationError with one of the codes `FleetName`, `ContinuousOverdue`, `ContinuousSettle`,
   * `ContinuousConcurrency` and `ArchiveStorage`
   */
  constructor(scope: Construct, id: string, props: ContinuousArchiveProps) {
    super(scope, id);
    const { identity, encryptionKey, overdueAfter = Duration.hours(12), maxConcurrency = 20 } = props;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    checkFleetName(this, props.fleetName);
    checkRange(this, lit`ContinuousConcurrency`, 'maxConcurrency', maxConcurrency, { min: 1, max: 1000 });
    const range = { min: 2, max: 168, unit: 'hours' } as const;
    const hours = checkDuration(this, lit`ContinuousOverdue`, 'overdueAfter', overdueAfter, range);

    this.bucket = archiveBucket(this, 'Bucket', {
      storage: props.storage ?? {},
      legalHolds: false,
      encryptionKey,
      removalPolicy,
    });
    this.watermarks = keptTable(this, 'Watermarks', { partitionKey: 'stream', encryptionKey, removalPolicy });
    const handler = this.makeHandler(props);
    this.handler = handler;
    const { stateMachine } = new ReconciliationFlow(this, 'Flow', {
      comment: `Stores what the streams of ${props.fleetName} have received`,
      lister: new FleetLister(this, 'Lister', {
        identity,
        description: 'Lists the things of a fleet whose streams are stored',
        pageSize: PAGE_SIZE,
        countAs: 'DevicesToArchive',
      }),
      reconciler: handler,
      // Pages and reports, which nobody needs for long.
      bucket: privateBucket(this, 'Runs', {
        encryptionKey,
        lifecycleRules: [
          { prefix: 'runs/', expiration: Duration.days(7) },
          { prefix: 'reports/', expiration: Duration.days(30) },
        ],
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      kinds: ['things'],
      concurrency: maxConcurrency,
      timeout: overdueAfter,
    });
    this.stateMachine = stateMachine;
    new scheduler.Schedule(this, 'Schedule', {
      description: 'Starts to store what streams have received',
      // Not at the full hour, when everybody else's runs start.
      schedule: props.schedule ?? scheduler.ScheduleExpression.cron({ minute: '23' }),
      target: new StepFunctionsStartExecution(stateMachine, {}),
    });

    const failed = failedRuns(stateMachine);
    this.runAlarm = this.alarm('RunAlarm', failed, 'a run failed, or was ended because it took too long');
    const devices = handlerMetric(this, 'fleet-lister', 'DevicesToArchive');
    this.overdueAlarm = overdueAlarm(this, devices, 'Continuous archive', hours);
    this.failureAlarm = this.alarm('FailureAlarm', this.metric('ArchiveFailed'), 'media could not be stored');
    this.lossAlarm = this.alarm('LossAlarm', this.metric('ArchiveLost'), 'media was deleted before it was stored');
    this.alarms = [this.runAlarm, this.overdueAlarm, this.failureAlarm, this.lossAlarm];
    for (const alarm of this.alarms) alarm.addAlarmAction(...(props.alarmActions ?? []));
  }

  /**
   * A metric of what stores media, in the namespace `KinesisVideoFleet`: `SegmentStored`, `SegmentBytes`, `ArchiveFailed`
   * (devices), `ArchiveLost` (milliseconds) and `ApiThrottled`, all as sums.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, 'continuous-archive', metricName, { statistic: cloudwatch.Stats.SUM, ...props });
  }

  private makeHandler({ fleetName, identity, encryptionKey, ...props }: ContinuousArchiveProps): HandlerFunction {
    const settle = { min: 60, max: 900, unit: 'seconds' } as const;
    const seconds = checkDuration(
      this,
      lit`ContinuousSettle`,
      'settleAfter',
      props.settleAfter ?? Duration.minutes(2),
      settle,
    );
    const handler = new HandlerFunction(this, 'Handler', {
      handler: 'continuous-archive',
      description: `Stores what the streams of ${fleetName} have received, page by page`,
      timeout: Duration.minutes(15),
      memorySize: 1769,
      environment: {
        CLIP_BUCKET: this.bucket.bucketName,
        WATERMARK_TABLE: this.watermarks.tableName,
        CAMERAS: Stack.of(this).toJsonString(identity.cameras),
        SETTLE_SECONDS: String(seconds),
      },
    });
    (props.pacer ?? new ApiPacer(this, 'Pacer', { encryptionKey }))._connect(handler);
    allowReadingStreams(handler, fleetName, identity);
    allowDescribingStreams(handler, identity);
    allowStoring(handler, this.bucket, 'continuous/');
    this.watermarks.grant(handler, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    encryptionKey?.grantEncryptDecrypt(handler);
    return handler;
  }

  private alarm(id: string, metric: cloudwatch.IMetric, what: string): cloudwatch.Alarm {
    return new cloudwatch.Alarm(this, id, {
      metric,
      alarmDescription: `Continuous archive: ${what}`,
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  }
}
