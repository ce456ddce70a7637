import { raiseAlert, type AlertPorts } from './alerts';
import type { DetectionEvent } from './detection-event';
import type { Rule } from './encounter';
import { findObstacles, type ObstacleClass, type Sighting } from './obstacles';

export interface ReportPorts {
  readonly fleet: string;
  readonly obstacles: ObstacleClass[];
  readonly alerts: AlertPorts;
}

/** What a model says of one frame, by whichever path. */
export interface Observation extends Pick<DetectionEvent, 'device' | 'camera' | 'source' | 'frame'> {
  /** The same for each delivery of the same observation, and of no other one. */
  readonly id: string;
  readonly capturedAt: Date;
  /** When AWS had it first, in milliseconds since 1970: the same for each delivery, too. */
  readonly arrivedAt: number;
  /** What the alert says of the frame, asked only when one is published. @default - `frame` */
  readonly keepFrame?: () => Promise<DetectionEvent['frame']>;
  readonly sightings: Sighting[];
}

/** Raises an alert for each class of obstacles that was seen. */
export async function report(observation: Observation, { fleet, obstacles, alerts }: ReportPorts): Promise<void> {
  const { id, device, camera, source, frame, keepFrame, capturedAt, arrivedAt, sightings } = observation;
  for (const { class: found, sighting, count, isFaint } of findObstacles(obstacles, sightings)) {
    const detection: DetectionEvent = {
      schemaVersion: '1.1',
      id: `${id}:${found.name}`,
      fleet,
      device,
      camera,
      source,
      obstacle: found.name,
      severity: found.severity,
      ...sighting,
      count,
      capturedAt: capturedAt.toISOString(),
      detectedAt: new Date(alerts.now()).toISOString(),
      frame,
    };
    await raiseAlert({ detection, arrivedAt, isFaint, rule: ruleOf(found, alerts.settings), keepFrame }, alerts);
  }
}

function ruleOf(
  { repeatAfterSeconds, clearAfterSeconds, confirmation }: ObstacleClass,
  defaults: AlertPorts['settings'],
): Rule {
  return {
    repeatAfter: 1000 * (repeatAfterSeconds ?? defaults.repeatAfterSeconds),
    clearAfter: clearAfterSeconds === undefined ? undefined : 1000 * clearAfterSeconds,
    confirmation: confirmation && {
      sightings: confirmation.sightings,
      within: 1000 * confirmation.withinSeconds,
    },
  };
}
