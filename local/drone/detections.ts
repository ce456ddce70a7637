import { randomUUID } from 'node:crypto';
import type { MqttClient } from 'mqtt';
import type * as z from 'zod';
import type { deviceMessage, seen } from '../../lambda/common/device-message';

export type DeviceMessage = z.infer<typeof deviceMessage>;
export type Seen = z.infer<typeof seen>;

/**
 * Publishes what a device's own model sees now. While the device has no connection the message is kept, and then it is sent with
 * the same id, maybe twice.
 *
 * @returns the message, when the broker has it
 */
export async function publishDetection(
  client: MqttClient,
  topic: string,
  detection: Seen,
  more: Partial<DeviceMessage> = {},
): Promise<DeviceMessage> {
  const message: DeviceMessage = {
    schemaVersion: '1.1',
    id: randomUUID(),
    capturedAt: new Date().toISOString(),
    detections: [detection],
    ...more,
  };
  await client.publishAsync(topic, JSON.stringify(message), { qos: 1 });
  return message;
}
