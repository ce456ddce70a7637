import fc from 'fast-check';
import { judge, type Encounter, type Judgement, type Rule, type Sighted } from '../../../lambda/common/encounter';

interface Step {
  /** When it arrives, and is handled, unless told. */
  readonly at: number;
  readonly sighted: Partial<Sighted>;
}

/** What becomes of sightings one after the other, each captured when it arrives unless told. */
function play(rule: Rule, steps: readonly Step[]) {
  let encounter: Encounter | undefined;
  return steps.map(({ at, sighted }, index) => {
    const full = { id: `s${index}`, arrivedAt: at, capturedAt: at, isFaint: false, ...sighted };
    const judgement = judge(encounter, full, rule);
    ({ encounter } = judgement);
    return judgement.verdict;
  });
}

const at = (seconds: number, sighted: Partial<Sighted> = {}): Step => ({ at: 1000 * seconds, sighted });
const REPEAT: Rule = { repeatAfter: 60_000 };
const CONFIRM: Rule = { ...REPEAT, confirmation: { sightings: 3, within: 10_000 } };
const CLEAR: Rule = { repeatAfter: 20_000, clearAfter: 10_000 };

test.each<[what: string, rule: Rule, steps: Step[], verdicts: string[]]>([
  ['one after the other', REPEAT, [at(0), at(1), at(59.9), at(60)], ['raise', 'suppress', 'suppress', 'raise']],
  ['the same one again', REPEAT, [at(0, { id: 'a' }), at(30, { id: 'a' })], ['raise', 'raise']],
  ['three, together', CONFIRM, [at(0), at(5), at(10)], ['unconfirmed', 'unconfirmed', 'raise']],
  ['three, too far apart', CONFIRM, [at(0), at(5), at(10.1)], ['unconfirmed', 'unconfirmed', 'unconfirmed']],
  ['the last three of four', CONFIRM, [at(0), at(5), at(11), at(14)], [...Array(3).fill('unconfirmed'), 'raise']],
  [
    'three, of which two are one',
    CONFIRM,
    [at(0), at(1, { id: 's0' }), at(2)],
    ['unconfirmed', 'unconfirmed', 'unconfirmed'],
  ],
  [
    'three that were captured together and came late, the first last',
    CONFIRM,
    [at(100, { capturedAt: 4000 }), at(200, { capturedAt: 9000 }), at(300, { capturedAt: 0 })],
    ['unconfirmed', 'unconfirmed', 'raise'],
  ],
  [
    'what belongs to an alert, and comes after the pause',
    CONFIRM,
    [at(0), at(1), at(2), at(70, { capturedAt: 1500 }), at(70), at(71), at(72)],
    ['unconfirmed', 'unconfirmed', 'raise', 'unconfirmed', 'unconfirmed', 'unconfirmed', 'raise'],
  ],
  [
    'the same right after it: it takes three others',
    { ...CONFIRM, repeatAfter: 1000 },
    [at(0), at(1), at(2), at(3.5, { capturedAt: 1500 }), at(4), at(5), at(6)],
    ['unconfirmed', 'unconfirmed', 'raise', 'unconfirmed', 'unconfirmed', 'unconfirmed', 'raise'],
  ],
  [
    'two that are far apart, and one between them',
    CONFIRM,
    [at(0), at(18), at(19, { capturedAt: 9000 })],
    ['unconfirmed', 'unconfirmed', 'unconfirmed'],
  ],
  [
    'a clock that was set back',
    CONFIRM,
    [at(1000), at(1001), at(1002), ...[1, 2, 3].map((n) => at(1100 + n, { capturedAt: 1000 * n }))],
    ['unconfirmed', 'unconfirmed', 'raise', 'unconfirmed', 'unconfirmed', 'raise'],
  ],
  [
    'in sight all the time',
    CLEAR,
    [0, 8, 16, 24, 32, 40].map((seconds) => at(seconds)),
    ['raise', ...Array(5).fill('suppress')],
  ],
  ['out of sight for long enough', CLEAR, [at(0), at(8), at(20)], ['raise', 'suppress', 'raise']],
  [
    'back within the pause, and still there after it',
    CLEAR,
    [at(0), at(15), at(19), at(21)],
    ['raise', 'suppress', 'suppress', 'raise'],
  ],
  [
    'kept in sight by faint sightings, which raise nothing themselves',
    CLEAR,
    [at(0, { isFaint: true }), at(1), at(9, { isFaint: true }), at(18, { isFaint: true }), at(27), at(40)],
    ['ignore', 'raise', 'suppress', 'suppress', 'suppress', 'raise'],
  ],
  [
    'one that is tried again after the pause, when another of the same obstacle had its alert',
    REPEAT,
    [at(4), at(2), at(3), at(65), at(5)],
    ['raise', 'suppress', 'suppress', 'raise', 'suppress'],
  ],
  [
    'one that is tried again, and was published neither before nor after the next alert',
    REPEAT,
    [at(0, { id: 'a' }), at(60, { id: 'b' }), at(0, { id: 'a' }), at(60, { id: 'b' })],
    ['raise', 'raise', 'raise', 'raise'],
  ],
  ['one of long before that had no alert', REPEAT, [at(100), at(40), at(41)], ['raise', 'raise', 'suppress']],
  [
    'one that shows late that it was there before, and one that was too long before',
    { ...CLEAR, repeatAfter: 5000 },
    [at(30), at(19.9), at(20), at(35), at(45), at(55)],
    ['raise', 'raise', 'suppress', 'suppress', 'suppress', 'suppress'],
  ],
  ['faint ones only, after it is gone', CLEAR, [at(0), at(30, { isFaint: true })], ['raise', 'ignore']],
])('%s', (_what, rule, steps, verdicts) => {
  expect(play(rule, steps)).toEqual(verdicts);
});

test('what is written down of an obstacle in sight is written once in a second', () => {
  let encounter: Encounter | undefined;
  let writes = 0;
  for (let now = 0; now < 10_000; now += 33) {
    const after = judge(encounter, { id: `s${now}`, arrivedAt: now, capturedAt: now, isFaint: false }, CLEAR).encounter;
    if (after !== encounter) writes++;
    encounter = after;
  }
  expect(writes).toBe(10);
});

describe('what is remembered', () => {
  const ALERT = { id: 'a', arrivedAt: 100_000, capturedAt: 99_000, lastSeenAt: 100_000 };
  const RAISED: Encounter = { unconfirmed: [], alerts: [ALERT] };
  const sighted = (id: string, capturedAt: number, arrivedAt: number, isFaint = false): Sighted => ({
    ...{ id, capturedAt, arrivedAt, isFaint },
  });

  const waits = (id: string, capturedAt: number) => ({ id, capturedAt });

  test('of the first sighting is that it raised an alert', () => {
    expect(judge(undefined, sighted('a', 99_000, 100_000), REPEAT)).toEqual({ verdict: 'raise', encounter: RAISED });
  });

  test('stays as it is for what raised it, for what is faint and for what comes too soon', () => {
    for (const [one, expected] of [
      [sighted('a', 99_000, 101_000), { verdict: 'raise' }],
      [sighted('b', 99_000, 101_000, true), { verdict: 'ignore' }],
      [sighted('b', 99_000, 100_000), { verdict: 'suppress', settled: [100_000, 160_000] }],
      [sighted('b', 99_000, 101_000), { verdict: 'suppress', settled: [101_000, 160_000] }],
      [sighted('b', 99_000, 99_999), { verdict: 'suppress' }],
    ] as const) {
      const judgement = judge(RAISED, one, REPEAT);
      expect(judgement).toEqual({ ...expected, encounter: RAISED });
      expect(judgement.encounter).toBe(RAISED);
    }
  });

  test('of what is in sight is when it was seen, once a second, and nothing can change until then', () => {
    const again = judge(RAISED, sighted('b', 0, 100_999), CLEAR);
    expect(again).toEqual({ verdict: 'suppress', encounter: RAISED, settled: [100_000, 101_000] });
    expect(again.encounter).toBe(RAISED);
    for (const isFaint of [false, true]) {
      expect(judge(RAISED, sighted('b', 0, 101_000, isFaint), CLEAR)).toEqual({
        verdict: 'suppress',
        encounter: { unconfirmed: [], alerts: [{ ...ALERT, lastSeenAt: 101_000 }] },
        settled: [100_000, 102_000],
      });
    }
  });

  test('of what is in sight is written down for its own alert, and for no other one', () => {
    const before = { ...ALERT, id: 'b', arrivedAt: 50_000, lastSeenAt: 60_000 };
    const { encounter } = judge({ unconfirmed: [], alerts: [ALERT, before] }, sighted('c', 0, 105_000), CLEAR);
    expect(encounter.alerts).toEqual([{ ...ALERT, lastSeenAt: 105_000 }, before]);
  });

  test('is in sight from the first to the last millisecond', () => {
    const rule = { repeatAfter: 1000, clearAfter: 10_000 };
    expect(judge(RAISED, sighted('b', 0, 89_999), rule).verdict).toBe('raise');
    expect(judge(RAISED, sighted('b', 0, 90_000), rule).verdict).toBe('suppress');
    expect(judge(RAISED, sighted('b', 0, 110_000), rule).verdict).toBe('suppress');
    expect(judge(RAISED, sighted('b', 0, 110_001), rule).verdict).toBe('raise');
  });

  test('of what waits for others are those that are near enough, in the order of their capture', () => {
    const before: Encounter = { unconfirmed: [waits('b', 5000), waits('c', 20_000)], alerts: [] };
    const waiting = (capturedAt: number) =>
      judge(before, sighted('d', capturedAt, 30_000), CONFIRM).encounter.unconfirmed.map(({ id }) => id);
    expect(waiting(10_000)).toEqual(['b', 'd', 'c']);
    expect(waiting(9999)).toEqual(['b', 'd']);
    expect(waiting(15_000)).toEqual(['b', 'd', 'c']);
    expect(waiting(15_001)).toEqual(['d', 'c']);
    const earlier = judge(before, sighted('d', 4000, 30_000), CONFIRM).encounter;
    expect(earlier).toEqual({ unconfirmed: [waits('d', 4000), before.unconfirmed[0]], alerts: [] });
  });

  test('of an alert that waited for others is the last of those that it took', () => {
    const before: Encounter = { unconfirmed: [waits('b', 5000), waits('c', 6000)], alerts: [ALERT] };
    expect(judge(before, sighted('d', 1000, 300_000), CONFIRM).encounter.alerts).toEqual([
      { id: 'd', arrivedAt: 300_000, capturedAt: 6000, lastSeenAt: 300_000 },
      ALERT,
    ]);
  });

  test('is of the last ten alerts', () => {
    const alerts = Array.from({ length: 10 }, (_, index) => ({
      ...ALERT,
      id: `a${index}`,
      arrivedAt: -60_000 * index,
    }));
    const { encounter } = judge({ unconfirmed: [], alerts }, sighted('b', 0, 60_000), REPEAT);
    expect(encounter.alerts.map(({ id }) => id)).toEqual(['b', ...alerts.slice(0, -1).map(({ id }) => id)]);
  });

  test.each([
    [3_599_999, ['b', 'a']],
    [3_600_000, ['b']],
  ])('is of alerts of an hour: after %d ms, of %j', (later, ids) => {
    const arrivedAt = Date.parse('2026-11-24T10:00:00.000Z');
    const alerts = [{ ...ALERT, arrivedAt, lastSeenAt: arrivedAt }];
    const { encounter } = judge({ unconfirmed: [], alerts }, sighted('b', 0, arrivedAt + later), REPEAT);
    expect(encounter.alerts.map(({ id }) => id)).toEqual(ids);
  });

  test('is kept of the alert before while others wait', () => {
    expect(judge(RAISED, sighted('b', 300_000, 300_000), CONFIRM)).toEqual({
      verdict: 'unconfirmed',
      encounter: { unconfirmed: [waits('b', 300_000)], alerts: [ALERT] },
    });
  });

  test.each([
    [99_000, true],
    [89_000, true],
    [99_001, false],
    [88_999, false],
  ])('belongs to the alert if captured with it: at %d %s', (capturedAt, isOld) => {
    const { verdict, encounter } = judge(RAISED, sighted('b', capturedAt, 300_000), CONFIRM);
    expect(verdict).toBe('unconfirmed');
    expect(encounter.unconfirmed).toHaveLength(isOld ? 0 : 1);
    expect(encounter === RAISED).toBe(isOld);
  });

  test('does not change by what comes twice', () => {
    const before: Encounter = { unconfirmed: [waits('b', 5000)], alerts: [] };
    expect(judge(before, sighted('b', 5000, 30_000), CONFIRM).encounter).toBe(before);
  });
});

describe('whatever comes, in whatever order', () => {
  const rules = fc.record({
    repeatAfter: fc.integer({ min: 1000, max: 20_000 }),
    clearAfter: fc.option(fc.integer({ min: 1000, max: 20_000 }), { nil: undefined }),
    confirmation: fc.option(
      fc.record({ sightings: fc.integer({ min: 2, max: 5 }), within: fc.integer({ min: 1000, max: 20_000 }) }),
      { nil: undefined },
    ),
  });
  /** As many as alerts are remembered. */
  const sightings = fc.array(
    fc.record({
      pause: fc.integer({ min: 0, max: 15_000 }),
      delay: fc.integer({ min: 0, max: 30_000 }),
      isFaint: fc.boolean(),
    }),
    { minLength: 1, maxLength: 10 },
  );
  const order = fc.array(fc.nat(), { maxLength: 60 });

  interface Delivered {
    readonly sighted: Sighted;
    readonly verdict: Judgement['verdict'];
  }

  /** What is said of sightings at each of their deliveries. */
  function deliver(rule: Rule, given: { pause: number; delay: number; isFaint: boolean }[], indices: number[]) {
    let encounter: Encounter | undefined;
    let arrivedAt = 1_000_000;
    const all = given.map(({ pause, delay, isFaint }, index): Sighted => {
      arrivedAt += pause;
      return { id: `${index}`, arrivedAt, capturedAt: arrivedAt - delay, isFaint };
    });
    return indices.map((index): Delivered => {
      const sighted = all[index % all.length];
      const judgement = judge(encounter, sighted, rule);
      encounter = judgement.encounter;
      return { sighted, verdict: judgement.verdict };
    });
  }

  /** The alerts, each once, with all that was delivered until then. */
  function alertsOf(delivered: readonly Delivered[]) {
    const isAgain = (index: number) =>
      delivered
        .slice(0, index)
        .some(({ sighted, verdict }) => verdict === 'raise' && sighted === delivered[index].sighted);
    return delivered.flatMap(({ sighted, verdict }, index) =>
      verdict === 'raise' && !isAgain(index) ? [{ sighted, until: delivered.slice(0, index + 1) }] : [],
    );
  }

  test('two alerts are `repeatAfter` apart', () => {
    fc.assert(
      fc.property(rules, sightings, order, (rule, given, indices) => {
        const times = alertsOf(deliver(rule, given, indices)).map(({ sighted }) => sighted.arrivedAt);
        times.sort((a, b) => a - b);
        times.slice(1).forEach((time, index) => expect(time - times[index]).toBeGreaterThanOrEqual(rule.repeatAfter));
      }),
    );
  });

  test('what has raised an alert does so whenever it is tried again', () => {
    fc.assert(
      fc.property(rules, sightings, order, (rule, given, indices) => {
        const raised = new Set<string>();
        for (const { sighted, verdict } of deliver(rule, given, indices)) {
          if (raised.has(sighted.id)) expect(verdict).toBe('raise');
          if (verdict === 'raise') raised.add(sighted.id);
        }
      }),
    );
  });

  test('each that is sure has an alert within `repeatAfter`, if no more of them is asked for', () => {
    fc.assert(
      fc.property(rules, sightings, order, ({ repeatAfter }, given, indices) => {
        const delivered = deliver({ repeatAfter }, given, indices);
        const alerts = alertsOf(delivered);
        for (const { sighted } of delivered.filter((one) => !one.sighted.isFaint)) {
          const distances = alerts.map((alert) => Math.abs(alert.sighted.arrivedAt - sighted.arrivedAt));
          expect(Math.min(...distances)).toBeLessThan(repeatAfter);
        }
      }),
    );
  });

  test('an alert has as many sightings behind it as it needs, captured together', () => {
    fc.assert(
      fc.property(rules, sightings, order, (rule, given, indices) => {
        const { confirmation = { sightings: 1, within: 0 } } = rule;
        for (const { until } of alertsOf(deliver(rule, given, indices))) {
          const sure = new Set(until.map(({ sighted }) => sighted).filter(({ isFaint }) => !isFaint));
          const captures = [...sure].map(({ capturedAt }) => capturedAt);
          const together = captures.map(
            (start) => captures.filter((end) => end >= start && end <= start + confirmation.within).length,
          );
          expect(Math.max(...together)).toBeGreaterThanOrEqual(confirmation.sightings);
        }
      }),
    );
  });

  test('what is remembered stays small', () => {
    const many = fc.array(fc.record({ id: fc.nat(200), delay: fc.nat(30_000), isFaint: fc.boolean() }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(rules, many, fc.boolean(), (rule, given, isAtOnce) => {
        let encounter: Encounter | undefined;
        for (const { id, delay, isFaint } of given) {
          const arrivedAt = isAtOnce ? 0 : 60_000 * id;
          ({ encounter } = judge(encounter, { id: `${id}`, arrivedAt, capturedAt: -delay, isFaint }, rule));
          expect(encounter.unconfirmed.length).toBeLessThanOrEqual(2 * (rule.confirmation?.sightings ?? 0));
          expect(encounter.alerts.length).toBeLessThanOrEqual(10);
          const times = encounter.alerts.map((alert) => alert.arrivedAt);
          if (times.length > 0) expect(Math.max(...times) - Math.min(...times)).toBeLessThan(3_600_000);
        }
      }),
    );
  });

  test('an obstacle that was in sight until then is no other one', () => {
    fc.assert(
      fc.property(rules, sightings, ({ clearAfter = 10_000, ...rule }, given) => {
        const repeatAfter = Math.min(rule.repeatAfter, clearAfter);
        const inOrder = given.map((_, index) => index);
        for (const { until } of alertsOf(deliver({ ...rule, repeatAfter, clearAfter }, given, inOrder)).slice(1)) {
          const { sighted } = until.at(-1)!;
          const lastSeen = until
            .slice(0, -1)
            .reverse()
            .find(({ verdict }) => verdict === 'suppress' || verdict === 'raise')!;
          // To the second, which is how often it is written down.
          expect(sighted.arrivedAt - lastSeen.sighted.arrivedAt).toBeGreaterThan(clearAfter - 1000);
        }
      }),
    );
  });
});
