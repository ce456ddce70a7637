import { Router } from '@aws-lambda-powertools/event-handler/http';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Access } from '../common/access/access';
import type { Authorizer } from '../common/access/authorizer';
import { callerOf, type ClaimNames } from '../common/access/caller';
import { Devices, type DevicePorts } from '../common/access/devices';
import { Acknowledgements, type AcknowledgementPorts } from '../common/acknowledgement';
import { httpApi, type Api } from '../common/http-api';
import { logger } from '../common/observability';
import { unknownDevice } from '../common/problem';
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

  return httpApi(router, unknownDevice);
}

function alertKnowledge({ acknowledgements, ...alerts }: NonNullable<Ports['alerts']>, now: () => number) {
  return {
    history: new AlertHistory({ ...alerts, now }),
    acknowledgements: acknowledgements && new Acknowledgements({ ...alerts, ...acknowledgements, now }),
  };
}
