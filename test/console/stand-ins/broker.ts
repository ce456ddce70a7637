import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { Aedes, type Client } from 'aedes';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { close, listen } from '../../../local/cloud/http';

/** https://docs.aws.amazon.com/iot/latest/developerguide/config-custom-auth.html */
export interface AuthorizerResponse {
  readonly isAuthenticated: boolean;
  readonly principalId?: string;
  readonly disconnectAfterInSeconds?: number;
  readonly refreshAfterInSeconds?: number;
  readonly policyDocuments?: readonly (Policy | string)[];
}

export interface Policy {
  readonly Version: string;
  readonly Statement: Statement | readonly Statement[];
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

export interface BrokerProps {
  /** Decides who connects by name and password. */
  readonly authorize: (event: object) => Promise<AuthorizerResponse>;
  /** The name under which it is known. */
  readonly authorizer: string;
  /** As in `arn:aws:iot:eu-west-1:111122223333`. */
  readonly arn: string;
  readonly port?: number;
}

/** In one request. https://docs.aws.amazon.com/general/latest/gr/iot-core.html#message-broker-limits */
const MAX_SUBSCRIPTIONS = 8;

type May = (action: string, resource: string) => boolean;

/**
 * The broker of AWS IoT: MQTT over WebSockets at `/mqtt` for whom the custom authorizer lets in, and at `/device` for
 * devices, which have certificates otherwise.
 */
export async function startBroker({ authorize, authorizer, arn, port }: BrokerProps) {
  const policies = new Map<Client, May>();
  const refused: string[] = [];
  const aedes = await Aedes.createBroker({
    authenticate: (client, username, password, done) => {
      if (isDevice(client)) return done(null, true);
      admit(client, username, password).then(
        (isAdmitted) => done(null, isAdmitted),
        () => done(null, false),
      );
    },
    authorizeSubscribe: (client, subscription, done) => {
      const isAllowed = may(client, 'iot:Subscribe', `topicfilter/${subscription.topic}`);
      if (!isAllowed) refused.push(subscription.topic);
      done(null, isAllowed ? subscription : null);
    },
    authorizeForward: (client, packet) => (may(client, 'iot:Receive', `topic/${packet.topic}`) ? packet : null),
    authorizePublish: (client, packet, done) => {
      const isAllowed = client === null || may(client, 'iot:Publish', `topic/${packet.topic}`);
      done(isAllowed ? null : new Error('not authorized'));
    },
  });

  aedes.on('subscribe', (subscriptions, client) => {
    if (!isDevice(client) && subscriptions.length > MAX_SUBSCRIPTIONS) client.close();
  });

  const may = (client: Client, action: string, resource: string): boolean =>
    isDevice(client) || policies.get(client)?.(action, `${arn}:${resource}`) === true;

  const admit = async (client: Client, username = '', password?: Readonly<Buffer>): Promise<boolean> => {
    const name = new URLSearchParams(username.split('?')[1]).get('x-amz-customauthorizer-name');
    if (name !== authorizer) return false;
    const response = await authorize(authorizerEvent(client, username, password));
    if (!response.isAuthenticated) return false;
    const policy = allows(response.policyDocuments ?? []);
    if (!policy('iot:Connect', `${arn}:client/${client.id}`)) return false;
    policies.set(client, policy);
    const end = setTimeout(() => client.close(), 1000 * (response.disconnectAfterInSeconds ?? 86_400));
    client.conn.once('close', () => {
      clearTimeout(end);
      policies.delete(client);
    });
    return true;
  };

  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'mqtt' });
  const server = createServer((_, response) => void response.writeHead(426).end());
  server.on('upgrade', (request: IncomingMessage, socket, head: Buffer) => {
    const { pathname } = new URL(request.url!, 'ws://localhost');
    if (pathname !== '/mqtt' && pathname !== '/device') return void socket.destroy();
    sockets.handleUpgrade(request, socket, head, (client) => {
      const stream = createWebSocketStream(client);
      // A connection that is cut off is none of the broker's errors.
      stream.on('error', () => undefined);
      aedes.handle(stream, request);
    });
  });
  const origin = `ws://localhost:${await listen(server, port)}`;

  return {
    origin,
    url: `${origin}/mqtt`,
    deviceUrl: `${origin}/device`,
    /** Topics that somebody wanted to subscribe to and may not. */
    refused,
    viewers: () => [...policies.keys()].map(({ id }) => id),
    /** As when the network fails: no viewer is told. */
    dropViewers: () => [...policies.keys()].forEach(({ conn }) => conn.destroy()),
    /** As the data plane publishes. */
    publish: (topic: string, payload: Uint8Array | string) =>
      new Promise<void>((resolve, reject) =>
        aedes.publish(
          { cmd: 'publish', topic, payload: Buffer.from(payload as string), qos: 1, dup: false, retain: false },
          (error) => (error ? reject(error) : resolve()),
        ),
      ),
    stop: async () => {
      for (const client of sockets.clients) client.terminate();
      await new Promise<void>((resolve) => aedes.close(resolve));
      await close(server);
    },
  };
}

export type Broker = Awaited<ReturnType<typeof startBroker>>;

function isDevice({ req }: Client): boolean {
  return req?.url === '/device';
}

/** https://docs.aws.amazon.com/iot/latest/developerguide/custom-auth-lambda.html */
function authorizerEvent(client: Client, username: string, password?: Readonly<Buffer>): object {
  return {
    signatureVerified: false,
    protocols: ['tls', 'http', 'mqtt'],
    protocolData: {
      tls: { serverName: 'a0123456789abc-ats.iot.eu-west-1.amazonaws.com' },
      http: { headers: { 'sec-websocket-protocol': 'mqtt' }, queryString: '' },
      mqtt: { username, password: password?.toString('base64'), clientId: client.id },
    },
    connectionMetadata: { id: randomUUID() },
  };
}

/** What policies of AWS IoT allow; there is no condition in those of an authorizer. */
export function allows(documents: readonly (Policy | string)[]): May {
  const statements = documents
    .map((document) => (typeof document === 'string' ? (JSON.parse(document) as Policy) : document))
    .flatMap(({ Statement }) => Statement);
  return (action, resource) => {
    const applying = statements.filter(
      (statement) =>
        matches(statement.Action, action) && matches(statement.Resource, resource) && !('Condition' in statement),
    );
    return applying.length > 0 && applying.every(({ Effect }) => Effect === 'Allow');
  };
}

function matches(patterns: string | readonly string[], text: string): boolean {
  return [patterns].flat().some((pattern) => {
    const source = pattern.replaceAll(/[\\^$.*+?()[\]{}|]/g, (sign) => ({ '*': '.*', '?': '.' })[sign] ?? `\\${sign}`);
    return new RegExp(`^${source}$`).test(text);
  });
}
