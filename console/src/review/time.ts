import type { Fragment } from '../api/types';
import type { Span } from './window';

/** Fragments that follow each other closely are one recorded part, in milliseconds. */
const GAP = 2000;

/** What is recorded, in order. Pages come in any order, and may overlap. */
export function partsOf(fragments: readonly Pick<Fragment, 'producedAt' | 'milliseconds'>[], gap = GAP): Span[] {
  const spans = fragments
    .map(({ producedAt, milliseconds }) => ({
      from: Date.parse(producedAt),
      to: Date.parse(producedAt) + milliseconds,
    }))
    .sort((a, b) => a.from - b.from);
  return joined(spans, gap);
}

export function joined(spans: readonly Span[], gap = GAP): Span[] {
  const parts: Span[] = [];
  for (const span of spans) {
    const last = parts.at(-1);
    if (last && span.from - last.to <= gap)
      parts[parts.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else parts.push(span);
  }
  return parts;
}

/** Where a moment is in a window, from 0 to 1. */
export function shareOf(moment: number, { from, to }: Span): number {
  return Math.min(1, Math.max(0, (moment - from) / (to - from)));
}

export function momentAt(share: number, { from, to }: Span): number {
  return from + Math.min(1, Math.max(0, share)) * (to - from);
}

/** What the player plays of one fragment: where in the video it begins, and when it was filmed. */
export interface Piece {
  /** In seconds of the video. */
  readonly start: number;
  readonly duration: number;
  /** In milliseconds since 1970. */
  readonly at: number;
}

/** The time in the video of a moment: of the next that is recorded, if nothing was just then. */
export function videoTimeOf(moment: number, pieces: readonly Piece[]): number | undefined {
  for (const { start, duration, at } of pieces) {
    if (moment < at) return start;
    if (moment < at + 1000 * duration) return start + (moment - at) / 1000;
  }
  const last = pieces.at(-1);
  return last && last.start + last.duration;
}

/** When what the video shows at a time was filmed. */
export function momentOf(videoTime: number, pieces: readonly Piece[]): number | undefined {
  const piece = pieces.filter(({ start }) => start <= videoTime + 0.001).at(-1) ?? pieces[0];
  return piece && piece.at + 1000 * Math.min(piece.duration, Math.max(0, videoTime - piece.start));
}

/** How many marks there is room for. */
const MOST_TICKS = 7;

/** Marks for the scale below, at whole steps. */
export function ticksOf({ from, to }: Span): number[] {
  const steps = [60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000];
  const step = steps.find((size) => (to - from) / size <= MOST_TICKS) ?? 3_600_000;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, index) => first + index * step);
}
