/** A part of what was recorded, in milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const HOUR = 3_600_000;
export const LONGEST_WINDOW = 3 * HOUR;
export const LONGEST_CLIP = HOUR;

export const PRESETS = [
  { words: '15 min', length: HOUR / 4 },
  { words: '1 h', length: HOUR },
  { words: '3 h', length: 3 * HOUR },
] as const;

/** @returns why it can't be shown, or nothing */
export function refusalOf({ from, to }: Span, now: number, longest = LONGEST_WINDOW): string | undefined {
  if (Number.isNaN(from) || Number.isNaN(to)) return 'Say when it begins and when it ends.';
  if (to <= from) return 'The end is before the beginning.';
  if (from >= now) return 'That is still to come.';
  if (to - from > longest) return `At most ${longest / HOUR === 1 ? '60 min' : `${longest / HOUR} h`} at once.`;
  return undefined;
}

/** Around a moment, within what is shown. */
export function clipAround(moment: number, within: Span): Span {
  return { from: Math.max(within.from, moment - 30_000), to: Math.min(within.to, moment + 30_000) };
}
