import fc from 'fast-check';
import {
  NO_LINE,
  take,
  type Count,
  type Decision,
  type Line,
  type StaffingRule,
} from '../../../lambda/queue-monitor/staffing';

const NOW = Date.parse('2026-11-27T10:00:00.000Z');
const REGISTERS = ['till-1', 'till-2', 'till-3'];

const rules: fc.Arbitrary<StaffingRule> = fc
  .record({
    openAbove: fc.double({ min: 0.5, max: 6, noNaN: true }),
    share: fc.double({ min: 0, max: 0.99, noNaN: true }),
    openAfter: fc.integer({ min: 10_000, max: 120_000 }),
    closeAfter: fc.integer({ min: 10_000, max: 300_000 }),
    staleAfter: fc.integer({ min: 5000, max: 60_000 }),
  })
  .map(({ share, ...rule }) => ({ ...rule, closeBelow: rule.openAbove * share, registers: REGISTERS }));

/** What arrives, and how long after the one before: mostly of now, some of it late, and twice. */
const arrivals = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 20_000 }),
    age: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 120_000 })),
    counts: fc.array(
      fc.record({
        register: fc.constantFrom(...REGISTERS),
        waiting: fc.integer({ min: 0, max: 12 }),
        open: fc.option(fc.boolean(), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  }),
  { maxLength: 150 },
);

type Arrival = { readonly now: number; readonly counts: Count[] };

function timed(raw: { after: number; age: number; counts: Omit<Count, 'capturedAt'>[] }[]): Arrival[] {
  let now = NOW;
  return raw.map(({ after, age, counts }) => {
    now += after;
    return { now, counts: counts.map((count) => ({ ...count, capturedAt: now - age })) };
  });
}

/** All decisions, in their order, and each line that was known. */
function run(input: Arrival[], rule: StaffingRule): { decisions: Decision[]; lines: Line[] } {
  const lines = [NO_LINE];
  for (const { counts, now } of input) {
    // As from the table, so that nothing can be remembered elsewhere.
    lines.push(take(JSON.parse(JSON.stringify(lines.at(-1))), counts, rule, now));
  }
  const decisions = lines.flatMap(({ decision }, index) =>
    decision && decision.decidedAt !== lines[index - 1]?.decision?.decidedAt ? [decision] : [],
  );
  return { decisions, lines };
}

const dwell = (rule: StaffingRule, { change }: Decision) => (change === 'OPEN' ? rule.openAfter : rule.closeAfter);

test('never flaps: between two decisions there is the time that the later one must hold', () => {
  let decided = 0;
  fc.assert(
    fc.property(rules, arrivals, (rule, raw) => {
      const { decisions } = run(timed(raw), rule);
      decided += decisions.length;
      decisions.forEach((decision, index) => {
        expect(decision.decidedAt - decision.since).toBeGreaterThanOrEqual(dwell(rule, decision));
        if (index > 0) expect(decision.since).toBeGreaterThanOrEqual(decisions[index - 1].decidedAt);
      });
    }),
    { numRuns: 500 },
  );
  // Or nothing was looked at.
  expect(decided).toBeGreaterThan(50);
});

test('what is delivered twice, or again after what came later, changes nothing', () => {
  fc.assert(
    fc.property(rules, arrivals, fc.infiniteStream(fc.nat(5)), (rule, raw, back) => {
      const input = timed(raw);
      const again = input.flatMap((arrival, index) => {
        const earlier = input[Math.max(0, index - back.next().value!)];
        return [arrival, { ...arrival }, { now: arrival.now, counts: earlier.counts }];
      });
      const last = ({ lines }: { lines: Line[] }) => lines.at(-1);
      expect(last(run(again, rule))).toEqual(last(run(input, rule)));
    }),
    { numRuns: 300 },
  );
});

test('in whatever order the counts of a message are, the result is the same', () => {
  fc.assert(
    fc.property(rules, arrivals, (rule, raw) => {
      const input = timed(raw).map((arrival) => ({
        ...arrival,
        counts: arrival.counts.filter(
          ({ register }, index, all) => all.findIndex((other) => other.register === register) === index,
        ),
      }));
      const turned = input.map((arrival) => ({ ...arrival, counts: [...arrival.counts].reverse() }));
      expect(run(turned, rule).decisions).toEqual(run(input, rule).decisions);
    }),
  );
});

/** Counts of all registers every five seconds, for which it is known which of them are open. */
const steady = fc.array(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 3, maxLength: 3 }), {
  minLength: 1,
  maxLength: 80,
});

function steadily(waiting: number[][]): Arrival[] {
  return waiting.map((each, index) => {
    const now = NOW + 5000 * index;
    const counts = REGISTERS.map((register, at) => ({ register, waiting: each[at], open: at < 2, capturedAt: now }));
    return { now, counts };
  });
}

test('more people never make it later that a register is opened, nor sooner that one is closed', () => {
  fc.assert(
    fc.property(rules, steady, fc.nat(3), (rule, waiting, more) => {
      const first = (change: string, each: number[][]) =>
        run(steadily(each), rule).decisions.find((decision) => decision.change === change)?.decidedAt ?? Infinity;
      const fuller = waiting.map((each) => each.map((count) => count + more));
      // The first of its kind is compared with the first of its kind if no other one came before, which begins time anew.
      const sooner = Math.min(first('OPEN', fuller), first('CLOSE', fuller));
      if (first('CLOSE', waiting) > first('OPEN', waiting)) {
        expect(first('OPEN', fuller)).toBeLessThanOrEqual(first('OPEN', waiting));
      }
      if (first('CLOSE', fuller) === sooner)
        expect(first('CLOSE', fuller)).toBeGreaterThanOrEqual(first('CLOSE', waiting));
    }),
    { numRuns: 300 },
  );
});

test('without one of the registers nothing is ever decided', () => {
  fc.assert(
    fc.property(rules, arrivals, (rule, raw) => {
      const input = timed(raw).map(({ now, counts }) => ({
        now,
        counts: counts.filter(({ register }) => register !== 'till-3'),
      }));
      expect(run(input, rule).decisions).toEqual([]);
    }),
  );
});
