/** What cameras film: hills that go by under a sky. The farthest first; colours are red, green and blue. */
export const SKY = { top: [109, 157, 197], bottom: [220, 230, 234] } as const;
export const HILLS = [
  [139, 163, 143],
  [95, 127, 99],
  [59, 90, 63],
] as const;

/** Where the top of a hill is, as a share of the height of the picture, at a share of its width. */
export function ridge(hill: number, x: number, time: number): number {
  const at = 80 * x + (time / 1000) * 2.5 * (hill + 1);
  const wave = Math.sin(at / (7.5 + 3 * hill)) + Math.sin(at / (2.9 + 1.1 * hill));
  return 0.55 + 0.12 * hill - 0.04 * wave;
}
