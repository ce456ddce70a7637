import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { close, listen } from '../http';
import type { Principals } from '../principals';
import { ServiceError } from '../service';
import { mayOf } from './admission';
import { certificateIdOf } from './broker';
import type { Store } from './store';

export interface CredentialsProviderProps {
  readonly store: Store;
  readonly principals: Principals;
  /** In PEM. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
}

/**
 * Gives devices credentials of a role for their certificate. What it says in which case, and what it looks at first, is as
 * https://github.com/awslabs/aws-iot-core-credential-provider-session-helper/blob/main/docs/dev_notes.md found.
 *
 * https://docs.aws.amazon.com/iot/latest/developerguide/authorizing-direct-aws.html
 */
export async function startCredentialsProvider({ store, principals, tls }: CredentialsProviderProps) {
  const credentialsFor = (request: IncomingMessage) => {
    const alias = /^\/role-aliases\/([\w=,@-]+)\/credentials$/.exec(request.url!)?.[1];
    if (request.method !== 'GET' || alias === undefined) throw refusal('ResourceNotFoundException', 'Not Found', 404);
    const certificate = store.certificates.get(certificateIdOf(request.socket as TLSSocket) ?? '');
    if (certificate?.status !== 'ACTIVE') throw denial('Certificate is invalid on this endpoint');
    const given = request.headers['x-amzn-iot-thingname'];
    const thingName = typeof given === 'string' ? given : undefined;
    const thing = thingName === undefined ? undefined : store.things.get(thingName);
    if (thingName !== undefined && !thing?.principals.has(certificate.certificateArn)) {
      throw denial('Invalid thing name passed');
    }
    const may = mayOf(store, certificate, undefined, thingName);
    if (!may('iot:AssumeRoleWithCertificate', `rolealias/${alias}`)) throw denial('Access Denied');
    const found = store.roleAliases.get(alias);
    if (!found) throw refusal('ResourceNotFoundException', 'Role alias does not exist', 404);
    const { roleArn, credentialDurationSeconds: seconds } = found;
    if (!principals.has(roleArn)) {
      throw refusal('InvalidRequestException', 'Unable to assume the role, or the role to assume does not exist', 400);
    }
    const issued = principals.issue(roleArn, { sessionName: certificate.certificateId, seconds, thingName });
    return { ...issued, expiration: `${issued.expiration.toISOString().slice(0, 19)}Z` };
  };

  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    response.setHeader('content-type', 'application/json');
    try {
      response.end(JSON.stringify({ credentials: credentialsFor(request) }));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      response.setHeader('x-amzn-errortype', error.name);
      response.writeHead(error.status).end(JSON.stringify({ message: error.message }));
    }
  });
  server.on('tlsClientError', () => undefined);
  const host = `localhost:${await listen(server)}`;
  return { host, stop: () => close(server) };
}

function refusal(name: string, message: string, status: number): ServiceError {
  return new ServiceError(name, message, status);
}

function denial(message: string): ServiceError {
  return refusal('AccessDeniedException', message, 403);
}
