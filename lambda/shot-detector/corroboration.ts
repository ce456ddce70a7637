import { distance, locate, project, unproject, type Arrival, type Position } from './geometry';

/** That a sensor heard what its classifier takes for a shot. */
export interface Hearing extends Position {
  readonly id: string;
  readonly sensor: string;
  /** In milliseconds since 1970, as all times here. */
  readonly heardAt: number;
  /** In percent. */
  readonly confidence: number;
  /** When it was taken in. */
  readonly receivedAt: number;
}

export interface ShotRule {
  /** Fewer sensors are no incident. */
  readonly minimumSensors: number;
  /** How far away a shot is heard, in meters. */
  readonly range: number;
  /** In meters a second. */
  readonly speedOfSound: number;
  /** How far the clocks of sensors are off: the standard deviation. */
  readonly jitter: number;
  /** How long hearings of the same shot may take until they are taken in. */
  readonly settle: number;
}

/** What several sensors have heard. */
export interface Shot {
  /** Of the hearing by which it was heard first; the same whoever looks. */
  readonly id: string;
  readonly occurredAt: number;
  readonly position: Position;
  /** In meters. */
  readonly radius: number;
  readonly method: 'MULTILATERATION' | 'CENTROID';
  /** By how much arrivals differ from what they should be, if there are more than it takes to say where it was. */
  readonly residual?: number;
  readonly hearings: readonly Hearing[];
}

/** What sounds like it, from the same place and soon after, is its echo, or the next round of it. */
const ECHO = 3000;

/** More of them at once are not looked at; the earliest count. */
const MOST = 16;

/** Times are off by more than that in one case of a thousand. */
const SIGMAS = 3.3;

/** How far off an arrival may be, in milliseconds: by the clocks, and by the weather, which changes the speed of sound. */
const slack = ({ jitter }: ShotRule, meters: number, { speedOfSound }: ShotRule) =>
  SIGMAS * jitter + (0.02 * 1000 * meters) / speedOfSound;

/** Whether a hearing is one of a shot that is known: of its direct sound, an echo, or a further round. */
export function belongs(hearing: Hearing, shot: Shot, rule: ShotRule): boolean {
  const meters = distance(project(hearing, shot.position), { x: 0, y: 0 });
  if (meters > rule.range + shot.radius) return false;
  const lag = hearing.heardAt - shot.occurredAt - (1000 * meters) / rule.speedOfSound;
  const inaccuracy = slack(rule, meters, rule) + (1000 * Math.min(shot.radius, rule.range)) / rule.speedOfSound;
  return lag >= -inaccuracy && lag <= ECHO + inaccuracy;
}

/**
 * The shots in what was heard and belongs to none yet: the source that most sensors agree on, then the next one, until too
 * few are left. Sensors that are far from each other, or whose times no source explains, are not of one shot.
 */
export function shotsIn(hearings: readonly Hearing[], rule: ShotRule): Shot[] {
  let left = [...hearings].sort((one, other) => one.heardAt - other.heardAt || (one.id < other.id ? -1 : 1));
  const shots: Shot[] = [];
  for (;;) {
    const shot = best(left, rule);
    if (!shot) return shots;
    shots.push(shot);
    left = left.filter((hearing) => !belongs(hearing, shot, rule) && !shot.hearings.includes(hearing));
  }
}

function best(hearings: readonly Hearing[], rule: ShotRule): Shot | undefined {
  const all = hearings.slice(0, MOST);
  const seeds = rule.minimumSensors < 3 ? [...triples(all), ...pairs(all)] : triples(all);
  const sensors = new Set(all.map(({ sensor }) => sensor)).size;
  let found: Shot | undefined;
  for (const seed of seeds) {
    if (!isPossible(seed, rule)) continue;
    const shot = grown(seed, all, rule);
    if (shot && shot.hearings.length >= rule.minimumSensors && isBetter(shot, found)) found = shot;
    // All agree: none is better.
    if (found?.hearings.length === sensors && sensors > 3) break;
  }
  return found;
}

const isBetter = (one: Shot, other: Shot | undefined) =>
  !other ||
  one.hearings.length > other.hearings.length ||
  (one.hearings.length === other.hearings.length && (one.residual ?? Infinity) < (other.residual ?? Infinity));

/** Whether sound could have come to all of them: no later than it takes from one to the other. */
function isPossible(hearings: readonly Hearing[], rule: ShotRule): boolean {
  return pairs(hearings).every(([one, other]) => {
    const meters = distance(project(one, other), { x: 0, y: 0 });
    const limit = (1000 * meters) / rule.speedOfSound + slack(rule, meters, rule) * Math.SQRT2;
    return one.sensor !== other.sensor && meters <= 2 * rule.range && Math.abs(one.heardAt - other.heardAt) <= limit;
  });
}

/** A source that explains the seed, with all that it explains besides; located anew by all of those. */
function grown(seed: readonly Hearing[], all: readonly Hearing[], rule: ShotRule): Shot | undefined {
  const first = shotOf(seed, rule);
  if (!first || !explains(first, seed, rule)) return undefined;
  const fitting = all.filter((hearing) => !seed.includes(hearing) && explains(first, [hearing], rule));
  const heard = firstOfEach([...seed, ...fitting]);
  const shot = heard.length > seed.length ? shotOf(heard, rule) : first;
  return shot && explains(shot, shot.hearings, rule) ? shot : first;
}

function explains(
  { position, occurredAt, method, radius }: Shot,
  hearings: readonly Hearing[],
  rule: ShotRule,
): boolean {
  return hearings.every((hearing) => {
    const meters = distance(project(hearing, position), { x: 0, y: 0 });
    // Of a mere middle it isn't known how far it is off.
    if (method === 'CENTROID') return meters <= rule.range + radius;
    const off = hearing.heardAt - occurredAt - (1000 * meters) / rule.speedOfSound;
    return meters <= rule.range && Math.abs(off) <= slack(rule, meters, rule);
  });
}

/** By the time of arrival at each sensor, which is that of the direct sound. */
function firstOfEach(hearings: readonly Hearing[]): Hearing[] {
  const bySensor = new Map<string, Hearing>();
  for (const hearing of hearings) {
    const known = bySensor.get(hearing.sensor);
    if (!known || hearing.heardAt < known.heardAt) bySensor.set(hearing.sensor, hearing);
  }
  return [...bySensor.values()].sort((one, other) => one.heardAt - other.heardAt || (one.id < other.id ? -1 : 1));
}

/** Where hearings say that it was. */
export function shotOf(given: readonly Hearing[], rule: ShotRule): Shot | undefined {
  const hearings = firstOfEach(given);
  const [origin] = hearings;
  const arrivals = hearings.map((hearing): Arrival => ({
    ...project(hearing, origin),
    time: (hearing.heardAt - origin.heardAt) / 1000,
  }));
  const source = arrivals.length >= 3 ? locate(arrivals, rule.speedOfSound, rule.jitter / 1000) : undefined;
  if (source && Number.isFinite(source.radius) && source.radius <= rule.range) {
    return {
      id: origin.id,
      occurredAt: origin.heardAt + 1000 * source.time,
      position: unproject(source, origin),
      radius: source.radius,
      method: 'MULTILATERATION',
      ...(arrivals.length > 3 && { residual: 1000 * source.residual }),
      hearings,
    };
  }
  if (arrivals.length > 2) return undefined;
  const middle = {
    x: arrivals.reduce((sum, { x }) => sum + x, 0) / arrivals.length,
    y: arrivals.reduce((sum, { y }) => sum + y, 0) / arrivals.length,
  };
  const nearest = Math.min(...arrivals.map((arrival) => distance(arrival, middle)));
  return {
    id: origin.id,
    occurredAt: origin.heardAt - (1000 * nearest) / rule.speedOfSound,
    position: unproject(middle, origin),
    radius: rule.range,
    method: 'CENTROID',
    hearings,
  };
}

function pairs<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((one, index) => items.slice(index + 1).map((other): [T, T] => [one, other]));
}

function triples<T>(items: readonly T[]): [T, T, T][] {
  return items.flatMap((one, index) =>
    pairs(items.slice(index + 1)).map(([two, three]): [T, T, T] => [one, two, three]),
  );
}
