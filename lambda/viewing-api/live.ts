import type { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import type * as z from 'zod';
import { findChannel } from '../common/kinesis-video';
import { credentialsOf, invite, type MeetingPorts, type Statement } from '../common/meeting';
import { Problem } from '../common/problem';
import type { liveAnswer } from './requests';

export interface LivePorts extends Omit<MeetingPorts, 'roleArn'> {
  readonly kinesisVideo: KinesisVideoClient;
  readonly viewerRoleArn: string;
  readonly sessionSeconds: number;
  readonly newId: () => string;
}

const VIEWER_ACTIONS = [
  'kinesisvideo:ConnectAsViewer',
  'kinesisvideo:GetIceServerConfig',
  'kinesisvideo:GetSignalingChannelEndpoint',
];

/** Lets one viewer meet a device in its channel. */
export async function meet(channelName: string, viewer: string, ports: LivePorts): Promise<z.infer<typeof liveAnswer>> {
  const channel = await findChannel(ports.kinesisVideo, channelName);
  if (!channel) throw new Problem(404, 'Nothing there', 'The device has no signaling channel.');
  if (channel.ChannelStatus === 'CREATING' || channel.ChannelStatus === 'DELETING') {
    throw new Problem(409, 'Not ready', 'The signaling channel of the device is being made or deleted.');
  }
  const channelArn = channel.ChannelARN!;
  const expiresAt = new Date(ports.now() + 1000 * ports.sessionSeconds);
  const clientId = ports.newId();
  const roled = { ...ports, roleArn: ports.viewerRoleArn };
  const credentials = await credentialsOf(`viewer-${viewer}`, [viewing(channelArn)], expiresAt, roled);
  const invitation = await invite({ channelArn, role: 'VIEWER', clientId }, credentials, roled);
  return { ...invitation, clientId, expiresAt: expiresAt.toISOString() };
}

/** Of the role whose permissions are for all channels of the fleet, what is about this one. */
export function viewing(channelArn: string): Statement {
  return { Effect: 'Allow', Action: VIEWER_ACTIONS, Resource: channelArn };
}
