import * as z from 'zod';
import type { ShotRule } from './corroboration';

/** What `ShotDetector` puts into the environment. */
export const shotSettings = z.object({
  fleet: z.string().min(1),
  tableName: z.string().min(1),
  cameraTableName: z.string().min(1),
  minimumSensors: z.number(),
  minimumConfidence: z.number(),
  rangeMeters: z.number(),
  speedOfSound: z.number(),
  jitterMilliseconds: z.number(),
  settleSeconds: z.number(),
  cameras: z.object({ most: z.number(), rangeMeters: z.number(), beforeSeconds: z.number(), afterSeconds: z.number() }),
  confirmation: z.object({ withinSeconds: z.number(), otherwise: z.enum(['DISPATCH', 'DISMISS']) }).optional(),
  retentionDays: z.number(),
  topicArn: z.string().min(1),
  webhookQueueUrl: z.url(),
  clipQueueUrl: z.url().optional(),
});

export type ShotSettings = z.infer<typeof shotSettings>;

export function ruleOf(settings: ShotSettings): ShotRule {
  return {
    minimumSensors: settings.minimumSensors,
    range: settings.rangeMeters,
    speedOfSound: settings.speedOfSound,
    jitter: settings.jitterMilliseconds,
    settle: 1000 * settings.settleSeconds,
  };
}
