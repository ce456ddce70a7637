import { compareNumbers, type Fragment, type Interval } from './fragments';

/** Fragments that become one object. */
export interface Part {
  /** MP4 as GetClip makes it, or the fragments as the device sent them. */
  readonly format: 'MP4' | 'MKV';
  /** In the order in which they are in the object. */
  readonly fragments: Fragment[];
}

/** Beyond 200 fragments or 100 MB, GetClip leaves out the rest and doesn't say so. */
const MOST_FRAGMENTS = 200;

/** Some room is left, since a clip has tables that the fragments have not. */
const MOST_BYTES = 95_000_000;

/**
 * What may be missing between two fragments: the length of one goes to its last frame, and not to its end, so that at one
 * frame a second there is a second between.
 */
export const GAP_TOLERANCE = 1000;

/** AWS takes none that are shorter, so that a shorter length is that of a single frame. */
const SHORTEST = 1000;

/** How far two may overlap that follow each other: sound and picture don't end at the same moment. */
const OVERLAP_TOLERANCE = 500;

/**
 * What of the window becomes one object each, within the limits of GetClip and by the clock of the device.
 *
 * Where fragments overlap, because the clock was set back or something was sent again, GetClip would give one of them and
 * drop the others: they are taken as they were sent, in MKV. A part has no gap within, so that a moment of it is where its
 * time says.
 *
 * @param fragments those of the window, and those before that may reach into it
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_reader_ClipFragmentSelector.html
 */
export function planParts(window: Interval, fragments: readonly Fragment[]): Part[] {
  const parts: Part[] = [];
  let run: Fragment[] = [];
  let format: Part['format'] = 'MP4';
  let end = -Infinity;
  const endRun = () => {
    if (format === 'MKV') run.sort((one, other) => compareNumbers(one.number, other.number));
    for (const piece of pieces(run)) parts.push({ format, fragments: piece });
    run = [];
  };
  for (const cluster of overlapping(fragments)) {
    const wanted = cluster.filter((fragment) => isWithin(fragment, window));
    if (wanted.length === 0) continue;
    const formatOfCluster = cluster.length > 1 ? 'MKV' : 'MP4';
    if (formatOfCluster !== format || wanted[0].producedAt - end > GAP_TOLERANCE) endRun();
    format = formatOfCluster;
    run.push(...wanted);
    end = Math.max(...wanted.map(endOf));
  }
  endRun();
  return parts;
}

/** The fragments in pieces that are within the limits. One that is larger by itself is a piece. */
export function pieces(fragments: readonly Fragment[]): Fragment[][] {
  const all: Fragment[][] = [];
  let bytes = 0;
  for (const fragment of fragments) {
    const piece = all.at(-1);
    if (piece && piece.length < MOST_FRAGMENTS && bytes + fragment.bytes <= MOST_BYTES) {
      piece.push(fragment);
      bytes += fragment.bytes;
    } else {
      all.push([fragment]);
      bytes = fragment.bytes;
    }
  }
  return all;
}

/** What of the window no fragment covers, by the clock of the device. */
export function gapsIn(window: Interval, fragments: readonly Fragment[]): Interval[] {
  const gaps: Interval[] = [];
  let covered = window.from;
  for (const fragment of inTime(fragments)) {
    if (fragment.producedAt - covered > GAP_TOLERANCE) {
      gaps.push({ from: covered, to: Math.min(fragment.producedAt, window.to) });
    }
    covered = Math.max(covered, endOf(fragment));
  }
  if (window.to - covered > GAP_TOLERANCE) gaps.push({ from: covered, to: window.to });
  return gaps;
}

/** Whether some of the fragment is within the window. */
export function isWithin(fragment: Fragment, { from, to }: Interval): boolean {
  return fragment.producedAt < to && (fragment.producedAt >= from || endOf(fragment) > from);
}

export function endOf({ producedAt, milliseconds }: Fragment): number {
  return producedAt + milliseconds;
}

/** In the order of time, those together that overlap. */
function overlapping(fragments: readonly Fragment[]): Fragment[][] {
  const clusters: Fragment[][] = [];
  let end = -Infinity;
  for (const fragment of inTime(fragments)) {
    if (fragment.producedAt < end - OVERLAP_TOLERANCE) clusters.at(-1)!.push(fragment);
    else clusters.push([fragment]);
    end = Math.max(end, fragment.producedAt + Math.max(fragment.milliseconds, SHORTEST));
  }
  return clusters;
}

function inTime(fragments: readonly Fragment[]): Fragment[] {
  return [...fragments].sort(
    (one, other) => one.producedAt - other.producedAt || compareNumbers(one.number, other.number),
  );
}
