import { NotFoundError, RequestValidationError, Router } from '@aws-lambda-powertools/event-handler/http';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { Access } from '../common/access/access';
import type { Authorizer } from '../common/access/authorizer';
import { callerOf, type ClaimNames } from '../common/access/caller';
import { Devices, type DevicePorts } from '../common/access/devices';
import { Acknowledgements, type AcknowledgementPorts } from '../common/acknowledgement';
import { logger } from '../common/observability';
import { Problem, problemOf, unknownDevice } from '../common/problem';
import { AlertHistory } from './alert-history';
import { ArchivedMedia } from '../common/archived-media';
import { PilotDesk, type TakeoverPorts } from './pilot-desk';
import { Reception } from './reception';
import { addAlertRoutes } from './routes/alerts';
import { addControlRoutes } from './routes/control';
import { addDeviceRoutes } from './routes/devices';
import { addMediaRoutes, type MediaRoutePorts } from './routes/media';
import type { Routing } from './routing';

export interface Ports extends DevicePorts, MediaRoutePorts {
  readonly authorizer: Authorizer;
  readonly claims: ClaimNames;
  /** Nothing if nobody takes control of devices. */
  readonly takeover?: TakeoverPorts;
  /** Nothing if alerts aren't kept. */
  readonly alerts?: {
    readonly dynamodb: DynamoDBDocumentClient;
    readonly alertTable: string;
    /** Nothing if alerts aren't acknowledged. */
    readonly acknowledgements?: Pick<AcknowledgementPorts, 'tableName' | 'retentionDays'>;
  };
}

export type Api = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** What names of devices are made of, so that no path is read in two ways: nothing that would be decoded or resolved. */
const PATH = /^\/v1(\/[a-zA-Z0-9_-]+){1,4}$/;

/** Makes the API of what it works with. It keeps what it knows of devices, and sessions of each viewer, for a moment. */
export function viewingApi(ports: Ports): Api {
  const router = new Router({ prefix: '/v1', logger });
  const access = new Access(ports.authorizer, new Devices(ports));
  const media = new ArchivedMedia(ports);
  const desk = ports.takeover && new PilotDesk(ports.takeover);
  const routing: Routing<Ports> = {
    router,
    ports,
    access,
    callerOf: (event) => callerOf(event, ports.claims),
    admit: (event, device, action) => access.admit(callerOf(event, ports.claims), device, action),
  };

  addDeviceRoutes(routing, { reception: new Reception({ media, now: ports.now }), desk });
  addMediaRoutes(routing, media);
  if (desk) addControlRoutes(routing, desk);
  if (ports.alerts) addAlertRoutes(routing, alertKnowledge(ports.alerts, ports.now));

  router.errorHandler(RequestValidationError, async (error) => malformed(error).toResponse());
  router.errorHandler(NotFoundError, async () => unknownDevice().toResponse());
  router.errorHandler(Error, async (error) => {
    const problem = problemOf(error) ?? new Problem(500, 'Failed', 'The request failed. It is not your fault.');
    // Problems that are raised here are known; of those that come from AWS the log has the cause.
    if (!(error instanceof Problem)) logger[problem.status >= 500 ? 'error' : 'warn']('Request failed', { error });
    return problem.toResponse();
  });

  return async (event, context) => {
    const { method } = event.requestContext.http;
    const path = PATH.test(event.rawPath) ? event.rawPath : '/v1/none';
    // The router takes no body with GET, which a client may send all the same.
    const body = method === 'GET' ? undefined : event.body;
    return router.resolve({ ...event, rawPath: path, body }, context);
  };
}

function alertKnowledge({ acknowledgements, ...alerts }: NonNullable<Ports['alerts']>, now: () => number) {
  return {
    history: new AlertHistory({ ...alerts, now }),
    acknowledgements: acknowledgements && new Acknowledgements({ ...alerts, ...acknowledgements, now }),
  };
}

function malformed(error: RequestValidationError): Problem {
  const issues = (error.details?.issues ?? []) as { message: string; path?: (string | number)[] }[];
  const detail = issues.map(({ message, path = [] }) => `${path.join('.')}: ${message}`).join('; ');
  return new Problem(400, 'Malformed request', detail || 'The body is not JSON.');
}
