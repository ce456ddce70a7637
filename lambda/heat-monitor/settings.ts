import * as z from 'zod';
import { boundingBox } from '../common/detection-event';
import type { AssetRule } from './alarm-model';
import { assetName } from './reading';

const asset = z.object({
  name: assetName,
  device: z.string().min(1),
  camera: z.string().min(1).optional(),
  region: boundingBox.optional(),
  limit: z.number().optional(),
});

export type WatchedAsset = z.infer<typeof asset>;

/** What `HeatMonitor` puts into the environment. */
export const heatSettings = z.object({
  fleet: z.string().min(1),
  tableName: z.string().min(1),
  assets: z.array(asset).min(1).max(100),
  needsAmbient: z.boolean(),
  learnForSeconds: z.number(),
  adaptOverSeconds: z.number(),
  watchAbove: z.number(),
  alarmAbove: z.number(),
  driftAbove: z.number(),
  alarmAfterSeconds: z.number(),
  calmAfterSeconds: z.number(),
  watchForSeconds: z.number(),
  silentAfterSeconds: z.number(),
});

export type HeatSettings = z.infer<typeof heatSettings>;

export function ruleOf(settings: HeatSettings, { limit }: Pick<WatchedAsset, 'limit'>): AssetRule {
  const { watchAbove, alarmAbove, driftAbove } = settings;
  return {
    watchAbove,
    alarmAbove,
    driftAbove,
    learnFor: 1000 * settings.learnForSeconds,
    adaptOver: 1000 * settings.adaptOverSeconds,
    alarmAfter: 1000 * settings.alarmAfterSeconds,
    calmAfter: 1000 * settings.calmAfterSeconds,
    watchFor: 1000 * settings.watchForSeconds,
    silentAfter: 1000 * settings.silentAfterSeconds,
    limit,
  };
}
