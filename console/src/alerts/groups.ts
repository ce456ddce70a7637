/** What a connection may name, and how many connections a console makes. */
export const DEVICES_EACH = 25;
export const MOST_CONNECTIONS = 8;

/** What one request to subscribe may have. */
export const FILTERS_EACH = 8;

/**
 * Spreads devices over connections. Those that have a place keep it, as a change means to connect anew; a device that
 * is no longer wanted leaves a gap.
 *
 * @returns the groups, and the devices for which there was no place
 */
export function group(
  wanted: readonly string[],
  before: readonly (readonly string[])[] = [],
): { groups: readonly (readonly string[])[]; left: readonly string[] } {
  const wants = new Set(wanted);
  const groups = before.map((names) => names.filter((name) => wants.has(name)));
  const placed = new Set(groups.flat());
  const waiting = wanted.filter((name) => !placed.has(name));
  while (waiting.length > 0) {
    const open = groups.find((names) => names.length < DEVICES_EACH);
    if (!open && groups.length === MOST_CONNECTIONS) break;
    const target = open ?? groups[groups.push([]) - 1];
    target.push(...waiting.splice(0, DEVICES_EACH - target.length));
  }
  return { groups, left: waiting };
}

/** The names of the client and the user by which IoT's authorizer knows the viewer. */
export function identify(
  subHash: string,
  authorizer: string,
  names: readonly string[],
  random: string,
): { clientId: string; username: string } {
  return {
    clientId: `viewer:${subHash.slice(0, 32)}:${random}`,
    username: `viewer?x-amz-customauthorizer-name=${authorizer}&devices=${names.join(',')}`,
  };
}

export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
