import { createHash } from 'node:crypto';
import type { Position } from '../common/detection-event';

/** A sighting of concern, as far as an alert tells of it. Times are in milliseconds since 1970. */
export interface Concern {
  readonly id: string;
  readonly capturedAt: number;
  readonly label: string;
  readonly confidence: number;
  readonly area?: string;
  readonly position?: Position;
  readonly value?: number;
  /** The key of the picture. */
  readonly snapshot?: string;
}

/** Sightings of one class by one device, none of which is further from the next one than the gap. */
export interface Incident {
  readonly firstAt: number;
  readonly latest: Concern;
  /** Short forms of their ids, in the order in which they came; no more than `MOST_COUNTED`. */
  readonly ids: readonly string[];
  /** What it is told of by, each time that telling is tried. Nothing if nobody is to be told, yet or ever. */
  readonly alertId?: string;
  readonly isTold: boolean;
}

/** Beyond it, a sighting is one of many, and adds nothing to an item of a table but bytes. */
export const MOST_COUNTED = 100;

/**
 * Adds sightings to the incidents that they belong to.
 *
 * They are told apart by when they were seen and not by when they came, so that whatever the order, the batches and the
 * repetitions are in which they come, the incidents in the end are the same.
 *
 * @param gap how far apart in time two sightings of an incident may be, in milliseconds
 */
export function addAll(incidents: readonly Incident[], concerns: readonly Concern[], gap: number): Incident[] {
  return concerns.reduce<Incident[]>((all, concern) => add(all, concern, gap), [...incidents]);
}

function add(incidents: Incident[], concern: Concern, gap: number): Incident[] {
  if (incidents.some(({ ids }) => ids.includes(shortOf(concern.id)))) return incidents;
  const { id, capturedAt } = concern;
  const alone: Incident = { firstAt: capturedAt, latest: concern, ids: [shortOf(id)], isTold: false };
  const isNear = ({ firstAt, latest }: Incident) =>
    capturedAt >= firstAt - gap && capturedAt <= latest.capturedAt + gap;
  const near = incidents.filter(isNear).sort((a, b) => a.firstAt - b.firstAt);
  const others = incidents.filter((incident) => !isNear(incident));
  // One that comes late may be what was missing between two.
  return [...others, near.length === 0 ? alone : [...near, alone].reduce(join)].sort((a, b) => a.firstAt - b.firstAt);
}

function join(one: Incident, other: Incident): Incident {
  const [first, second] = one.firstAt <= other.firstAt ? [one, other] : [other, one];
  return {
    firstAt: first.firstAt,
    latest: isLater(one.latest, other.latest) ? one.latest : other.latest,
    ids: [...one.ids, ...other.ids].slice(0, MOST_COUNTED),
    alertId: first.alertId ?? second.alertId,
    isTold: first.isTold || second.isTold,
  };
}

/** Of two at the same time one has to be the later one, whichever came first. */
function isLater(one: Concern, other: Concern): boolean {
  if (one.capturedAt !== other.capturedAt) return one.capturedAt > other.capturedAt;
  return one.id > other.id;
}

/** Gives those of which somebody is to be told, and in time, what they are told of by. */
export function decide(incidents: readonly Incident[], recordOnlyAfter: number, now: number): Incident[] {
  return incidents.map((incident) => {
    const { latest, alertId, isTold } = incident;
    const isDue = !isTold && now - latest.capturedAt <= recordOnlyAfter;
    return isDue ? { ...incident, alertId: alertId ?? latest.id } : incident;
  });
}

/** Without those that nothing in time can belong to any more. */
export function withoutOld(incidents: readonly Incident[], oldest: number): Incident[] {
  return incidents.filter(({ latest }) => latest.capturedAt >= oldest);
}

/** Ids may be long, and an item is limited. A check sum of 72 bits is enough for those of a device in some days. */
function shortOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url').slice(0, 12);
}
