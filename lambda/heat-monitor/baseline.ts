/** How warm an asset was. */
export interface Reading {
  /** In milliseconds since 1970. */
  readonly capturedAt: number;
  /** Of its hottest part, in degrees Celsius. */
  readonly celsius: number;
  /** How much warmer than the air it was, in kelvin; the temperature itself where the air doesn't count. */
  readonly rise: number;
}

/** What is normal and what isn't. Temperatures are in kelvin, times in milliseconds. */
export interface HeatRule {
  /** How long it is learned what is normal … */
  readonly learnFor: number;
  /** … and the time constant by which that follows the seasons afterwards. */
  readonly adaptOver: number;
  /** Warmer than it normally is by more than that is worth watching … */
  readonly watchAbove: number;
  /** … and by more than that is a fault. */
  readonly alarmAbove: number;
  /** What is normal may move by that much from what it was when it was learned. */
  readonly driftAbove: number;
  /** For how long a fault must be seen. */
  readonly alarmAfter: number;
  /** For how long it must be over. */
  readonly calmAfter: number;
  /** What is worth watching for as long is a fault. */
  readonly watchFor: number;
  /** Without a reading for as long, the sensor is silent. */
  readonly silentAfter: number;
}

/** What is normal for an asset: the mean, and how much it varies. */
export interface Baseline {
  readonly startedAt: number;
  readonly readings: number;
  readonly mean: number;
  /** Of the readings that were learned, the sum of squares of what they were off the mean. */
  readonly squares: number;
  readonly learnedAt: number;
  /** What it was when learning ended. How much it varies stays that: what varies ever more is no reason to look away. */
  readonly commissioned?: { readonly mean: number; readonly deviation: number };
}

export type Reason = 'LIMIT' | 'HOTSPOT' | 'DRIFT' | 'LASTING';

export interface Judgement {
  readonly level: 'CALM' | 'WARM' | 'HOT';
  /** Why, if it is hot. */
  readonly reason?: Reason;
  /** How much warmer than normal it is, in kelvin; nothing as long as that isn't known. */
  readonly excess?: number;
  /** Whether it is so far off what is normal that nothing is to be learned of it. */
  readonly isOdd: boolean;
}

/** Fewer say nothing of how much it varies. */
const FEWEST = 30;

/** How many standard deviations make it worth watching, a fault, and a drift: what normally varies more may do so. */
const SIGMAS = { watch: 4, alarm: 6, drift: 2 };

/**
 * Where an asset is between normal and a fault.
 *
 * It has drifted only as long as it is that warm, too: one that is repaired is calm at once.
 */
export function judge(
  { celsius, rise }: Reading,
  baseline: Baseline | undefined,
  rule: HeatRule,
  limit = Infinity,
): Judgement {
  const isOverLimit = celsius > limit;
  const overLimit = { level: 'HOT', reason: 'LIMIT', isOdd: true } as const;
  const { commissioned, mean } = baseline ?? {};
  if (commissioned === undefined || mean === undefined)
    return isOverLimit ? overLimit : { level: 'CALM', isOdd: false };

  const { deviation } = commissioned;
  const excess = rise - mean;
  if (isOverLimit) return { ...overLimit, excess };
  const drift = Math.min(mean, rise) - commissioned.mean;
  const farthest = Math.max(rule.driftAbove, SIGMAS.drift * deviation);
  const isOdd = excess > Math.max(rule.watchAbove, SIGMAS.watch * deviation);
  if (excess > Math.max(rule.alarmAbove, SIGMAS.alarm * deviation)) {
    return { level: 'HOT', reason: 'HOTSPOT', excess, isOdd };
  }
  if (drift > farthest) return { level: 'HOT', reason: 'DRIFT', excess, isOdd };
  return { level: isOdd || drift > farthest / 2 ? 'WARM' : 'CALM', excess, isOdd };
}

/** What is normal after one more reading, which is later than those before. */
export function learn({ capturedAt, rise }: Reading, known: Baseline | undefined, rule: HeatRule): Baseline {
  if (!known) return { startedAt: capturedAt, readings: 1, mean: rise, squares: 0, learnedAt: capturedAt };
  const { startedAt, commissioned } = known;
  // One reading after a long silence is not to outweigh all that was known.
  const passed = Math.min(capturedAt - known.learnedAt, rule.silentAfter);
  const readings = known.readings + 1;
  const weight = commissioned ? 1 - Math.exp(-passed / rule.adaptOver) : 1 / readings;
  const mean = known.mean + weight * (rise - known.mean);
  const after = { startedAt, readings, mean, learnedAt: capturedAt };
  if (commissioned) return { ...after, squares: known.squares, commissioned };

  const squares = known.squares + (rise - known.mean) * (rise - mean);
  const isLearned = readings >= FEWEST && capturedAt - startedAt >= rule.learnFor;
  if (!isLearned) return { ...after, squares };
  return { ...after, squares, commissioned: { mean, deviation: Math.sqrt(squares / (readings - 1)) } };
}

/** What was learned at first is normal again. */
export function restored(baseline: Baseline | undefined): Baseline | undefined {
  return baseline?.commissioned ? { ...baseline, mean: baseline.commissioned.mean } : baseline;
}
