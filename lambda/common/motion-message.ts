import * as z from 'zod';
import { schemaVersion } from './detection-event';

/** What a device publishes when something moves in front of its camera. */
export const motionMessage = z
  .object({
    schemaVersion,
    id: z
      .string()
      .regex(/^[a-zA-Z0-9_-]{1,64}$/)
      .describe("The message's own id, unique on the device: MQTT may deliver a message twice."),
    detectedAt: z.iso.datetime({ offset: true }).describe('When the motion was detected, by the clock of the device.'),
    camera: z
      .string()
      .regex(/^[a-zA-Z0-9_-]{1,32}$/)
      .optional()
      .describe('The camera, where the device has several.'),
  })
  .meta({
    title: 'Motion in front of a device',
    description:
      'To be published to `<prefix>/<thing>/motion` with QoS 1, when motion begins and every few seconds as long as it goes on.',
  });
