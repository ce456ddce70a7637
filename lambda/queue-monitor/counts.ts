import * as z from 'zod';
import { messageHeader } from '../common/device-message';

export const registerName = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/);

/** What a device publishes that counts people by itself: numbers, and nothing of the people. */
export const deviceCounts = z
  .object({
    ...messageHeader,
    capturedAt: z.iso.datetime({ offset: true }).describe('When they were counted, by the clock of the device.'),
    counts: z
      .array(
        z.object({
          register: registerName.describe('The name of the register, as it is configured for this device.'),
          waiting: z.number().int().min(0).max(1000).describe('How many people wait there; 0 if nobody does.'),
          open: z
            .boolean()
            .optional()
            .describe('Whether somebody serves there, if the device knows. Without it, it counts as open.'),
        }),
      )
      .min(1)
      .max(100)
      .describe('Registers that the device sees. One that it can not see at the moment is left out.'),
  })
  .meta({
    title: 'People in line, counted by a device',
    description:
      'To be published to `<prefix>/<thing>/counts` with QoS 1, every 10 to 30 seconds, also when nobody waits: no count is not a count of 0.',
  });
