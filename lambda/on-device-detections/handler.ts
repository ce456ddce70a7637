import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { deviceMessage } from '../common/device-message';
import type { DeviceRate } from '../common/device-rate';
import { logger, metrics } from '../common/observability';
import type { Delivery } from '../common/queue-worker';
import { report, type ReportPorts } from '../common/report';
import { parseEnvelope } from '../common/rule-envelope';

export interface Ports extends ReportPorts {
  readonly rate: DeviceRate;
}

/** Raises alerts for the obstacles that a device has seen. */
export async function handle(body: string, ports: Ports, { sentAt }: Delivery): Promise<void> {
  const { device, open } = parseEnvelope(body);
  // Before anything is read of it: what floods is as likely to be unusable, and would fill the dead-letter queue.
  const tell = () => logger.warn('Messages are dropped: the device sends too many', { device });
  if (!ports.rate.allows(device, ports.alerts.now(), tell)) {
    metrics.addMetric('MessageLimited', MetricUnit.Count, 1);
    return;
  }
  const message = open(deviceMessage);
  await report(
    {
      id: `${device}:${message.id}`,
      device,
      camera: message.camera,
      source: 'ON_DEVICE',
      capturedAt: new Date(message.capturedAt),
      arrivedAt: sentAt,
      sightings: message.detections,
    },
    ports,
  );
}
