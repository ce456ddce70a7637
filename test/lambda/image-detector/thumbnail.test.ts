import fc from 'fast-check';
import { COLUMNS, ROWS, changedShare, thumbnailOf } from '../../../lambda/image-detector/thumbnail';

/** A scene in levels of gray, with a box of another level in it, in shares of the frame. */
function scene(
  width: number,
  height: number,
  level: number,
  box?: { x: number; y: number; size: number; level: number },
) {
  const levels = Uint8Array.from({ length: width * height }, (_, index) => {
    const [x, y] = [(index % width) / width, Math.floor(index / width) / height];
    const isInside = box && x >= box.x && x < box.x + box.size && y >= box.y && y < box.y + box.size;
    return isInside ? box.level : level;
  });
  return thumbnailOf({ width, height, levels });
}

test('a thumbnail has the mean of each cell', () => {
  const levels = Uint8Array.from({ length: 64 * 36 }, (_, index) => (index % 2 === 0 ? 100 : 200));
  expect([...thumbnailOf({ width: 64, height: 36, levels })]).toEqual(Array(COLUMNS * ROWS).fill(150));
});

test.each([
  [640, 360],
  [33, 19],
  [COLUMNS, ROWS],
  [7, 5],
  [1, 1],
])('a frame of %i x %i pixels has one', (width, height) => {
  const thumbnail = scene(width, height, 77);
  expect(thumbnail).toHaveLength(COLUMNS * ROWS);
  expect(new Set(thumbnail)).toEqual(width >= COLUMNS && height >= ROWS ? new Set([77]) : expect.any(Set));
});

test.each([
  ['nothing has', { x: 0, y: 0, size: 0, level: 0 }, 0, 0],
  ['something came', { x: 0.5, y: 0.5, size: 0.25, level: 160 }, 0.05, 0.07],
  ['something came that is darker', { x: 0, y: 0, size: 0.25, level: 20 }, 0.05, 0.07],
  ['noise has', { x: 0.5, y: 0.5, size: 0.25, level: 110 }, 0, 0],
  ['a small thing came', { x: 0.5, y: 0.5, size: 0.0313, level: 255 }, 0.001, 0.004],
])('how much has changed when %s', (_what, box, least, most) => {
  const share = changedShare(scene(640, 360, 100), scene(640, 360, 100, box));
  expect(share).toBeGreaterThanOrEqual(least);
  expect(share).toBeLessThanOrEqual(most);
});

test('what becomes lighter or darker as a whole has not changed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 40, max: 200 }), fc.integer({ min: -40, max: 40 }), (level, by) => {
      const box = { x: 0.2, y: 0.2, size: 0.3, level };
      const lit = { ...box, level: level + by };
      expect(changedShare(scene(320, 180, level, box), scene(320, 180, level + by, lit))).toBe(0);
    }),
  );
});
