import * as z from 'zod';

/** Minor versions add fields, so whoever reads this one reads the later ones. */
export const schemaVersion = z
  .string()
  .regex(/^1\.\d+$/)
  .describe('Fields are added under the same major version, never changed or removed.');

const ratio = z.number().min(0).max(1);

export const boundingBox = z
  .object({ left: ratio, top: ratio, width: ratio, height: ratio })
  .describe('A rectangle of the frame; each number is a share (0 to 1) of its width or height.');

export type BoundingBox = z.infer<typeof boundingBox>;

export const position = z
  .object({
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    uncertaintyMeters: z.number().min(0).max(100_000).optional().describe('It is within so many metres of there.'),
  })
  .describe('In degrees of WGS 84.');

export type Position = z.infer<typeof position>;

export const severity = z.enum(['CRITICAL', 'WARNING', 'INFO']);

/**
 * What all detection paths end in. A reader must accept fields that it doesn't know: they are added without a new major
 * version.
 */
export const detectionEvent = z
  .object({
    schemaVersion,
    id: z.string().min(1).describe('The same for each delivery of the same detection.'),
    fleet: z.string().min(1).describe('The name of the fleet.'),
    device: z.string().min(1).describe('The name of the thing.'),
    camera: z.string().optional().describe('The camera, where a thing has several.'),
    source: z.enum(['ON_DEVICE', 'IMAGE', 'STREAM_PROCESSOR']).describe('The path by which it was detected.'),
    obstacle: z.string().min(1).describe('The class of obstacle, a name from the configuration.'),
    severity: severity.describe('As configured for the class.'),
    label: z.string().min(1).describe("The model's own name for what it saw."),
    confidence: z.number().min(0).max(100).describe("The model's confidence in percent."),
    count: z.number().int().min(1).optional().describe('How many of the class were seen at once. Since 1.1.'),
    value: z.number().optional().describe('What was measured, in the unit of the model that measures it. Since 1.1.'),
    boundingBox: boundingBox.optional().describe('Where in the frame; absent if the model only says that it is there.'),
    capturedAt: z.iso.datetime().describe('When the frame was captured, by the clock of the device.'),
    position: position.optional().describe('Where it was seen. Since 1.2.'),
    area: z.string().optional().describe('The name of the area that it was seen in. Since 1.2.'),
    incident: z
      .object({
        id: z.string().min(1),
        sightings: z
          .number()
          .int()
          .min(1)
          .describe('How many were known when the alert was raised; 100 are 100 or more.'),
        firstAt: z.iso.datetime().describe('When the first of them was captured.'),
      })
      .optional()
      .describe('What belongs together and is told of once. Since 1.2.'),
    ageSeconds: z
      .number()
      .min(0)
      .optional()
      .describe('How old it was when it was told of, if it came late. Since 1.2.'),
    detectedAt: z.iso.datetime().describe('When the handler took the detection in.'),
    frame: z
      .object({
        bucket: z.string(),
        key: z.string(),
        url: z.url().optional().describe('A link to it, for whoever has the event.'),
        urlExpiresAt: z.iso.datetime().optional().describe('When the link stops to work, at the latest.'),
      })
      .optional()
      .describe('The frame as an object of S3, for as long as the bucket keeps it.'),
  })
  .meta({ title: 'Detection', description: 'An obstacle that a device or a model in the cloud has seen.' });

export type DetectionEvent = z.infer<typeof detectionEvent>;
