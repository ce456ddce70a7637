import type { GrayImage } from './analysers/gray-image';

/** Cells in a row and in a column. */
export const COLUMNS = 32;
export const ROWS = 18;

/** By how many levels of gray a cell must have changed: less than that is noise of the camera and of its compression. */
const CHANGED = 16;

/** The mean level of gray of each cell of a frame, row by row. */
export type Thumbnail = Uint8Array;

export function thumbnailOf({ width, height, levels }: GrayImage): Thumbnail {
  const sums = new Float64Array(COLUMNS * ROWS);
  const counts = new Uint32Array(COLUMNS * ROWS);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * ROWS) / height) * COLUMNS;
    for (let x = 0; x < width; x++) {
      const cell = row + Math.floor((x * COLUMNS) / width);
      sums[cell] += levels[y * width + x];
      counts[cell]++;
    }
  }
  return Uint8Array.from(sums, (sum, cell) => (counts[cell] === 0 ? 0 : Math.round(sum / counts[cell])));
}

/**
 * The share of the frame that has changed, from 0 to 1. What has become lighter or darker as a whole, by a cloud or the
 * camera's exposure, has not.
 */
export function changedShare(before: Thumbnail, after: Thumbnail): number {
  const differences = Array.from(after, (level, cell) => level - before[cell]);
  const common = [...differences].sort((a, b) => a - b)[Math.floor(differences.length / 2)];
  const changed = differences.filter((difference) => Math.abs(difference - common) > CHANGED);
  return changed.length / differences.length;
}
