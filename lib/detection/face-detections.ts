import { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as kinesis from 'aws-cdk-lib/aws-kinesis';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { AlertTopic } from '../alert/alert-topic';
import { dataStream, recordsOf } from '../private/data-stream';
import { detectorEnvironment } from '../private/detector';
import { HandlerFunction } from '../private/handler-function';
import { deadLetterAlarm, deadLetterQueue } from '../private/work-queue';
import type { ObstacleClass } from './obstacle-class';

/**
 * Properties of `FaceDetections`.
 */
export interface FaceDetectionsProps {
  /**
   * The name of the fleet, which stands in each detection event. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * Whom to alert of. At least one class; names must differ. The label of a face is the `ExternalImageId` under which it is
   * in the collection, in any case, or `face` where it has none. A face that matches none has the label `unknown face`.
   *
   * The confidence of a match is its similarity; that of an unknown face, how sure Rekognition is that it is a face.
   */
  readonly obstacles: ObstacleClass[];

  /**
   * Where alerts go.
   */
  readonly alerts: AlertTopic;

  /**
   * The data stream that the searches write to. It has one consumer of this kind.
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
 * Raises alerts for the faces that `FaceSearch`es see: those that are given its data stream.
 *
 * The device and the camera are told by the name of the video stream: `<thing>` or `<thing>.<camera>`. It reads what is
 * written from its deployment on: an alert of what was seen hours before would help nobody.
 *
 * A record that can't be used goes to the dead-letter queue. Where it is the alert that fails, the record is tried again,
 * and holds back those after it in its shard; after ten tries, the dead-letter queue is told where in the stream it is.
 *
 * @see https://docs.aws.amazon.com/rekognition/latest/dg/streaming-video-kinesis-output.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const faces = new FaceDetections(stack, 'Faces', {
 *   fleetName: 'gates',
 *   obstacles: [new ObstacleClass({ name: 'banned', labels: ['banned'], severity: AlertSeverity.CRITICAL })],
 *   alerts: new AlertTopic(stack, 'Alerts'),
 * });
 * new FaceSearch(stack, 'Hall', {
 *   stream: new VideoStream(stack, 'HallStream'),
 *   collection: new FaceCollection(stack, 'Known'),
 *   dataStream: faces.dataStream,
 * });
 */
export class FaceDetections extends Construct {
  /** The data stream, to be given to searches. */
  public readonly dataStream: kinesis.IStream;

  /** The function that raises the alerts. */
  public readonly handler: lambda.IFunction;

  /** Records that could not be used, and where those are that could not be processed. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when a message is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /**
   * @throws ValidationError with one of the codes `FleetName` and `Obstacles`
   */
  constructor(scope: Construct, id: string, props: FaceDetectionsProps) {
    super(scope, id);
    const { encryptionKey } = props;
    const environment = detectorEnvironment(this, props);

    const queue = deadLetterQueue(this, encryptionKey);
    this.deadLetterQueue = queue;
    this.deadLetterAlarm = deadLetterAlarm(this, queue, 'records of face searches');
    this.dataStream = props.dataStream ?? dataStream(this, encryptionKey);

    const handler = new HandlerFunction(this, 'Handler', {
      handler: 'face-matches',
      description: `Raises alerts for the faces that the searches of ${props.fleetName} see`,
      timeout: Duration.minutes(1),
      environment: { ...environment, DEAD_LETTER_QUEUE_URL: queue.queueUrl },
    });
    queue.grants.sendMessages(handler);
    props.alerts._connect(handler);
    handler.addEventSource(recordsOf(this.dataStream, queue, { batchSize: 100, retryAttempts: 10 }));
    this.handler = handler;
  }
}
