import { claimed, dayOf, extend, isOpenForLong, type Gate } from '../../../lambda/common/gate';

const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const LIMITS = { openForSeconds: 30, streamSecondsPerDay: 120 };
const OPEN: Gate = { openedAt: NOW, openUntil: NOW + 30_000, day: '2026-11-24', spentSeconds: 30 };

test('a day is one in UTC', () => {
  expect(dayOf(Date.parse('2026-11-24T23:59:59.999Z'))).toBe('2026-11-24');
  expect(dayOf(Date.parse('2026-11-25T00:00:00.000Z'))).toBe('2026-11-25');
});

describe('motion', () => {
  test('opens a gate that never was open', () => {
    expect(extend(undefined, 'm-1', NOW, LIMITS)).toEqual({ verdict: 'open', gate: OPEN, costSeconds: 30 });
  });

  test('leaves a gate alone for the first half of its time', () => {
    expect(extend(OPEN, 'm-2', NOW + 14_999, LIMITS)).toEqual({ verdict: 'already' });
    expect(extend(OPEN, 'm-2', NOW + 15_000, LIMITS)).toMatchObject({ verdict: 'open' });
  });

  test('extends a gate that is open, and pays for what is added', () => {
    expect(extend(OPEN, 'm-2', NOW + 20_000, LIMITS)).toEqual({
      verdict: 'open',
      gate: { openedAt: NOW, openUntil: NOW + 50_000, day: '2026-11-24', spentSeconds: 50 },
      costSeconds: 20,
    });
  });

  test('opens a gate anew that is closed, and pays for all of it', () => {
    for (const later of [30_000, 50_000]) {
      expect(extend(OPEN, 'm-2', NOW + later, LIMITS)).toEqual({
        verdict: 'open',
        gate: { openedAt: NOW + later, openUntil: NOW + later + 30_000, day: '2026-11-24', spentSeconds: 60 },
        costSeconds: 30,
      });
    }
  });

  test('pays for seconds that are begun', () => {
    expect(extend(OPEN, 'm-2', NOW + 20_001, LIMITS)).toMatchObject({ costSeconds: 21 });
  });

  test('opens a gate up to the last second of a day', () => {
    const later = NOW + 60_000;
    const spent = (spentSeconds: number) => extend({ ...OPEN, spentSeconds }, 'm-2', later, LIMITS);
    expect(spent(90)).toMatchObject({ verdict: 'open', gate: { spentSeconds: 120 } });
    expect(spent(91)).toEqual({ verdict: 'exhausted' });
  });

  test('has a new day to spend', () => {
    const tomorrow = NOW + 86_400_000;
    expect(extend({ ...OPEN, spentSeconds: 120 }, 'm-2', tomorrow, LIMITS)).toMatchObject({
      verdict: 'open',
      gate: { day: '2026-11-25', spentSeconds: 30 },
    });
  });
});

describe('a claim', () => {
  const gate = claimed(undefined, 'm-1', NOW);

  test('holds for ten seconds, on a gate that is as it was', () => {
    expect(gate).toEqual({
      openedAt: 0,
      openUntil: 0,
      day: '2026-11-24',
      spentSeconds: 0,
      claim: { id: 'm-1', until: NOW + 10_000 },
    });
    expect(claimed(OPEN, 'm-2', NOW + 1)).toEqual({ ...OPEN, claim: { id: 'm-2', until: NOW + 10_001 } });
  });

  test('keeps others out until it is over, and not who has it', () => {
    expect(extend(gate, 'm-2', NOW + 9999, LIMITS)).toEqual({ verdict: 'claimed' });
    expect(extend(gate, 'm-2', NOW + 10_000, LIMITS)).toMatchObject({ verdict: 'open' });
    expect(extend(gate, 'm-1', NOW + 1, LIMITS)).toMatchObject({ verdict: 'open' });
  });

  test('is over when the gate is open', () => {
    const { gate: opened } = extend(gate, 'm-1', NOW, LIMITS) as { gate: Gate };
    expect(opened).toEqual(OPEN);
  });

  test('of a gate that is open for long does not matter', () => {
    expect(extend(claimed(OPEN, 'm-2', NOW), 'm-3', NOW, LIMITS)).toEqual({ verdict: 'already' });
  });
});

test('a gate is open for long if more than half of its time is left', () => {
  expect(isOpenForLong(NOW + 15_001, NOW, LIMITS)).toBe(true);
  expect(isOpenForLong(NOW + 15_000, NOW, LIMITS)).toBe(false);
  expect(isOpenForLong(undefined, NOW, LIMITS)).toBe(false);
});
