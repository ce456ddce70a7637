/** When sightings of a class by a device become an alert. Times are in milliseconds. */
export interface Rule {
  /** How long after an alert there is no other one. */
  readonly repeatAfter: number;
  /** How long an obstacle must be out of sight to be another one. */
  readonly clearAfter?: number;
  /** How many sightings it takes, captured within how long. */
  readonly confirmation?: { readonly sightings: number; readonly within: number };
}

export interface Sighted {
  /** The same for each delivery of the same sighting. */
  readonly id: string;
  readonly capturedAt: number;
  /** Sure enough to say that it is still there, but not that it has come. */
  readonly isFaint: boolean;
}

/** What is remembered of the sightings of a class by a device. */
export interface Encounter {
  /** Those that wait for more of them. */
  readonly unconfirmed: readonly { readonly id: string; readonly capturedAt: number }[];
  readonly alert?: {
    readonly id: string;
    readonly raisedAt: number;
    readonly capturedAt: number;
    readonly lastSeenAt: number;
  };
}

export interface Judgement {
  readonly verdict: 'raise' | 'suppress' | 'unconfirmed' | 'ignore';
  /** The very one that was given, if there is nothing new to be remembered. */
  readonly encounter: Encounter;
  /** Until when each other sighting would be judged alike, with nothing to be remembered. */
  readonly settledUntil?: number;
}

const NOTHING: Encounter = { unconfirmed: [] };

/** What is still there is written down once in a second, however many frames show it. */
const SEEN_AGAIN = 1000;

/**
 * Whether a sighting is to raise an alert.
 *
 * How long ago an alert was is told by the clock of the function: that of a device may jump, and would then silence it.
 * What was captured together is told by the clock of the device, whatever delays the messages had.
 */
export function judge(before: Encounter | undefined, sighted: Sighted, rule: Rule, now: number): Judgement {
  const encounter = before ?? NOTHING;
  const { alert } = encounter;
  // It may not have been published; whoever got it twice knows by its id.
  if (alert?.id === sighted.id) return { verdict: 'raise', encounter };

  if (alert && isPresent(alert, rule, now)) {
    if (now < alert.lastSeenAt + SEEN_AGAIN) {
      return { verdict: 'suppress', encounter, settledUntil: alert.lastSeenAt + SEEN_AGAIN };
    }
    return {
      verdict: 'suppress',
      encounter: { ...encounter, alert: { ...alert, lastSeenAt: now } },
      settledUntil: now + SEEN_AGAIN,
    };
  }
  if (sighted.isFaint) return { verdict: 'ignore', encounter };
  if (alert && now < alert.raisedAt + rule.repeatAfter) {
    return { verdict: 'suppress', encounter, settledUntil: alert.raisedAt + rule.repeatAfter };
  }
  return rule.confirmation ? confirm(encounter, sighted, rule.confirmation, now) : raise(sighted, now);
}

function isPresent({ lastSeenAt }: NonNullable<Encounter['alert']>, { clearAfter }: Rule, now: number): boolean {
  return clearAfter !== undefined && now <= lastSeenAt + clearAfter;
}

function confirm(
  encounter: Encounter,
  sighted: Sighted,
  { sightings, within }: NonNullable<Rule['confirmation']>,
  now: number,
): Judgement {
  const { alert, unconfirmed } = encounter;
  const { id, capturedAt } = sighted;
  // It comes late, and belongs to what was alerted of.
  const isOld = alert && capturedAt <= alert.capturedAt && capturedAt >= alert.capturedAt - within;
  if (isOld || unconfirmed.some((other) => other.id === id)) return { verdict: 'unconfirmed', encounter };

  const all = [...unconfirmed, { id, capturedAt }].sort((a, b) => a.capturedAt - b.capturedAt);
  const together = all.filter((other) => Math.abs(other.capturedAt - capturedAt) <= within);
  const first = together.findIndex(
    (start, index) => together[index + sightings - 1]?.capturedAt <= start.capturedAt + within,
  );
  if (first >= 0) return raise({ ...sighted, capturedAt: together[first + sightings - 1].capturedAt }, now);
  return { verdict: 'unconfirmed', encounter: { ...encounter, unconfirmed: together } };
}

function raise({ id, capturedAt }: Sighted, now: number): Judgement {
  return {
    verdict: 'raise',
    encounter: { unconfirmed: [], alert: { id, raisedAt: now, capturedAt, lastSeenAt: now } },
  };
}
