import type { Shot } from './corroboration';
import type { NearCamera } from './cameras';
import type { ShotIncident } from './message';
import type { ShotSettings } from './settings';

export type Status = 'PENDING' | 'APPROVED' | 'DISMISSED';

/** A shot, and what becomes of it. Times are in milliseconds since 1970. */
export interface Incident {
  readonly shot: Shot;
  readonly cameras: readonly NearCamera[];
  readonly status: Status;
  readonly openedAt: number;
  readonly decidedAt?: number;
  readonly decidedBy?: string;
  /** What was done, each once it was done. */
  readonly dispatchedAt?: number;
  readonly deadlineSetAt?: number;
  readonly clipsRequestedAt?: number;
  readonly alertedAt?: number;
}

export function opened(shot: Shot, cameras: readonly NearCamera[], settings: ShotSettings, now: number): Incident {
  const incident: Incident = { shot, cameras, status: 'PENDING', openedAt: now };
  return settings.confirmation ? incident : decided(incident, 'APPROVED', 'automatic', now);
}

/** The first decision counts. */
export function decided(incident: Incident, status: Exclude<Status, 'PENDING'>, by: string, now: number): Incident {
  return incident.status === 'PENDING' ? { ...incident, status, decidedBy: by, decidedAt: now } : incident;
}

/** What the time decides, if nobody has. */
export function dueAt(incident: Incident, { confirmation }: ShotSettings, now: number): Incident {
  if (!confirmation || now < incident.openedAt + 1000 * confirmation.withinSeconds) return incident;
  return decided(incident, confirmation.otherwise === 'DISPATCH' ? 'APPROVED' : 'DISMISSED', 'deadline', now);
}

/** What whoever dispatches is told. */
export function described({ shot, cameras, ...incident }: Incident, settings: ShotSettings): ShotIncident {
  const moment = (milliseconds: number) => new Date(milliseconds).toISOString();
  const { beforeSeconds, afterSeconds } = settings.cameras;
  return {
    schemaVersion: '1.0',
    id: shot.id,
    fleet: settings.fleet,
    occurredAt: moment(shot.occurredAt),
    position: shot.position,
    radiusMeters: Math.ceil(shot.radius),
    method: shot.method,
    ...(shot.residual !== undefined && { residualMilliseconds: shot.residual }),
    confidence: Math.max(...shot.hearings.map(({ confidence }) => confidence)),
    sensors: shot.hearings.map(({ sensor, heardAt, confidence, latitude, longitude }) => ({
      device: sensor,
      heardAt: moment(heardAt),
      confidence,
      position: { latitude, longitude },
    })),
    cameras: cameras.map(({ stream, meters }) => ({
      device: stream.split('.')[0],
      stream,
      distanceMeters: Math.round(meters),
      from: moment(shot.occurredAt - 1000 * beforeSeconds),
      to: moment(shot.occurredAt + 1000 * afterSeconds),
    })),
    decision: { by: incident.decidedBy ?? 'nobody', at: moment(incident.decidedAt ?? incident.openedAt) },
  };
}
