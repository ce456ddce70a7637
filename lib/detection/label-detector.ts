import type * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import type { Construct } from 'constructs';
import { checkSameRegion } from '../private/api-setting';
import { streamProcessorResource } from '../private/stream-processor-resource';
import { checkPattern, checkRange, fail, lit } from '../private/validation';
import type { FramePolygon } from './frame-polygon';
import type { FrameRegion } from './obstacle-class';
import { StreamProcessor } from './stream-processor';

/**
 * What a `LabelDetector` can look for.
 *
 * @see https://docs.aws.amazon.com/rekognition/latest/APIReference/API_ConnectedHomeSettings.html
 */
export enum ConnectedHomeLabel {
  /** People. */
  PERSON = 'PERSON',

  /** Pets, such as cats and dogs. */
  PET = 'PET',

  /** Parcels. */
  PACKAGE = 'PACKAGE',

  /** All of them. */
  ALL = 'ALL',
}

/**
 * Properties of `LabelDetector`.
 */
export interface LabelDetectorProps {
  /**
   * The video stream, in the region of the stack. A stream has one processor at a time.
   */
  readonly stream: refs.IStreamRef;

  /**
   * What to look for. At least one, none twice; `ALL` stands alone.
   */
  readonly labels: ConnectedHomeLabel[];

  /**
   * How sure Rekognition must be, in percent: 0 to 100.
   * @default 50
   */
  readonly minimumConfidence?: number;

  /**
   * The bucket for the frames in which something was seen first, in the region and the account of the stack.
   */
  readonly bucket: s3.IBucket;

  /**
   * The folder in the bucket, without a slash at start and end: 1 to 256 characters. Below it are
   * `<name of the processor>/<session>/…`.
   * @default - no folder
   */
  readonly prefix?: string;

  /**
   * The topic that is told what was seen, and when a session has ended. Not FIFO, in the region of the stack.
   */
  readonly topic: sns.ITopic;

  /**
   * The key that encrypts the frames and results.
   * @default - as the bucket does by default
   */
  readonly encryptionKey?: kms.IKeyRef;

  /**
   * Rectangles to look at. With `polygons` 10 at most.
   * @default - the whole frame
   */
  readonly regions?: FrameRegion[];

  /**
   * Other parts of the frame to look at. With `regions` 10 at most.
   * @default - the whole frame
   */
  readonly polygons?: FramePolygon[];

  /**
   * Whether AWS may keep the video and use it to improve its models. An account that has opted out stays so.
   * @default false
   */
  readonly shareDataWithAws?: boolean;

  /**
   * The role in which Rekognition reads the video stream and delivers the results. It gets the permissions for that; it
   * must trust `rekognition.amazonaws.com`.
   * @default - a new one, which stream processors of this account and region may use
   */
  readonly role?: iam.IRole;

  /**
   * Tags of the processor.
   * @default - none
   */
  readonly tags?: { [key: string]: string };
}

/**
 * A stream processor of Rekognition that tells of people, pets and packages, once for each in a session.
 *
 * It looks at nothing until StartStreamProcessor is called, which CloudFormation doesn't do: with a `StartSelector` and a
 * `StopSelector` of 1 to 120 seconds, when a sensor has seen motion, say. `grants.startStop` allows that.
 *
 * The name is left to CloudFormation, because all but the tags of a processor is made once and for all: each other
 * change replaces it, the old one is deleted first, and the new one waits to be started. With a name of its own, a
 * processor that is kept would stand in the way of its successor.
 *
 * Makes the synth warning `cdk-kinesis-video:streamProcessorAvailability`: AWS takes no new customers. `ImageDetector`
 * does the same for any label, and is open to all.
 *
 * @see https://docs.aws.amazon.com/rekognition/latest/dg/streaming-video-detect-labels.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
 * import { Topic } from 'aws-cdk-lib/aws-sns';
 *
 * const detector = new LabelDetector(stack, 'Gate', {
 *   stream: new VideoStream(stack, 'Stream', { streamName: 'gate-1' }),
 *   labels: [ConnectedHomeLabel.PERSON],
 *   regions: [new FrameRegion({ left: 0, top: 0.5, width: 1, height: 0.5 })],
 *   bucket: new FrameStore(stack, 'Frames').bucket,
 *   topic: new Topic(stack, 'Seen', { enforceSSL: true }),
 * });
 * detector.grants.startStop(new Role(stack, 'Starter', { assumedBy: new AccountRootPrincipal() }));
 */
@propertyInjectable
export class LabelDetector extends StreamProcessor {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-kinesis-video.LabelDetector';

  /** The role in which Rekognition reads the video stream and delivers the results. */
  public readonly role: iam.IRole;

  public readonly streamProcessorArn: string;
  public readonly streamProcessorName: string;

  /**
   * How it stood when CloudFormation last looked: `STOPPED` at first, because CloudFormation doesn't start it.
   * @attribute
   */
  public readonly streamProcessorStatus: string;

  /**
   * Why it stood so.
   * @attribute
   */
  public readonly streamProcessorStatusMessage: string;

  /**
   * @throws ValidationError with one of the codes `LabelDetectorLabels`, `LabelDetectorConfidence`,
   * `LabelDetectorPrefix`, `LabelDetectorRegions`, `NotificationTopic`, `StreamProcessorStream`,
   * `StreamProcessorRegion` and `OtherRegion`
   */
  constructor(scope: Construct, id: string, props: LabelDetectorProps) {
    super(scope, id);
    const { resource, role } = streamProcessorResource(this, props, renderSettings(this, props), (grantee) =>
      grantOutputs(grantee, props),
    );
    this.role = role;
    this.streamProcessorArn = this.getResourceArnAttribute(resource.attrArn, {
      service: 'rekognition',
      resource: 'streamprocessor',
      resourceName: this.physicalName,
    });
    this.streamProcessorName = this.getResourceNameAttribute(resource.ref);
    this.streamProcessorStatus = resource.attrStatus;
    this.streamProcessorStatusMessage = resource.attrStatusMessage;
  }
}

function renderSettings(scope: Construct, props: LabelDetectorProps) {
  const { labels, minimumConfidence, prefix, regions = [], polygons = [] } = props;
  checkSameRegion(scope, 'bucket', props.bucket.env.region);
  checkSameRegion(scope, 'topic', props.topic.env.region);
  if (props.topic.fifo) {
    fail(scope, lit`NotificationTopic`, 'A stream processor needs a standard topic; the one given is FIFO.');
  }
  checkLabels(scope, labels);
  checkRange(scope, lit`LabelDetectorConfidence`, 'minimumConfidence', minimumConfidence, {
    min: 0,
    max: 100,
    unit: 'percent',
    whole: false,
  });
  const rule = '1 to 256 characters without a slash at start and end';
  checkPattern(scope, lit`LabelDetectorPrefix`, 'prefix', prefix, /^(?!\/).{0,255}[^/]$/, rule);
  const count = regions.length + polygons.length;
  if (count > 10) {
    fail(scope, lit`LabelDetectorRegions`, `\`regions\` and \`polygons\` are ${count} together; 10 are allowed.`);
  }
  return {
    connectedHomeSettings: { labels, minConfidence: minimumConfidence },
    s3Destination: { bucketName: props.bucket.bucketName, objectKeyPrefix: prefix },
    notificationChannel: { arn: props.topic.topicArn },
    kmsKeyId: props.encryptionKey?.keyRef.keyArn,
    boundingBoxRegionsOfInterest: regions.length > 0 ? regions : undefined,
    // Not typed in the CDK, so the names are those of CloudFormation.
    polygonRegionsOfInterest:
      polygons.length > 0 ? polygons.map(({ points }) => points.map(({ x, y }) => ({ X: x, Y: y }))) : undefined,
  };
}

function checkLabels(scope: Construct, labels: ConnectedHomeLabel[]): void {
  const code = lit`LabelDetectorLabels`;
  if (labels.length === 0) fail(scope, code, '`labels` is empty; it needs at least one.');
  if (new Set(labels).size < labels.length) fail(scope, code, `\`labels\` has one twice: ${labels.join(', ')}.`);
  if (labels.length > 1 && labels.includes(ConnectedHomeLabel.ALL)) {
    fail(scope, code, '`labels` has ALL and others; ALL includes them, leave them out.');
  }
}

/** https://docs.aws.amazon.com/rekognition/latest/dg/streaming-labels-setting-up.html */
function grantOutputs(role: iam.IRole, { bucket, prefix, topic, encryptionKey }: LabelDetectorProps): iam.Grant[] {
  const keyActions = ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'];
  return [
    s3.BucketGrants.fromBucket(bucket).actionsOnObjectKeys(
      role,
      prefix === undefined ? '*' : `${prefix}/*`,
      's3:PutObject',
      ...keyActions,
    ),
    sns.TopicGrants.fromTopic(topic).publish(role),
    ...(encryptionKey ? [kms.KeyGrants.fromKey(encryptionKey, true).actions(role, ...keyActions)] : []),
  ];
}
