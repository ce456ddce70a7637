import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { incidentKey } from '../common/incident';
import { IncidentIndex, holdIncident, type IndexPorts } from '../common/incident-index';
import { MediaStore, type StorePorts } from '../common/media-store';
import { logger, metrics } from '../common/observability';

export type Ports = StorePorts & IndexPorts;

/** What somebody asks who may hold clips. */
export const holdRequest = incidentKey
  .extend({
    legalHold: z.boolean().describe('Whether nobody can delete it from now on.'),
    reason: z.string().max(1000).optional().describe('For the log.'),
  })
  .meta({ title: 'Hold request', description: 'That an incident comes under a legal hold, or is free again.' });

export type HoldAnswer =
  | { readonly ok: true; readonly legalHold: boolean; readonly objects: number }
  | { readonly ok: false; readonly error: { readonly code: 'INVALID' | 'UNKNOWN'; readonly message: string } };

/** Puts an incident under a legal hold, or takes it away. To be asked again if it fails: the same request ends the same. */
export async function handle(event: unknown, ports: Ports): Promise<HoldAnswer> {
  const { success, data, error } = holdRequest.safeParse(event);
  if (!success) return refuse('INVALID', z.prettifyError(error));
  const { device, id, at, legalHold, reason } = data;
  const objects = await holdIncident({ device, id, at }, legalHold, new MediaStore(ports), new IncidentIndex(ports));
  if (objects === undefined) return refuse('UNKNOWN', 'There is no such incident, or it is not stored yet.');
  metrics.addMetric(legalHold ? 'ClipHeld' : 'ClipReleased', MetricUnit.Count, 1);
  logger.info('Legal hold', { device, id, at, legalHold, reason, objects });
  return { ok: true, legalHold, objects };
}

function refuse(code: 'INVALID' | 'UNKNOWN', message: string): HoldAnswer {
  logger.warn('Legal hold refused', { code, message });
  metrics.addMetric('HoldRefused', MetricUnit.Count, 1);
  return { ok: false, error: { code, message } };
}
