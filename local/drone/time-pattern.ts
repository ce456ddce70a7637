/**
 * A moment as black and white blocks at the top of a picture, which survive compression and scaling: 41 bits of it in
 * milliseconds, and 7 that check them, in two rows.
 */
export const PATTERN = {
  columns: 24,
  rows: 2,
  bits: 41,
  checkBits: 7,
  /** Of the height of the picture. */ share: 0.16,
};

/** Whether each of the blocks is white. */
export function blocksOf(time: number): boolean[] {
  const { bits, checkBits } = PATTERN;
  const whole = Math.round(time);
  return [...digits(whole, bits), ...digits(checkOf(whole), checkBits)];
}

/** The moment, or nothing if it is none. */
export function timeOf(blocks: readonly boolean[]): number | undefined {
  const { bits, checkBits } = PATTERN;
  const time = numberOf(blocks.slice(0, bits));
  const check = numberOf(blocks.slice(bits, bits + checkBits));
  return check === checkOf(time) ? time : undefined;
}

/** Where the middle of each block is, as shares of the width and the height of the picture. */
export function middles(): { x: number; y: number }[] {
  const { columns, rows, share } = PATTERN;
  return Array.from({ length: columns * rows }, (_, index) => ({
    x: ((index % columns) + 0.5) / columns,
    y: ((Math.floor(index / columns) + 0.5) / rows) * share,
  }));
}

/** A prime, so that a change of any few blocks changes it; never 0, so that a black picture is no moment. */
function checkOf(time: number): number {
  return 1 + (time % 113);
}

function digits(number: number, count: number): boolean[] {
  return Array.from({ length: count }, (_, index) => Math.floor(number / 2 ** (count - 1 - index)) % 2 === 1);
}

function numberOf(blocks: readonly boolean[]): number {
  return blocks.reduce((sum, isWhite) => 2 * sum + Number(isWhite), 0);
}
