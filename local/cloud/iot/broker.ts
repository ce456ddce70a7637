import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { Aedes, type Client } from 'aedes';
import { startEndpoint, type EndpointProps } from './endpoint';
import type { May } from './policies';
import { isFilterAllowed, isTopicAllowed, matchesFilter } from './topics';

/** A client that wants to be let in. */
export interface Connecting {
  readonly clientId: string;
  readonly username?: string;
  readonly password?: Buffer;
  /** The fingerprint of its certificate, if the authority made it. */
  readonly certificateId?: string;
  readonly request?: IncomingMessage;
  /** Ends the connection, now or later. */
  readonly close: () => void;
}

/** A client that was let in. */
export interface Admission {
  /** As rules have it in `principal()`. */
  readonly principal: string;
  readonly may: May;
  /** Is called when the connection has ended. */
  readonly onClose?: () => void;
}

export type Admit = (connecting: Connecting) => Promise<Admission | undefined>;

/** A message that came in. */
export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: number;
  /** None for those of the data plane and of AWS itself. */
  readonly clientId?: string;
  readonly principal?: string;
}

/** Reaches the client that sent the message, if it is subscribed to the topic and may hear it, and no other. */
export type Answer = (topic: string, payload: object) => void;

export interface Published {
  readonly qos?: 0 | 1;
  readonly retain?: boolean;
  /** For how many seconds it is kept for a client that is away. */
  readonly messageExpiry?: number;
}

export interface BrokerProps extends Pick<EndpointProps, 'tls' | 'port'> {
  /** Who has a certificate. */
  readonly devices?: Admit;
  /** Who comes by WebSocket, by path. */
  readonly paths: Readonly<Record<string, Admit>>;
  /** Each message that came in, whoever hears it. Those of clients can be answered. */
  readonly onMessage?: (message: Message, answer?: Answer) => void;
}

/** https://docs.aws.amazon.com/general/latest/gr/iot-core.html#message-broker-limits */
const MAX_PAYLOAD = 128 * 1024;
const MAX_FILTERS = 8;
const MAX_SUBSCRIPTIONS = 50;
const MAX_CLIENT_ID = 128;

/** What types of the library leave out. */
type Connected = Client & { readonly subscriptions: object; will?: unknown };

/**
 * The broker of AWS IoT, as far as MQTT 3.1.1 goes. https://docs.aws.amazon.com/iot/latest/developerguide/mqtt.html
 *
 * As there, a client that publishes what it may not is disconnected, and one that subscribes to what it may not is told so.
 */
export async function startBroker({ devices, paths, onMessage, ...place }: BrokerProps) {
  const admissions = new WeakMap<Client, Admission>();
  const connected = new Map<string, Connected>();
  const may = (client: Client, action: string, resource: string) =>
    admissions.get(client)?.may(action, resource) === true;

  const mayPublish = (client: Client, topic: string, retain: boolean) =>
    isTopicAllowed(topic) &&
    may(client, 'iot:Publish', `topic/${topic}`) &&
    (!retain || may(client, 'iot:RetainPublish', `topic/${topic}`));

  const aedes = await Aedes.createBroker({
    preConnect: (client, packet, done) => {
      const { clientId } = packet;
      // A broker would make up an id that is missing, and no policy would know it.
      const isFine = clientId !== '' && Buffer.byteLength(clientId) <= MAX_CLIENT_ID;
      if (!isFine) client.conn.destroy();
      done(null, isFine);
    },
    authenticate: (client, username, password, done) => {
      letIn(client, username, password as Buffer | undefined).then(
        (isAdmitted) => done(null, isAdmitted),
        (error: unknown) => {
          console.error(error);
          done(null, false);
        },
      );
    },
    authorizeSubscribe: (client, subscription, done) => {
      const { topic } = subscription;
      const isAllowed = isFilterAllowed(topic) && may(client, 'iot:Subscribe', `topicfilter/${topic}`);
      done(null, isAllowed ? subscription : null);
    },
    authorizeForward: (client, packet) => {
      const { messageExpiry = Infinity } = packet as { messageExpiry?: number };
      return messageExpiry > Date.now() && may(client, 'iot:Receive', `topic/${packet.topic}`) ? packet : null;
    },
    authorizePublish: (client, packet, done) => {
      const isFine = packet.qos < 2 && packet.payload.length <= MAX_PAYLOAD;
      const isAllowed = client === null || (isFine && mayPublish(client, packet.topic, packet.retain));
      done(isAllowed ? null : new Error('not authorized'));
    },
  });

  aedes.on('client', (client) => connected.set(client.id, client as Connected));
  aedes.on('clientDisconnect', (client) => {
    if (connected.get(client.id) === client) connected.delete(client.id);
  });
  aedes.on('subscribe', (subscriptions, client) => {
    const all = Object.keys((client as Connected).subscriptions);
    if (subscriptions.length > MAX_FILTERS || all.length > MAX_SUBSCRIPTIONS) client.close();
  });
  aedes.on('publish', ({ topic, payload, qos }, client) => {
    // Those of the library about itself.
    if (topic.startsWith('$SYS/')) return;
    const about = client && { clientId: client.id, principal: admissions.get(client)?.principal };
    onMessage?.({ topic, payload: Buffer.from(payload), qos, ...about }, client ? answerTo(client) : undefined);
  });

  const answerTo =
    (client: Client): Answer =>
    (topic, payload) => {
      const filters = Object.keys((client as Connected).subscriptions);
      const isHeard = filters.some((filter) => matchesFilter(filter, topic));
      if (!isHeard || client.closed) return;
      const packet = { cmd: 'publish' as const, qos: 0 as const, dup: false, retain: false };
      // Whether it may hear that is asked on the way.
      client.publish({ ...packet, topic, payload: Buffer.from(JSON.stringify(payload)) }, () => undefined);
    };

  const letIn = async (client: Client, username?: string, password?: Buffer): Promise<boolean> => {
    const { pathname } = new URL(client.req?.url ?? '', 'ws://localhost');
    const admit = client.req ? paths[pathname] : devices;
    const certificateId = client.conn instanceof TLSSocket ? certificateIdOf(client.conn) : undefined;
    const close = () => client.close();
    const admission = await admit?.({
      clientId: client.id,
      username,
      password,
      certificateId,
      request: client.req,
      close,
    });
    if (!admission?.may('iot:Connect', `client/${client.id}`) || client.conn.destroyed) {
      admission?.onClose?.();
      return false;
    }
    admissions.set(client, admission);
    client.conn.once('close', () => admission.onClose?.());
    return true;
  };

  const endpoint = await startEndpoint({
    ...place,
    paths: Object.keys(paths),
    onDevice: (socket) => void aedes.handle(socket),
    onWebSocket: (stream, request) => void aedes.handle(stream, request),
  });

  return {
    host: endpoint.host,
    origin: `ws://${endpoint.host}`,
    /** The ids of those who are connected. */
    clients: () => [...connected.keys()],
    /** As when the network fails. @returns whether there is such a client */
    drop: (clientId: string): boolean => connected.get(clientId)?.conn.destroy() !== undefined,
    /** As the broker ends a connection. @returns whether there is such a client */
    disconnect: (clientId: string, { preventWill = false } = {}): boolean => {
      const client = connected.get(clientId);
      if (client && preventWill) client.will = null;
      client?.close();
      return client !== undefined;
    },
    /** Ends all connections of a principal. */
    disconnectAll: (principal: string): void => {
      for (const client of connected.values()) if (admissions.get(client)?.principal === principal) client.close();
    },
    /** As the data plane and AWS itself publish. */
    publish: (
      topic: string,
      payload: Uint8Array | string,
      { qos = 1, retain = false, messageExpiry }: Published = {},
    ) =>
      new Promise<void>((resolve, reject) => {
        const expiry = messageExpiry !== undefined && { messageExpiry: Date.now() + 1000 * messageExpiry };
        const packet = {
          cmd: 'publish' as const,
          topic,
          payload: Buffer.from(payload as string),
          qos,
          dup: false,
          retain,
        };
        aedes.publish({ ...packet, ...expiry }, (error) => (error ? reject(error) : resolve()));
      }),
    stop: async () => {
      await new Promise<void>((resolve) => aedes.close(resolve));
      await endpoint.stop();
    },
  };
}

export type Broker = Awaited<ReturnType<typeof startBroker>>;

/** Of a certificate that the broker's authority made. */
export function certificateIdOf(socket: TLSSocket): string | undefined {
  if (!socket.authorized) return undefined;
  // As the id of a certificate is.
  return socket.getPeerCertificate().fingerprint256?.replaceAll(':', '').toLowerCase();
}
