import { raiseAlert, type AlertPorts } from './alerts';
import type { DetectionEvent } from './detection-event';
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
  /** What the alert says of the frame, asked only when one is published. @default - `frame` */
  readonly keepFrame?: () => Promise<DetectionEvent['frame']>;
  readonly sightings: Sighting[];
}

/** Raises an alert for each class of obstacles that was seen. */
export async function report(observation: Observation, { fleet, obstacles, alerts }: ReportPorts): Promise<void> {
  const { id, device, camera, source, frame, keepFrame, capturedAt, sightings } = observation;
  for (const { class: found, sighting } of findObstacles(obstacles, sightings)) {
    const event: DetectionEvent = {
      schemaVersion: '1.0',
      id: `${id}:${found.name}`,
      fleet,
      device,
      camera,
      source,
      obstacle: found.name,
      severity: found.severity,
      ...sighting,
      capturedAt: capturedAt.toISOString(),
      detectedAt: new Date(alerts.now()).toISOString(),
      frame,
    };
    await raiseAlert(event, alerts, keepFrame);
  }
}
