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
  /** When AWS had it first: the same for each delivery as well. */
  readonly arrivedAt: number;
  readonly capturedAt: number;
  /** Sure enough to say that it is still there, but not that it has come. */
  readonly isFaint: boolean;
}

/** What is remembered of the sightings of a class by a device. */
export interface Encounter {
  /** Those that wait for more of them. */
  readonly unconfirmed: readonly { readonly id: string; readonly capturedAt: number }[];
  /** The newest first. */
  readonly alerts: readonly Raised[];
}

interface Raised {
  readonly id: string;
  /** When the sighting arrived that raised it. */
  readonly arrivedAt: number;
  readonly capturedAt: number;
  /** When the last one arrived that showed the same obstacle. */
  readonly lastSeenAt: number;
}

export interface Judgement {
  readonly verdict: 'raise' | 'suppress' | 'unconfirmed' | 'ignore';
  /** The very one that was given, if there is nothing new to be remembered. */
  readonly encounter: Encounter;
  /** When other sightings would have to arrive to be judged alike, with nothing to be remembered: from, and before. */
  readonly settled?: readonly [from: number, before: number];
}

const NOTHING: Encounter = { unconfirmed: [], alerts: [] };

/** How many alerts are remembered, of how long before the newest: a message that failed may be tried again for so long. */
const REMEMBERED = 10;
const REMEMBERED_FOR = 3_600_000;

/** What is still there is written down once in a second, however many frames show it. */
const SEEN_AGAIN = 1000;

/**
 * Whether a sighting is to raise an alert.
 *
 * How far it is from other alerts is told by when they arrived at AWS. The clock of a device may jump, and would then silence
 * it. That of the function goes on while a message is tried again, which would make a second alert of what had one long ago.
 * What was captured together is told by the clock of the device, whatever delays the messages had.
 */
export function judge(before: Encounter | undefined, sighted: Sighted, rule: Rule): Judgement {
  const encounter = before ?? NOTHING;
  const { alerts } = encounter;
  const { id, arrivedAt } = sighted;
  // It may not have been published; whoever got it twice knows by its id.
  if (alerts.some((alert) => alert.id === id)) return { verdict: 'raise', encounter };

  const present = alerts.find((alert) => isPresent(alert, rule, arrivedAt));
  if (present) {
    const isNews = arrivedAt >= present.lastSeenAt + SEEN_AGAIN;
    const seen = isNews ? { ...present, lastSeenAt: arrivedAt } : present;
    return {
      verdict: 'suppress',
      encounter: isNews ? { ...encounter, alerts: alerts.map((it) => (it === present ? seen : it)) } : encounter,
      settled: [seen.arrivedAt, seen.lastSeenAt + SEEN_AGAIN],
    };
  }
  if (sighted.isFaint) return { verdict: 'ignore', encounter };
  const near = alerts.find((alert) => Math.abs(arrivedAt - alert.arrivedAt) < rule.repeatAfter);
  if (near) {
    // Of what arrived before, it may have to be remembered that it was still there.
    const settled = arrivedAt < near.arrivedAt ? undefined : ([arrivedAt, near.arrivedAt + rule.repeatAfter] as const);
    return { verdict: 'suppress', encounter, settled };
  }
  return rule.confirmation ? confirm(encounter, sighted, rule.confirmation) : raise(encounter, sighted);
}

function isPresent({ arrivedAt, lastSeenAt }: Raised, { clearAfter }: Rule, at: number): boolean {
  return clearAfter !== undefined && at >= arrivedAt - clearAfter && at <= lastSeenAt + clearAfter;
}

function confirm(
  encounter: Encounter,
  sighted: Sighted,
  { sightings, within }: NonNullable<Rule['confirmation']>,
): Judgement {
  const { alerts, unconfirmed } = encounter;
  const { id, capturedAt } = sighted;
  // It comes late, and belongs to what was alerted of.
  const isOld = alerts.some((alert) => capturedAt <= alert.capturedAt && capturedAt >= alert.capturedAt - within);
  if (isOld || unconfirmed.some((other) => other.id === id)) return { verdict: 'unconfirmed', encounter };

  const all = [...unconfirmed, { id, capturedAt }].sort((a, b) => a.capturedAt - b.capturedAt);
  const together = all.filter((other) => Math.abs(other.capturedAt - capturedAt) <= within);
  const first = together.findIndex(
    (start, index) => together[index + sightings - 1]?.capturedAt <= start.capturedAt + within,
  );
  if (first >= 0) return raise(encounter, { ...sighted, capturedAt: together[first + sightings - 1].capturedAt });
  return { verdict: 'unconfirmed', encounter: { ...encounter, unconfirmed: together } };
}

function raise({ alerts }: Encounter, { id, arrivedAt, capturedAt }: Sighted): Judgement {
  const all = [...alerts, { id, arrivedAt, capturedAt, lastSeenAt: arrivedAt }];
  all.sort((a, b) => b.arrivedAt - a.arrivedAt);
  const recent = all.filter((alert) => all[0].arrivedAt - alert.arrivedAt < REMEMBERED_FOR);
  return { verdict: 'raise', encounter: { unconfirmed: [], alerts: recent.slice(0, REMEMBERED) } };
}
