import * as z from 'zod';
import { messageHeader } from './device-message';

/** What a device publishes when something moves in front of its camera. */
export const motionMessage = z
  .object({
    ...messageHeader,
    detectedAt: z.iso.datetime({ offset: true }).describe('When the motion was detected, by the clock of the device.'),
  })
  .meta({
    title: 'Motion in front of a device',
    description:
      'To be published to `<prefix>/<thing>/motion` with QoS 1, when motion begins and every few seconds as long as it goes on.',
  });
