import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { deviceMessage } from '../common/device-message';
import type { DeviceRate } from '../common/device-rate';
import { logger, metrics } from '../common/observability';
import { parseMessage } from '../common/queue-worker';
import { report, type ReportPorts } from '../common/report';

/** What the IoT rule makes of a message: its content as it is, and the device, which the topic tells. */
const envelope = z.object({ device: z.string().regex(/^[a-zA-Z0-9:_-]{1,128}$/), content: z.base64() });

export interface Ports extends ReportPorts {
  readonly rate: DeviceRate;
}

/** Raises alerts for the obstacles that a device has seen. */
export async function handle(body: string, ports: Ports): Promise<void> {
  const { device, content } = parseMessage(envelope, body);
  // Before anything is read of it: what floods is as likely to be unusable, and would fill the dead-letter queue.
  const tell = () => logger.warn('Messages are dropped: the device sends too many', { device });
  if (!ports.rate.allows(device, ports.alerts.now(), tell)) {
    metrics.addMetric('MessageLimited', MetricUnit.Count, 1);
    return;
  }
  const message = parseMessage(deviceMessage, Buffer.from(content, 'base64').toString('utf8'));
  await report(
    {
      id: `${device}:${message.id}`,
      device,
      camera: message.camera,
      source: 'ON_DEVICE',
      capturedAt: new Date(message.capturedAt),
      sightings: message.detections,
    },
    ports,
  );
}
