import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { createWebSocketStream, WebSocketServer } from 'ws';

export interface EndpointProps {
  /** In PEM. Without, there is no TLS. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
  /** MQTT over TLS, by who has a certificate. */
  readonly onDevice?: (socket: TLSSocket) => void;
  /** MQTT over WebSockets, by the path that was asked for. */
  readonly onWebSocket: (stream: Duplex, request: IncomingMessage) => void;
  readonly paths: readonly string[];
  readonly port?: number;
}

/** What a handshake of TLS, and a request of HTTP, begin with. */
const HANDSHAKE = 0x16;
const GET = 'G'.charCodeAt(0);

/**
 * One port for all that AWS IoT has a data endpoint for: MQTT over TLS, and over WebSockets with TLS or without, which is for
 * browsers that don't know the authority of this machine.
 */
export async function startEndpoint({ tls, onDevice, onWebSocket, paths, port = 0 }: EndpointProps) {
  const open = new Set<Socket>();
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'mqtt' });
  const http = createHttpServer((_, response) => void response.writeHead(426).end());
  http.on('upgrade', (request: IncomingMessage, socket, head: Buffer) => {
    const { pathname } = new URL(request.url!, 'ws://localhost');
    if (!paths.includes(pathname)) return void socket.destroy();
    sockets.handleUpgrade(request, socket, head, (client) => {
      const stream = createWebSocketStream(client);
      // A connection that is cut off is none of the broker's errors.
      stream.on('error', () => undefined);
      onWebSocket(stream, request);
    });
  });

  // Browsers have no certificate, and are asked for their password.
  const secure = tls && createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false });
  secure?.on('tlsClientError', () => undefined);
  secure?.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => undefined);
    byFirstByte(socket, (byte) => (byte === GET ? http.emit('connection', socket) : onDevice?.(socket)));
  });

  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    byFirstByte(socket, (byte) => {
      if (byte === HANDSHAKE && secure) secure.emit('connection', socket);
      else http.emit('connection', socket);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  return {
    host: `localhost:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** Hands a connection on by what it begins with, which is still to be read from it. */
function byFirstByte(socket: Socket, handOn: (byte: number) => void): void {
  socket.once('readable', () => {
    const first = socket.read(1) as Buffer | null;
    if (!first) return void socket.destroy();
    socket.unshift(first);
    // By then nobody listens any more, and whoever comes is told that there is something to read.
    setImmediate(() => handOn(first[0]));
  });
}
