import { newAsset, step, type Asset, type AssetRule, type Command } from '../../lambda/heat-monitor/alarm-model';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const START = Date.parse('2026-11-27T00:00:00.000Z');

/** The defaults of `HeatMonitor`. */
export const HEAT_RULE: AssetRule = {
  learnFor: DAY,
  adaptOver: 2 * DAY,
  watchAbove: 4,
  alarmAbove: 12,
  driftAbove: 5,
  alarmAfter: 5 * MINUTE,
  calmAfter: 15 * MINUTE,
  watchFor: DAY,
  silentAfter: 15 * MINUTE,
};

/** Numbers that look normally distributed, the same for the same seed: mulberry32 and Box-Muller. */
export function gaussian(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 1) / 4_294_967_297;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** An asset with a reading each minute, whose rise is told minute by minute. */
export class HeatRun {
  asset: Asset = newAsset(START);
  now = START;
  readonly states: Asset['state'][] = [];

  constructor(private readonly rule: AssetRule = HEAT_RULE) {}

  /** @param rise of the minute since this call */
  read(minutes: number, rise: (minute: number) => number): this {
    for (let minute = 0; minute < minutes; minute++) {
      this.now += MINUTE;
      const value = rise(minute);
      this.take({
        kind: 'READING',
        reading: { capturedAt: this.now, celsius: value + 20, rise: value },
        now: this.now,
      });
    }
    return this;
  }

  tick(minutes: number): this {
    for (let minute = 0; minute < minutes; minute++) {
      this.now += MINUTE;
      this.take({ kind: 'TICK', now: this.now });
    }
    return this;
  }

  command(kind: Command, by = 'arn:aws:iam::111122223333:role/Maintenance'): this {
    this.take({ kind, by, now: this.now });
    return this;
  }

  private take(input: Parameters<typeof step>[1]): void {
    this.asset = step(this.asset, input, this.rule);
    if (this.asset.state !== this.states.at(-1)) this.states.push(this.asset.state);
  }
}
