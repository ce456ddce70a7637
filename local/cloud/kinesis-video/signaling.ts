import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { WebSocketServer, type WebSocket } from 'ws';
import * as z from 'zod';
import { close, listen } from '../http';
import { ServiceError } from '../service';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Who wants to enter a channel. */
export interface Entrance {
  readonly channelArn: string;
  /** Of a viewer. */
  readonly clientId?: string;
  readonly accessKeyId: string;
  readonly request: IncomingMessage;
}

export interface SignalingProps {
  readonly region: string;
  /** With what somebody signs. */
  readonly secretOf: (accessKeyId: string) => Credentials | undefined;
  /** Whose URLs are signed too, before they are changed to lead here. */
  readonly hostname?: string;
  /** Is asked of whoever has signed, and throws what it refuses with. @default - all are let in */
  readonly admit?: (entrance: Entrance) => void | Promise<void>;
}

/** https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-limits.html */
const MAX_VIEWERS = 10;

/** What signing adds to a query. */
const OF_SIGNATURE = /^X-Amz-(Algorithm|Credential|Date|Expires|Security-Token|Signature|SignedHeaders)$/;

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

/**
 * The signaling channels of Kinesis Video Streams: WebSockets by signed URLs, a master and up to ten viewers each.
 * https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-websocket-apis.html
 */
export async function startSignaling({ region, secretOf, hostname, admit = () => undefined }: SignalingProps) {
  const channels = new Map<string, Channel>();
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer((_, response) => void response.writeHead(426).end());

  const channelOf = (arn: string): Channel => {
    const channel = channels.get(arn) ?? { viewers: new Map(), waiting: [] };
    channels.set(arn, channel);
    return channel;
  };

  /** @throws ServiceError */
  const enter = async (request: IncomingMessage): Promise<{ channel: Channel; clientId?: string }> => {
    const given = Object.fromEntries(new URL(request.url!, 'ws://localhost').searchParams);
    const { 'X-Amz-ChannelARN': channelArn, 'X-Amz-ClientId': clientId } = given;
    if (!channelArn) throw new ServiceError('InvalidArgumentException', 'There is no X-Amz-ChannelARN.');
    const signedAt = new Date((given['X-Amz-Date'] ?? '').replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
    const expiresIn = Number(given['X-Amz-Expires']);
    if (!(Date.now() < signedAt.getTime() + 1000 * expiresIn && expiresIn <= 299)) throw denied('The URL has expired.');
    const [accessKeyId] = (given['X-Amz-Credential'] ?? '').split('/');
    const credentials = secretOf(accessKeyId);
    if (!credentials) throw denied('The security token included in the request is invalid.');
    const about = Object.fromEntries(Object.entries(given).filter(([name]) => !OF_SIGNATURE.test(name)));
    // A port is part of the host for some who sign, and for others it isn't.
    const hosts = new Set([
      request.headers.host!,
      request.headers.host!.split(':')[0],
      ...(hostname ? [hostname] : []),
    ]);
    const right = await Promise.all(
      [...hosts].map((host) => sign({ region, credentials, host }, about, { expiresIn, signedAt })),
    );
    if (!right.some((query) => query['X-Amz-Signature'] === given['X-Amz-Signature'])) {
      throw denied('The signature is another.');
    }
    await admit({ channelArn, clientId, accessKeyId, request });
    const channel = channelOf(channelArn);
    if (clientId && !channel.viewers.has(clientId) && channel.viewers.size >= MAX_VIEWERS) {
      throw new ServiceError('ClientLimitExceededException', 'There are 10 viewers already.');
    }
    return { channel, clientId };
  };

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    enter(request)
      .then(({ channel, clientId }) =>
        sockets.handleUpgrade(request, socket, head, (client) => {
          if (clientId) joinViewer(channel, client, clientId);
          else joinMaster(channel, client);
        }),
      )
      .catch((error: Error) => {
        const body = JSON.stringify({ message: error.message });
        socket.end(
          `HTTP/1.1 ${error instanceof ServiceError ? error.status : 500} Refused\r\nx-amzn-ErrorType: ${error.name}\r\n` +
            `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
        );
      });
  });

  return {
    origin: `ws://localhost:${await listen(server)}`,
    viewersOf: (arn: string) => [...channelOf(arn).viewers.keys()],
    /** As when the device loses its network. */
    dropMaster: (arn: string) => channelOf(arn).master?.terminate(),
    /** As when the channel is deleted. */
    close: (arn: string) => {
      const { master, viewers } = channelOf(arn);
      for (const client of [master, ...viewers.values()]) client?.close();
      channels.delete(arn);
    },
    stop: async () => {
      for (const client of sockets.clients) client.terminate();
      await close(server);
    },
  };
}

export interface Signing {
  readonly region: string;
  readonly credentials: Credentials;
  readonly host: string;
}

export interface Validity {
  readonly expiresIn?: number;
  readonly signedAt?: Date;
}

/**
 * The query that a viewer, or a device that is the master of its channel, opens a channel with.
 * https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/ConnectAsViewer.html
 */
export async function sign(
  { region, credentials, host }: Signing,
  query: Record<string, string>,
  { expiresIn = 299, signedAt = new Date() }: Validity = {},
): Promise<Record<string, string>> {
  const signer = new SignatureV4({ service: 'kinesisvideo', region, credentials, sha256: Sha256 });
  const request = { method: 'GET', protocol: 'wss:', hostname: host, path: '/', headers: { host }, query };
  return (await signer.presign(request, { expiresIn, signingDate: signedAt })).query as Record<string, string>;
}

function denied(message: string): ServiceError {
  return new ServiceError('AccessDeniedException', message, 403);
}

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
