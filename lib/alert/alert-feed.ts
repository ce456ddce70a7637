import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DeviceIdentity } from '../device/device-identity';
import { handlerMetric } from '../private/handler-function';
import { keptTable } from '../private/kept-table';
import { queueSubscription } from '../private/queue-subscription';
import { iotArn } from '../private/topic-rule';
import { checkDuration, lit } from '../private/validation';
import { QueueWorker, WorkQueue } from '../private/work-queue';
import type { AlertTopic } from './alert-topic';

/**
 * Properties of `AlertFeed`.
 */
export interface AlertFeedProps {
  /**
   * The alerts, those that a quiet window silences included.
   */
  readonly alerts: AlertTopic;

  /**
   * What the devices are: alerts are published below their topics.
   */
  readonly identity: DeviceIdentity;

  /**
   * How long alerts are kept: 7 to 3650 days.
   * @default Duration.days(90)
   */
  readonly retention?: Duration;

  /**
   * The key that encrypts the table and the queues.
   * @default - keys that the services own
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What happens when the alarm goes off.
   * @default - nothing beyond the alarm's state
   */
  readonly alarmActions?: cloudwatch.IAlarmAction[];

  /**
   * What becomes of the table when it leaves the stack. Unless it is DESTROY, DynamoDB refuses its deletion too.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Alerts for who watches: each is kept in a table, and published to `<prefix>/<device>/alerts` by MQTT, with QoS 1 and for
 * five minutes. `ViewerMessages` lets people subscribe to it.
 *
 * An item has the keys `device` and `at` (when the frame was captured, in ISO 8601 with milliseconds, `#` and the id of
 * the detection), and `event`, the alert as JSON. An alert is published at least once, and rarely twice; its id tells.
 *
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/mqtt.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const feed = new AlertFeed(stack, 'Feed', {
 *   alerts: new AlertTopic(stack, 'Alerts'),
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   retention: Duration.days(30),
 * });
 */
export class AlertFeed extends Construct {
  /** The alerts, with the keys `device` and `at`. */
  public readonly table: dynamodb.ITable;

  /** The function that keeps and publishes alerts. */
  public readonly handler: lambda.IFunction;

  /** Alerts that wait. */
  public readonly queue: sqs.IQueue;

  /** Alerts that could not be kept or published. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when an alert is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /** The key of the table and the queues. */
  public readonly encryptionKey?: kms.IKey;

  /**
   * @throws ValidationError `AlertFeedRetention`
   */
  constructor(scope: Construct, id: string, props: AlertFeedProps) {
    super(scope, id);
    const { identity, encryptionKey, retention = Duration.days(90), removalPolicy = RemovalPolicy.RETAIN } = props;
    const range = { min: 7, max: 3650, unit: 'days' } as const;
    const days = checkDuration(this, lit`AlertFeedRetention`, 'retention', retention, range);
    this.encryptionKey = encryptionKey;

    this.table = keptTable(this, 'Table', {
      partitionKey: 'device',
      sortKey: 'at',
      expires: true,
      encryptionKey,
      removalPolicy,
    });
    const work = new WorkQueue(this, 'Work', { content: 'alerts for viewers', encryptionKey });
    this.queue = work.queue;
    this.deadLetterQueue = work.deadLetterQueue;
    this.deadLetterAlarm = work.deadLetterAlarm;
    const handler = new QueueWorker(this, 'Handler', {
      handler: 'alert-feed',
      description: 'Keeps alerts and publishes them to viewers',
      work,
      environment: {
        ALERT_TABLE: this.table.tableName,
        RETENTION_DAYS: String(days),
        TOPIC_PREFIX: identity.topicPrefix,
      },
    });
    this.table.grant(handler, 'dynamodb:UpdateItem');
    encryptionKey?.grantEncryptDecrypt(handler);
    handler.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['iot:Publish'],
        resources: [iotArn(this, 'topic', identity.topic('*', 'alerts'))],
      }),
    );
    this.handler = handler;
    props.alerts.subscribe(queueSubscription(work.queue));
    work.deadLetterAlarm.addAlarmAction(...(props.alarmActions ?? []));
  }

  /**
   * A metric in the namespace `KinesisVideoFleet`: `AlertPublished`, as a sum, and `AlertFeedLatency`, the milliseconds
   * from the detection in the cloud to its publication, as what nine of ten took at most.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    const statistic = metricName === 'AlertFeedLatency' ? cloudwatch.Stats.p(90) : cloudwatch.Stats.SUM;
    return handlerMetric(this, 'alert-feed', metricName, { statistic, ...props });
  }
}
