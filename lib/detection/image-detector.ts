import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { AlertTopic } from '../alert/alert-topic';
import { Detector } from '../private/detector';
import { checkRange, lit } from '../private/validation';
import type { FrameStore } from './frame-store';
import type { ObstacleClass } from './obstacle-class';

/**
 * Properties of `ImageDetector`.
 */
export interface ImageDetectorProps {
  /**
   * The name of the fleet, which stands in each detection event. 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * Where the frames are. A store has one detector.
   */
  readonly frames: FrameStore;

  /**
   * What to look for. At least one class; names must differ.
   */
  readonly obstacles: ObstacleClass[];

  /**
   * Where alerts go.
   */
  readonly alerts: AlertTopic;

  /**
   * How many invocations run at once, each with up to ten frames: 2 to 1000. Rekognition limits DetectLabels by the
   * region's quota of calls a second, and what comes above it waits in the queue.
   * @default 5
   */
  readonly maxConcurrency?: number;
}

/**
 * Looks for obstacles in the frames of streams with Rekognition's DetectLabels, and raises alerts: the path for anything
 * that a model in the cloud knows, some seconds after it was filmed.
 *
 * @see https://docs.aws.amazon.com/rekognition/latest/dg/labels-detect-labels-image.html
 */
export class ImageDetector extends Construct {
  /** The function that looks for obstacles. */
  public readonly handler: lambda.IFunction;

  /**
   * @throws ValidationError with one of the codes `FleetName`, `Obstacles` and `DetectorConcurrency`
   */
  constructor(scope: Construct, id: string, props: ImageDetectorProps) {
    super(scope, id);
    const { maxConcurrency = 5, frames } = props;
    checkRange(this, lit`DetectorConcurrency`, 'maxConcurrency', maxConcurrency, { min: 2, max: 1000 });

    const handler = new Detector(this, 'Handler', {
      handler: 'image-detector',
      description: `Looks for obstacles in the frames of ${props.fleetName}`,
      work: frames._work,
      fleetName: props.fleetName,
      obstacles: props.obstacles,
      alerts: props.alerts,
      maxConcurrency,
    });
    // The call has no resource to name. Rekognition reads the frame with the permissions of its caller.
    handler.addToRolePolicy(new iam.PolicyStatement({ actions: ['rekognition:DetectLabels'], resources: ['*'] }));
    handler.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [frames.bucket.arnForObjects(`${frames.prefix}/*`)],
      }),
    );
    frames.bucket.encryptionKey?.grantDecrypt(handler);
    this.handler = handler;
  }
}
