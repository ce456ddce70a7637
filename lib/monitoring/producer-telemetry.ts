import { Duration, Names, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as kinesis from 'aws-cdk-lib/aws-kinesis';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DeviceIdentity } from '../device/device-identity';
import { dataStream, recordsOf } from '../private/data-stream';
import { HandlerFunction, handlerMetric } from '../private/handler-function';
import { TopicRule } from '../private/topic-rule';
import { checkDuration, checkPattern, lit } from '../private/validation';
import { deadLetterAlarm, deadLetterQueue } from '../private/work-queue';

/**
 * Properties of `ProducerTelemetry`.
 */
export interface ProducerTelemetryProps {
  /**
   * What the devices are. They are allowed to report.
   */
  readonly identity: DeviceIdentity;

  /**
   * How often a device reports: 30 seconds to 15 minutes. More often than twice as often isn't taken.
   * @default Duration.minutes(1)
   */
  readonly interval?: Duration;

  /**
   * The name of the rule, which is part of the topic that devices know: 1 to 128 of `a-z A-Z 0-9 _`.
   * @default - generated
   */
  readonly ruleName?: string;

  /**
   * The data stream that reports are collected in. It has one consumer of this kind.
   * @default - a new one, which grows with what is written and keeps records for a day
   */
  readonly dataStream?: kinesis.IStream;

  /**
   * The key of the dead-letter queue, and of the data stream that is made here.
   * @default - a key that SQS manages, and the one that AWS manages for Kinesis
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * What devices say of their producers, as metrics of the whole fleet: how full buffers are, what waits to be sent, what
 * was dropped. There are as many metrics with one device as with 50,000.
 *
 * A device publishes to `topic` what `schemas/producer-telemetry.v1.json` describes, past the broker (Basic Ingest): that
 * isn't billed as a message. Reports are collected in a data stream, because a queue would cost many times as much.
 *
 * The function says in its log every ten minutes which devices report, and at each report whose streams are stalled.
 *
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/iot-basic-ingest.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const telemetry = new ProducerTelemetry(stack, 'Telemetry', { identity: new DeviceIdentity(stack, 'Identity') });
 * new FleetMonitoring(stack, 'Monitoring', { fleetName: 'delivery', devices: 10_000, telemetry });
 */
export class ProducerTelemetry extends Construct {
  /** The topic that a device publishes to. `{thing}` stands for the thing's name. */
  public readonly topic: string;

  /** How often a device reports. */
  public readonly interval: Duration;

  /** The data stream that reports are collected in. */
  public readonly dataStream: kinesis.IStream;

  /** The function that makes metrics of reports. */
  public readonly handler: lambda.IFunction;

  /** Reports that could not be used or delivered, and where in the data stream those are that could not be processed. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when a message is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /**
   * @throws ValidationError with one of the codes `TelemetryInterval` and `TelemetryRuleName`
   */
  constructor(scope: Construct, id: string, props: ProducerTelemetryProps) {
    super(scope, id);
    const { identity, encryptionKey } = props;
    this.interval = props.interval ?? Duration.minutes(1);
    const range = { min: 30, max: 900, unit: 'seconds' } as const;
    const seconds = checkDuration(this, lit`TelemetryInterval`, 'interval', this.interval, range);
    const rule = /^[a-zA-Z0-9_]{1,128}$/;
    checkPattern(this, lit`TelemetryRuleName`, 'ruleName', props.ruleName, rule, '1 to 128 of a-z A-Z 0-9 _');
    // Known before deployment, because devices and their policy have it.
    const ruleName = props.ruleName ?? Names.uniqueResourceName(this, { maxLength: 128, separator: '_' });
    this.topic = `$aws/rules/${ruleName}/${identity.topic('{thing}', 'telemetry')}`;

    const queue = deadLetterQueue(this, encryptionKey);
    this.deadLetterQueue = queue;
    this.deadLetterAlarm = deadLetterAlarm(this, queue, 'telemetry of devices');
    this.dataStream = props.dataStream ?? dataStream(this, encryptionKey);

    const handler = new HandlerFunction(this, 'Handler', {
      handler: 'producer-telemetry',
      description: 'Makes metrics of what devices say of their producers',
      timeout: Duration.minutes(1),
      environment: {
        DEAD_LETTER_QUEUE_URL: queue.queueUrl,
        INTERVAL_SECONDS: Stack.of(this).toJsonString(seconds),
      },
    });
    queue.grants.sendMessages(handler);
    handler.addEventSource(
      recordsOf(this.dataStream, queue, {
        // The names of so many devices fit into one line of the log.
        batchSize: 1000,
        maxBatchingWindow: Duration.seconds(15),
        retryAttempts: 3,
        // Of what is older, the next report tells.
        maxRecordAge: Duration.minutes(15),
      }),
    );
    this.handler = handler;

    identity.allowBasicIngest(ruleName, 'telemetry');
    new TopicRule(this, 'Rule', {
      ruleName,
      description: 'What devices say of their producers',
      // Encoded, so that a message that isn't JSON reaches the handler too, which says what is wrong with it.
      sql: `SELECT topic(2) AS device, timestamp() AS receivedAt, encode(*, 'base64') AS content FROM '${identity.topic('+', 'telemetry')}'`,
      target: { dataStream: this.dataStream, partitionKey: '${topic(2)}', deadLetterQueue: queue },
    });
  }

  /**
   * A metric of the fleet's producers, in the namespace `KinesisVideoFleet`. Of devices: `DeviceReported`, and `BufferUsage`
   * in percent. Of streams: `SendBacklog` in milliseconds of media that wait, `FrameRate`, `TransferRate` in bytes per
   * second, `StreamStalled` and `StreamDropping` (1 or 0 for each, so that the average is the share), and the counts
   * `FramesDropped`, `PutFrameErrors` and `ErrorAcks`.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, 'producer-telemetry', metricName, props);
  }

  /**
   * How many devices report.
   * @default - over 5 minutes
   */
  public metricReportingDevices(props?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    const period = props?.period ?? Duration.minutes(5);
    const share = this.interval.toSeconds() / period.toSeconds();
    return new cloudwatch.MathExpression({
      expression: `reports * ${share}`,
      label: 'Devices that report',
      ...props,
      period,
      usingMetrics: { reports: this.metric('DeviceReported', { statistic: cloudwatch.Stats.SUM, period }) },
    });
  }
}
