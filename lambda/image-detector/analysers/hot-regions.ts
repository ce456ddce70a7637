import type { BoundingBox } from '../../common/detection-event';
import type { GrayImage } from './gray-image';

export interface HotRegion {
  /** The highest level of gray. */
  readonly level: number;
  readonly boundingBox: BoundingBox;
}

/** The regions of pixels above the threshold that touch each other, corners included; the hottest first. */
export function hotRegions({ width, height, levels }: GrayImage, threshold: number): HotRegion[] {
  const seen = new Uint8Array(levels.length);
  const regions: HotRegion[] = [];
  for (let start = 0; start < levels.length; start++) {
    if (seen[start] || levels[start] <= threshold) continue;
    regions.push(regionAt(start));
  }
  return regions.sort((a, b) => b.level - a.level);

  function regionAt(start: number): HotRegion {
    let [level, left, right, top, bottom] = [0, width, 0, height, 0];
    seen[start] = 1;
    for (const waiting = [start]; waiting.length > 0;) {
      const pixel = waiting.pop()!;
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      level = Math.max(level, levels[pixel]);
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const neighbour = ny * width + nx;
          if (seen[neighbour] || levels[neighbour] <= threshold) continue;
          seen[neighbour] = 1;
          waiting.push(neighbour);
        }
      }
    }
    return {
      level,
      boundingBox: {
        left: left / width,
        top: top / height,
        width: (right - left + 1) / width,
        height: (bottom - top + 1) / height,
      },
    };
  }
}
