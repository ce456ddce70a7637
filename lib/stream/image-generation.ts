import { Duration, Mixin, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import { Construct, type IConstruct } from 'constructs';
import { ApiSetting, checkKeepsMedia, checkSameRegion } from '../private/api-setting';
import { checkDuration, checkPattern, checkRange, fail, lit } from '../private/validation';

/**
 * The format of generated images.
 */
export enum ImageFormat {
  /** Small, with a quality to choose. */
  JPEG = 'JPEG',

  /** Lossless, and several times as large. */
  PNG = 'PNG',
}

/**
 * By which clock the moments of the images are chosen.
 */
export enum ImageSelector {
  /** The clock of the device, which also works for media that arrives late. */
  PRODUCER_TIMESTAMP = 'PRODUCER_TIMESTAMP',

  /** The clock of Kinesis Video Streams. */
  SERVER_TIMESTAMP = 'SERVER_TIMESTAMP',
}

/**
 * How images are made, wherever they go.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_ImageGenerationConfiguration.html
 */
export interface ImageSettings {
  /**
   * The time between two images: 200 ms at least, and whole milliseconds.
   * @default Duration.seconds(3)
   */
  readonly samplingInterval?: Duration;

  /**
   * The format.
   * @default ImageFormat.JPEG
   */
  readonly format?: ImageFormat;

  /**
   * The quality of JPEG images, from 1 to 100.
   * @default 80
   */
  readonly jpegQuality?: number;

  /**
   * The width in pixels, from 1 to 3840.
   * @default - that of the video, or in proportion to the height
   */
  readonly width?: number;

  /**
   * The height in pixels, from 1 to 2160.
   * @default - that of the video, or in proportion to the width
   */
  readonly height?: number;

  /**
   * By which clock moments are chosen.
   * @default ImageSelector.PRODUCER_TIMESTAMP
   */
  readonly selector?: ImageSelector;
}

/**
 * How images are made of a stream, and where they go.
 */
export interface ImageGenerationOptions extends ImageSettings {
  /**
   * The bucket that the images go to, in the region of the stream.
   */
  readonly bucket: s3.IBucket;

  /**
   * The folder in the bucket, without `*` and without a slash at the end. The URI of bucket and folder has 255 characters at most.
   * @default - no folder
   */
  readonly prefix?: string;
}

/**
 * Properties of `ImageGeneration`.
 */
export interface ImageGenerationProps extends ImageGenerationOptions {
  /**
   * The stream.
   */
  readonly stream: refs.IStreamRef;
}

/**
 * What AWS's documentation asks for on the keys of stream and bucket where images are made.
 *
 * @internal
 */
export const IMAGE_KEY_ACTIONS = ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'];

/**
 * Makes images of a stream and puts them in a bucket, at an interval.
 *
 * Three things must come together, or no image appears and nothing says why:
 * - the fragments carry the tag `AWS_KINESISVIDEO_IMAGE_GENERATION`, which the producer puts on them;
 * - whoever calls PutMedia may write to the bucket and read the stream's media, because images are made in the
 *   producer's name: see `grantProducer`;
 * - the setting is a minute old when PutMedia is called.
 *
 * CloudFormation doesn't have this setting, so a custom resource makes it.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/images.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
 *
 * const images = new ImageGeneration(stack, 'Images', {
 *   stream: new VideoStream(stack, 'Stream'),
 *   bucket: new FrameStore(stack, 'Frames').bucket,
 *   samplingInterval: Duration.seconds(1),
 * });
 * // Images are made in the name of whoever sends the video.
 * images.grantProducer(new Role(stack, 'Camera', { assumedBy: new AccountRootPrincipal() }));
 */
export class ImageGeneration extends Construct {
  private readonly stream: refs.IStreamRef;
  private readonly bucket: s3.IBucket;
  private readonly prefix?: string;

  /**
   * @throws ValidationError with one of the codes `ImageInterval`, `ImageQuality`, `ImageSize`, `ImageDestination`,
   * `StreamKeepsNoMedia` and `OtherRegion`
   */
  constructor(scope: Construct, id: string, props: ImageGenerationProps) {
    super(scope, id);
    checkSameRegion(this, 'stream', props.stream.env.region);
    checkSameRegion(this, 'bucket', props.bucket.env.region);
    checkKeepsMedia(this, props.stream);
    this.stream = props.stream;
    this.bucket = props.bucket;
    this.prefix = props.prefix;

    new ApiSetting(this, 'Setting', {
      handler: 'video-settings',
      resourceType: 'Custom::KinesisVideoImageGeneration',
      properties: {
        StreamName: props.stream.streamRef.streamName,
        ImageGenerationConfiguration: renderImageGeneration(this, props),
      },
      permissions: [
        {
          actions: ['kinesisvideo:DescribeStream', 'kinesisvideo:UpdateImageGenerationConfiguration'],
          resources: [CfnStream.arnForStream(props.stream)],
        },
      ],
    });
  }

  /**
   * Lets the producer of the stream write the images, which are made in its name: on the bucket and its key, and with
   * the key of the stream, whose media is decrypted for them.
   *
   * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/s3-real-time-image-create.html
   */
  public grantProducer(grantee: iam.IGrantable): iam.Grant {
    const onBucket = this.bucket.grantPut(grantee, this.prefix ? `${this.prefix}/*` : '*');
    const onKey = iam.EncryptedResources.of(this.stream)?.grantOnKey(grantee, ...IMAGE_KEY_ACTIONS).grant;
    return onKey ? onBucket.combine(onKey) : onBucket;
  }
}

/**
 * The same setting as a mixin, for a raw `CfnStream` too: `stream.with(new VideoStreamImageGeneration({ bucket }))`.
 *
 * The producer needs the permission to write to the bucket; with the mixin that is granted on the bucket itself.
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
 *
 * const stream = new CfnStream(stack, 'Stream', { dataRetentionInHours: 24 });
 * Mixins.of(stream).apply(new VideoStreamImageGeneration({ bucket: new FrameStore(stack, 'Frames').bucket }));
 */
export class VideoStreamImageGeneration extends Mixin {
  constructor(private readonly options: ImageGenerationOptions) {
    super();
  }

  /** Streams are supported. */
  public override supports(construct: IConstruct): boolean {
    return CfnStream.isCfnStream(construct);
  }

  /** Makes the setting, as a child of the stream. */
  public applyTo(construct: IConstruct): void {
    new ImageGeneration(construct as CfnStream, 'ImageGeneration', {
      stream: construct as CfnStream,
      ...this.options,
    });
  }
}

/**
 * The configuration in the form of the API, checked against its bounds.
 *
 * @internal
 */
export function renderImageGeneration(scope: Construct, options: ImageGenerationOptions) {
  const format = options.format ?? ImageFormat.JPEG;
  if (format !== ImageFormat.JPEG && options.jpegQuality !== undefined) {
    fail(scope, lit`ImageQuality`, '`jpegQuality` has no meaning for PNG; leave it out.');
  }
  checkRange(scope, lit`ImageQuality`, 'jpegQuality', options.jpegQuality, { min: 1, max: 100 });
  checkRange(scope, lit`ImageSize`, 'width', options.width, { min: 1, max: 3840, unit: 'pixels' });
  checkRange(scope, lit`ImageSize`, 'height', options.height, { min: 1, max: 2160, unit: 'pixels' });
  checkPattern(
    scope,
    lit`ImageDestination`,
    'prefix',
    options.prefix,
    /^[^*]*[^*/]$/,
    'without * and without a slash at the end',
  );
  const interval = options.samplingInterval ?? Duration.seconds(3);
  const milliseconds = checkDuration(scope, lit`ImageInterval`, 'samplingInterval', interval, {
    min: 200,
    max: 2 ** 31 - 1,
    unit: 'milliseconds',
  });
  const uri = `s3://${options.bucket.bucketName}${options.prefix ? `/${options.prefix}` : ''}`;
  if (!Token.isUnresolved(uri) && uri.length > 255) {
    fail(
      scope,
      lit`ImageDestination`,
      `The URI '${uri}' has ${uri.length} characters; 255 are allowed. Shorten \`prefix\`.`,
    );
  }
  return {
    Status: 'ENABLED',
    ImageSelectorType: options.selector ?? ImageSelector.PRODUCER_TIMESTAMP,
    DestinationConfig: { Uri: uri, DestinationRegion: Stack.of(scope).region },
    SamplingInterval: milliseconds,
    Format: format,
    FormatConfig: format === ImageFormat.JPEG ? { JPEGQuality: `${options.jpegQuality ?? 80}` } : undefined,
    WidthPixels: options.width,
    HeightPixels: options.height,
  };
}
