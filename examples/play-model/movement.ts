/** Where somebody stands, in shares of the frame's width and height. */
export interface Position {
  readonly x: number;
  readonly y: number;
}

export interface Moment {
  /** In milliseconds. */
  readonly at: number;
  readonly people: readonly Position[];
}

/** Somebody who was followed from one moment to the next. Velocities are in shares of the frame a second. */
export interface Player extends Position {
  readonly vx: number;
  readonly vy: number;
}

/** Nobody crosses more than that of the frame in a second. */
const FASTEST = 0.6;

/** Follows everybody to whoever stands nearest in the next moment, the nearest pairs first, each to one. */
export function follow(before: Moment, after: Moment): Player[] {
  const seconds = (after.at - before.at) / 1000;
  if (!(seconds > 0)) return [];
  const pairs = before.people.flatMap((from, i) =>
    after.people.map((to, j) => ({ i, j, from, to, distance: Math.hypot(to.x - from.x, to.y - from.y) })),
  );
  const [left, right] = [new Set<number>(), new Set<number>()];
  const players: Player[] = [];
  for (const { i, j, from, to, distance } of pairs.sort((one, other) => one.distance - other.distance)) {
    if (distance > FASTEST * seconds) break;
    if (left.has(i) || right.has(j)) continue;
    left.add(i);
    right.add(j);
    players.push({ ...to, vx: (to.x - from.x) / seconds, vy: (to.y - from.y) / seconds });
  }
  return players;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / (values.length || 1);

const deviation = (values: readonly number[]) => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};

/**
 * What the movement of all looks like, whichever way they play; nothing if nobody could be followed: speed, drift,
 * convergence, widening, length, width and order.
 */
export function featuresOf(moments: readonly Moment[]): number[] | undefined {
  const players = moments.slice(1).flatMap((after, index) => follow(moments[index], after));
  const latest = moments.at(-1)?.people ?? [];
  if (players.length === 0 || latest.length < 2) return undefined;
  const center = { x: mean(players.map(({ x }) => x)), y: mean(players.map(({ y }) => y)) };
  const drift = mean(players.map(({ vx }) => vx));
  const speed = mean(players.map(({ vx, vy }) => Math.hypot(vx, vy)));
  // Towards the middle of all is positive; away from the middle line, too.
  const towards = ({ x, y, vx, vy }: Player) => {
    const [dx, dy] = [center.x - x, center.y - y];
    return (vx * dx + vy * dy) / (Math.hypot(dx, dy) || 1);
  };
  return [
    speed,
    Math.abs(drift),
    mean(players.map(towards)),
    mean(players.map(({ y, vy }) => vy * Math.sign(y - center.y))),
    deviation(latest.map(({ x }) => x)),
    deviation(latest.map(({ y }) => y)),
    // How much of the movement is in one direction.
    speed === 0 ? 0 : Math.hypot(drift, mean(players.map(({ vy }) => vy))) / speed,
  ];
}
