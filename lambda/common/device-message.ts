import * as z from 'zod';
import { boundingBox, schemaVersion } from './detection-event';

/** What every message of a device begins with. */
export const messageHeader = {
  schemaVersion,
  id: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,64}$/)
    .describe("The message's own id, unique on the device: MQTT may deliver a message twice."),
  camera: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,32}$/)
    .optional()
    .describe('The camera, where the device has several.'),
};

/** What a model says that it saw. */
export const seen = z.object({
  label: z.string().min(1).max(128).describe("The model's own name for what it saw."),
  confidence: z.number().min(0).max(100).describe("The model's confidence in percent."),
  boundingBox: boundingBox.optional(),
  value: z.number().optional().describe('What was measured, in a unit that the label implies, like °C. Since 1.1.'),
});

/** What a device publishes when its model has seen something. */
export const deviceMessage = z
  .object({
    ...messageHeader,
    capturedAt: z.iso.datetime({ offset: true }).describe('When the frame was captured, by the clock of the device.'),
    detections: z.array(seen).min(1).max(100).describe('All that was seen in the frame.'),
  })
  .meta({
    title: 'Detections of a device',
    description: 'To be published to `<prefix>/<thing>/detections` with QoS 1.',
  });
