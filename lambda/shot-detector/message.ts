import * as z from 'zod';
import { schemaVersion } from '../common/detection-event';
import { messageHeader } from '../common/device-message';

const position = z.object({
  latitude: z.number().min(-89).max(89).describe('In degrees, north is positive.'),
  longitude: z.number().min(-180).max(180).describe('In degrees, east is positive.'),
});

/** What a sensor publishes whose classifier takes a sound for a shot. */
export const deviceShot = z
  .object({
    schemaVersion,
    id: messageHeader.id,
    heardAt: z.iso
      .datetime({ offset: true })
      .describe(
        'When the sound arrived, to the millisecond, by a clock that is set by GPS or PTP: sound makes a foot in one.',
      ),
    confidence: z.number().min(0).max(100).describe("The classifier's confidence in percent."),
    position: position.describe('Where the sensor is.'),
  })
  .meta({
    title: 'A shot that a sensor has heard',
    description: 'To be published to `<prefix>/<thing>/shots` with QoS 1, within seconds. No sound is sent.',
  });

const moment = z.iso.datetime();

/** What is sent to whoever dispatches. */
export const shotIncident = z
  .object({
    schemaVersion,
    id: z.string().describe('The same for each delivery of the same incident. One incident is dispatched once.'),
    fleet: z.string().describe('The name of the fleet, which is that of the city.'),
    occurredAt: moment.describe('When it was at its place.'),
    position,
    radiusMeters: z
      .number()
      .describe('In this radius it is, in 19 of 20 cases if the clocks of the sensors are right.'),
    method: z
      .enum(['MULTILATERATION', 'CENTROID'])
      .describe('By the times of arrival, or just the middle between the sensors.'),
    residualMilliseconds: z
      .number()
      .optional()
      .describe('How well the times agree; absent if there are three or fewer.'),
    confidence: z.number().describe('The highest one of the sensors, in percent.'),
    sensors: z.array(z.object({ device: z.string(), heardAt: moment, confidence: z.number(), position })),
    cameras: z
      .array(
        z.object({
          device: z.string(),
          stream: z.string().describe('The name of the stream.'),
          distanceMeters: z.number(),
          from: moment,
          to: moment,
        }),
      )
      .describe('The nearest ones, and which time of their streams to look at.'),
    decision: z
      .object({ by: z.string().describe('`automatic`, `deadline`, or the principal of IAM.'), at: moment })
      .describe('Who has decided to dispatch.'),
  })
  .meta({
    title: 'Shot incident',
    description: 'A shot that several sensors have heard. The body of a signed webhook.',
  });

export type ShotIncident = z.infer<typeof shotIncident>;
