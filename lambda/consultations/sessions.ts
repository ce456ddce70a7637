import {
  JoinStorageSessionAsViewerCommand,
  JoinStorageSessionCommand,
  type KinesisVideoWebRTCStorageClient,
} from '@aws-sdk/client-kinesis-video-webrtc-storage';
import {
  credentialsOf,
  endpointsOf,
  invite,
  type MeetingPorts,
  type Participant,
  type ParticipantCredentials,
  type Statement,
} from '../common/meeting';

export interface SessionPorts extends MeetingPorts {
  readonly storageFor: (endpoint: string, credentials: ParticipantCredentials) => KinesisVideoWebRTCStorageClient;
  /** Of the streams that recordings are in. */
  readonly keyArn: string;
}

/** A participant of one appointment, until the stay is over. */
export interface Stay extends Participant {
  /** Is in CloudTrail. */
  readonly who: string;
  /** Of the stream, if the appointment is recorded. */
  readonly streamArn?: string;
  readonly until: Date;
}

/** All that a browser needs to enter the room, once. */
export async function enter(stay: Stay, ports: SessionPorts) {
  const credentials = await credentialsOf(stay.who, statementsOf(stay, ports), stay.until, ports);
  return invite(stay, credentials, ports);
}

/**
 * Has the storage session send its offer to a participant, who is connected to the channel already.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_webrtc_JoinStorageSession.html
 */
export async function enterRecording(stay: Stay, ports: SessionPorts): Promise<void> {
  const credentials = await credentialsOf(stay.who, statementsOf(stay, ports), stay.until, ports);
  const [endpoint] = await endpointsOf(ports.kinesisVideoFor(credentials), stay, 'WEBRTC');
  const storage = ports.storageFor(endpoint, credentials);
  const { channelArn, clientId } = stay;
  if (stay.role === 'MASTER') await storage.send(new JoinStorageSessionCommand({ channelArn }));
  else await storage.send(new JoinStorageSessionAsViewerCommand({ channelArn, clientId }));
}

/**
 * Of the role that may enter all rooms, what is about this one, in this part. Viewers of what is recorded send too.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/ingestion-grant-permission.html
 */
export function statementsOf(
  { channelArn, role, streamArn }: Stay,
  { keyArn, region }: Pick<SessionPorts, 'keyArn' | 'region'>,
) {
  const connect = role === 'MASTER' ? 'kinesisvideo:ConnectAsMaster' : 'kinesisvideo:ConnectAsViewer';
  const join = role === 'MASTER' ? 'kinesisvideo:JoinStorageSession' : 'kinesisvideo:JoinStorageSessionAsViewer';
  const both = ['kinesisvideo:GetIceServerConfig', 'kinesisvideo:GetSignalingChannelEndpoint'];
  const meet: Statement = { Effect: 'Allow', Action: [connect, ...both], Resource: channelArn };
  if (streamArn === undefined) return [meet];
  const described = ['kinesisvideo:DescribeMediaStorageConfiguration', 'kinesisvideo:DescribeSignalingChannel'];
  const put = ['kinesisvideo:DescribeStream', 'kinesisvideo:GetDataEndpoint', 'kinesisvideo:PutMedia'];
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const statements: Statement[] = [
    { ...meet, Action: [...meet.Action, join, ...described] },
    { Effect: 'Allow', Action: put, Resource: streamArn },
    {
      Effect: 'Allow',
      Action: ['kms:GenerateDataKey'],
      Resource: keyArn,
      Condition: { StringEquals: { 'kms:ViaService': `kinesisvideo.${region}.${suffix}` } },
    },
  ];
  return statements;
}
