/** In degrees. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

/** In meters, east and north of an origin. Over a few kilometers the earth is flat enough. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** That a sensor heard something. */
export interface Arrival extends Point {
  /** In seconds after a moment that all arrivals have in common. */
  readonly time: number;
}

export interface Source extends Point {
  /** When it was, in the time of the arrivals. */
  readonly time: number;
  /** By how much arrivals differ from what they should be, in seconds: the root of the mean square. */
  readonly residual: number;
  /** In this radius in meters it is, in 19 of 20 cases, as far as the clocks are as good as they are said to be. */
  readonly radius: number;
}

const EARTH = 6_371_000;
const RADIANS = Math.PI / 180;

/** Where a position is from an origin, in meters. */
export function project({ latitude, longitude }: Position, origin: Position): Point {
  return {
    x: (longitude - origin.longitude) * RADIANS * EARTH * Math.cos(origin.latitude * RADIANS),
    y: (latitude - origin.latitude) * RADIANS * EARTH,
  };
}

export function unproject({ x, y }: Point, origin: Position): Position {
  return {
    latitude: origin.latitude + y / (RADIANS * EARTH),
    longitude: origin.longitude + x / (RADIANS * EARTH * Math.cos(origin.latitude * RADIANS)),
  };
}

export const distance = (one: Point, other: Point) => Math.hypot(one.x - other.x, one.y - other.y);

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const MAX_STEPS = 60;

/**
 * Where a sound came from and when, by least squares of the times at which it arrived (Levenberg-Marquardt). Three
 * arrivals fit some source exactly, unless they fit none; four or more tell how well they fit.
 *
 * @param arrivals at three places or more
 * @param speed of sound, in meters a second
 * @param jitter how far clocks and the times of arrivals are off, in seconds: the standard deviation
 */
export function locate(arrivals: readonly Arrival[], speed: number, jitter: number): Source | undefined {
  const [x, y] = [mean(arrivals.map((each) => each.x)), mean(arrivals.map((each) => each.y))];
  // There can be two minima: beginning at each sensor and amid them, the better one is found.
  const found = [{ x, y }, ...arrivals].map((from) => descend(arrivals, from, speed));
  const [best] = found.sort((one, other) => one.cost - other.cost);
  if (!best || !Number.isFinite(best.cost)) return undefined;
  const residual = Math.sqrt(best.cost / arrivals.length);
  const freedom = Math.max(1, arrivals.length - 3);
  const deviation = Math.max(jitter, Math.sqrt(best.cost / freedom));
  return { x: best.x, y: best.y, time: best.time, residual, radius: radiusOf(arrivals, best, speed, deviation) };
}

interface Estimate extends Point {
  readonly time: number;
  readonly cost: number;
}

/** The time of a source that fits best is the mean of what each arrival says of it. */
function estimate(arrivals: readonly Arrival[], point: Point, speed: number): Estimate {
  const times = arrivals.map((arrival) => arrival.time - distance(arrival, point) / speed);
  const time = mean(times);
  return { x: point.x, y: point.y, time, cost: times.reduce((sum, each) => sum + (each - time) ** 2, 0) };
}

function descend(arrivals: readonly Arrival[], from: Point, speed: number): Estimate {
  let best = estimate(arrivals, from, speed);
  let damping = 1e-3;
  for (let step = 0; step < MAX_STEPS; step++) {
    const [a, b, c, p, q] = normal(arrivals, best, speed);
    const determinant = a * c * (1 + damping) ** 2 - b * b;
    if (!(Math.abs(determinant) > 1e-30)) return best;
    const x = best.x + (p * c * (1 + damping) - b * q) / determinant;
    const y = best.y + (a * (1 + damping) * q - b * p) / determinant;
    const next = estimate(arrivals, { x, y }, speed);
    if (next.cost < best.cost) {
      const isStill = best.cost - next.cost < 1e-15 * arrivals.length;
      best = next;
      damping = Math.max(1e-9, damping / 10);
      if (isStill) return best;
    } else {
      damping *= 10;
      if (damping > 1e9) return best;
    }
  }
  return best;
}

/** Of the least squares in x and y, once the time is taken out: the matrix (a b; b c), and the right side (p, q). */
function normal(arrivals: readonly Arrival[], at: Estimate, speed: number): [number, number, number, number, number] {
  const rows = arrivals.map((arrival) => {
    const far = Math.max(1e-6, distance(arrival, at));
    const rest = arrival.time - far / speed - at.time;
    return { u: (at.x - arrival.x) / far / speed, v: (at.y - arrival.y) / far / speed, rest };
  });
  const [u, v] = [mean(rows.map((row) => row.u)), mean(rows.map((row) => row.v))];
  return rows.reduce(
    ([a, b, c, p, q], row) => {
      const [du, dv] = [row.u - u, row.v - v];
      return [a + du * du, b + du * dv, c + dv * dv, p + du * row.rest, q + dv * row.rest];
    },
    [0, 0, 0, 0, 0],
  );
}

/** The longer half-axis of the ellipse of errors, in which are 95 percent of a normal distribution in two dimensions. */
function radiusOf(arrivals: readonly Arrival[], at: Estimate, speed: number, deviation: number): number {
  const [a, b, c] = normal(arrivals, at, speed);
  const smallest = (a + c) / 2 - Math.hypot((a - c) / 2, b);
  return smallest > 0 ? Math.sqrt(5.99 / smallest) * deviation : Infinity;
}
