import { createHash } from 'node:crypto';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { Access } from '../common/access/access';
import type { Authorizer } from '../common/access/authorizer';
import { callerOfToken, type ClaimNames } from '../common/access/caller';
import { Devices, type DevicePorts } from '../common/access/devices';
import { Problem } from '../common/access/problem';
import { logger, metrics } from '../common/observability';
import { viewerPolicies, type Policy } from './policies';
import { RefusedToken, Tokens, UnverifiableToken, type TokenPorts } from './tokens';

export interface Ports extends DevicePorts, TokenPorts {
  readonly authorizer: Authorizer;
  readonly claims: ClaimNames;
  readonly topicPrefix: string;
  /** How ARNs of AWS IoT begin. */
  readonly arnPrefix: string;
  readonly sessionSeconds: number;
}

/** As much as is read. https://docs.aws.amazon.com/iot/latest/developerguide/custom-auth-lambda.html */
const connection = z.object({
  protocolData: z.object({
    mqtt: z.object({
      username: z.string(),
      /** In base64. */
      password: z.string(),
      clientId: z.string(),
    }),
  }),
  connectionMetadata: z.object({ id: z.string().optional() }).default({}),
});

/** What AWS IoT takes as an answer. */
export interface Answer {
  readonly isAuthenticated: boolean;
  readonly principalId: string;
  readonly policyDocuments: Policy[];
  readonly disconnectAfterInSeconds: number;
  readonly refreshAfterInSeconds: number;
}

/** A connection has 50 subscriptions at most, and a device has two topics. */
const MAX_DEVICES = 25;

/** The least that AWS IoT allows, in seconds. */
const SHORTEST = 300;

const CLIENT_ID = /^viewer:([0-9a-f]{32}):[a-zA-Z0-9-]{1,36}$/;

/** Why nobody is let in. */
class Refusal extends Error {}

const REFUSED: Answer = {
  isAuthenticated: false,
  principalId: 'refused',
  policyDocuments: [],
  disconnectAfterInSeconds: SHORTEST,
  refreshAfterInSeconds: SHORTEST,
};

/** Makes the authorizer of what it works with. It keeps what it knows of devices and keys. */
export function viewerMessages(ports: Ports): (event: unknown) => Promise<Answer> {
  const access = new Access(ports.authorizer, new Devices(ports));
  const tokens = new Tokens(ports);
  return async (event) => {
    const id = connection.safeParse(event).data?.connectionMetadata.id;
    try {
      return await connect(event, { access, tokens }, ports);
    } catch (error) {
      if (isRefusal(error)) {
        logger.warn('Connection refused', { connection: id, reason: error.message });
        metrics.addMetric('ConnectionRefused', MetricUnit.Count, 1);
        return REFUSED;
      }
      if (error instanceof UnverifiableToken) metrics.addMetric('TokenUnverifiable', MetricUnit.Count, 1);
      logger.error('Connection could not be decided', { connection: id, error: error as Error });
      throw error;
    }
  };
}

async function connect(
  event: unknown,
  { access, tokens }: { access: Access; tokens: Tokens },
  ports: Ports,
): Promise<Answer> {
  const { protocolData, connectionMetadata } = check(connection, event);
  const { clientId, username, password } = protocolData.mqtt;
  const owner = CLIENT_ID.exec(clientId)?.[1];
  if (owner === undefined) throw new Refusal('the client id is none of a viewer');
  const devices = devicesIn(username);

  const claims = await tokens.verify(Buffer.from(password, 'base64').toString('utf8'));
  const caller = callerOfToken(claims, ports.claims);
  // AWS IoT ends the connection that has the same client id: that must not be somebody else's.
  if (owner !== clientIdOf(caller.sub)) throw new Refusal('the client id is that of another viewer');

  const admissions = await access.admitSome(caller, devices, 'alerts');
  const policyDocuments = viewerPolicies({ ...ports, clientId, devices: admissions.map(({ device }) => device) });
  if (!policyDocuments) throw new Refusal('the names of the devices are too long for as many');

  const now = ports.now();
  const seconds = secondsUntilEnd(ports.sessionSeconds, claims.exp - now / 1000);
  access.grantedSome(admissions, now + 1000 * seconds, { connection: connectionMetadata.id, clientId });
  return {
    isAuthenticated: true,
    principalId: owner,
    policyDocuments,
    disconnectAfterInSeconds: seconds,
    // Then it is decided again, with the same token: whoever lost a device hears no more of it.
    refreshAfterInSeconds: SHORTEST,
  };
}

/** What client ids of a viewer have after `viewer:`. */
export function clientIdOf(sub: string): string {
  return createHash('sha256').update(sub).digest('hex').slice(0, 32);
}

/** After as long as a session, or when the token runs out; AWS IoT allows no less than five minutes. */
function secondsUntilEnd(sessionSeconds: number, tokenSeconds: number): number {
  return Math.max(SHORTEST, Math.min(sessionSeconds, Math.floor(tokenSeconds)));
}

/** `viewer?x-amz-customauthorizer-name=…&devices=drone-1,drone-2` */
function devicesIn(username: string): string[] {
  const start = username.indexOf('?');
  const list = start < 0 ? null : new URLSearchParams(username.slice(start + 1)).get('devices');
  const devices = [...new Set(list?.split(',').filter((name) => name !== ''))];
  if (devices.length === 0) throw new Refusal('the username names no devices');
  if (devices.length > MAX_DEVICES) throw new Refusal(`the username names more than ${MAX_DEVICES} devices`);
  return devices;
}

function check<T>(schema: z.ZodType<T>, content: unknown): T {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  throw new Refusal(`the request is none of MQTT with a username and a password: ${z.prettifyError(result.error)}`);
}

/** Whatever else goes wrong isn't the caller's fault. */
function isRefusal(error: unknown): error is Error {
  if (error instanceof Problem) return error.status < 500;
  return error instanceof Refusal || error instanceof RefusedToken;
}
