import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ApiPacer } from '../device/api-pacer';
import type { DeviceIdentity } from '../device/device-identity';
import { ABOVE_ZERO } from '../private/alarms';
import { allowHolding, allowReadingStreams, allowStoring } from '../private/archive-access';
import { archiveBucket } from '../private/archive-bucket';
import { AUDIT_LOGS, HandlerFunction, handlerMetric } from '../private/handler-function';
import { keptTable } from '../private/kept-table';
import { queueSubscription } from '../private/queue-subscription';
import { checkDuration, checkFleetName, checkRange, fail, lit } from '../private/validation';
import { QueueWorker, WorkQueue } from '../private/work-queue';
import { ClipArchiveGrants } from './clip-archive-grants';
import type { ClipOptions } from './clip-options';

/**
 * Properties of `ClipArchive`.
 */
export interface ClipArchiveProps extends ClipOptions {
  /**
   * The name of the fleet, whose streams are read and no others. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * What the devices are.
   */
  readonly identity: DeviceIdentity;

  /**
   * What paces the calls for endpoints. Fleets of one account and region should share it.
   * @default - a new one, at AWS's quotas
   */
  readonly pacer?: ApiPacer;

  /**
   * The key of the bucket, the index and the queues.
   * @default - keys that the services own
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What happens when an alarm goes off.
   * @default - nothing beyond the alarm's state
   */
  readonly alarmActions?: cloudwatch.IAlarmAction[];

  /**
   * What becomes of the clips and their index when they leave the stack. Unless it is DESTROY, DynamoDB refuses the
   * deletion of the index too.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** An invocation ends by itself before; what is left of an incident is for the next one. */
const WORK_TIMEOUT = Duration.minutes(5);

/** SQS delays no message for longer. */
const LONGEST_DELAY = 900;

/**
 * Incidents as clips: what the streams have of the time around an alert, or around a moment that somebody asks for, is kept
 * in a bucket for longer than the streams keep it.
 *
 * An incident is a folder, `clips/<device>/<yyyy>/<mm>/<dd>/<incident>/`, of as many MP4 files as the limits of GetClip
 * make of it, and `manifest.json` (`schemas/incident-manifest.v1.json`), which says what they are made of, their
 * checksums, and where the stream held nothing. The index has the keys `device` and `at`.
 *
 * A request is a message to the queue, as `schemas/clip-request.v1.json` has it.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_reader_GetClip.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
 *
 * const archive = new ClipArchive(stack, 'Clips', {
 *   fleetName: 'delivery',
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   alerts: new AlertTopic(stack, 'Alerts'),
 *   before: Duration.seconds(30),
 *   after: Duration.seconds(30),
 * });
 * archive.grants.read(new Role(stack, 'Examiner', { assumedBy: new AccountRootPrincipal() }));
 */
export class ClipArchive extends Construct {
  /** Where clips are. */
  public readonly bucket: s3.IBucket;

  /** Which incidents there are, with the keys `device` and `at`. */
  public readonly index: dynamodb.ITable;

  /** Alerts and requests that wait. */
  public readonly queue: sqs.IQueue;

  /** Alerts and requests of which nothing was made. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** The function that makes clips. */
  public readonly handler: lambda.IFunction;

  /** The function that puts incidents under a legal hold and takes it away, if there are legal holds. */
  public readonly holdHandler?: lambda.IFunction;

  /** The key of the bucket, the index and the queues. */
  public readonly encryptionKey?: kms.IKey;

  /** Permissions to read, request and hold clips. */
  public readonly grants: ClipArchiveGrants;

  /** Goes off when an alert or a request is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /** Goes off when a stream held nothing at all of an incident. */
  public readonly emptyAlarm: cloudwatch.Alarm;

  /** Goes off when media was deleted before it was stored. */
  public readonly expiredAlarm: cloudwatch.Alarm;

  /** Goes off when an incident waits for an hour longer than it has to. */
  public readonly backlogAlarm: cloudwatch.Alarm;

  /** All alarms. */
  public readonly alarms: cloudwatch.Alarm[];

  /**
   * @throws ValidationError with one of the codes `FleetName`, `ClipWindow`, `ClipPatience`, `ClipConcurrency` and
   * `ArchiveStorage`
   */
  constructor(scope: Construct, id: string, props: ClipArchiveProps) {
    super(scope, id);
    const { fleetName, identity, encryptionKey, removalPolicy = RemovalPolicy.RETAIN, legalHolds = true } = props;
    checkFleetName(this, fleetName);
    const range = { min: 2, max: 1000 };
    checkRange(this, lit`ClipConcurrency`, 'maxConcurrency', props.maxConcurrency, range);
    const settings = this.render(props);
    this.encryptionKey = encryptionKey;

    const bucket = archiveBucket(this, 'Bucket', {
      storage: props.storage ?? {},
      legalHolds,
      encryptionKey,
      removalPolicy,
    });
    this.bucket = bucket;
    this.index = keptTable(this, 'Index', {
      partitionKey: 'device',
      sortKey: 'at',
      expires: true,
      encryptionKey,
      removalPolicy,
    });
    const due = settings.afterSeconds + settings.settleSeconds;
    const work = new WorkQueue(this, 'Work', {
      content: 'incidents',
      workTimeout: WORK_TIMEOUT,
      deliveryDelay: Duration.seconds(Math.min(LONGEST_DELAY, due)),
      encryptionKey,
    });
    this.queue = work.queue;
    this.deadLetterQueue = work.deadLetterQueue;
    this.deadLetterAlarm = work.deadLetterAlarm;

    const environment = { CLIP_BUCKET: bucket.bucketName, INCIDENT_TABLE: this.index.tableName };
    const handler = new QueueWorker(this, 'Handler', {
      work,
      handler: 'clip-archive',
      description: `Stores what the streams of ${fleetName} have of incidents`,
      memorySize: 1024,
      // Each takes its time, and none is to wait for another.
      batchSize: 1,
      maxConcurrency: props.maxConcurrency ?? 20,
      environment: {
        ...environment,
        CLIPS: Stack.of(this).toJsonString({
          ...settings,
          legalHolds,
          expireDays: props.storage?.expireAfter?.toDays(),
        }),
        ...(props.feed && { ALERT_TABLE: props.feed.table.tableName }),
      },
    });
    (props.pacer ?? new ApiPacer(this, 'Pacer', { encryptionKey }))._connect(handler);
    allowReadingStreams(handler, fleetName, identity);
    allowStoring(handler, bucket, 'clips/');
    this.index.grant(handler, 'dynamodb:UpdateItem');
    props.feed?.table.grant(handler, 'dynamodb:Query');
    props.feed?.encryptionKey?.grantDecrypt(handler);
    this.handler = handler;

    encryptionKey?.grantEncryptDecrypt(handler);
    if (legalHolds) {
      allowHolding(handler, bucket, 'clips/');
      this.holdHandler = this.makeHoldHandler(props, environment, removalPolicy);
    }
    this.grants = ClipArchiveGrants.fromArchive(this);
    props.alerts?.subscribe(queueSubscription(work.queue), props.alertFilter);

    const patience = settings.afterSeconds + settings.patienceSeconds;
    this.emptyAlarm = this.alarm('EmptyAlarm', this.metric('ClipEmpty'), 0, 'a stream held nothing of an incident');
    this.expiredAlarm = this.alarm(
      'ExpiredAlarm',
      this.metric('ClipExpired'),
      0,
      'media was deleted before it was stored',
    );
    const age = work.queue.metricApproximateAgeOfOldestMessage({ statistic: cloudwatch.Stats.MAXIMUM });
    this.backlogAlarm = this.alarm('BacklogAlarm', age, patience + 3600, 'an incident waits for an hour too long');
    this.alarms = [this.deadLetterAlarm, this.emptyAlarm, this.expiredAlarm, this.backlogAlarm];
    for (const alarm of this.alarms) alarm.addAlarmAction(...(props.alarmActions ?? []));
  }

  /**
   * A metric of what makes clips, in the namespace `KinesisVideoFleet`: `ClipStored`, `ClipPartStored`, `ClipBytes`,
   * `ClipEmpty`, `ClipExpired` and `MessageUnusable`, as sums; `ClipGap`, the milliseconds that are missing of an incident,
   * as a sum too.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, 'clip-archive', metricName, { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /** How long it took from the end of an incident until it was stored, in milliseconds; nine of ten took no longer. */
  public metricLatency(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ClipLatency', { statistic: cloudwatch.Stats.p(90), ...props });
  }

  private makeHoldHandler(
    { fleetName, encryptionKey }: ClipArchiveProps,
    environment: Record<string, string>,
    removalPolicy: RemovalPolicy,
  ): lambda.IFunction {
    const handler = new HandlerFunction(this, 'HoldHandler', {
      handler: 'clip-archive-hold',
      description: `Puts incidents of ${fleetName} under a legal hold, and takes it away`,
      timeout: Duration.minutes(5),
      logs: { ...AUDIT_LOGS, removalPolicy },
      environment,
    });
    this.index.grant(handler, 'dynamodb:UpdateItem');
    encryptionKey?.grantEncryptDecrypt(handler);
    allowHolding(handler, this.bucket, 'clips/');
    return handler;
  }

  private render({ before, after, settleAfter, patience }: ClipOptions) {
    const seconds = { unit: 'seconds' } as const;
    const window = { ...seconds, min: 0, max: 3600 };
    const settings = {
      beforeSeconds: checkDuration(this, lit`ClipWindow`, 'before', before ?? Duration.seconds(30), window),
      afterSeconds: checkDuration(this, lit`ClipWindow`, 'after', after ?? Duration.seconds(60), window),
      settleSeconds: checkDuration(this, lit`ClipPatience`, 'settleAfter', settleAfter ?? Duration.minutes(1), {
        ...seconds,
        min: 10,
        max: 900,
      }),
      patienceSeconds: checkDuration(this, lit`ClipPatience`, 'patience', patience ?? Duration.minutes(15), {
        ...seconds,
        min: 10,
        max: 21_600,
      }),
    };
    if (settings.beforeSeconds + settings.afterSeconds === 0) {
      fail(this, lit`ClipWindow`, '`before` and `after` are both zero: nothing would be in a clip.');
    }
    if (settings.patienceSeconds < settings.settleSeconds) {
      fail(this, lit`ClipPatience`, '`patience` is shorter than `settleAfter`, before which no clip is made.');
    }
    return settings;
  }

  private alarm(id: string, metric: cloudwatch.Metric, threshold: number, what: string): cloudwatch.Alarm {
    return metric.createAlarm(this, id, {
      alarmDescription: `Archive: ${what}`,
      ...ABOVE_ZERO,
      threshold,
    });
  }
}
