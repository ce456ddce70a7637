/** A gate by which a stream's frames come to be analysed, or not. Times are in milliseconds since 1970. */
export interface Gate {
  readonly openedAt: number;
  readonly openUntil: number;
  /** The day, in UTC, for which it is counted how long the gate was open. */
  readonly day: string;
  readonly spentSeconds: number;
  /** Who is about to open it, and until when nobody else may. */
  readonly claim?: { readonly id: string; readonly until: number };
}

export interface GateLimits {
  /** How long motion opens the gate for. */
  readonly openForSeconds: number;
  /** How long it may be open in a day. */
  readonly streamSecondsPerDay: number;
}

export type Extension =
  | { readonly verdict: 'open'; readonly gate: Gate; readonly costSeconds: number }
  | { readonly verdict: 'already' }
  | { readonly verdict: 'claimed' }
  | { readonly verdict: 'exhausted' };

/** For how long a claim holds: longer than it takes to ask the fleet's budget. */
const CLAIM = 10_000;

export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

/**
 * What motion does to the gate.
 *
 * It isn't extended before half of its time is over, so that motion which goes on costs a few writes a minute.
 */
export function extend(gate: Gate | undefined, id: string, now: number, limits: GateLimits): Extension {
  const openFor = 1000 * limits.openForSeconds;
  const openUntil = gate?.openUntil ?? 0;
  if (isOpenForLong(openUntil, now, limits)) return { verdict: 'already' };
  if (gate?.claim && gate.claim.id !== id && now < gate.claim.until) return { verdict: 'claimed' };

  const day = dayOf(now);
  const spent = gate?.day === day ? gate.spentSeconds : 0;
  const costSeconds = Math.ceil((now + openFor - Math.max(now, openUntil)) / 1000);
  if (spent + costSeconds > limits.streamSecondsPerDay) return { verdict: 'exhausted' };
  const openedAt = gate && openUntil > now ? gate.openedAt : now;
  return {
    verdict: 'open',
    gate: { openedAt, openUntil: now + openFor, day, spentSeconds: spent + costSeconds },
    costSeconds,
  };
}

/** Whether it isn't time yet to extend it. */
export function isOpenForLong(openUntil = 0, now: number, { openForSeconds }: GateLimits): boolean {
  return openUntil - now > 500 * openForSeconds;
}

/** The gate as it is, to be opened by one only. */
export function claimed(gate: Gate | undefined, id: string, now: number): Gate {
  const asItIs = gate ?? { openedAt: 0, openUntil: 0, day: dayOf(now), spentSeconds: 0 };
  return { ...asItIs, claim: { id, until: now + CLAIM } };
}
