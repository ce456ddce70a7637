import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { WebSocketServer, type WebSocket } from 'ws';
import * as z from 'zod';
import { close, listen } from '../../../local/cloud/http';

export interface SignalingProps {
  /** What URLs are signed with. */
  readonly credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  readonly region: string;
  /** Whose URLs are signed, before they are changed to lead here. */
  readonly hostname: string;
}

/** https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-limits.html */
const MAX_VIEWERS = 10;

const sent = z.object({
  action: z.enum(['SDP_OFFER', 'SDP_ANSWER', 'ICE_CANDIDATE']),
  messagePayload: z.base64(),
  recipientClientId: z.string().optional(),
  correlationId: z.string().optional(),
});

interface Channel {
  master?: WebSocket;
  readonly viewers: Map<string, WebSocket>;
  /** What viewers said before the master came. */
  waiting: string[];
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    name: string,
    message: string,
  ) {
    super(message);
    this.name = name;
  }
}

/**
 * The signaling channels of Kinesis Video Streams: WebSockets by signed URLs, a master and up to ten viewers each.
 * https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-websocket-apis.html
 */
export async function startSignaling({ credentials, region, hostname }: SignalingProps) {
  const signer = new SignatureV4({ service: 'kinesisvideo', region, credentials, sha256: Sha256 });
  const channels = new Map<string, Channel>();
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer((_, response) => void response.writeHead(426).end());

  const channelOf = (arn: string): Channel => {
    const channel = channels.get(arn) ?? { viewers: new Map(), waiting: [] };
    channels.set(arn, channel);
    return channel;
  };

  const sign = async (query: Record<string, string>, expiresIn: number, signingDate: Date) => {
    const request = {
      method: 'GET',
      protocol: 'wss:',
      hostname,
      path: '/',
      headers: { host: hostname },
      query,
    };
    return (await signer.presign(request, { expiresIn, signingDate })).query as Record<string, string>;
  };

  /** @throws Refusal */
  const admit = async (request: IncomingMessage): Promise<{ channel: Channel; clientId?: string }> => {
    const given = Object.fromEntries(new URL(request.url!, 'ws://localhost').searchParams);
    const { 'X-Amz-ChannelARN': arn, 'X-Amz-ClientId': clientId } = given;
    if (!arn) throw new Refusal(400, 'InvalidArgumentException', 'There is no X-Amz-ChannelARN.');
    const signedAt = new Date((given['X-Amz-Date'] ?? '').replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
    const seconds = Number(given['X-Amz-Expires']);
    if (!(Date.now() < signedAt.getTime() + 1000 * seconds && seconds <= 299)) {
      throw new Refusal(403, 'AccessDeniedException', 'The URL has expired.');
    }
    const about = { 'X-Amz-ChannelARN': arn, ...(clientId && { 'X-Amz-ClientId': clientId }) };
    const right = await sign(about, seconds, signedAt);
    if (right['X-Amz-Signature'] !== given['X-Amz-Signature']) {
      throw new Refusal(403, 'AccessDeniedException', 'The signature is another.');
    }
    const channel = channelOf(arn);
    if (clientId && !channel.viewers.has(clientId) && channel.viewers.size >= MAX_VIEWERS) {
      throw new Refusal(400, 'ClientLimitExceededException', 'There are 10 viewers already.');
    }
    return { channel, clientId };
  };

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    admit(request)
      .then(({ channel, clientId }) =>
        sockets.handleUpgrade(request, socket, head, (client) => {
          if (clientId) joinViewer(channel, client, clientId);
          else joinMaster(channel, client);
        }),
      )
      .catch((error: Refusal) => {
        const body = JSON.stringify({ message: error.message });
        socket.end(
          `HTTP/1.1 ${error.status ?? 500} Refused\r\nx-amzn-ErrorType: ${error.name}\r\n` +
            `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
        );
      });
  });

  const origin = `ws://localhost:${await listen(server)}`;
  return {
    origin,
    /** What a viewer opens, or a device to be the master of its channel. */
    urlOf: async (arn: string, clientId?: string, { expiresIn = 299, signedAt = new Date() } = {}) => {
      const query = { 'X-Amz-ChannelARN': arn, ...(clientId && { 'X-Amz-ClientId': clientId }) };
      return `${origin}/?${new URLSearchParams(await sign(query, expiresIn, signedAt))}`;
    },
    viewersOf: (arn: string) => [...channelOf(arn).viewers.keys()],
    /** As when the device loses its network. */
    dropMaster: (arn: string) => channelOf(arn).master?.terminate(),
    stop: async () => {
      for (const client of sockets.clients) client.terminate();
      await close(server);
    },
  };
}

export type Signaling = Awaited<ReturnType<typeof startSignaling>>;

function joinMaster(channel: Channel, client: WebSocket): void {
  channel.master?.close();
  channel.master = client;
  for (const message of channel.waiting.splice(0)) client.send(message);
  client.on('message', (data) => {
    const message = read(data);
    if (!message) return;
    const viewer = channel.viewers.get(message.recipientClientId ?? '');
    if (viewer) viewer.send(forwarded(message));
    else tell(client, message, 'InvalidArgumentException', 'There is no such viewer.');
  });
  client.on('close', () => {
    if (channel.master === client) channel.master = undefined;
  });
}

function joinViewer(channel: Channel, client: WebSocket, clientId: string): void {
  channel.viewers.get(clientId)?.close();
  channel.viewers.set(clientId, client);
  client.on('message', (data) => {
    const message = read(data);
    if (!message) return;
    if (message.recipientClientId) {
      tell(client, message, 'InvalidArgumentException', 'A viewer talks to the master only.');
    } else if (channel.master) {
      channel.master.send(forwarded(message, clientId));
    } else {
      channel.waiting.push(forwarded(message, clientId));
    }
  });
  client.on('close', () => {
    if (channel.viewers.get(clientId) === client) channel.viewers.delete(clientId);
  });
}

function read(data: unknown): z.infer<typeof sent> | undefined {
  try {
    return sent.parse(JSON.parse(String(data)));
  } catch {
    return undefined;
  }
}

function forwarded({ action, messagePayload }: z.infer<typeof sent>, senderClientId?: string): string {
  return JSON.stringify({ messageType: action, messagePayload, senderClientId });
}

/** Who wants to know how a message fared has given it a number. */
function tell(
  client: WebSocket,
  { correlationId }: z.infer<typeof sent>,
  errorType: string,
  description: string,
): void {
  if (!correlationId) return;
  const statusResponse = { correlationId, errorType, statusCode: '400', description };
  client.send(JSON.stringify({ messageType: 'STATUS_RESPONSE', statusResponse }));
}
