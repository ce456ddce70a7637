import * as z from 'zod';
import { raiseAlert, type AlertPorts } from '../common/alerts';
import type { DetectionEvent } from '../common/detection-event';
import { deviceMessage } from '../common/device-message';
import { findObstacles, type ObstacleClass } from '../common/obstacles';
import { parseMessage } from '../common/queue-worker';

export interface Ports {
  readonly alerts: AlertPorts;
  readonly fleet: string;
  readonly obstacles: ObstacleClass[];
}

/** What the IoT rule makes of a message: its content as it is, and the device, which the topic tells. */
const envelope = z.object({ device: z.string().regex(/^[a-zA-Z0-9:_-]{1,128}$/), content: z.base64() });

/** Raises alerts for the obstacles that a device has seen. */
export async function handle(body: string, ports: Ports): Promise<void> {
  const { device, content } = parseMessage(envelope, body);
  const message = parseMessage(deviceMessage, Buffer.from(content, 'base64').toString('utf8'));
  for (const { class: found, sighting } of findObstacles(ports.obstacles, message.detections)) {
    const event: DetectionEvent = {
      schemaVersion: '1.0',
      id: `${device}:${message.id}:${found.name}`,
      fleet: ports.fleet,
      device,
      camera: message.camera,
      source: 'ON_DEVICE',
      obstacle: found.name,
      severity: found.severity,
      ...sighting,
      capturedAt: new Date(message.capturedAt).toISOString(),
      detectedAt: new Date(ports.alerts.now()).toISOString(),
    };
    await raiseAlert(event, ports.alerts);
  }
}
