import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { AlertTopic } from '../alert/alert-topic';
import type { DeviceIdentity } from '../device/device-identity';
import { Detector } from '../private/detector';
import { handlerMetric } from '../private/handler-function';
import { keptTable } from '../private/kept-table';
import { privateBucket } from '../private/private-bucket';
import { TopicRule } from '../private/topic-rule';
import { checkDuration, fail, lit } from '../private/validation';
import { WorkQueue } from '../private/work-queue';
import type { ClosedArea, NightTime } from './field-place';
import type { ObstacleClass } from './obstacle-class';

/**
 * Properties of `FieldWatch`.
 */
export interface FieldWatchProps {
  /**
   * The name of the fleet, which stands in each detection event. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * What the devices are. They are allowed to publish sightings.
   */
  readonly identity: DeviceIdentity;

  /**
   * What is of concern: labels, confidence and severity of a class. At least one; names must differ, and nothing else of a
   * class may be set.
   */
  readonly obstacles: ObstacleClass[];

  /**
   * Where nobody should be. At least one; names must differ. Together they may have 1,200 bytes as JSON: some 50 corners.
   */
  readonly areas: ClosedArea[];

  /**
   * When nobody should be there.
   * @default - at any time
   */
  readonly night?: NightTime;

  /**
   * Where alerts go. Their `repeatAfter` doesn't count here.
   */
  readonly alerts: AlertTopic;

  /**
   * How far apart in time two sightings of an incident may be: 5 minutes to 6 hours.
   * @default Duration.minutes(30)
   */
  readonly incidentGap?: Duration;

  /**
   * From which age on an alert says that it is late: 1 minute to 6 hours.
   * @default Duration.minutes(15)
   */
  readonly lateAfter?: Duration;

  /**
   * From which age on what was seen is recorded and wakes nobody: up to 2 days, and more than `lateAfter`.
   * @default Duration.hours(12)
   */
  readonly recordOnlyAfter?: Duration;

  /**
   * For how long sightings and pictures are kept: whole days, from 1 to 3,650.
   * @default Duration.days(90)
   */
  readonly recordRetention?: Duration;

  /**
   * For how long the link to a picture in an alert works: 1 to 12 hours, as long as the credentials of the function that made
   * it.
   * @default Duration.hours(1)
   */
  readonly linkLifetime?: Duration;

  /**
   * The key of queues, table and pictures.
   * @default - keys that the services manage
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What becomes of the table and the pictures when they leave the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Tells of who is where nobody should be at night, seen by devices that have a link now and then.
 *
 * A device keeps what its model has seen, and publishes it when it can to `<prefix>/<thing>/sightings`, as
 * `schemas/device-sightings.v1.json` describes: late, in any order, up to fifty at once, and twice if it isn't sure. Here,
 * what counts is when it was seen, by the id of the sighting once.
 *
 * Sightings of a class by a device that follow one another make an incident, which is told of once, with where it was seen
 * last, how many sightings there were until then, and how late it is. What is too old to act on wakes nobody. All that was
 * seen is kept in the table, with why it was a concern or none.
 *
 * @stateful
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/mqtt.html#mqtt-qos
 *
 * @exampleMetadata fixture=stack
 * @example
 * const frames = new FrameStore(stack, 'Frames');
 * const corners: GeoPoint[] = [
 *   { latitude: -2.1, longitude: 34.8 },
 *   { latitude: -2.1, longitude: 34.9 },
 *   { latitude: -2.2, longitude: 34.9 },
 * ];
 * const fieldWatch = new FieldWatch(stack, 'Field', {
 *   fleetName: 'traps',
 *   identity: new DeviceIdentity(stack, 'Identity', { images: { bucket: frames.bucket } }),
 *   alerts: new AlertTopic(stack, 'Alerts'),
 *   obstacles: [new ObstacleClass({ name: 'person', labels: ['person'], severity: AlertSeverity.CRITICAL })],
 *   areas: [new ClosedArea('reserve', corners)],
 *   night: NightTime.sun(corners[0]),
 * });
 */
export class FieldWatch extends Construct {
  /** What was seen, by `device`. */
  public readonly table: dynamodb.ITable;

  /** The pictures, in the folder `snapshots/`. */
  public readonly snapshotBucket: s3.IBucket;

  /** The function that decides. */
  public readonly handler: lambda.IFunction;

  /** Messages that wait. */
  public readonly queue: sqs.IQueue;

  /** Messages that could not be processed, those of the rule's error action included. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when a message is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /** Goes off when sightings came too late to tell anybody: a link was down for longer than people can wait. */
  public readonly tooOldAlarm: cloudwatch.Alarm;

  /** All alarms. */
  public readonly alarms: cloudwatch.Alarm[];

  /**
   * @throws ValidationError with one of the codes `FleetName`, `Obstacles`, `FieldWatchObstacle`, `FieldWatchAreas` and
   * `FieldWatchTime`
   */
  constructor(scope: Construct, id: string, props: FieldWatchProps) {
    super(scope, id);
    const { fleetName, identity, encryptionKey, removalPolicy = RemovalPolicy.RETAIN } = props;
    const times = this.checkTimes(props);
    this.checkClasses(props.obstacles);
    const areas = this.renderAreas(props.areas);

    const table = keptTable(this, 'Table', {
      ...{ partitionKey: 'device', sortKey: 'id', expires: true },
      encryptionKey,
      removalPolicy,
    });
    this.table = table;
    const expiration = Duration.days(times.recordDays);
    this.snapshotBucket = privateBucket(this, 'Bucket', {
      encryptionKey,
      lifecycleRules: [{ expiration, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy,
    });

    const work = new WorkQueue(this, 'Work', { content: 'sightings of devices', encryptionKey });
    this.queue = work.queue;
    this.deadLetterQueue = work.deadLetterQueue;
    this.deadLetterAlarm = work.deadLetterAlarm;
    const handler = new Detector(this, 'Handler', {
      handler: 'field-watch',
      description: `Tells of what the devices of ${fleetName} have seen where nobody should be`,
      work,
      fleetName,
      obstacles: props.obstacles,
      alerts: props.alerts,
      environment: {
        WATCH: Stack.of(this).toJsonString({
          ...times,
          tableName: table.tableName,
          snapshotBucket: this.snapshotBucket.bucketName,
          areas,
          night: props.night?._render(),
        }),
      },
    });
    table.grants.actions(handler, 'dynamodb:GetItem', 'dynamodb:PutItem');
    // A link works with the permissions of who made it.
    handler.addToRolePolicy(this.ofSnapshots());
    encryptionKey?.grantEncryptDecrypt(handler);
    this.handler = handler;

    identity.allowPublish('sightings');
    new TopicRule(this, 'Rule', {
      description: `Sightings of the devices of ${fleetName}`,
      // Encoded, so that a message that isn't JSON reaches the handler too, which says what is wrong with it.
      sql: `SELECT topic(2) AS device, encode(*, 'base64') AS content FROM '${identity.topic('+', 'sightings')}'`,
      target: work,
    });

    this.tooOldAlarm = this.metric('SightingTooOld', { period: Duration.hours(1) }).createAlarm(this, 'TooOldAlarm', {
      alarmDescription: `Sightings of ${fleetName} came too late to tell anybody of them`,
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    this.alarms = [this.deadLetterAlarm, this.tooOldAlarm];
  }

  /**
   * A metric in the namespace `KinesisVideoFleet`: `SightingRecorded`, `SightingRepeated`, `SightingLate`, `SightingTooOld`,
   * `SnapshotUnusable`, `AlertRaised`, `AlertLate`. Sum over 5 minutes.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, 'field-watch', metricName, { statistic: cloudwatch.Stats.SUM, ...props });
  }

  private ofSnapshots(): iam.PolicyStatement {
    return new iam.PolicyStatement({
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: [this.snapshotBucket.arnForObjects('snapshots/*')],
    });
  }

  private checkClasses(obstacles: ObstacleClass[]): void {
    // Together with the areas, of the 4 KB that a function's environment may have.
    const bytes = Buffer.byteLength(JSON.stringify(obstacles.map((obstacle) => obstacle._render())));
    if (bytes > 1200) {
      fail(
        this,
        lit`FieldWatchObstacle`,
        `\`obstacles\` have ${bytes} bytes as JSON; 1200 are allowed. Use fewer labels.`,
      );
    }
    const known = ['name', 'labels', 'minimumConfidence', 'severity'];
    for (const obstacle of obstacles) {
      const others = Object.entries(obstacle._render()).filter(
        ([key, value]) => value !== undefined && !known.includes(key),
      );
      if (others.length === 0) continue;
      const names = others.map(([key]) => key).join(', ');
      fail(
        this,
        lit`FieldWatchObstacle`,
        `The class '${obstacle.name}' has ${names}; of sightings only labels, confidence and severity count.`,
      );
    }
  }

  private renderAreas(areas: ClosedArea[]): object[] {
    const code = lit`FieldWatchAreas`;
    if (areas.length === 0) fail(this, code, '`areas` is empty; it needs at least one.');
    const names = areas.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) fail(this, code, `Two of the \`areas\` are called '${twice}'.`);
    const rendered = areas.map((area) => area._render());
    // Of the 4 KB that a function's environment may have.
    const bytes = Buffer.byteLength(JSON.stringify(rendered));
    if (bytes > 1200) fail(this, code, `\`areas\` have ${bytes} bytes as JSON; 1200 are allowed. Use fewer corners.`);
    return rendered;
  }

  private checkTimes(props: FieldWatchProps) {
    const { incidentGap = Duration.minutes(30), lateAfter = Duration.minutes(15) } = props;
    const { recordOnlyAfter = Duration.hours(12), recordRetention = Duration.days(90) } = props;
    const { linkLifetime = Duration.hours(1) } = props;
    const code = lit`FieldWatchTime`;
    const seconds = (prop: string, value: Duration, min: number, max: number) =>
      checkDuration(this, code, prop, value, { min, max, unit: 'seconds' });
    const lateAfterSeconds = seconds('lateAfter', lateAfter, 60, 21_600);
    return {
      gapSeconds: seconds('incidentGap', incidentGap, 300, 21_600),
      lateAfterSeconds,
      recordOnlyAfterSeconds: seconds('recordOnlyAfter', recordOnlyAfter, lateAfterSeconds + 1, 172_800),
      recordDays: checkDuration(this, code, 'recordRetention', recordRetention, { min: 1, max: 3650, unit: 'days' }),
      linkSeconds: seconds('linkLifetime', linkLifetime, 3600, 43_200),
    };
  }
}
