import { Mixin, Validations } from 'aws-cdk-lib';
import { CfnSignalingChannel, CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import { Construct, type IConstruct } from 'constructs';
import { ApiSetting, checkKeepsMedia, checkSameRegion } from '../private/api-setting';

/**
 * Properties of `MediaStorage`.
 */
export interface MediaStorageProps {
  /**
   * The channel whose sessions are stored.
   */
  readonly channel: refs.ISignalingChannelRef;

  /**
   * The stream that they are stored in. Its retention must be longer than 0.
   */
  readonly stream: refs.IStreamRef;
}

/**
 * Stores the WebRTC sessions of a channel in a stream.
 *
 * **This turns peer-to-peer off**: master and viewers then exchange media with the storage session, not with each
 * other, which costs latency; a session lasts an hour at most, and an account has 100 such channels by default. A
 * device that is piloted over WebRTC keeps peer-to-peer, and records with PutMedia beside it. Each use therefore makes
 * the synth warning `cdk-kinesis-video:mediaStorageDisablesPeerToPeer`, to be acknowledged where the choice is made.
 *
 * CloudFormation doesn't have this setting, so a custom resource makes it.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/webrtc-ingestion.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * new MediaStorage(stack, 'Storage', {
 *   channel: new SignalingChannel(stack, 'Channel'),
 *   stream: new VideoStream(stack, 'Stream', { retention: Duration.days(7) }),
 * });
 */
export class MediaStorage extends Construct {
  /**
   * @throws ValidationError with one of the codes `StreamKeepsNoMedia` and `OtherRegion`
   */
  constructor(scope: Construct, id: string, props: MediaStorageProps) {
    super(scope, id);
    const { channel, stream } = props;
    checkSameRegion(this, 'channel', channel.env.region);
    checkSameRegion(this, 'stream', stream.env.region);

    checkKeepsMedia(this, stream);
    Validations.of(this).addWarning(
      'cdk-kinesis-video:mediaStorageDisablesPeerToPeer',
      `Media storage turns peer-to-peer off for the channel '${channel.node.path}': viewers no longer get media from the device itself. Acknowledge this if it is what you want.`,
    );

    new ApiSetting(this, 'Setting', {
      handler: 'video-settings',
      resourceType: 'Custom::KinesisVideoMediaStorage',
      properties: {
        ChannelName: channel.signalingChannelRef.signalingChannelName,
        StreamName: stream.streamRef.streamName,
      },
      permissions: [
        {
          actions: ['kinesisvideo:DescribeSignalingChannel', 'kinesisvideo:UpdateMediaStorageConfiguration'],
          resources: [CfnSignalingChannel.arnForSignalingChannel(channel)],
        },
        {
          actions: ['kinesisvideo:DescribeStream', 'kinesisvideo:UpdateMediaStorageConfiguration'],
          resources: [CfnStream.arnForStream(stream)],
        },
      ],
    });
  }
}

/**
 * The same setting as a mixin, for a raw `CfnSignalingChannel` too:
 * `channel.with(new SignalingChannelMediaStorage(stream))`.
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { CfnSignalingChannel } from 'aws-cdk-lib/aws-kinesisvideo';
 *
 * const channel = new CfnSignalingChannel(stack, 'Channel');
 * Mixins.of(channel).apply(new SignalingChannelMediaStorage(new VideoStream(stack, 'Stream')));
 */
export class SignalingChannelMediaStorage extends Mixin {
  constructor(private readonly stream: refs.IStreamRef) {
    super();
  }

  /** Signaling channels are supported. */
  public override supports(construct: IConstruct): boolean {
    return CfnSignalingChannel.isCfnSignalingChannel(construct);
  }

  /** Makes the setting, as a child of the channel. */
  public applyTo(construct: IConstruct): void {
    const channel = construct as CfnSignalingChannel;
    new MediaStorage(channel, 'MediaStorage', { channel, stream: this.stream });
  }
}
