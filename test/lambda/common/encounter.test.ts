import fc from 'fast-check';
import { judge, type Encounter, type Rule, type Sighted } from '../../../lambda/common/encounter';

interface Step {
  readonly at: number;
  readonly sighted: Partial<Sighted>;
}

/** What becomes of sightings one after the other, each captured when it comes unless told. */
function play(rule: Rule, steps: readonly Step[]) {
  let encounter: Encounter | undefined;
  return steps.map(({ at, sighted }, index) => {
    const full = { id: `s${index}`, capturedAt: at, isFaint: false, ...sighted };
    const judgement = judge(encounter, full, rule, at);
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
  ['faint ones only, after it is gone', CLEAR, [at(0), at(30, { isFaint: true })], ['raise', 'ignore']],
])('%s', (_what, rule, steps, verdicts) => {
  expect(play(rule, steps)).toEqual(verdicts);
});

test('what is written down of an obstacle in sight is written once in a second', () => {
  let encounter: Encounter | undefined;
  let writes = 0;
  for (let now = 0; now < 10_000; now += 33) {
    const after = judge(encounter, { id: `s${now}`, capturedAt: now, isFaint: false }, CLEAR, now).encounter;
    if (after !== encounter) writes++;
    encounter = after;
  }
  expect(writes).toBe(10);
});

describe('what is remembered', () => {
  const ALERT = { id: 'a', raisedAt: 100_000, capturedAt: 99_000, lastSeenAt: 100_000 };
  const RAISED: Encounter = { unconfirmed: [], alert: ALERT };
  const sighted = (id: string, capturedAt: number, isFaint = false): Sighted => ({ id, capturedAt, isFaint });

  test('of the first sighting is that it raised an alert', () => {
    expect(judge(undefined, sighted('a', 99_000), REPEAT, 100_000)).toEqual({ verdict: 'raise', encounter: RAISED });
  });

  test('stays as it is for what raised it, for what is faint and for what comes too soon', () => {
    for (const [one, expected] of [
      [sighted('a', 99_000), { verdict: 'raise' }],
      [sighted('b', 99_000, true), { verdict: 'ignore' }],
      [sighted('b', 99_000), { verdict: 'suppress', settledUntil: 160_000 }],
    ] as const) {
      const judgement = judge(RAISED, one, REPEAT, 101_000);
      expect(judgement).toEqual({ ...expected, encounter: RAISED });
      expect(judgement.encounter).toBe(RAISED);
    }
  });

  test('of what is in sight is when it was seen, once a second, and nothing can change until then', () => {
    const again = judge(RAISED, sighted('b', 0), CLEAR, 100_999);
    expect(again).toEqual({ verdict: 'suppress', encounter: RAISED, settledUntil: 101_000 });
    expect(again.encounter).toBe(RAISED);
    for (const isFaint of [false, true]) {
      expect(judge(RAISED, sighted('b', 0, isFaint), CLEAR, 101_000)).toEqual({
        verdict: 'suppress',
        encounter: { unconfirmed: [], alert: { ...ALERT, lastSeenAt: 101_000 } },
        settledUntil: 102_000,
      });
    }
  });

  test('is in sight up to the last millisecond', () => {
    const rule = { repeatAfter: 1000, clearAfter: 10_000 };
    expect(judge(RAISED, sighted('b', 0), rule, 110_000).verdict).toBe('suppress');
    expect(judge(RAISED, sighted('b', 0), rule, 110_001).verdict).toBe('raise');
  });

  test('of what waits for others are those that are near enough, in the order of their capture', () => {
    const before: Encounter = { unconfirmed: [sighted('b', 5000), sighted('c', 20_000)] };
    const waiting = (capturedAt: number) =>
      judge(before, sighted('d', capturedAt), CONFIRM, 30_000).encounter.unconfirmed.map(({ id }) => id);
    expect(waiting(10_000)).toEqual(['b', 'd', 'c']);
    expect(waiting(9999)).toEqual(['b', 'd']);
    expect(waiting(15_000)).toEqual(['b', 'd', 'c']);
    expect(waiting(15_001)).toEqual(['d', 'c']);
    const earlier = judge(before, sighted('d', 4000), CONFIRM, 30_000).encounter;
    expect(earlier).toEqual({ unconfirmed: [{ id: 'd', capturedAt: 4000 }, before.unconfirmed[0]] });
  });

  test('of an alert that waited for others is the last of those that it took', () => {
    const before: Encounter = { unconfirmed: [sighted('b', 5000), sighted('c', 6000)], alert: ALERT };
    expect(judge(before, sighted('d', 1000), CONFIRM, 300_000).encounter.alert).toEqual({
      id: 'd',
      raisedAt: 300_000,
      capturedAt: 6000,
      lastSeenAt: 300_000,
    });
  });

  test('is kept of the alert before while others wait', () => {
    expect(judge(RAISED, sighted('b', 300_000), CONFIRM, 300_000)).toEqual({
      verdict: 'unconfirmed',
      encounter: { unconfirmed: [{ id: 'b', capturedAt: 300_000 }], alert: ALERT },
    });
  });

  test.each([
    [99_000, true],
    [89_000, true],
    [99_001, false],
    [88_999, false],
  ])('belongs to the alert if captured with it: at %d %s', (capturedAt, isOld) => {
    const { verdict, encounter } = judge(RAISED, sighted('b', capturedAt), CONFIRM, 300_000);
    expect(verdict).toBe('unconfirmed');
    expect(encounter.unconfirmed).toHaveLength(isOld ? 0 : 1);
    expect(encounter === RAISED).toBe(isOld);
  });

  test('does not change by what comes twice', () => {
    const before: Encounter = { unconfirmed: [sighted('b', 5000)] };
    expect(judge(before, sighted('b', 5000), CONFIRM, 30_000).encounter).toBe(before);
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
  const deliveries = fc.array(
    fc.record({
      id: fc.integer({ min: 0, max: 15 }),
      pause: fc.integer({ min: 0, max: 15_000 }),
      delay: fc.integer({ min: 0, max: 30_000 }),
      isFaint: fc.boolean(),
    }),
    { maxLength: 60 },
  );

  /** The alerts, each once, with when it was raised and all sightings until then. */
  function alerts(rule: Rule, given: { id: number; pause: number; delay: number; isFaint: boolean }[]) {
    let encounter: Encounter | undefined;
    let now = 1_000_000;
    const captured = new Map<number, { capturedAt: number; isFaint: boolean }>();
    const raised: { id: string; at: number; captures: number[]; lastSeen: number }[] = [];
    let lastSeen = -Infinity;
    for (const { id, pause, delay, isFaint } of given) {
      now += pause;
      // A sighting that is delivered twice is the same both times.
      if (!captured.has(id)) captured.set(id, { capturedAt: now - delay, isFaint });
      const sighted = { id: `${id}`, ...captured.get(id)! };
      const judgement = judge(encounter, sighted, rule, now);
      encounter = judgement.encounter;
      const isAgain = raised.at(-1)?.id === sighted.id;
      if (judgement.verdict === 'raise' && !isAgain) {
        const captures = [...captured.values()].filter((one) => !one.isFaint).map((one) => one.capturedAt);
        raised.push({ id: sighted.id, at: now, captures, lastSeen });
      }
      if (judgement.verdict === 'suppress' || (judgement.verdict === 'raise' && !isAgain)) lastSeen = now;
    }
    return raised;
  }

  test('two alerts are `repeatAfter` apart', () => {
    fc.assert(
      fc.property(rules, deliveries, (rule, given) => {
        const times = alerts(rule, given).map((alert) => alert.at);
        times.slice(1).forEach((time, index) => expect(time - times[index]).toBeGreaterThanOrEqual(rule.repeatAfter));
      }),
    );
  });

  test('an alert has as many sightings behind it as it needs, captured together', () => {
    fc.assert(
      fc.property(rules, deliveries, (rule, given) => {
        const { confirmation: { sightings, within } = { sightings: 1, within: 0 } } = rule;
        for (const { captures } of alerts(rule, given)) {
          const most = captures.map((start) => captures.filter((end) => end >= start && end <= start + within).length);
          expect(Math.max(...most)).toBeGreaterThanOrEqual(sightings);
        }
      }),
    );
  });

  test('what is remembered stays small', () => {
    fc.assert(
      fc.property(rules, deliveries, (rule, given) => {
        let encounter: Encounter | undefined;
        for (const { id, delay, isFaint } of given) {
          ({ encounter } = judge(encounter, { id: `${id}`, capturedAt: -delay, isFaint }, rule, 0));
          expect(encounter.unconfirmed.length).toBeLessThanOrEqual(2 * (rule.confirmation?.sightings ?? 0));
        }
      }),
    );
  });

  test('an obstacle that was in sight until then is no other one', () => {
    fc.assert(
      fc.property(rules, deliveries, (rule, given) => {
        const { clearAfter, repeatAfter } = rule;
        if (clearAfter === undefined) return;
        for (const { at: time, lastSeen } of alerts(
          { ...rule, repeatAfter: Math.min(repeatAfter, clearAfter) },
          given,
        ).slice(1)) {
          // To the second, which is how often it is written down.
          expect(time - lastSeen).toBeGreaterThan(clearAfter - 1000);
        }
      }),
    );
  });
});
