import { RemovalPolicy } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { AlertTopic } from '../alert/alert-topic';
import { encryptedTopic } from '../private/alert-delivery';
import { Detector } from '../private/detector';
import { queueSubscription } from '../private/queue-subscription';
import { WorkQueue } from '../private/work-queue';
import type { ObstacleClass } from './obstacle-class';

/**
 * Properties of `LabelDetections`.
 */
export interface LabelDetectionsProps {
  /**
   * The name of the fleet, which stands in each detection event. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * What to alert of. At least one class; names must differ. The labels are `PERSON`, `PET` and `PACKAGE`, in any case.
   */
  readonly obstacles: ObstacleClass[];

  /**
   * Where alerts go.
   */
  readonly alerts: AlertTopic;

  /**
   * The topic that the detectors tell of what they see.
   * @default - a new one
   */
  readonly topic?: sns.ITopic;

  /**
   * The key of the queues, and of the topic that is made here.
   * @default - a key that SQS manages, and the one that AWS manages for SNS
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Raises alerts for what `LabelDetector`s see: those that are given its topic.
 *
 * The device and the camera are told by the name of the stream: `<thing>` or `<thing>.<camera>`. The end of a session is
 * logged and counted; whoever waits for it subscribes to `topic`, too, where its messages have the
 * `eventNamespace.type` `STREAM_PROCESSING_COMPLETE`.
 *
 * @see https://docs.aws.amazon.com/rekognition/latest/dg/streaming-labels-detection.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const labels = new LabelDetections(stack, 'Labels', {
 *   fleetName: 'gates',
 *   obstacles: [new ObstacleClass({ name: 'visitor', labels: ['PERSON', 'PACKAGE'], minimumConfidence: 60 })],
 *   alerts: new AlertTopic(stack, 'Alerts'),
 * });
 * new LabelDetector(stack, 'Gate', {
 *   stream: new VideoStream(stack, 'Stream'),
 *   labels: [ConnectedHomeLabel.PERSON, ConnectedHomeLabel.PACKAGE],
 *   bucket: new FrameStore(stack, 'Frames').bucket,
 *   topic: labels.topic,
 * });
 */
export class LabelDetections extends Construct {
  /** The topic, to be given to detectors. */
  public readonly topic: sns.ITopic;

  /** The function that raises the alerts. */
  public readonly handler: lambda.IFunction;

  /** Messages that wait. */
  public readonly queue: sqs.IQueue;

  /** Messages that could not be delivered or processed. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when a message is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /**
   * @throws ValidationError with one of the codes `FleetName` and `Obstacles`
   */
  constructor(scope: Construct, id: string, props: LabelDetectionsProps) {
    super(scope, id);
    const { encryptionKey } = props;

    const work = new WorkQueue(this, 'Work', { content: 'messages of label detectors', encryptionKey });
    this.queue = work.queue;
    this.deadLetterQueue = work.deadLetterQueue;
    this.deadLetterAlarm = work.deadLetterAlarm;
    this.handler = new Detector(this, 'Handler', {
      handler: 'label-events',
      description: `Raises alerts for what the label detectors of ${props.fleetName} see`,
      work,
      fleetName: props.fleetName,
      obstacles: props.obstacles,
      alerts: props.alerts,
    });

    // What is made here carries what is on its way; nobody subscribes to it by hand.
    this.topic = props.topic ?? encryptedTopic(this, { encryptionKey, removalPolicy: RemovalPolicy.DESTROY });
    this.topic.addSubscription(queueSubscription(work.queue, { deadLetterQueue: work.deadLetterQueue }));
  }
}
