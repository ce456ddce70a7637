/** How many people wait at a register. */
export interface Count {
  readonly register: string;
  readonly waiting: number;
  /** Whether somebody serves there. Nothing if whoever counts can't say. */
  readonly open?: boolean;
  /** In milliseconds since 1970. */
  readonly capturedAt: number;
}

/** When to open or close a register. Times are in milliseconds. */
export interface StaffingRule {
  /** All of them: without a fresh count of each, nothing is known. */
  readonly registers: readonly string[];
  /** More people than that wait for each open register … */
  readonly openAbove: number;
  /** … for as long: open another one. */
  readonly openAfter: number;
  /** Fewer people than that, which is less than `openAbove` … */
  readonly closeBelow: number;
  /** … for as long: close one. */
  readonly closeAfter: number;
  /** A count that is older says nothing of how it is now. */
  readonly staleAfter: number;
}

export type Change = 'OPEN' | 'CLOSE';

export interface Decision {
  readonly change: Change;
  readonly decidedAt: number;
  /** Since when there have been too many people, or too few, without a break. */
  readonly since: number;
  readonly waiting: number;
  readonly openRegisters: number;
  readonly isTold: boolean;
}

/** What is remembered between counts. */
export interface Line {
  /** The latest of each register. */
  readonly counts: Readonly<Record<string, Omit<Count, 'register'>>>;
  /** What would be done if it went on, and since when. */
  readonly leaning?: { readonly change: Change; readonly since: number };
  /** The last one. */
  readonly decision?: Decision;
}

export interface Pressure {
  readonly waiting: number;
  readonly openRegisters: number;
  readonly perOpenRegister: number;
  readonly isAllOpen: boolean;
}

export const NO_LINE: Line = { counts: {} };

/** What a count is, compared with what is known: old ones are part of the past, but don't tell how it is now. */
export function newsOf(
  { register, capturedAt }: Count,
  line: Line,
  { staleAfter }: StaffingRule,
  now: number,
): 'fresh' | 'late' | 'repeated' {
  const known = latest(line.counts, register)?.capturedAt ?? -Infinity;
  if (known === capturedAt) return 'repeated';
  return capturedAt >= now - staleAfter && capturedAt > known ? 'fresh' : 'late';
}

/**
 * What is known after some counts; the very line that was given if they tell nothing new.
 *
 * There is at most one decision in the time for which people must have waited: after one, that time begins anew. It begins
 * anew, too, when nothing was known in between: a camera that is missing isn't an empty line, and neither a full one.
 */
export function take(line: Line, counts: readonly Count[], rule: StaffingRule, now: number): Line {
  const fresh = counts.filter(
    (count) => rule.registers.includes(count.register) && newsOf(count, line, rule, now) === 'fresh',
  );
  if (fresh.length === 0) return line;

  const before = pressureOf(line, rule, now) && line.leaning;
  const after: Line = { counts: merged(line, fresh, rule), ...(line.decision && { decision: line.decision }) };
  const pressure = pressureOf(after, rule, now);
  const change = pressure && changeFor(pressure, rule);
  if (!change) return after;

  const since = before?.change === change ? before.since : now;
  if (now - since < (change === 'OPEN' ? rule.openAfter : rule.closeAfter))
    return { ...after, leaning: { change, since } };
  const { waiting, openRegisters } = pressure;
  return {
    ...after,
    leaning: { change, since: now },
    decision: { change, decidedAt: now, since, waiting, openRegisters, isTold: false },
  };
}

/** How many people wait now for each open register, or nothing if that isn't known of each register. */
export function pressureOf(line: Line, rule: StaffingRule, now: number): Pressure | undefined {
  if (missing(line, rule, now).length > 0) return undefined;
  const known = rule.registers.flatMap((register) => latest(line.counts, register) ?? []);
  const waiting = known.reduce((sum, count) => sum + count.waiting, 0);
  const openRegisters = known.filter(({ open }) => open !== false).length;
  return {
    waiting,
    openRegisters,
    // Where none is open, people wait for the one that is to be opened.
    perOpenRegister: waiting / Math.max(1, openRegisters),
    isAllOpen: known.every(({ open }) => open === true),
  };
}

/** The registers of which there is no count that says how it is now. */
export function missing({ counts }: Line, { registers, staleAfter }: StaffingRule, now: number): string[] {
  return registers.filter((register) => (latest(counts, register)?.capturedAt ?? -Infinity) < now - staleAfter);
}

function merged({ counts }: Line, fresh: readonly Count[], { registers }: StaffingRule): Line['counts'] {
  // What was a register of an earlier configuration is none any more.
  const all = registers.flatMap((register) => {
    const known = latest(counts, register);
    const own = fresh.filter((count) => count.register === register).map(({ register: _, ...count }) => count);
    const [newest] = [...(known ? [known] : []), ...own].sort((one, other) => other.capturedAt - one.capturedAt);
    return newest ? [[register, newest] as const] : [];
  });
  return Object.fromEntries(all);
}

/** A register may have the name of what each object has. */
function latest(counts: Line['counts'], register: string): Line['counts'][string] | undefined {
  return Object.hasOwn(counts, register) ? counts[register] : undefined;
}

function changeFor(pressure: Pressure, { openAbove, closeBelow }: StaffingRule): Change | undefined {
  const { waiting, openRegisters, perOpenRegister, isAllOpen } = pressure;
  if (perOpenRegister > openAbove) return isAllOpen ? undefined : 'OPEN';
  if (perOpenRegister >= closeBelow || openRegisters < 2) return undefined;
  // Closing one mustn't be the reason to open it again.
  return waiting / (openRegisters - 1) > openAbove ? undefined : 'CLOSE';
}
