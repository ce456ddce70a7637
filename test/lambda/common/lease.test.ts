import { CLOCK_SKEW, extend, force, holding, isHeld, release, take, type Lease } from '../../../lambda/common/lease';

const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const SECONDS = NOW / 1000;
const LENGTH = 15_000;
const ANN: Lease = {
  token: SECONDS,
  pilot: 'ann',
  takenAt: NOW,
  until: NOW + LENGTH,
  isForced: false,
  isReleased: false,
};
const MINE = { pilot: 'ann', token: ANN.token };
const RELEASED: Lease = { ...ANN, isReleased: true };

test('a lease is held until it is over or released', () => {
  expect(isHeld(ANN, NOW + LENGTH - 1)).toBe(true);
  expect(isHeld(ANN, NOW + LENGTH)).toBe(false);
  expect(isHeld(RELEASED, NOW)).toBe(false);
});

describe('take', () => {
  test('gives a lease of a device that nobody has', () => {
    expect(take(undefined, 'ann', NOW, LENGTH)).toEqual({ verdict: 'granted', lease: ANN });
  });

  test.each<[what: string, later: number]>([
    ['at once', 0],
    ['when it is over', LENGTH],
    ['as long as it may not be over by another clock', LENGTH + CLOCK_SKEW - 1],
  ])('is refused %s', (_what, later) => {
    expect(take(ANN, 'bob', NOW + later, LENGTH)).toEqual({ verdict: 'held', by: 'ann', until: NOW + LENGTH });
  });

  test.each<[what: string, before: Lease, later: number]>([
    ['over by all clocks', ANN, LENGTH + CLOCK_SKEW],
    ['released', RELEASED, 1],
  ])('gives what is %s, with a higher token', (_what, before, later) => {
    expect(take(before, 'bob', NOW + later, LENGTH)).toEqual({
      verdict: 'granted',
      lease: {
        ...ANN,
        pilot: 'bob',
        token: Math.max(SECONDS + 1, Math.floor((NOW + later) / 1000)),
        takenAt: NOW + later,
        until: NOW + later + LENGTH,
      },
    });
  });

  test('gives the same pilot another lease, which ends no earlier than the first', () => {
    expect(take(ANN, 'ann', NOW - 500, LENGTH)).toMatchObject({
      verdict: 'granted',
      lease: { token: SECONDS + 1, takenAt: NOW - 500, until: NOW + LENGTH },
    });
    expect(take(RELEASED, 'ann', NOW - 500, LENGTH)).toMatchObject({ lease: { until: NOW - 500 + LENGTH } });
  });

  test('gives higher tokens by whichever clock', () => {
    expect(take(RELEASED, 'bob', NOW - 3_600_000, LENGTH)).toMatchObject({ lease: { token: SECONDS + 1 } });
    expect(take(RELEASED, 'bob', 0, LENGTH)).toMatchObject({ lease: { token: SECONDS + 1 } });
  });

  test('gives a higher token than all before if the table is restored to what it was, or lost', () => {
    const restored = { ...ANN, token: 17 };
    for (const before of [restored, undefined]) {
      expect(take(before, 'bob', NOW + 60_000, LENGTH)).toMatchObject({ lease: { token: SECONDS + 60 } });
    }
  });
});

test('force gives a lease, whoever has it', () => {
  expect(force(ANN, 'bob', NOW + 1000, LENGTH)).toEqual({
    verdict: 'granted',
    lease: {
      token: SECONDS + 1,
      pilot: 'bob',
      takenAt: NOW + 1000,
      until: NOW + 1000 + LENGTH,
      isForced: true,
      isReleased: false,
    },
  });
});

describe('extend', () => {
  test('moves the end, and nothing else', () => {
    const lease = { ...ANN, until: NOW + 5000 + LENGTH };
    expect(extend(ANN, MINE, NOW + 5000, LENGTH)).toEqual({ verdict: 'granted', lease });
  });

  test('never moves it back, by a clock that is behind', () => {
    expect(extend(ANN, MINE, NOW - 1000, LENGTH)).toEqual({ verdict: 'granted', lease: ANN });
  });

  test('revives nothing', () => {
    expect(extend(ANN, MINE, NOW + LENGTH, LENGTH)).toEqual({ verdict: 'lost' });
    expect(extend(RELEASED, MINE, NOW, LENGTH)).toEqual({ verdict: 'lost' });
  });
});

describe('release', () => {
  test('ends the lease', () => {
    expect(release(ANN, MINE, NOW)).toEqual({ verdict: 'granted', lease: RELEASED });
  });

  test('may be asked for again, and when it is over', () => {
    const again = release(RELEASED, MINE, NOW);
    expect(again.verdict === 'granted' && again.lease).toBe(RELEASED);
    const late = release(ANN, MINE, NOW + LENGTH);
    expect(late.verdict === 'granted' && late.lease).toBe(ANN);
  });
});

describe.each([
  ['holding', holding],
  ['extend', (lease?: Lease, holder = MINE, now = NOW) => extend(lease, holder, now, LENGTH)],
  ['release', release],
])('%s', (_what, act) => {
  test.each<[what: string, lease: Lease | undefined, holder: typeof MINE, verdict: object]>([
    ['nobody has it', undefined, MINE, { verdict: 'notHolder' }],
    ['somebody else has that token', ANN, { ...MINE, pilot: 'bob' }, { verdict: 'notHolder' }],
    ['there is no such token yet', ANN, { ...MINE, token: ANN.token + 1 }, { verdict: 'notHolder' }],
    ['somebody else has it now', ANN, { pilot: 'bob', token: ANN.token - 1 }, { verdict: 'lost', by: 'ann' }],
    ['the pilot has taken it again', ANN, { ...MINE, token: ANN.token - 1 }, { verdict: 'lost', by: 'ann' }],
    ['somebody else had it since', RELEASED, { pilot: 'bob', token: ANN.token - 1 }, { verdict: 'lost' }],
  ])('is refused when %s', (_case, lease, holder, verdict) => {
    expect(act(lease, holder, NOW)).toEqual(verdict);
  });
});
