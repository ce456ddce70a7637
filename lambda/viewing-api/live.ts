import { Sha256 } from '@aws-crypto/sha256-js';
import { GetSignalingChannelEndpointCommand, type KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { GetIceServerConfigCommand, type KinesisVideoSignalingClient } from '@aws-sdk/client-kinesis-video-signaling';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import type * as z from 'zod';
import { findChannel } from '../common/kinesis-video';
import { Problem } from '../common/problem';
import type { liveAnswer } from './requests';

/** The credentials of one viewer for one channel, which never leave the function. */
export interface ViewerCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface LivePorts {
  readonly kinesisVideo: KinesisVideoClient;
  readonly sts: STSClient;
  readonly viewerRoleArn: string;
  readonly region: string;
  /** The control plane, with the credentials of a viewer. */
  readonly kinesisVideoFor: (credentials: ViewerCredentials) => KinesisVideoClient;
  readonly signalingFor: (endpoint: string, credentials: ViewerCredentials) => KinesisVideoSignalingClient;
  readonly sessionSeconds: number;
  readonly newId: () => string;
  readonly now: () => number;
}

/** What Kinesis Video Streams takes at most. The URL is used at once, and then the connection stays. */
const SIGNED_URL_SECONDS = 299;

/** What STS gives at least. A condition of the session's policy ends shorter sessions in time. */
const SHORTEST_CREDENTIALS = 900;

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
  const now = ports.now();
  const expiresAt = new Date(now + 1000 * ports.sessionSeconds);
  const credentials = await viewerCredentials(channelArn, viewer, expiresAt, ports);
  const endpoints = await endpointsOf(channelArn, ports.kinesisVideoFor(credentials));
  const clientId = ports.newId();
  const { IceServerList = [] } = await ports
    .signalingFor(endpoints.https, credentials)
    .send(new GetIceServerConfigCommand({ ChannelARN: channelArn, ClientId: clientId, Service: 'TURN' }));
  return {
    region: ports.region,
    channelArn,
    clientId,
    endpoints,
    signedUrl: await signedUrl(endpoints.wss, channelArn, clientId, credentials, ports),
    signedUrlExpiresAt: new Date(now + 1000 * SIGNED_URL_SECONDS).toISOString(),
    iceServers: [
      { urls: [stunServer(ports.region)] },
      ...IceServerList.map(({ Uris = [], Username, Password }) => ({
        urls: Uris,
        username: Username,
        credential: Password,
      })),
    ],
    expiresAt: expiresAt.toISOString(),
  };
}

/** Of the role whose permissions are for all channels of the fleet, what is about this one, until then. */
export function viewerSession(channelArn: string, until: Date) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: VIEWER_ACTIONS,
        Resource: channelArn,
        Condition: { DateLessThan: { 'aws:CurrentTime': wholeSeconds(until) } },
      },
    ],
  };
}

async function viewerCredentials(
  channelArn: string,
  viewer: string,
  until: Date,
  { sts, viewerRoleArn, sessionSeconds }: LivePorts,
): Promise<ViewerCredentials> {
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: viewerRoleArn,
      // Is in CloudTrail, so that one sees there who watched.
      RoleSessionName: `viewer-${viewer.replaceAll(/[^\w+=,.@-]/g, '-')}`.slice(0, 64),
      DurationSeconds: Math.max(SHORTEST_CREDENTIALS, sessionSeconds),
      Policy: JSON.stringify(viewerSession(channelArn, until)),
    }),
  );
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  return { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
}

/** As all examples of policies have times. */
function wholeSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d+/, '');
}

async function endpointsOf(
  ChannelARN: string,
  kinesisVideo: KinesisVideoClient,
): Promise<{ wss: string; https: string }> {
  const { ResourceEndpointList = [] } = await kinesisVideo.send(
    new GetSignalingChannelEndpointCommand({
      ChannelARN,
      SingleMasterChannelEndpointConfiguration: { Protocols: ['WSS', 'HTTPS'], Role: 'VIEWER' },
    }),
  );
  const of = (protocol: string) =>
    ResourceEndpointList.find(({ Protocol }) => Protocol === protocol)?.ResourceEndpoint ?? missing(protocol);
  return { wss: of('WSS'), https: of('HTTPS') };
}

function missing(protocol: string): never {
  throw new Problem(502, 'AWS failed', `The signaling channel has no endpoint for ${protocol}.`);
}

/** https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/ConnectAsViewer.html */
async function signedUrl(
  wss: string,
  channelArn: string,
  clientId: string,
  credentials: ViewerCredentials,
  { region, now }: LivePorts,
): Promise<string> {
  const { hostname } = new URL(wss);
  const signer = new SignatureV4({ service: 'kinesisvideo', region, credentials, sha256: Sha256 });
  const { query = {} } = await signer.presign(
    {
      method: 'GET',
      protocol: 'wss:',
      hostname,
      path: '/',
      headers: { host: hostname },
      query: { 'X-Amz-ChannelARN': channelArn, 'X-Amz-ClientId': clientId },
    },
    { expiresIn: SIGNED_URL_SECONDS, signingDate: new Date(now()) },
  );
  const parameters = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  return `wss://${hostname}/?${parameters.join('&')}`;
}

function stunServer(region: string): string {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `stun:stun.kinesisvideo.${region}.${suffix}:443`;
}
