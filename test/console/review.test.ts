import { momentOf, partsOf, shareOf, momentAt, ticksOf, videoTimeOf, type Piece } from '../../console/src/review/time';
import { clipAround, HOUR, LONGEST_CLIP, refusalOf } from '../../console/src/review/window';

const T = Date.parse('2026-03-01T12:00:00Z');
const fragment = (after: number, milliseconds = 2000) => ({
  producedAt: new Date(T + after).toISOString(),
  milliseconds,
});

describe('recorded parts', () => {
  test('fragments that follow each other are one part, in whatever order they come', () => {
    const parts = partsOf([fragment(4000), fragment(0), fragment(2000), fragment(60_000)]);
    expect(parts).toEqual([
      { from: T, to: T + 6000 },
      { from: T + 60_000, to: T + 62_000 },
    ]);
  });

  test('a fragment that is told twice, or within another, makes a part no longer', () => {
    expect(partsOf([fragment(0, 8000), fragment(0, 8000), fragment(2000, 1000)])).toEqual([{ from: T, to: T + 8000 }]);
  });
});

describe('places in a window', () => {
  const window = { from: T, to: T + HOUR };

  test.each([
    [T, 0],
    [T + HOUR / 4, 0.25],
    [T - 1, 0],
    [T + 2 * HOUR, 1],
  ])('%d is at %d', (moment, share) => {
    expect(shareOf(moment, window)).toBe(share);
  });

  test('a place is a moment again', () => {
    expect(momentAt(shareOf(T + 1_234_000, window), window)).toBeCloseTo(T + 1_234_000, 3);
    expect(momentAt(1.2, window)).toBe(window.to);
  });

  test('there are whole steps, and not too many', () => {
    const ticks = ticksOf({ from: T + 1000, to: T + HOUR });
    expect(ticks[0]).toBe(T + 600_000);
    expect(ticks).toHaveLength(6);
    expect(ticksOf({ from: T, to: T + 3 * HOUR }).length).toBeLessThanOrEqual(7);
  });
});

describe('the video’s time', () => {
  // Nothing was recorded between the second and the third minute.
  const pieces: Piece[] = [
    { start: 0, duration: 60, at: T },
    { start: 60, duration: 60, at: T + 60_000 },
    { start: 120, duration: 60, at: T + 180_000 },
  ];

  test.each([
    ['within a piece', 90_000, 90],
    ['after a gap', 200_000, 140],
    ['in a gap: the next that is recorded', 150_000, 120],
    ['before the beginning', -5000, 0],
    ['after the end', 900_000, 180],
  ])('%s', (_, after, time) => {
    expect(videoTimeOf(T + after, pieces)).toBe(time);
  });

  test.each([
    [90, 90_000],
    [140, 200_000],
    [500, 240_000],
  ])('%d s of the video are %d ms later', (time, after) => {
    expect(momentOf(time, pieces)).toBe(T + after);
  });

  test('is unknown while nothing is', () => {
    expect(videoTimeOf(T, [])).toBeUndefined();
    expect(momentOf(0, [])).toBeUndefined();
  });
});

describe('what can be asked for', () => {
  const now = T + 10 * HOUR;

  test.each([
    ['3 h', { from: T, to: T + 3 * HOUR }, undefined],
    ['more than 3 h', { from: T, to: T + 3 * HOUR + 1 }, /3 h/],
    ['an end before the beginning', { from: T, to: T }, /before/],
    ['what is still to come', { from: now, to: now + 1 }, /to come/],
    ['nothing', { from: NaN, to: T }, /begins/],
  ])('%s', (_, span, refusal) => {
    const told = refusalOf(span, now);
    if (refusal === undefined) expect(told).toBeUndefined();
    else expect(told).toMatch(refusal);
  });

  test('a clip has an hour at most', () => {
    expect(refusalOf({ from: T, to: T + HOUR }, now, LONGEST_CLIP)).toBeUndefined();
    expect(refusalOf({ from: T, to: T + HOUR + 1 }, now, LONGEST_CLIP)).toMatch(/60 min/);
  });

  test('a clip is within what is shown', () => {
    const window = { from: T, to: T + HOUR };
    expect(clipAround(T + 10_000, window)).toEqual({ from: T, to: T + 40_000 });
    expect(clipAround(T + HOUR, window).to).toBe(T + HOUR);
  });
});
