import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kinesis from 'aws-cdk-lib/aws-kinesis';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { aws_kinesisvideo, aws_rekognition } from 'aws-cdk-lib/interfaces';
import type { Construct } from 'constructs';
import { checkSameRegion } from '../private/api-setting';
import { streamProcessorResource } from '../private/stream-processor-resource';
import { checkRange, lit } from '../private/validation';
import { StreamProcessor } from './stream-processor';

/**
 * Properties of `FaceSearch`.
 */
export interface FaceSearchProps {
  /**
   * The video stream, in the region of the stack. A stream has one processor at a time.
   */
  readonly stream: aws_kinesisvideo.IStreamRef;

  /**
   * The faces to look for, in the region of the stack.
   */
  readonly collection: aws_rekognition.ICollectionRef;

  /**
   * The data stream that gets a record for each frame that was looked at, in the region of the stack. Several searches may
   * share one.
   */
  readonly dataStream: kinesis.IStream;

  /**
   * How similar a face must be, in percent: 80 to 100. Rekognition takes less than 80 for 80.
   * @default 80
   */
  readonly matchThreshold?: number;

  /**
   * Whether AWS may keep the video and use it to improve its models. An account that has opted out stays so.
   * @default false
   */
  readonly shareDataWithAws?: boolean;

  /**
   * The role in which Rekognition reads the video stream and writes the records. It gets the permissions for that; it must
   * trust `rekognition.amazonaws.com`.
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
 * A stream processor of Rekognition that compares the faces in a video stream with those of a collection.
 *
 * It looks at nothing until StartStreamProcessor is called, which CloudFormation doesn't do: without selectors, and it
 * runs, and is billed, until StopStreamProcessor. `grants.startStop` allows both.
 *
 * The name is left to CloudFormation, because all but the tags of a processor is made once and for all: each other
 * change replaces it, the old one is deleted first, and the new one waits to be started. With a name of its own, a
 * processor that is kept would stand in the way of its successor.
 *
 * Makes the synth warning `cdk-kinesis-video:streamProcessorAvailability`: AWS takes no new customers.
 *
 * @see https://docs.aws.amazon.com/rekognition/latest/dg/collections-streaming.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { Stream } from 'aws-cdk-lib/aws-kinesis';
 *
 * const hall = new FaceSearch(stack, 'Hall', {
 *   stream: new VideoStream(stack, 'HallStream', { streamName: 'hall-1' }),
 *   collection: new FaceCollection(stack, 'Known'),
 *   dataStream: new Stream(stack, 'Results'),
 *   matchThreshold: 90,
 * });
 */
@propertyInjectable
export class FaceSearch extends StreamProcessor {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-kinesis-video.FaceSearch';

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
   * @throws ValidationError with one of the codes `FaceMatchThreshold`, `StreamProcessorStream`, `StreamProcessorRegion`
   * and `OtherRegion`
   */
  constructor(scope: Construct, id: string, props: FaceSearchProps) {
    super(scope, id);
    const { resource, role } = streamProcessorResource(this, props, renderSettings(this, props), (grantee) =>
      grantOutput(grantee, props.dataStream),
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

function renderSettings(scope: Construct, { collection, dataStream, matchThreshold }: FaceSearchProps) {
  checkSameRegion(scope, 'collection', collection.env.region);
  checkSameRegion(scope, 'data stream', dataStream.env.region);
  checkRange(scope, lit`FaceMatchThreshold`, 'matchThreshold', matchThreshold, {
    min: 80,
    max: 100,
    unit: 'percent',
    whole: false,
    remedy: 'Rekognition takes less than 80 for 80.',
  });
  return {
    faceSearchSettings: { collectionId: collection.collectionRef.collectionId, faceMatchThreshold: matchThreshold },
    kinesisDataStream: { arn: dataStream.streamArn },
  };
}

/** Rekognition searches the collection by itself. https://docs.aws.amazon.com/rekognition/latest/dg/api-streaming-video-roles.html */
function grantOutput(role: iam.IRole, dataStream: kinesis.IStream): iam.Grant[] {
  const onStream = dataStream.grant(role, 'kinesis:PutRecord', 'kinesis:PutRecords');
  const onKey = dataStream.encryptionKey?.grant(role, 'kms:GenerateDataKey');
  return onKey ? [onStream, onKey] : [onStream];
}
