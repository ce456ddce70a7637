import { getPosition } from 'suncalc';
import type { Position } from '../common/detection-event';
import type { ObstacleClass } from '../common/obstacles';
import { isWithin } from '../common/quiet-window';
import { mayBeIn } from './geometry';
import type { Night, WatchSettings } from './settings';

export interface Seen {
  readonly label: string;
  /** In percent. */
  readonly confidence: number;
  readonly position?: Position;
  /** In milliseconds since 1970. */
  readonly capturedAt: number;
}

/** Why something is no one's concern, or whose. */
export type Verdict =
  | { readonly concern: true; readonly class: ObstacleClass; readonly area?: string }
  | { readonly concern: false; readonly reason: 'OTHER_LABEL' | 'UNSURE' | 'BY_DAY' | 'ELSEWHERE' };

/**
 * Whether somebody is where nobody should be at this time: one of the classes, in one of the areas, at night.
 *
 * Of what has no position it isn't known where it is, and it may be here: better an alert too many than one too few.
 */
export function concernOf(
  { label, confidence, position, capturedAt }: Seen,
  classes: readonly ObstacleClass[],
  { areas, night }: Pick<WatchSettings, 'areas' | 'night'>,
): Verdict {
  const named = classes.filter(({ labels }) => labels.some((name) => name.toLowerCase() === label.toLowerCase()));
  if (named.length === 0) return { concern: false, reason: 'OTHER_LABEL' };
  const sure = named.find(({ minimumConfidence }) => confidence >= minimumConfidence);
  if (!sure) return { concern: false, reason: 'UNSURE' };
  if (night && !isNight(night, capturedAt, position)) return { concern: false, reason: 'BY_DAY' };
  if (!position) return { concern: true, class: sure };
  const area = areas.find((candidate) => mayBeIn(candidate, position));
  return area ? { concern: true, class: sure, area: area.name } : { concern: false, reason: 'ELSEWHERE' };
}

export function isNight(night: Night, at: number, seenAt?: Position): boolean {
  if (night.by === 'hours') return isWithin(night, at);
  const { latitude, longitude } = seenAt ?? night;
  return getPosition(new Date(at), latitude, longitude).altitude <= -night.degreesBelow;
}
