import * as z from 'zod';
import type { BoundingBox } from '../common/detection-event';
import { messageHeader } from '../common/device-message';

export const assetName = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/);

/** From what is colder than any winter to what no such camera measures. */
const celsius = z.number().min(-100).max(2000);

const grid = z
  .object({
    columns: z.number().int().min(1).max(160),
    rows: z.number().int().min(1).max(120),
    tenths: z
      .array(z.number().int().min(-1000).max(20_000))
      .min(1)
      .max(160 * 120)
      .describe('The temperature of each pixel in tenths of a degree Celsius, row by row from the top left.'),
  })
  .refine(({ columns, rows, tenths }) => tenths.length === columns * rows, {
    message: 'has to have a temperature for each pixel',
    path: ['tenths'],
  })
  .describe('All that the sensor sees: 8 x 8, 32 x 24 or whatever it has.');

export type Grid = z.infer<typeof grid>;

const temperatures = z
  .array(z.object({ asset: assetName.describe('The name of the asset, as it is configured.'), celsius }))
  .min(1)
  .max(100)
  .describe('What a camera says that knows by itself where the assets are.');

/** What a thermal camera, or a gateway in its name, publishes. */
export const deviceHeat = z
  .object({
    ...messageHeader,
    capturedAt: z.iso.datetime({ offset: true }).describe('When it was measured, by the clock of the device.'),
    ambientCelsius: celsius
      .optional()
      .describe('How warm the air around the assets is. It must be there unless the monitor is told not to need it.'),
    grid: grid.optional(),
    temperatures: temperatures.optional(),
  })
  .refine((message) => (message.grid === undefined) !== (message.temperatures === undefined), {
    message: 'has to have either a grid or temperatures',
    path: ['grid'],
  })
  .meta({
    title: 'Temperatures that a thermal camera has measured',
    description:
      'To be published to `<prefix>/<thing>/heat` with QoS 1, every 10 seconds to every few minutes, also when nothing is hot: a camera that says nothing is taken for silent.',
  });

export type DeviceHeat = z.infer<typeof deviceHeat>;

const WHOLE: BoundingBox = { left: 0, top: 0, width: 1, height: 1 };

/**
 * How hot the hottest part of a region is, in degrees Celsius: the mean of the hottest tenth of its pixels. A fault is a
 * small spot, which the mean of a region hides; the hottest pixel alone may be noise.
 */
export function hottestOf({ columns, rows, tenths }: Grid, region: BoundingBox = WHOLE): number {
  const across = span(region.left, region.width, columns);
  const down = span(region.top, region.height, rows);
  const pixels = down
    .flatMap((row) => across.map((column) => tenths[row * columns + column]))
    .sort((one, other) => other - one);
  const hottest = pixels.slice(0, Math.ceil(pixels.length / 10));
  return hottest.reduce((sum, each) => sum + each, 0) / hottest.length / 10;
}

/** The pixels whose middle is in a part of the frame, or the one that is nearest to its middle. */
function span(from: number, length: number, count: number): number[] {
  const all = Array.from({ length: count }, (_each, index) => index);
  const within = all.filter((index) => (index + 0.5) / count >= from && (index + 0.5) / count < from + length);
  return within.length > 0 ? within : [Math.min(count - 1, Math.floor((from + length / 2) * count))];
}
