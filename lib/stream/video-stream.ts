import { ArnFormat, Duration, Fn, RemovalPolicy, Stack, Tags, Token, Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { checkDuration, checkPattern, fail, lit } from '../private/validation';
import { VideoStreamBase, type IVideoStream } from './video-stream-base';

/**
 * Where Kinesis Video Streams keeps the media.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/tiered-storage.html
 */
export enum StorageTier {
  /** Lowest latency of reads; the right one for live video and short retention. */
  HOT = 'HOT',

  /** Cheaper for long retention, with reads in less than a second; media is billed for 30 days at least. */
  WARM = 'WARM',
}

/**
 * Who manages the key that the media is encrypted with.
 */
export enum VideoStreamEncryption {
  /** A key of the account's own, which can be audited, disabled and shared by policy. */
  CUSTOMER_MANAGED = 'CUSTOMER_MANAGED',

  /** The key `aws/kinesisvideo`, which AWS manages for the account. It can't be shared with another account. */
  AWS_MANAGED = 'AWS_MANAGED',
}

/**
 * What identifies a stream that exists already. One of the ARN and the name is needed; the ARN is the better one.
 */
export interface VideoStreamAttributes {
  /**
   * The ARN, with the time of creation at its end.
   * @default - made of the name, with `*` in place of the time of creation
   */
  readonly streamArn?: string;

  /**
   * The name.
   * @default - taken from the ARN
   */
  readonly streamName?: string;

  /**
   * The customer-managed key of the stream, so that grants include it.
   * @default - grants say nothing of a key
   */
  readonly encryptionKey?: kms.IKeyRef;
}

/**
 * Properties of a `VideoStream`.
 */
export interface VideoStreamProps {
  /**
   * The name: 1 to 256 of `a-z A-Z 0-9 _ . -`. Changing it replaces the stream.
   * @default - generated
   */
  readonly streamName?: string;

  /**
   * How long media is kept: whole hours, from 1 hour to 87,600 hours (10 years).
   * @default Duration.hours(24)
   */
  readonly retention?: Duration;

  /**
   * Keeps no media at all (a retention of 0), so that GetMedia is all that works: HLS, DASH, clips, images and WebRTC
   * ingestion fail on such a stream.
   * @default false
   */
  readonly liveOnly?: boolean;

  /**
   * Where the media is kept.
   * @default StorageTier.HOT
   */
  readonly storageTier?: StorageTier;

  /**
   * The type of the media, comma-separated for several tracks.
   * @default 'video/h264'
   */
  readonly mediaType?: string;

  /**
   * The name of the device that writes to the stream: 1 to 128 of `a-z A-Z 0-9 _ . -`.
   * @default - none
   */
  readonly deviceName?: string;

  /**
   * Who manages the key. The key of a stream can't be changed later.
   * @default VideoStreamEncryption.CUSTOMER_MANAGED
   */
  readonly encryption?: VideoStreamEncryption;

  /**
   * The customer-managed key.
   * @default - a new key, rotated yearly and kept when the stack is deleted
   */
  readonly encryptionKey?: kms.IKeyRef;

  /**
   * Tags of the stream.
   * @default - none
   */
  readonly tags?: { [key: string]: string };

  /**
   * What becomes of the stream, and of a key made for it, when it leaves the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A Kinesis video stream: the media of one camera, kept for a time and encrypted with a key of the account's own.
 *
 * A fleet's streams are not made with this construct but at registration, by `MediaProvisioner`: what grows with the
 * fleet doesn't belong in a template.
 *
 * @stateful
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-it-works.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
 *
 * const stream = new VideoStream(stack, 'Stream', { retention: Duration.days(7), storageTier: StorageTier.WARM });
 * stream.grants.hlsPlayback(new Role(stack, 'Reviewer', { assumedBy: new AccountRootPrincipal() }));
 */
@propertyInjectable
export class VideoStream extends VideoStreamBase {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-kinesis-video.VideoStream';

  /** Imports a stream by its ARN. */
  public static fromStreamArn(scope: Construct, id: string, streamArn: string): IVideoStream {
    return VideoStream.fromStreamAttributes(scope, id, { streamArn });
  }

  /**
   * Imports a stream by its attributes.
   * @throws ValidationError `StreamNotIdentified` when neither ARN nor name is given
   */
  public static fromStreamAttributes(scope: Construct, id: string, attrs: VideoStreamAttributes): IVideoStream {
    const { streamArn, streamName } = attrs;
    if (streamArn === undefined && streamName === undefined) {
      fail(scope, lit`StreamNotIdentified`, `The stream '${id}' needs a \`streamArn\` or a \`streamName\`.`);
    }
    const arn =
      streamArn ??
      Stack.of(scope).formatArn({ service: 'kinesisvideo', resource: 'stream', resourceName: `${streamName}/*` });

    class Import extends VideoStreamBase {
      public readonly streamArn = arn;
      // The ARN is `…:stream/<name>/<time of creation>`; splitting works on tokens too.
      public readonly streamName = streamName ?? Fn.select(1, Fn.split('/', arn));
      public readonly encryptionKey = attrs.encryptionKey;
    }
    return new Import(scope, id, streamArn === undefined ? {} : { environmentFromArn: streamArn });
  }

  /** A metric of all the streams of the account in the region. */
  public static metricAll(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({ namespace: 'AWS/KinesisVideo', metricName, ...props });
  }

  public readonly encryptionKey?: kms.IKeyRef;

  private readonly resource: CfnStream;

  /**
   * @throws ValidationError with one of the codes `StreamRetention`, `StreamLiveOnly`, `StreamName`,
   * `StreamDeviceName`, `StreamMediaType` and `StreamEncryption`
   */
  constructor(scope: Construct, id: string, props: VideoStreamProps = {}) {
    super(scope, id, { physicalName: props.streamName });

    const { streamName, deviceName } = props;
    const name = /^[a-zA-Z0-9_.-]{1,256}$/;
    checkPattern(this, lit`StreamName`, 'streamName', streamName, name, '1 to 256 of a-z A-Z 0-9 _ . -');
    const shortName = /^[a-zA-Z0-9_.-]{1,128}$/;
    checkPattern(this, lit`StreamDeviceName`, 'deviceName', deviceName, shortName, '1 to 128 of a-z A-Z 0-9 _ . -');
    const retentionHours = this.retentionHours(props);
    checkMedia(this, 'mediaType', props.mediaType, props.storageTier, retentionHours);

    this.encryptionKey = this.key(props);
    this.resource = new CfnStream(this, 'Resource', {
      name: this.physicalName,
      dataRetentionInHours: retentionHours,
      mediaType: props.mediaType ?? 'video/h264',
      deviceName: props.deviceName,
      kmsKeyId: this.encryptionKey?.keyRef.keyArn,
      streamStorageConfiguration: { defaultStorageTier: props.storageTier ?? StorageTier.HOT },
    });
    this.resource.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.RETAIN);
    for (const [key, value] of Object.entries(props.tags ?? {})) Tags.of(this.resource).add(key, value);
  }

  public get streamArn(): string {
    return this.getResourceArnAttribute(this.resource.attrArn, {
      service: 'kinesisvideo',
      resource: 'stream',
      // Across environments the time of creation is unknown.
      resourceName: `${this.physicalName}/*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }

  public get streamName(): string {
    return this.getResourceNameAttribute(this.resource.ref);
  }

  private retentionHours(props: VideoStreamProps): number {
    if (props.liveOnly) {
      if (props.retention) {
        fail(
          this,
          lit`StreamLiveOnly`,
          '`liveOnly` keeps no media, so `retention` has no meaning; leave one of them out.',
        );
      }
      return 0;
    }
    return checkDuration(this, lit`StreamRetention`, 'retention', props.retention ?? Duration.hours(24), {
      min: 1,
      max: 87_600,
      unit: 'hours',
      remedy: 'A stream that keeps nothing is asked for with `liveOnly: true`.',
    });
  }

  private key(props: VideoStreamProps): kms.IKeyRef | undefined {
    if (props.encryption === VideoStreamEncryption.AWS_MANAGED) {
      if (props.encryptionKey) {
        fail(
          this,
          lit`StreamEncryption`,
          '`encryptionKey` is given, but `encryption` is AWS_MANAGED; leave one of them out.',
        );
      }
      return undefined;
    }
    return (
      props.encryptionKey ??
      new kms.Key(this, 'Key', {
        description: `Media of the video stream ${this.node.path}`,
        enableKeyRotation: true,
        removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
      })
    );
  }
}

/**
 * Checks what a stream and the streams of a fleet have in common.
 *
 * @internal
 */
export function checkMedia(
  scope: Construct,
  prop: string,
  mediaType: string | undefined,
  storageTier: StorageTier | undefined,
  retentionHours: number,
): void {
  const pattern = /^[\w.+-]+\/[\w.+-]+(,[\w.+-]+\/[\w.+-]+)*$/;
  checkPattern(scope, lit`StreamMediaType`, prop, mediaType, pattern, "like 'video/h264,audio/aac'");
  if (storageTier !== StorageTier.WARM || Token.isUnresolved(retentionHours) || retentionHours >= 30 * 24) return;
  Validations.of(scope).addWarning(
    'cdk-kinesis-video:warmStorageMinimum',
    `The WARM tier bills each fragment for 30 days at least, and ${retentionHours} hours are asked for; HOT is likely to be cheaper.`,
  );
}
