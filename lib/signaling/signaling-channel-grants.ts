import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnSignalingChannel } from 'aws-cdk-lib/aws-kinesisvideo';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';

/** What both sides of a WebRTC session ask for before they connect. */
const BOTH_SIDES = [
  'kinesisvideo:DescribeSignalingChannel',
  'kinesisvideo:GetIceServerConfig',
  'kinesisvideo:GetSignalingChannelEndpoint',
];

/**
 * Permissions on a signaling channel.
 *
 * Works on a `SignalingChannel`, an imported channel and a raw `CfnSignalingChannel`.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-how-iam.html
 */
export class SignalingChannelGrants {
  /** Grants on the given channel. */
  public static fromSignalingChannel(channel: refs.ISignalingChannelRef): SignalingChannelGrants {
    return new SignalingChannelGrants(channel);
  }

  private constructor(private readonly channel: refs.ISignalingChannelRef) {}

  /** To be the camera's side of the session. A channel has one master at a time. */
  public connectAsMaster(grantee: iam.IGrantable): iam.Grant {
    return this.actions(grantee, 'kinesisvideo:ConnectAsMaster', ...BOTH_SIDES);
  }

  /** To watch. A channel has ten viewers at most. */
  public connectAsViewer(grantee: iam.IGrantable): iam.Grant {
    return this.actions(grantee, 'kinesisvideo:ConnectAsViewer', ...BOTH_SIDES);
  }

  /**
   * To be the camera's side of a session that is stored: `connectAsMaster`, and JoinStorageSession. It also needs
   * `putMedia` on the stream.
   */
  public joinStorageSession(grantee: iam.IGrantable): iam.Grant {
    return this.actions(
      grantee,
      'kinesisvideo:ConnectAsMaster',
      ...BOTH_SIDES,
      'kinesisvideo:DescribeMediaStorageConfiguration',
      'kinesisvideo:JoinStorageSession',
    );
  }

  /**
   * To watch a session that is stored: `connectAsViewer`, and JoinStorageSessionAsViewer. It also needs `putMedia` on the
   * stream, because viewers send too.
   */
  public joinStorageSessionAsViewer(grantee: iam.IGrantable): iam.Grant {
    return this.actions(
      grantee,
      'kinesisvideo:ConnectAsViewer',
      ...BOTH_SIDES,
      'kinesisvideo:DescribeMediaStorageConfiguration',
      'kinesisvideo:JoinStorageSessionAsViewer',
    );
  }

  /** Any other actions on the channel. */
  public actions(grantee: iam.IGrantable, ...actions: string[]): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [CfnSignalingChannel.arnForSignalingChannel(this.channel)],
    });
  }
}
