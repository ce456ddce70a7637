/** Who controls a device. Times are in milliseconds since 1970, by the clock of the function that wrote them. */
export interface Lease {
  /** Higher than that of any lease of the device before: what has a lower one is out of date. */
  readonly token: number;
  readonly pilot: string;
  readonly takenAt: number;
  readonly until: number;
  /** Whether it was taken whoever held it then. */
  readonly isForced: boolean;
  readonly isReleased: boolean;
}

/**
 * By how much the clocks of two functions may differ, in milliseconds.
 *
 * A lease that is over by one clock isn't taken by another before it is over by all of them. Lambda's clocks are
 * synchronized within much less.
 */
export const CLOCK_SKEW = 1000;

/** Who says that they hold a lease. */
export interface Holder {
  readonly pilot: string;
  readonly token: number;
}

export type Verdict =
  | { readonly verdict: 'granted'; readonly lease: Lease }
  | { readonly verdict: 'held'; readonly by: string; readonly until: number }
  /** The pilot held it, but doesn't any more; `by` is who does. */
  | { readonly verdict: 'lost'; readonly by?: string }
  /** The pilot never held it by that token. */
  | { readonly verdict: 'notHolder' };

/** Whether somebody holds it, by the clock that says `now`. */
export function isHeld({ isReleased, until }: Lease, now: number): boolean {
  return !isReleased && now < until;
}

/** A new lease, if nobody else has one. A pilot who asks again, having lost the answer, gets another one. */
export function take(lease: Lease | undefined, pilot: string, now: number, length: number): Verdict {
  if (lease && lease.pilot !== pilot && isHeld(lease, now - CLOCK_SKEW)) {
    return { verdict: 'held', by: lease.pilot, until: lease.until };
  }
  return { verdict: 'granted', lease: next(lease, { pilot, now, length, isForced: false }) };
}

/** A new lease, whoever has one. */
export function force(lease: Lease | undefined, pilot: string, now: number, length: number): Verdict {
  return { verdict: 'granted', lease: next(lease, { pilot, now, length, isForced: true }) };
}

/** The lease until a length from now. One that is over is lost, even if nobody else has taken it: the device has lapsed. */
export function extend(lease: Lease | undefined, holder: Holder, now: number, length: number): Verdict {
  const found = holding(lease, holder, now);
  if (found.verdict !== 'granted') return found;
  return { verdict: 'granted', lease: { ...found.lease, until: Math.max(found.lease.until, now + length) } };
}

/** The end of the lease. It is given back as it is if it is released or over already, so that it may be asked for twice. */
export function release(lease: Lease | undefined, holder: Holder, now: number): Verdict {
  if (lease?.pilot === holder.pilot && lease.token === holder.token) {
    return { verdict: 'granted', lease: isHeld(lease, now) ? { ...lease, isReleased: true } : lease };
  }
  return holding(lease, holder, now);
}

/** The lease as it is, if the pilot holds it by that token. */
export function holding(lease: Lease | undefined, { pilot, token }: Holder, now: number): Verdict {
  const isNobodys = !lease || token > lease.token;
  if (isNobodys || (token === lease.token && pilot !== lease.pilot)) return { verdict: 'notHolder' };
  if (token < lease.token) return { verdict: 'lost', ...(isHeld(lease, now) && { by: lease.pilot }) };
  return isHeld(lease, now) ? { verdict: 'granted', lease } : { verdict: 'lost' };
}

function next(
  lease: Lease | undefined,
  { pilot, now, length, isForced }: { pilot: string; now: number; length: number; isForced: boolean },
): Lease {
  // Whatever was promised to the same pilot stays true, by whichever clock it was promised.
  const promised = lease?.pilot === pilot && !lease.isReleased ? lease.until : 0;
  return {
    // Not below the time in seconds, so that it rises even if the table is lost or restored to what it was.
    token: Math.max((lease?.token ?? 0) + 1, Math.floor(now / 1000)),
    pilot,
    takenAt: now,
    until: Math.max(promised, now + length),
    isForced,
    isReleased: false,
  };
}
