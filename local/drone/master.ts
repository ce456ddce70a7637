import {
  ChannelProtocol,
  ChannelRole,
  DescribeSignalingChannelCommand,
  GetSignalingChannelEndpointCommand,
  type KinesisVideoClient,
} from '@aws-sdk/client-kinesis-video';
import { GetIceServerConfigCommand, KinesisVideoSignalingClient } from '@aws-sdk/client-kinesis-video-signaling';
import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { WebSocket } from 'ws';
import * as z from 'zod';
import { backOff, sleep } from '../../console/src/back-off';
import { startAudience, type Audience } from './audience';

export interface MasterProps {
  readonly kinesisVideo: KinesisVideoClient;
  readonly credentials: AwsCredentialIdentityProvider;
  readonly region: string;
  readonly channelName: string;
  /** When the figure is there, as an expression of ffmpeg about the time `t` in seconds since 1970. */
  readonly when: string;
  /** Each time that the channel wasn't reached or was lost, or a viewer couldn't be answered. */
  readonly onFailure?: (error: Error) => void;
}

/** https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-websocket-apis7.html */
const received = z.object({
  messageType: z.enum([
    'SDP_OFFER',
    'SDP_ANSWER',
    'ICE_CANDIDATE',
    'GO_AWAY',
    'RECONNECT_ICE_SERVER',
    'STATUS_RESPONSE',
  ]),
  messagePayload: z.base64().optional(),
  senderClientId: z.string().optional(),
});

/** As long as a presigned URL may be good for, in seconds. */
const URL_SECONDS = 299;

/** The service ends connections on which nothing is said for ten minutes. */
const PING = 60_000;

/** The master of a signaling channel, as the one of the SDK in C: it answers whoever wants to watch, and comes back when it was cut off. */
export function startMaster(props: MasterProps) {
  const stopping = new AbortController();
  let socket: WebSocket | undefined;
  let failures = 0;

  const run = async () => {
    while (!stopping.signal.aborted) {
      try {
        const { url, iceServers } = await findChannel(props);
        if (stopping.signal.aborted) return;
        audience.use(iceServers);
        socket = new WebSocket(url);
        await listen(socket, audience, () => (failures = 0));
      } catch (error) {
        if (!stopping.signal.aborted) props.onFailure?.(error as Error);
      }
      socket = undefined;
      await sleep(backOff(failures++), stopping.signal);
    }
  };

  const audience = startAudience({
    when: props.when,
    onFailure: props.onFailure,
    say: (recipientClientId, action, message) => {
      const messagePayload = Buffer.from(JSON.stringify(message)).toString('base64');
      if (socket?.readyState === WebSocket.OPEN) {
        socket.send(JSON.stringify({ action, messagePayload, recipientClientId }));
      }
    },
  });
  const running = run();
  return {
    /** Who watches. */
    viewers: audience.viewers,
    isFilming: audience.isFilming,
    stop: async () => {
      stopping.abort();
      socket?.terminate();
      await running;
      await audience.stop();
    },
  };
}

/** Where the channel's signaling is, with the URL signed, and what helps to find a way through the network. */
async function findChannel({ kinesisVideo, credentials, region, channelName }: MasterProps) {
  const { ChannelInfo } = await kinesisVideo.send(new DescribeSignalingChannelCommand({ ChannelName: channelName }));
  const ChannelARN = ChannelInfo!.ChannelARN!;
  const { ResourceEndpointList = [] } = await kinesisVideo.send(
    new GetSignalingChannelEndpointCommand({
      ChannelARN,
      SingleMasterChannelEndpointConfiguration: {
        Protocols: [ChannelProtocol.HTTPS, ChannelProtocol.WSS],
        Role: ChannelRole.MASTER,
      },
    }),
  );
  const at = (protocol: string) =>
    ResourceEndpointList.find(({ Protocol }) => Protocol === protocol)!.ResourceEndpoint!;
  const signaling = new KinesisVideoSignalingClient({ region, credentials, endpoint: at('HTTPS') });
  const { IceServerList = [] } = await signaling.send(new GetIceServerConfigCommand({ ChannelARN }));
  signaling.destroy();
  const endpoint = new URL(at('WSS'));
  const signer = new SignatureV4({ service: 'kinesisvideo', region, credentials, sha256: Sha256 });
  const { query } = await signer.presign(
    new HttpRequest({
      method: 'GET',
      protocol: 'wss:',
      hostname: endpoint.hostname,
      path: '/',
      headers: { host: endpoint.host },
      query: { 'X-Amz-ChannelARN': ChannelARN },
    }),
    { expiresIn: URL_SECONDS },
  );
  return {
    url: `${endpoint.origin}/?${new URLSearchParams(query as Record<string, string>)}`,
    iceServers: IceServerList.flatMap(({ Uris = [], Username, Password }) =>
      Uris.map((urls) => ({ urls, username: Username, credential: Password })),
    ),
  };
}

/** Until the connection is over. */
function listen(socket: WebSocket, audience: Audience, onOpen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const ping = setInterval(() => socket.ping(), PING);
    socket.on('open', onOpen);
    socket.on('error', reject);
    socket.on('close', () => (clearInterval(ping), resolve()));
    socket.on('message', (data: Buffer) => {
      const { data: message } = received.safeParse(parsed(data.toString()));
      // What the service says beside is about itself: it ends the connection, and this comes back.
      if (message?.messageType === 'GO_AWAY') return socket.close();
      if (!message?.senderClientId || !message.messagePayload) return;
      const content = parsed(Buffer.from(message.messagePayload, 'base64').toString());
      if (message.messageType === 'SDP_OFFER') audience.offer(message.senderClientId, content);
      if (message.messageType === 'ICE_CANDIDATE') audience.candidate(message.senderClientId, content);
    });
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
