import * as z from 'zod';
import { boundingBox, position, schemaVersion } from '../common/detection-event';

/** One thing that a model on a device has seen. */
export const sighting = z.object({
  id: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,64}$/)
    .describe('Unique on the device, and the same each time that it is sent.'),
  capturedAt: z.iso.datetime({ offset: true }).describe('When it was seen, by the clock of the device.'),
  label: z.string().min(1).max(128).describe("The model's own name for what it saw."),
  confidence: z.number().min(0).max(100).describe("The model's confidence in percent."),
  boundingBox: boundingBox.optional(),
  position: position.optional(),
  value: z.number().optional().describe('What was measured, like °C.'),
  jpeg: z.base64().max(32_768).optional().describe('A small picture: 24 KB at most.'),
});

export type Sighting = z.infer<typeof sighting>;

/** What a device publishes when there is a link, of now or of hours ago. */
export const deviceSightings = z
  .object({
    schemaVersion,
    sightings: z.array(sighting).min(1).max(50).describe('In any order. A message has 128 KB at most.'),
  })
  .meta({
    title: 'Sightings of a device',
    description:
      'To be published to `<prefix>/<thing>/sightings` with QoS 1, and again until it is acknowledged (PUBACK): what comes twice counts once.',
  });
