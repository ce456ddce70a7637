import {
  judge,
  learn,
  restored,
  type Baseline,
  type HeatRule,
  type Judgement,
  type Reading,
  type Reason,
} from './baseline';

/**
 * Where an asset is. It is watched while it is warmer than normal; a fault is an alarm, which somebody acknowledges, which is
 * latched once the heat is gone, and which stays until somebody resets it.
 */
export type State = 'LEARNING' | 'NORMAL' | 'WATCH' | 'ALARM' | 'ACKNOWLEDGED' | 'LATCHED';

export interface Order {
  readonly reason: Reason | 'SILENT';
  /** In milliseconds since 1970, as all times here. */
  readonly raisedAt: number;
  /** Since when it has been so. */
  readonly since: number;
  readonly celsius?: number;
  readonly rise?: number;
  /** The rise that is normal. */
  readonly normalRise?: number;
}

export interface Alarm extends Order {
  readonly acknowledgedAt?: number;
  readonly acknowledgedBy?: string;
}

/** What is remembered of an asset between its inputs. */
export interface Asset {
  readonly state: State;
  readonly since: number;
  readonly baseline?: Baseline;
  readonly last?: Reading;
  /** Timers: since when it has been hot, odd or calm without a break, by the clock of the readings. */
  readonly hot?: { readonly since: number; readonly readings: number };
  readonly oddSince?: number;
  readonly calmSince?: number;
  readonly alarm?: Alarm;
  /** The alarm that was reset last. */
  readonly lastReset?: { readonly raisedAt: number; readonly by: string };
  /** Since when there has been no reading, if that is too long. */
  readonly silentSince?: number;
  /** Orders that nobody has been told of. */
  readonly outbox: readonly Order[];
}

export type Command = 'ACKNOWLEDGE' | 'RESET' | 'COMMISSION';

/** What can happen to an asset. */
export type Input =
  | { readonly kind: 'READING'; readonly reading: Reading; readonly now: number }
  /** Time passes. */
  | { readonly kind: 'TICK'; readonly now: number }
  | { readonly kind: Command; readonly by: string; readonly now: number };

/** What is configured of an asset. */
export interface AssetRule extends HeatRule {
  /** In degrees Celsius, whatever is normal. */
  readonly limit?: number;
}

/** One hot reading may be a reflection, and two of them one that is delivered under two names. */
const FEWEST_HOT = 3;

interface Seen {
  readonly asset: Asset;
  readonly judgement: Judgement;
  readonly at: number;
  readonly rule: AssetRule;
}

interface Transition {
  readonly when: (seen: Seen) => boolean;
  readonly to: State | ((asset: Asset) => State);
  /** Why there is an alarm, if it isn't that of the reading. */
  readonly reason?: Reason;
}

const isHotLong = ({ asset: { hot }, at, rule }: Seen) =>
  hot !== undefined && hot.readings >= FEWEST_HOT && at - hot.since >= rule.alarmAfter;
const isCalmLong = ({ asset: { calmSince }, at, rule }: Seen) =>
  calmSince !== undefined && at - calmSince >= rule.calmAfter;
const isOddLong = ({ asset: { oddSince }, at, rule }: Seen) => oddSince !== undefined && at - oddSince >= rule.watchFor;

/** What a reading does in each state; the first that applies. */
const TRANSITIONS: Record<State, readonly Transition[]> = {
  LEARNING: [
    { when: isHotLong, to: 'ALARM' },
    { when: ({ asset }) => asset.baseline?.commissioned !== undefined, to: 'NORMAL' },
  ],
  NORMAL: [
    { when: isHotLong, to: 'ALARM' },
    { when: ({ judgement }) => judgement.level !== 'CALM', to: 'WATCH' },
  ],
  WATCH: [
    { when: isHotLong, to: 'ALARM' },
    { when: isOddLong, to: 'ALARM', reason: 'LASTING' },
    { when: isCalmLong, to: 'NORMAL' },
  ],
  ALARM: [{ when: isCalmLong, to: 'LATCHED' }],
  ACKNOWLEDGED: [{ when: isCalmLong, to: 'LATCHED' }],
  LATCHED: [{ when: isHotLong, to: ({ alarm }) => (alarm?.acknowledgedAt === undefined ? 'ALARM' : 'ACKNOWLEDGED') }],
};

/** Which commands a state takes. Whoever hasn't acknowledged a fault can't declare it normal, nor reset one that goes on. */
export const COMMANDS: Record<State, readonly Command[]> = {
  LEARNING: ['COMMISSION'],
  NORMAL: ['COMMISSION'],
  WATCH: ['COMMISSION'],
  ALARM: ['ACKNOWLEDGE'],
  ACKNOWLEDGED: ['ACKNOWLEDGE', 'COMMISSION'],
  LATCHED: ['ACKNOWLEDGE', 'RESET', 'COMMISSION'],
};

export function newAsset(now: number): Asset {
  return { state: 'LEARNING', since: now, outbox: [] };
}

/** What a reading is, compared with what is known. */
export function newsOf({ capturedAt }: Reading, { last }: Asset): 'fresh' | 'late' | 'repeated' {
  if (!last || capturedAt > last.capturedAt) return 'fresh';
  return capturedAt === last.capturedAt ? 'repeated' : 'late';
}

/** The asset after an input; the very one that was given if the input changes nothing. */
export function step(asset: Asset, input: Input, rule: AssetRule): Asset {
  switch (input.kind) {
    case 'READING':
      return newsOf(input.reading, asset) === 'fresh' ? read(asset, input.reading, rule, input.now) : asset;
    case 'TICK':
      return tick(asset, rule, input.now);
    default:
      return COMMANDS[asset.state].includes(input.kind) ? command(asset, input) : asset;
  }
}

function read(before: Asset, reading: Reading, rule: AssetRule, now: number): Asset {
  const at = reading.capturedAt;
  const judgement = judge(reading, before.baseline, rule, rule.limit);
  const asset: Asset = {
    ...before,
    ...timers(before, judgement, at, rule),
    last: reading,
    baseline: learned(before, reading, judgement, rule),
  };
  const isHeard = at >= now - rule.silentAfter;
  const heard: Asset = isHeard ? { ...asset, silentSince: undefined } : asset;

  const transition = TRANSITIONS[heard.state].find(({ when }) => when({ asset: heard, judgement, at, rule }));
  if (!transition) return heard;
  const to = typeof transition.to === 'function' ? transition.to(heard) : transition.to;
  return enter(heard, to, at, transition.reason ?? judgement.reason);
}

/** Nothing is learned of what isn't normal, or it would become normal. */
function learned({ state, baseline }: Asset, reading: Reading, { isOdd }: Judgement, rule: HeatRule) {
  const isOpen = state === 'LEARNING' || state === 'NORMAL' || state === 'WATCH';
  return isOpen && !isOdd ? learn(reading, baseline, rule) : baseline;
}

/** Nobody has seen what was in a gap: it counts neither as hot nor as calm. */
function timers(
  { hot, oddSince, calmSince, last }: Asset,
  { level, isOdd }: Judgement,
  at: number,
  { silentAfter }: HeatRule,
): Pick<Asset, 'hot' | 'oddSince' | 'calmSince'> {
  const isGap = last !== undefined && at - last.capturedAt > silentAfter;
  const from = (since: number | undefined) => (isGap ? at : (since ?? at));
  return {
    hot: level === 'HOT' ? { since: from(hot?.since), readings: isGap ? 1 : (hot?.readings ?? 0) + 1 } : undefined,
    oddSince: isOdd ? from(oddSince) : undefined,
    calmSince: level === 'CALM' ? from(calmSince) : undefined,
  };
}

/** What happens when a state is entered. A fault that comes back before it was reset is the same one. */
function enter(asset: Asset, state: State, at: number, reason?: Reason): Asset {
  const entered: Asset = { ...asset, state, since: at };
  if (state === 'NORMAL' || state === 'LEARNING') return { ...entered, alarm: undefined };
  if (state !== 'ALARM' || asset.alarm) return entered;
  const { last, baseline, hot, oddSince } = asset;
  const order: Order = {
    reason: reason ?? 'LASTING',
    raisedAt: at,
    since: (reason === 'LASTING' ? oddSince : hot?.since) ?? at,
    celsius: last?.celsius,
    rise: last?.rise,
    normalRise: baseline?.commissioned && baseline.mean,
  };
  return { ...entered, alarm: order, outbox: [...asset.outbox, order] };
}

function tick(asset: Asset, { silentAfter }: HeatRule, now: number): Asset {
  const heardAt = asset.last?.capturedAt ?? asset.since;
  if (asset.silentSince !== undefined || now - heardAt <= silentAfter) return asset;
  const order: Order = { reason: 'SILENT', raisedAt: now, since: heardAt };
  return { ...asset, silentSince: heardAt, outbox: [...asset.outbox, order] };
}

function command(asset: Asset, { kind, by, now }: Extract<Input, { readonly by: string }>): Asset {
  const { alarm, baseline } = asset;
  if (kind === 'ACKNOWLEDGE') {
    // The first one counts.
    if (!alarm || alarm.acknowledgedAt !== undefined) return asset;
    const acknowledged = { ...asset, alarm: { ...alarm, acknowledgedAt: now, acknowledgedBy: by } };
    return asset.state === 'ALARM' ? enter(acknowledged, 'ACKNOWLEDGED', now) : acknowledged;
  }
  const lastReset = alarm ? { raisedAt: alarm.raisedAt, by } : asset.lastReset;
  const afresh = { ...asset, lastReset, hot: undefined, oddSince: undefined, calmSince: undefined };
  if (kind === 'COMMISSION') return enter({ ...afresh, baseline: undefined }, 'LEARNING', now);
  const normal = restored(baseline);
  return enter({ ...afresh, baseline: normal }, normal?.commissioned ? 'NORMAL' : 'LEARNING', now);
}
