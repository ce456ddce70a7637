import {
  missing,
  newsOf,
  NO_LINE,
  pressureOf,
  take,
  type Count,
  type Line,
  type StaffingRule,
} from '../../../lambda/queue-monitor/staffing';

const NOW = Date.parse('2026-11-27T10:00:00.000Z');
const SECOND = 1000;
const MINUTE = 60 * SECOND;

const RULE: StaffingRule = {
  registers: ['till-1', 'till-2'],
  openAbove: 4,
  openAfter: 2 * MINUTE,
  closeBelow: 1,
  closeAfter: 10 * MINUTE,
  staleAfter: MINUTE,
};

/** The counts of both registers every ten seconds, and what is known after the last of them. */
function observed(line: Line, from: number, until: number, waiting: [number, number], open?: boolean[]): Line {
  for (let at = from; at <= until; at += 10 * SECOND) {
    const counts = RULE.registers.map((register, index) => ({
      register,
      waiting: waiting[index],
      ...(open && { open: open[index] }),
      capturedAt: at,
    }));
    line = take(line, counts, RULE, at);
  }
  return line;
}

describe('a register more', () => {
  test('is needed once there have been too many people for long enough', () => {
    expect(observed(NO_LINE, NOW, NOW + 2 * MINUTE - 10 * SECOND, [6, 3]).decision).toBeUndefined();
    expect(observed(NO_LINE, NOW, NOW + 2 * MINUTE, [6, 3]).decision).toEqual({
      change: 'OPEN',
      decidedAt: NOW + 2 * MINUTE,
      since: NOW,
      waiting: 9,
      openRegisters: 2,
      isTold: false,
    });
  });

  test.each<[string, [number, number], boolean[] | undefined, boolean]>([
    ['as many as there may be', [4, 4], undefined, false],
    ['enough for one that is open', [5, 0], [true, false], true],
    ['too many, but all are open', [9, 9], [true, true], false],
    ['some, and none is open', [5, 0], [false, false], true],
  ])('with %s: %p %p → %p', (_what, waiting, open, isNeeded) => {
    expect(observed(NO_LINE, NOW, NOW + 5 * MINUTE, waiting, open).decision?.change === 'OPEN').toBe(isNeeded);
  });

  test('is needed again as long as it goes on, at the same pace', () => {
    const line = observed(NO_LINE, NOW, NOW + 3 * MINUTE, [9, 9]);
    expect(line.decision?.decidedAt).toBe(NOW + 2 * MINUTE);
    expect(observed(line, NOW + 3 * MINUTE, NOW + 4 * MINUTE, [9, 9]).decision?.decidedAt).toBe(NOW + 4 * MINUTE);
  });

  test('is not needed if there were fewer people for a moment', () => {
    let line = observed(NO_LINE, NOW, NOW + 110 * SECOND, [9, 9]);
    line = observed(line, NOW + 115 * SECOND, NOW + 115 * SECOND, [4, 4]);
    expect(observed(line, NOW + 120 * SECOND, NOW + 230 * SECOND, [9, 9]).decision).toBeUndefined();
  });
});

describe('a register less', () => {
  test('is needed once there have been few people for long enough', () => {
    expect(observed(NO_LINE, NOW, NOW + 10 * MINUTE - 10 * SECOND, [1, 0]).decision).toBeUndefined();
    expect(observed(NO_LINE, NOW, NOW + 10 * MINUTE, [1, 0]).decision).toMatchObject({ change: 'CLOSE', since: NOW });
  });

  test.each<[string, boolean[], Partial<StaffingRule>]>([
    ['for the last one', [true, false], {}],
    ['if the other one would have too many people', [true, true], { openAbove: 2, closeBelow: 1.9 }],
  ])('is never needed %s', (_what, open, change) => {
    let line = NO_LINE;
    for (let at = NOW; at <= NOW + 20 * MINUTE; at += 10 * SECOND) {
      const counts = RULE.registers.map((register, index) => ({
        register,
        waiting: open[1] ? 2 - index : 0,
        open: open[index],
        capturedAt: at,
      }));
      line = take(line, counts, { ...RULE, ...change }, at);
    }
    expect(line.decision).toBeUndefined();
  });
});

describe('what is not known', () => {
  const full = (register: string, at: number): Count => ({ register, waiting: 50, capturedAt: at });

  test('is no reason for anything: a camera that is missing is neither empty nor full', () => {
    let line = NO_LINE;
    for (let at = NOW; at <= NOW + 60 * MINUTE; at += 10 * SECOND) line = take(line, [full('till-1', at)], RULE, at);
    expect(line.decision).toBeUndefined();
    expect(missing(line, RULE, NOW + 60 * MINUTE)).toEqual(['till-2']);
    expect(pressureOf(line, RULE, NOW + 60 * MINUTE)).toBeUndefined();
  });

  test('does not count as time that people have waited, whoever comes back first', () => {
    const line = observed(NO_LINE, NOW, NOW + 110 * SECOND, [9, 9]);
    const later = NOW + 30 * MINUTE;
    expect(observed(line, later, later + 110 * SECOND, [9, 9]).decision).toBeUndefined();
    expect(observed(line, later, later + 2 * MINUTE, [9, 9]).decision).toMatchObject({ since: later });
  });

  test('is a register of an earlier configuration', () => {
    const line = observed(NO_LINE, NOW, NOW, [9, 9]);
    const rule = { ...RULE, registers: ['till-1', 'constructor'] };
    const at = NOW + 10 * SECOND;
    expect(missing(line, rule, at)).toEqual(['constructor']);
    expect(Object.keys(take(line, [full('constructor', at)], rule, at).counts)).toEqual(['till-1', 'constructor']);
  });
});

test('counts are fresh, late or repeated', () => {
  const line = observed(NO_LINE, NOW, NOW, [1, 1]);
  const news = (capturedAt: number, now = NOW + MINUTE) =>
    newsOf({ register: 'till-1', waiting: 1, capturedAt }, line, RULE, now);
  expect([news(NOW), news(NOW - 1), news(NOW + 1), news(NOW + 1, NOW + MINUTE + 2)]).toEqual([
    'repeated',
    'late',
    'fresh',
    'late',
  ]);
});
