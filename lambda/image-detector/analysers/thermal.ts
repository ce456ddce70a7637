import { UnusableMessage } from '../../common/queue-worker';
import type { Sighting } from '../../common/obstacles';
import type { Analyser, ReadFrame, SettingsOf } from './analyser';
import { decodeGray } from './gray-image';
import { hotRegions } from './hot-regions';

/** Ten times what a frame of `MAX_PIXELS` usually has. */
const MAX_BYTES = 5 * 1024 * 1024;

/** An alert names one, so that a frame full of noise needs no more of them. */
const MAX_SIGHTINGS = 100;

export function thermal(
  { coldest, hottest, hotspotAbove }: SettingsOf<'thermal'>,
  { readFrame }: { readonly readFrame: ReadFrame },
): Analyser {
  const celsius = (level: number) => coldest + (level / 255) * (hottest - coldest);
  const threshold = (255 * (hotspotAbove - coldest)) / (hottest - coldest);
  return {
    analyse: async (frame) => {
      const bytes = await readFrame(frame, MAX_BYTES);
      try {
        return hotRegions(decodeGray(bytes), threshold)
          .slice(0, MAX_SIGHTINGS)
          .map(({ level, boundingBox }): Sighting => ({
            label: 'hotspot',
            confidence: 100,
            boundingBox,
            value: Number(celsius(level).toFixed(1)),
          }));
      } catch (error) {
        throw new UnusableMessage(`s3://${frame.bucket}/${frame.key} can't be read: ${(error as Error).message}`);
      }
    },
  };
}
