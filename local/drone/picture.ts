import { HILLS, SKY, ridge } from './scene';
import { PATTERN, blocksOf } from './time-pattern';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What a camera films at a moment, as the raw pixels (rgb24) that ffmpeg reads: the scene, and above it the moment. */
export function draw(time: number, { width, height }: Size): Buffer {
  const blocks = blocksOf(time);
  const frame = Buffer.alloc(3 * width * height);
  for (let x = 0; x < width; x++) {
    const ridges = HILLS.map((_, hill) => ridge(hill, x / width, time));
    for (let y = 0; y < height; y++) {
      frame.set(colourAt(x / width, y / height, ridges, blocks), 3 * (y * width + x));
    }
  }
  return frame;
}

function colourAt(x: number, y: number, ridges: readonly number[], blocks: readonly boolean[]): readonly number[] {
  const { columns, rows, share } = PATTERN;
  if (y < share) {
    const isWhite = blocks[Math.floor((y / share) * rows) * columns + Math.floor(x * columns)];
    return isWhite ? [255, 255, 255] : [0, 0, 0];
  }
  const nearest = ridges.map((top) => y >= top).lastIndexOf(true);
  return HILLS[nearest] ?? SKY.top.map((top, index) => top + y * (SKY.bottom[index] - top));
}
