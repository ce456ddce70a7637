import { COMMANDS, newAsset, newsOf, step, type State } from '../../../lambda/heat-monitor/alarm-model';
import { DAY, HEAT_RULE, HeatRun, HOUR, MINUTE, START, gaussian } from '../../support/heat';

/** A day of what is normal: 20 K above the air, which varies by half a kelvin. */
function learned(rule = HEAT_RULE): HeatRun {
  const noise = gaussian(1);
  return new HeatRun(rule).read(DAY / MINUTE + 1, () => 20 + 0.5 * noise());
}

const steady = (rise: number) => {
  const noise = gaussian(2);
  return () => rise + 0.5 * noise();
};

test('what is normal is learned for as long as it is to be, and then known', () => {
  const run = learned();
  expect(run.states).toEqual(['LEARNING', 'NORMAL']);
  const { mean, deviation } = run.asset.baseline!.commissioned!;
  expect(mean).toBeCloseTo(20, 1);
  expect(deviation).toBeCloseTo(0.5, 1);
});

test('few readings are not enough to learn from, however long it takes', () => {
  const run = new HeatRun({ ...HEAT_RULE, learnFor: 10 * MINUTE });
  expect(run.read(29, () => 20).asset.state).toBe('LEARNING');
  expect(run.read(1, () => 20).asset.state).toBe('NORMAL');
});

test('one reading after a long silence does not outweigh what was learned', () => {
  const run = learned();
  const { mean } = run.asset.baseline!;
  run.now += 30 * DAY;
  run.read(1, () => 23);
  expect(run.asset.baseline!.mean - mean).toBeLessThan(0.1);
});

describe('a step', () => {
  test.each([
    ['large', 33, ['WATCH', 'ALARM'], 'HOTSPOT'],
    ['small', 22, [], undefined],
  ])('that is %s leads to %p', (_what, rise, states, reason) => {
    const run = learned();
    run.states.length = 1;
    run.states[0] = 'NORMAL';
    run.read(60, steady(rise));
    expect(run.states).toEqual(['NORMAL', ...states]);
    expect(run.asset.alarm?.reason).toBe(reason);
  });

  test('is an alarm once it has lasted, and not before', () => {
    const run = learned().read(5, () => 40);
    expect(run.asset.state).toBe('WATCH');
    run.read(1, () => 40);
    expect(run.asset).toMatchObject({
      state: 'ALARM',
      alarm: { reason: 'HOTSPOT', raisedAt: run.now, since: run.now - 5 * MINUTE, celsius: 60, rise: 40 },
    });
    expect(run.asset.alarm!.normalRise).toBeCloseTo(20, 1);
    expect(run.asset.outbox).toEqual([run.asset.alarm]);
  });

  test('of a few readings is none, whatever the time between them', () => {
    const run = learned({ ...HEAT_RULE, alarmAfter: 0 });
    expect(run.read(2, () => 40).asset.state).toBe('WATCH');
    expect(run.read(1, () => 40).asset.state).toBe('ALARM');
  });

  test('that is interrupted begins anew', () => {
    const run = learned();
    for (let times = 0; times < 10; times++) run.read(5, () => 40).read(1, () => 20);
    expect(run.states).not.toContain('ALARM');
  });

  test('of which something was not seen begins anew', () => {
    const run = learned().read(3, () => 40);
    run.now += 16 * MINUTE;
    expect(run.read(1, () => 40).asset).toMatchObject({ state: 'WATCH', hot: { since: run.now, readings: 1 } });
  });

  test('that is only worth watching is a fault when it lasts', () => {
    const run = learned();
    const before = run.asset.baseline!.mean;
    run.read(DAY / MINUTE, steady(27));
    expect(run.asset.state).toBe('WATCH');
    // Nothing is learned of it.
    expect(Math.abs(run.asset.baseline!.mean - before)).toBeLessThan(0.1);
    expect(run.read(2, steady(27)).asset.alarm).toMatchObject({ reason: 'LASTING' });
  });

  test('that is over is normal again', () => {
    const run = learned().read(60, steady(27)).read(14, steady(20));
    expect(run.asset.state).toBe('WATCH');
    expect(run.read(2, steady(20)).asset.state).toBe('NORMAL');
  });
});

test('a slow drift is found, though each day is like the one before', () => {
  const run = learned();
  const noise = gaussian(3);
  // Half a kelvin a day: never near to what a step has to have.
  run.read((14 * DAY) / MINUTE, (minute) => 20 + (0.5 * minute * MINUTE) / DAY + 0.5 * noise());
  expect(run.asset.alarm).toMatchObject({ reason: 'DRIFT' });
  expect(run.asset.alarm!.rise! - 20).toBeLessThan(8);
  expect(run.states).toEqual(['LEARNING', 'NORMAL', 'WATCH', 'ALARM']);
});

test('the limit counts while it is learned what is normal, and is not learned', () => {
  const run = new HeatRun({ ...HEAT_RULE, limit: 90 }).read(60, () => 20).read(6, () => 80);
  expect(run.asset).toMatchObject({ state: 'ALARM', alarm: { reason: 'LIMIT', celsius: 100 } });
  expect(run.asset.baseline!.mean).toBe(20);
});

describe('an alarm', () => {
  const alarming = () => learned().read(10, () => 40);

  test('is acknowledged once, by whoever is first', () => {
    const run = alarming().command('ACKNOWLEDGE', 'first').command('ACKNOWLEDGE', 'second');
    expect(run.asset).toMatchObject({
      state: 'ACKNOWLEDGED',
      alarm: { acknowledgedBy: 'first', acknowledgedAt: run.now },
    });
  });

  test.each([
    ['that nobody acknowledged', (run: HeatRun) => run],
    ['that is acknowledged', (run: HeatRun) => run.command('ACKNOWLEDGE')],
  ])('%s is latched when the heat is gone, and stays until it is reset', (_what, first) => {
    const run = first(alarming()).read(30, steady(20));
    const { alarm } = run.asset;
    expect(run.asset.state).toBe('LATCHED');
    run.read((3 * DAY) / MINUTE, steady(20));
    expect(run.asset).toMatchObject({ state: 'LATCHED', alarm });
    run.command('RESET', 'fitter');
    expect(run.asset.state).toBe('NORMAL');
    expect(run.asset.alarm).toBeUndefined();
    expect(run.asset.lastReset).toEqual({ raisedAt: alarm!.raisedAt, by: 'fitter' });
    expect(run.asset.outbox).toHaveLength(1);
  });

  test('that comes back before it is reset is the same one, with one order', () => {
    const run = alarming()
      .read(30, steady(20))
      .read(10, () => 40);
    expect(run.asset.state).toBe('ALARM');
    expect(run.asset.outbox).toHaveLength(1);
    run
      .command('ACKNOWLEDGE')
      .read(30, steady(20))
      .read(10, () => 40);
    expect(run.asset.state).toBe('ACKNOWLEDGED');
    expect(run.asset.outbox).toHaveLength(1);
  });

  test('that comes after a reset is another one', () => {
    const run = alarming()
      .read(30, steady(20))
      .command('RESET')
      .read(10, () => 40);
    expect(run.asset.outbox.map(({ reason }) => reason)).toEqual(['HOTSPOT', 'HOTSPOT']);
    expect(new Set(run.asset.outbox.map(({ raisedAt }) => raisedAt)).size).toBe(2);
  });

  test('of a drift is over when it is mended, and what was normal at first is normal again', () => {
    const noise = gaussian(3);
    const run = learned().read((14 * DAY) / MINUTE, (minute) => 20 + (0.5 * minute * MINUTE) / DAY + 0.5 * noise());
    run.read(30, steady(20)).command('RESET').read(60, steady(20));
    expect(run.asset.state).toBe('NORMAL');
    expect(run.asset.baseline!.mean).toBeCloseTo(20, 0);
  });

  test('is over, too, when what is now is declared normal', () => {
    const run = alarming().command('ACKNOWLEDGE').command('COMMISSION');
    expect(run.asset).toMatchObject({ state: 'LEARNING', lastReset: { raisedAt: expect.any(Number) } });
    run.read(DAY / MINUTE + 1, steady(40));
    expect(run.asset.state).toBe('NORMAL');
    expect(run.asset.baseline!.mean).toBeCloseTo(40, 0);
  });
});

test.each(Object.entries(COMMANDS) as [State, string[]][])(
  '%s takes %p, and no other command does anything',
  (state, allowed) => {
    const asset = { ...learned().asset, state, alarm: { reason: 'HOTSPOT', raisedAt: START, since: START } as const };
    for (const kind of ['ACKNOWLEDGE', 'RESET', 'COMMISSION'] as const) {
      const after = step(asset, { kind, by: 'somebody', now: START }, HEAT_RULE);
      expect([kind, after !== asset]).toEqual([kind, allowed.includes(kind)]);
    }
  },
);

describe('a sensor that is silent', () => {
  test('has an order once, until it is heard again', () => {
    const run = learned().tick(15);
    expect(run.asset.outbox).toEqual([]);
    const heardAt = run.asset.last!.capturedAt;
    run.tick(60);
    expect(run.asset).toMatchObject({ state: 'NORMAL', silentSince: heardAt });
    expect(run.asset.outbox).toEqual([{ reason: 'SILENT', raisedAt: heardAt + 16 * MINUTE, since: heardAt }]);
    run.read(1, () => 20);
    expect(run.asset.silentSince).toBeUndefined();
    expect(run.tick(16).asset.outbox).toHaveLength(2);
  });

  test('may never have been heard', () => {
    expect(new HeatRun().tick(16).asset).toMatchObject({ state: 'LEARNING', silentSince: START });
  });

  test('keeps its alarm', () => {
    const run = learned()
      .read(10, () => 40)
      .tick((3 * DAY) / MINUTE);
    expect(run.asset).toMatchObject({ state: 'ALARM', silentSince: expect.any(Number) });
  });

  test('is not heard by what it tells of the past', () => {
    const run = learned().tick(60);
    const reading = { capturedAt: run.now - HOUR + MINUTE, celsius: 40, rise: 20 };
    const after = step(run.asset, { kind: 'READING', reading, now: run.now }, HEAT_RULE);
    expect(after.silentSince).toBeDefined();
    expect(after.last).toEqual(reading);
  });
});

test('readings are fresh, late or repeated', () => {
  const reading = (capturedAt: number) => ({ capturedAt, celsius: 40, rise: 20 });
  const asset = { ...newAsset(START), last: reading(START) };
  expect([START, START - 1, START + 1].map((at) => newsOf(reading(at), asset))).toEqual(['repeated', 'late', 'fresh']);
});
