import * as z from 'zod';
import { deviceMessage } from '../common/device-message';
import { parseMessage } from '../common/queue-worker';
import { report, type ReportPorts } from '../common/report';

/** What the IoT rule makes of a message: its content as it is, and the device, which the topic tells. */
const envelope = z.object({ device: z.string().regex(/^[a-zA-Z0-9:_-]{1,128}$/), content: z.base64() });

/** Raises alerts for the obstacles that a device has seen. */
export async function handle(body: string, ports: ReportPorts): Promise<void> {
  const { device, content } = parseMessage(envelope, body);
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
