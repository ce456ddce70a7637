import { Sha256 } from '@aws-crypto/sha256-js';
import { GetSignalingChannelEndpointCommand, type KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { GetIceServerConfigCommand, type KinesisVideoSignalingClient } from '@aws-sdk/client-kinesis-video-signaling';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import { Problem } from './problem';

/** The credentials of one participant for one channel, which never leave the function. */
export interface ParticipantCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface MeetingPorts {
  readonly sts: STSClient;
  /** The role whose permissions are for all channels. */
  readonly roleArn: string;
  readonly region: string;
  /** The control plane, with the credentials of a participant. */
  readonly kinesisVideoFor: (credentials: ParticipantCredentials) => KinesisVideoClient;
  readonly signalingFor: (endpoint: string, credentials: ParticipantCredentials) => KinesisVideoSignalingClient;
  readonly now: () => number;
}

export interface Participant {
  readonly channelArn: string;
  readonly role: 'MASTER' | 'VIEWER';
  /** Of a viewer. */
  readonly clientId?: string;
}

export interface Statement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Record<string, string>>>;
}

/** What Kinesis Video Streams takes at most. The URL is used at once, and then the connection stays. */
const SIGNED_URL_SECONDS = 299;

/** What STS gives at least. A condition of the session's policy ends shorter sessions in time. */
const SHORTEST_CREDENTIALS = 900;

/** What STS gives at most to a role, that of the function, that assumes another one. */
export const LONGEST_CREDENTIALS = 3600;

/** Of a role, what is in the statements, until then. */
export function sessionPolicy(statements: readonly Statement[], until: Date) {
  const inTime = { DateLessThan: { 'aws:CurrentTime': wholeSeconds(until) } };
  return {
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ ...statement, Condition: { ...statement.Condition, ...inTime } })),
  };
}

/**
 * Credentials of somebody for what the statements say.
 *
 * @param who is in CloudTrail, so that one sees there who watched: `viewer-` and the `sub`, say
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export async function credentialsOf(
  who: string,
  statements: readonly Statement[],
  until: Date,
  { sts, roleArn, now }: Pick<MeetingPorts, 'sts' | 'roleArn' | 'now'>,
): Promise<ParticipantCredentials> {
  const seconds = Math.ceil((until.getTime() - now()) / 1000);
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: who.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, 64),
      DurationSeconds: Math.min(LONGEST_CREDENTIALS, Math.max(SHORTEST_CREDENTIALS, seconds)),
      Policy: JSON.stringify(sessionPolicy(statements, until)),
    }),
  );
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  return { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
}

/** All that a browser needs to enter a channel, once. */
export async function invite(participant: Participant, credentials: ParticipantCredentials, ports: MeetingPorts) {
  const { channelArn, role, clientId } = participant;
  const kinesisVideo = ports.kinesisVideoFor(credentials);
  const [wss, https] = await endpointsOf(kinesisVideo, { channelArn, role }, 'WSS', 'HTTPS');
  const { IceServerList = [] } = await ports
    .signalingFor(https, credentials)
    .send(new GetIceServerConfigCommand({ ChannelARN: channelArn, ClientId: clientId, Service: 'TURN' }));
  return {
    region: ports.region,
    channelArn,
    endpoints: { wss, https },
    signedUrl: await signedUrl(wss, participant, credentials, ports),
    signedUrlExpiresAt: new Date(ports.now() + 1000 * SIGNED_URL_SECONDS).toISOString(),
    iceServers: [
      { urls: [stunServer(ports.region)] },
      ...IceServerList.map(({ Uris = [], Username, Password }) => ({
        urls: Uris,
        username: Username,
        credential: Password,
      })),
    ],
  };
}

/** The endpoints of a channel for these protocols, in their order. */
export async function endpointsOf(
  kinesisVideo: KinesisVideoClient,
  { channelArn, role }: Participant,
  ...protocols: ('WSS' | 'HTTPS' | 'WEBRTC')[]
): Promise<string[]> {
  const { ResourceEndpointList = [] } = await kinesisVideo.send(
    new GetSignalingChannelEndpointCommand({
      ChannelARN: channelArn,
      SingleMasterChannelEndpointConfiguration: { Protocols: protocols, Role: role },
    }),
  );
  return protocols.map(
    (protocol) =>
      ResourceEndpointList.find(({ Protocol }) => Protocol === protocol)?.ResourceEndpoint ?? missing(protocol),
  );
}

/** As all examples of policies have times. */
function wholeSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d+/, '');
}

function missing(protocol: string): never {
  throw new Problem(502, 'AWS failed', `The signaling channel has no endpoint for ${protocol}.`);
}

/**
 * https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/ConnectAsViewer.html, and ConnectAsMaster,
 * who has no id
 */
async function signedUrl(
  wss: string,
  { channelArn, clientId }: Participant,
  credentials: ParticipantCredentials,
  { region, now }: Pick<MeetingPorts, 'region' | 'now'>,
): Promise<string> {
  const { protocol, host } = new URL(wss);
  const signer = new SignatureV4({ service: 'kinesisvideo', region, credentials, sha256: Sha256 });
  const { query = {} } = await signer.presign(
    {
      method: 'GET',
      protocol,
      hostname: host,
      path: '/',
      headers: { host },
      query: { 'X-Amz-ChannelARN': channelArn, ...(clientId !== undefined && { 'X-Amz-ClientId': clientId }) },
    },
    { expiresIn: SIGNED_URL_SECONDS, signingDate: new Date(now()) },
  );
  const parameters = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  return `${protocol}//${host}/?${parameters.join('&')}`;
}

function stunServer(region: string): string {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `stun:stun.kinesisvideo.${region}.${suffix}:443`;
}
