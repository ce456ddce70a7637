import fc from 'fast-check';
import { hottestOf, type Grid } from '../../../lambda/heat-monitor/reading';

const grid: Grid = { columns: 4, rows: 3, tenths: [100, 110, 120, 130, 200, 210, 220, 230, 300, 310, 320, 330] };

test.each([
  ['the whole grid', undefined, (32 + 33) / 2],
  ['its left half', { left: 0, top: 0, width: 0.5, height: 1 }, 31],
  ['its first row', { left: 0, top: 0, width: 1, height: 1 / 3 }, 13],
  ['less than a pixel', { left: 0.3, top: 0.4, width: 0.01, height: 0.01 }, 21],
  ['less than a pixel in the corner', { left: 0.99, top: 0.99, width: 0.01, height: 0.01 }, 33],
])('the hottest tenth of %s', (_what, region, celsius) => {
  expect(hottestOf(grid, region)).toBeCloseTo(celsius, 6);
});

test('one pixel that is broken in a large region is not all that counts', () => {
  const tenths = Array.from({ length: 32 * 24 }, () => 250);
  tenths[5] = 20_000;
  expect(hottestOf({ columns: 32, rows: 24, tenths })).toBeLessThan(55);
});

test('it is never outside of what is there, and parts of the grid are never hotter than its hottest pixel', () => {
  const grids = fc
    .record({ columns: fc.integer({ min: 1, max: 20 }), rows: fc.integer({ min: 1, max: 20 }) })
    .chain(({ columns, rows }) =>
      fc
        .array(fc.integer({ min: -1000, max: 20_000 }), { minLength: columns * rows, maxLength: columns * rows })
        .map((tenths): Grid => ({ columns, rows, tenths })),
    );
  const share = fc.nat(99).map((hundredths) => hundredths / 100);
  fc.assert(
    fc.property(grids, share, share, share, share, (any, left, top, across, down) => {
      const region = { left, top, width: (1 - left) * (across + 0.01), height: (1 - top) * (down + 0.01) };
      const celsius = hottestOf(any, region);
      expect(celsius).toBeGreaterThanOrEqual(Math.min(...any.tenths) / 10 - 1e-9);
      expect(celsius).toBeLessThanOrEqual(Math.max(...any.tenths) / 10 + 1e-9);
    }),
  );
});
