import { Duration, type App } from 'aws-cdk-lib';
import * as z from 'zod';
import { FrameRegion, type HeatAsset, type HeatOptions } from '../../lib';
import { environment, name, readContext } from '../context';

const share = z.number().min(0).max(1);
const region = z.strictObject({ left: share, top: share, width: share, height: share });
const seconds = z.int().min(0).max(7_776_000).optional();
const kelvin = z.number().optional();

/** What can be configured of the plant. The constructs check the rest, and say what is wrong with it. */
const configuration = z.strictObject({
  name: name.default('plant'),
  env: environment,
  assets: z
    .array(
      z.strictObject({
        name: z.string(),
        device: z.string().optional(),
        camera: z.string().optional(),
        region: region.optional(),
        maximumCelsius: z.number().optional(),
      }),
    )
    .default([{ name: 'pump-1' }, { name: 'pump-2' }, { name: 'switchgear', maximumCelsius: 90 }]),
  heat: z
    .strictObject({
      ambientCompensation: z.boolean().optional(),
      watchAbove: kelvin,
      alarmAbove: kelvin,
      driftAbove: kelvin,
      learnForSeconds: seconds,
      adaptOverSeconds: seconds,
      alarmAfterSeconds: seconds,
      calmAfterSeconds: seconds,
      watchForSeconds: seconds,
      silentAfterSeconds: seconds,
    })
    .default({}),
  maintenanceEmails: z.array(z.email()).default([]),
  alarmEmails: z.array(z.email()).default([]),
});

export type Plant = z.infer<typeof configuration>;

/**
 * The configuration: the context value `plant`, either itself or the path of a JSON file that has it (`-c plant=…`).
 * @throws Error which names each field that is wrong, and says why
 */
export function readPlant(app: App): Plant {
  return readContext(app, 'plant', configuration);
}

export function assetsOf({ assets }: Plant): HeatAsset[] {
  return assets.map((asset) => ({ ...asset, region: asset.region && new FrameRegion(asset.region) }));
}

export function heatOf({ heat }: Plant): HeatOptions {
  const duration = (amount: number | undefined) => (amount === undefined ? undefined : Duration.seconds(amount));
  const { ambientCompensation, watchAbove, alarmAbove, driftAbove } = heat;
  return {
    ambientCompensation,
    watchAbove,
    alarmAbove,
    driftAbove,
    learnFor: duration(heat.learnForSeconds),
    adaptOver: duration(heat.adaptOverSeconds),
    alarmAfter: duration(heat.alarmAfterSeconds),
    calmAfter: duration(heat.calmAfterSeconds),
    watchFor: duration(heat.watchForSeconds),
    silentAfter: duration(heat.silentAfterSeconds),
  };
}
