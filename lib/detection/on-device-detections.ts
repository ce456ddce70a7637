import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { AlertTopic } from '../alert/alert-topic';
import type { DeviceIdentity } from '../device/device-identity';
import { Detector } from '../private/detector';
import { TopicRule } from '../private/topic-rule';
import { checkRange, lit } from '../private/validation';
import { WorkQueue } from '../private/work-queue';
import type { ObstacleClass } from './obstacle-class';

/**
 * Properties of `OnDeviceDetections`.
 */
export interface OnDeviceDetectionsProps {
  /**
   * The name of the fleet, which stands in each detection event. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * What the devices are. They are allowed to publish detections.
   */
  readonly identity: DeviceIdentity;

  /**
   * What to alert of. At least one class; names must differ.
   */
  readonly obstacles: ObstacleClass[];

  /**
   * Where alerts go.
   */
  readonly alerts: AlertTopic;

  /**
   * How many messages of one device are worked on in a second: 1 to 100, which is what AWS IoT takes of a connection. What
   * comes above it is dropped and counted as `MessageLimited`, so that a device which floods delays no other one's alerts.
   * @default 30
   */
  readonly maxMessagesPerSecond?: number;

  /**
   * The key of the queues.
   * @default - a key that SQS manages
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Raises alerts for what models on the devices have seen.
 *
 * A device publishes to `<prefix>/<thing>/detections` what `schemas/device-detections.v1.json` describes. This is the
 * durable half of the fastest path: a pilot's console is subscribed to the same topic, with nothing but the broker
 * between, while the rule brings the message to the queue of the handler.
 *
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/iot-rules.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const detections = new OnDeviceDetections(stack, 'Detections', {
 *   fleetName: 'delivery',
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   alerts: new AlertTopic(stack, 'Alerts'),
 *   obstacles: [new ObstacleClass({ name: 'bird', labels: ['bird'], severity: AlertSeverity.CRITICAL })],
 * });
 */
export class OnDeviceDetections extends Construct {
  /** The function that raises the alerts. */
  public readonly handler: lambda.IFunction;

  /** Messages that wait. */
  public readonly queue: sqs.IQueue;

  /** Messages that could not be processed, those of the rule's error action included. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when a message is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /**
   * @throws ValidationError with one of the codes `FleetName`, `Obstacles` and `DetectionRate`
   */
  constructor(scope: Construct, id: string, props: OnDeviceDetectionsProps) {
    super(scope, id);
    const { identity, encryptionKey, maxMessagesPerSecond = 30 } = props;
    checkRange(this, lit`DetectionRate`, 'maxMessagesPerSecond', maxMessagesPerSecond, { min: 1, max: 100 });

    const work = new WorkQueue(this, 'Work', { content: 'detections of devices', encryptionKey });
    this.queue = work.queue;
    this.deadLetterQueue = work.deadLetterQueue;
    this.deadLetterAlarm = work.deadLetterAlarm;
    this.handler = new Detector(this, 'Handler', {
      handler: 'on-device-detections',
      description: `Raises alerts for what the devices of ${props.fleetName} have seen`,
      work,
      fleetName: props.fleetName,
      obstacles: props.obstacles,
      alerts: props.alerts,
      environment: { MESSAGES_PER_SECOND: `${maxMessagesPerSecond}` },
    });

    identity.allowPublish('detections');
    new TopicRule(this, 'Rule', {
      description: `Detections of the devices of ${props.fleetName}`,
      // Encoded, so that a message that isn't JSON reaches the handler too, which says what is wrong with it.
      sql: `SELECT topic(2) AS device, encode(*, 'base64') AS content FROM '${identity.topic('+', 'detections')}'`,
      target: work,
    });
  }
}
