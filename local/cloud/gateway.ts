import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Principal, Principals } from './principals';
import { bodyOf, ServiceError, type Service } from './service';
import { checkSignature, scopeOf } from './signature';
import { close, listen } from './http';

/** What goes wrong with a call: it is throttled, fails at the service, or its connection is lost. */
export type Fault = 'throttle' | 'error' | 'drop';

/** A call as it is asked for and kept. */
export interface GatewayCall {
  readonly service: string;
  readonly operation: string;
  readonly principal: Principal;
}

export interface GatewayProps {
  readonly principals: Principals;
  readonly services?: readonly Service[];
  /** Is asked before each call whether it is to fail. @default - none does */
  readonly faults?: (call: GatewayCall) => Fault | undefined;
  /** Is told of each call that was let in. */
  readonly onCall?: (call: GatewayCall) => void;
}

export type Gateway = Awaited<ReturnType<typeof startGateway>>;

/** Whom a request without signature is from. */
const NOBODY: Principal = { arn: 'anonymous', policies: [] };

/**
 * All services at one address, as `AWS_ENDPOINT_URL` has it: which one is meant, and who calls, is in a request's signature.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export async function startGateway({ principals, services = [], faults, onCall }: GatewayProps) {
  const known = new Map(services.map((service) => [service.name, service]));

  const serviceOf = (request: IncomingMessage): Service => {
    const name = scopeOf(request)?.service;
    const service = name
      ? known.get(name)
      : [...known.values()].find(({ unsigned = [] }) => unsigned.some((path) => request.url!.startsWith(path)));
    if (service) return service;
    if (!name) throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
    throw new ServiceError('NotImplemented', `There is no service '${name}' here.`, 501);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let service: Service | undefined;
    let call = { request, response, principal: NOBODY };
    try {
      service = serviceOf(request);
      if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
        // The Query protocol has the operation in the body.
        request.headers['x-query-action'] = new URLSearchParams((await bodyOf(request)).toString()).get('Action') ?? '';
      }
      if (scopeOf(request)) call = { ...call, principal: await checkSignature(request, principals) };
      const about = { service: service.name, operation: service.operationOf(request), principal: call.principal };
      const fault = faults?.(about);
      if (fault === 'drop') return void request.socket.destroy();
      if (fault) throw FAULTS[fault]();
      onCall?.(about);
      await service.handle(call);
    } catch (error) {
      answerError(service, call, error);
    }
  };

  const server = createServer((request, response) => {
    response.on('error', () => undefined);
    void handle(request, response);
  });
  // Streams of media last longer than any limit.
  server.requestTimeout = 0;
  const url = `http://localhost:${await listen(server)}`;
  return {
    url,
    add: (service: Service) => void known.set(service.name, service),
    stop: () => close(server),
  };
}

const FAULTS = {
  throttle: () => new ServiceError('ThrottlingException', 'Rate exceeded', 400),
  error: () => new ServiceError('InternalFailure', 'The service failed, as services do.', 500),
};

function answerError(service: Service | undefined, call: Parameters<Service['refuse']>[0], error: unknown): void {
  const { response } = call;
  const known =
    error instanceof ServiceError
      ? error
      : new ServiceError('InternalFailure', (error as Error)?.stack ?? String(error), 500);
  // Nobody gets to see what a stand-in itself did wrong, unless it is written.
  if (known !== error) console.error(error);
  if (response.headersSent || response.destroyed) return void response.destroy();
  if (service) return service.refuse(call, known);
  response.setHeader('x-amzn-errortype', known.name);
  response.writeHead(known.status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ __type: known.name, message: known.message }));
}
