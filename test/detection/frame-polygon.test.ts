import { Token } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { FramePolygon, type FramePoint } from '../../lib';
import { codedError } from '../support/fleet';

const CORNERS = [
  { x: 0, y: 0 },
  { x: 1, y: 0 },
  { x: 1, y: 1 },
];

test('keeps its corners in their order', () => {
  expect(new FramePolygon(CORNERS).points).toEqual(CORNERS);
});

const share = fc.double({ min: 0, max: 1, noNaN: true });
const points = (bounds: { minLength: number; maxLength: number }) =>
  fc.uniqueArray(fc.record({ x: share, y: share }), { ...bounds, selector: ({ x, y }) => `${x} ${y}` });

test('may be any 3 to 10 different points of the frame', () => {
  fc.assert(
    fc.property(points({ minLength: 3, maxLength: 10 }), (corners) => {
      expect(new FramePolygon(corners).points).toEqual(corners);
    }),
  );
});

test.each<[string, FramePoint[], RegExp]>([
  ['two points', CORNERS.slice(0, 2), /has 2 `points`; it must have 3 to 10/],
  ['eleven points', Array.from({ length: 11 }, (_, i) => ({ x: i / 11, y: 0 })), /has 11 `points`/],
  ['a point left of the frame', [...CORNERS, { x: -0.1, y: 0 }], /`x` is -0.1; it must be between 0 and 1/],
  ['a point below the frame', [...CORNERS, { x: 0, y: 1.1 }], /`y` is 1.1/],
  ['a point that is no number', [...CORNERS, { x: NaN, y: 1 }], /`x` is NaN/],
  ['its first point again', [...CORNERS, CORNERS[0]], /Two of the `points` of the polygon are the same/],
])('can not have %s', (_what, corners, message) => {
  expect(() => new FramePolygon(corners)).toThrow(codedError('FramePolygon', message));
});

test('tokens pass', () => {
  const x = Token.asNumber({ Ref: 'X' });
  expect(new FramePolygon([...CORNERS, { x, y: 0.5 }]).points).toHaveLength(4);
});
