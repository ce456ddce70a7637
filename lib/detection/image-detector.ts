import { Duration, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { AlertTopic } from '../alert/alert-topic';
import type { AnalyserBinding } from '../private/analyser-binding';
import { Detector } from '../private/detector';
import { handlerMetric } from '../private/handler-function';
import { checkDuration, checkRange, fail, lit } from '../private/validation';
import { FrameAnalyser } from './frame-analyser';
import type { FrameStore } from './frame-store';
import type { MotionGate } from './motion-gate';
import type { ObstacleClass } from './obstacle-class';

/**
 * How frames are analysed.
 */
export interface ImageDetectorOptions {
  /**
   * What looks at the frames.
   * @default FrameAnalyser.labels()
   */
  readonly analyser?: FrameAnalyser;

  /**
   * How many frames a second are analysed, by all invocations together: 1 to 10,000. Give the account's quota of the
   * analyser's operation, which Service Quotas tells: for DetectLabels 50 in us-east-1, us-west-2 and eu-west-1 and 5
   * elsewhere, unless it was raised; for DetectCustomLabels 50, or less where the model has few inference units.
   *
   * Each invocation takes its share of it. What comes above it waits in the queue.
   *
   * @default - 5 with Rekognition; with other analysers as many as there are
   * @see https://docs.aws.amazon.com/general/latest/gr/rekognition.html
   */
  readonly callsPerSecond?: number;

  /**
   * How many invocations run at once, each with up to ten frames: 2 to 1000, and at most two for each of
   * `callsPerSecond`, so that an invocation is done in time.
   * @default 5
   */
  readonly maxConcurrency?: number;

  /**
   * How old a frame may be when its turn comes: 1 second to 1 day after S3 took it in. An older one is dropped and
   * counted (metric `FrameStale`), so that with more frames than can be analysed those that are, are fresh.
   *
   * The default is the time after which an alert is raised again: what is older is told of by a fresher frame, if it is
   * still there. It also leaves room for a second and third try.
   *
   * @default Duration.minutes(1)
   */
  readonly maximumAge?: Duration;

  /**
   * What says when a stream is worth being analysed. Other frames are counted (metric `FrameGated`), and cost next to
   * nothing.
   * @default - all frames are analysed
   */
  readonly gate?: MotionGate;

  /**
   * The share of the frame that must change from one to the next to open the gate: 0.001 to 1. For cameras that stand
   * still, since a camera that moves changes all of it. Frames are read for it: 640 x 360 pixels are plenty.
   * @default - only what devices say opens the gate
   */
  readonly motionShare?: number;

  /**
   * Whether a frame of which an alert is raised is kept as evidence, in the folder of the store that outlives the other
   * frames.
   * @default true
   */
  readonly keepEvidence?: boolean;

  /**
   * How long the link to the frame works that stands in an alert, for whoever has the alert: 5 to 60 minutes. It ends
   * earlier if the credentials do that the function had when it made the link, which are renewed every few hours.
   * @default Duration.minutes(15)
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
   */
  readonly linkValidity?: Duration;
}

/**
 * Properties of `ImageDetector`.
 */
export interface ImageDetectorProps extends ImageDetectorOptions {
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
}

/**
 * Looks for obstacles in the frames of streams and raises alerts: the path for anything that a model in the cloud knows,
 * some seconds after it was filmed. Unless told, the model is Rekognition's DetectLabels.
 *
 * @see https://docs.aws.amazon.com/rekognition/latest/dg/labels-detect-labels-image.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const detector = new ImageDetector(stack, 'Detector', {
 *   fleetName: 'delivery',
 *   frames: new FrameStore(stack, 'Frames'),
 *   alerts: new AlertTopic(stack, 'Alerts'),
 *   obstacles: [new ObstacleClass({ name: 'crane', labels: ['Construction Crane'], minimumConfidence: 90 })],
 *   maximumAge: Duration.seconds(20),
 * });
 */
export class ImageDetector extends Construct {
  /** The function that looks for obstacles. */
  public readonly handler: lambda.IFunction;

  /**
   * @throws ValidationError with one of the codes `FleetName`, `Obstacles`, `DetectorConcurrency`, `DetectorRate`,
   * `DetectorMaximumAge`, `DetectorLink`, `DetectorMotion`, `DetectorSettings`, and those of the analyser
   */
  constructor(scope: Construct, id: string, props: ImageDetectorProps) {
    super(scope, id);
    const { maxConcurrency = 5, frames, analyser = FrameAnalyser.labels(), keepEvidence = true } = props;
    checkRange(this, lit`DetectorConcurrency`, 'maxConcurrency', maxConcurrency, { min: 2, max: 1000 });
    const age = { min: 1, max: 86_400, unit: 'seconds' } as const;
    const { maximumAge = Duration.minutes(1), linkValidity = Duration.minutes(15) } = props;
    const maximumAgeSeconds = checkDuration(this, lit`DetectorMaximumAge`, 'maximumAge', maximumAge, age);
    const validity = { min: 300, max: 3600, unit: 'seconds' } as const;
    const linkSeconds = checkDuration(this, lit`DetectorLink`, 'linkValidity', linkValidity, validity);

    const handler = new Detector(this, 'Handler', {
      handler: 'image-detector',
      description: `Looks for obstacles in the frames of ${props.fleetName}`,
      work: frames._work,
      fleetName: props.fleetName,
      obstacles: props.obstacles,
      alerts: props.alerts,
      maxConcurrency,
    });
    frames._grantRead(handler);
    if (keepEvidence) frames._grantKeepEvidence(handler);
    // Without it, S3 says of a frame that is gone that access is denied.
    handler.addToRolePolicy(
      new iam.PolicyStatement({ actions: ['s3:ListBucket'], resources: [frames.bucket.bucketArn] }),
    );

    this.gate(handler, props);

    const binding = analyser._bind(handler, frames);
    this.checkSize(binding, props.obstacles);
    const { callsPerSecond = binding.callsPerSecond } = props;
    this.checkRate(callsPerSecond, maxConcurrency);
    const settings = {
      analyser: binding.settings,
      callsPerSecond,
      maxConcurrency,
      maximumAgeSeconds,
      linkSeconds,
      evidencePrefix: keepEvidence ? frames.evidencePrefix : undefined,
      motionShare: props.motionShare,
    };
    handler.addEnvironment('FRAMES', Stack.of(this).toJsonString(settings));
    this.handler = handler;
  }

  /**
   * A metric in the namespace `KinesisVideoFleet`: `FrameStale`, `FrameGated` and `FrameExpired`, as sums;
   * `PredictionLatency`, the milliseconds from a frame in S3 to what `FrameAnalyser.movement` makes of it, as what nine of
   * ten took at most.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    const statistic = metricName === 'PredictionLatency' ? cloudwatch.Stats.p(90) : cloudwatch.Stats.SUM;
    return handlerMetric(this, 'image-detector', metricName, { statistic, ...props });
  }

  private gate(handler: lambda.Function, { gate, motionShare }: ImageDetectorProps): void {
    gate?._connect(handler);
    if (motionShare === undefined) return;
    if (!gate) fail(this, lit`DetectorMotion`, '`motionShare` opens a gate; it needs `gate`.');
    checkRange(this, lit`DetectorMotion`, 'motionShare', motionShare, { min: 0.001, max: 1, whole: false });
  }

  /** A batch of ten must be analysed within the 30 seconds of an invocation, with some to spare. */
  private checkRate(callsPerSecond: number | undefined, maxConcurrency: number): void {
    checkRange(this, lit`DetectorRate`, 'callsPerSecond', callsPerSecond, { min: 1, max: 10_000, whole: false });
    if (callsPerSecond === undefined || Token.isUnresolved(callsPerSecond) || Token.isUnresolved(maxConcurrency))
      return;
    if (maxConcurrency <= 2 * callsPerSecond) return;
    fail(
      this,
      lit`DetectorRate`,
      `\`maxConcurrency\` is ${maxConcurrency} with ${callsPerSecond} calls a second; it must be at most twice as many, or an invocation waits longer for its turns than it may last. Lower \`maxConcurrency\`, or set \`callsPerSecond\` to the quota of your account.`,
    );
  }

  /** Both are in the 4 KB that a function's environment may have. */
  private checkSize({ settings }: AnalyserBinding, obstacles: ObstacleClass[]): void {
    const bytes = Buffer.byteLength(JSON.stringify([settings, ...obstacles.map((obstacle) => obstacle._render())]));
    if (bytes <= 2600) return;
    fail(
      this,
      lit`DetectorSettings`,
      `\`obstacles\` and \`analyser\` have ${bytes} bytes as JSON; 2600 are allowed. Use fewer labels.`,
    );
  }
}
