import fc from 'fast-check';
import {
  COMMANDS,
  newAsset,
  step,
  type Asset,
  type AssetRule,
  type Input,
} from '../../../lambda/heat-monitor/alarm-model';
import { DAY, gaussian, HEAT_RULE, HeatRun, MINUTE, START } from '../../support/heat';

/** Evenly, unlike `fc.double`. */
const between = (min: number, max: number) => fc.nat(1000).map((share) => min + ((max - min) * share) / 1000);

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const deviations = between(0.05, 3);

/** It is learned of an hour here, so that there can be many runs. */
const QUICK: AssetRule = { ...HEAT_RULE, learnFor: 60 * MINUTE };

function learned(seed: number, deviation: number, rule = QUICK): { run: HeatRun; noise: () => number } {
  const gauss = gaussian(seed);
  const noise = () => deviation * gauss();
  return { run: new HeatRun(rule).read(61, () => 20 + noise()), noise };
}

test('noise alone is no alarm: none in 300 days of readings each minute', () => {
  let readings = 0;
  fc.assert(
    fc.property(seeds, deviations, (seed, deviation) => {
      const { run, noise } = learned(seed, deviation);
      run.read((2 * DAY) / MINUTE, () => 20 + noise());
      readings += (2 * DAY) / MINUTE;
      expect(run.states).not.toContain('ALARM');
    }),
    { numRuns: 150, seed: 5 },
  );
  expect(readings * MINUTE).toBe(300 * DAY);
});

test('a rhythm of the day that was learned is no alarm, whatever it is', () => {
  fc.assert(
    fc.property(seeds, deviations, between(0, 3), (seed, deviation, swing) => {
      const gauss = gaussian(seed);
      const rise = (minute: number) => 20 + swing * Math.sin((2 * Math.PI * minute) / 1440) + deviation * gauss();
      const run = new HeatRun().read((5 * DAY) / MINUTE, rise);
      expect(run.states).not.toContain('ALARM');
    }),
    { numRuns: 30, seed: 6 },
  );
});

test('a step of more than the limits is an alarm in its time, however much it varies', () => {
  fc.assert(
    fc.property(seeds, deviations, between(1, 100), (seed, deviation, more) => {
      const { run, noise } = learned(seed, deviation);
      const { mean, deviation: known } = run.asset.baseline!.commissioned!;
      const needed = Math.max(QUICK.alarmAbove, 6 * known);
      // Five deviations on top: that no reading of it falls below what is needed.
      const rise = mean + needed + more + 5 * deviation;
      run.read(6, () => rise + Math.max(-5 * deviation, noise()));
      expect(run.asset.alarm).toMatchObject({ reason: 'HOTSPOT', raisedAt: run.now });
    }),
  );
});

test('a drift is an alarm before it is twice what it may be', () => {
  fc.assert(
    fc.property(seeds, between(0.3, 20), (seed, kelvinPerDay) => {
      const { run, noise } = learned(seed, 0.3);
      const days = (2 * HEAT_RULE.alarmAbove) / kelvinPerDay;
      let rise = 20;
      for (let day = 0; day < days && !run.asset.alarm; day++) {
        const from = rise;
        run.read(1440, (minute) => {
          rise = from + (kelvinPerDay * minute) / 1440;
          return rise + noise();
        });
      }
      expect(run.asset.alarm).toBeDefined();
      expect(run.asset.alarm!.rise! - 20).toBeLessThan(HEAT_RULE.alarmAbove + HEAT_RULE.driftAbove);
    }),
    { numRuns: 40 },
  );
});

/** Anything that can happen, in any order. */
const inputs = fc.array(
  fc.record({
    after: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 5 * MINUTE }) },
      fc.integer({ min: 0, max: 20 * MINUTE }),
    ),
    age: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 60 * MINUTE })),
    rise: fc.oneof({ weight: 3, arbitrary: between(19, 21) }, between(0, 90)),
    kind: fc.oneof(
      { weight: 12, arbitrary: fc.constant('READING' as const) },
      { weight: 2, arbitrary: fc.constant('TICK' as const) },
      { weight: 1, arbitrary: fc.constantFrom('ACKNOWLEDGE', 'RESET', 'COMMISSION') },
    ),
    /** Readings come in runs, or nothing would last. */
    times: fc.integer({ min: 1, max: 12 }),
  }),
  { maxLength: 60, size: 'max' },
);

const BUSY: AssetRule = {
  ...HEAT_RULE,
  learnFor: 10 * MINUTE,
  alarmAfter: 2 * MINUTE,
  calmAfter: 3 * MINUTE,
  limit: 100,
};

type Raw = typeof inputs extends fc.Arbitrary<infer T> ? T : never;

function timed(raw: Raw): Input[] {
  let now = START;
  return raw.flatMap(({ after, age, rise, kind, times }) =>
    Array.from({ length: kind === 'READING' ? times : 1 }, (_each, index): Input => {
      now += index === 0 ? after : MINUTE;
      if (kind === 'READING') return { kind, now, reading: { capturedAt: now - age, rise, celsius: rise + 20 } };
      return kind === 'TICK' ? { kind, now } : { kind: kind as 'RESET', now, by: 'somebody' };
    }),
  );
}

/** An asset that was normal for half an hour. */
const LEARNED = Array.from({ length: 31 }, (_each, index): Input => {
  const capturedAt = START - (31 - index) * MINUTE;
  return { kind: 'READING', now: capturedAt, reading: { capturedAt, rise: 20 + (index % 2), celsius: 40 } };
}).reduce((asset, input) => step(asset, input, BUSY), newAsset(START));

/** All that an asset was, after each input. */
function run(all: Input[]): Asset[] {
  const assets = [LEARNED];
  // As from the table, so that nothing can be remembered elsewhere.
  for (const input of all) assets.push(step(JSON.parse(JSON.stringify(assets.at(-1))), input, BUSY));
  return assets;
}

test('an alarm is there until somebody resets it or declares what is now normal', () => {
  let alarms = 0;
  fc.assert(
    fc.property(inputs, (raw) => {
      const all = timed(raw);
      const assets = run(all);
      const wrong = all.filter((input, index) => {
        const [before, after] = [assets[index], assets[index + 1]];
        if (!before.alarm) return false;
        alarms++;
        const isOver =
          (input.kind === 'RESET' || input.kind === 'COMMISSION') && COMMANDS[before.state].includes(input.kind);
        return after.alarm?.raisedAt !== (isOver ? undefined : before.alarm.raisedAt);
      });
      expect(wrong).toEqual([]);
    }),
    { numRuns: 300 },
  );
  // Or nothing was looked at.
  expect(alarms).toBeGreaterThan(1000);
});

test('each alarm has one order, and an order that no two have', () => {
  let orders = 0;
  fc.assert(
    fc.property(inputs, (raw) => {
      const assets = run(timed(raw));
      const raised = assets.flatMap(({ alarm }, index) => (alarm && !assets[index - 1]?.alarm ? [alarm.raisedAt] : []));
      const { outbox } = assets.at(-1)!;
      const given = outbox.filter(({ reason }) => reason !== 'SILENT').map(({ raisedAt }) => raisedAt);
      expect(given).toEqual(raised);
      expect(new Set(outbox.map(({ raisedAt, reason }) => `${raisedAt} ${reason}`)).size).toBe(outbox.length);
      orders += given.length;
    }),
    { numRuns: 300 },
  );
  expect(orders).toBeGreaterThan(100);
});

test('what has an alarm and what state it has are the same', () => {
  fc.assert(
    fc.property(inputs, (raw) => {
      const wrong = run(timed(raw)).filter(({ state, alarm }) => {
        if (!['ALARM', 'ACKNOWLEDGED', 'LATCHED'].includes(state)) return alarm;
        return !alarm || (state !== 'LATCHED' && (state === 'ACKNOWLEDGED') !== (alarm.acknowledgedAt !== undefined));
      });
      expect(wrong).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('readings that come twice, or again after what came later, change nothing', () => {
  fc.assert(
    fc.property(inputs, fc.infiniteStream(fc.nat(6)), (raw, back) => {
      const all = timed(raw);
      const again = all.flatMap((input, index) => {
        const earlier = all[Math.max(0, index - back.next().value!)];
        return [input, ...[input, earlier].filter(({ kind }) => kind === 'READING')];
      });
      expect(run(again).at(-1)).toEqual(run(all).at(-1));
    }),
    { numRuns: 300 },
  );
});
