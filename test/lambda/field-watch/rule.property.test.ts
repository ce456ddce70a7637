import fc from 'fast-check';
import { concernOf, isNight } from '../../../lambda/field-watch/rule';
import { mayBeIn } from '../../../lambda/field-watch/geometry';
import type { Area, Night } from '../../../lambda/field-watch/settings';
import type { ObstacleClass } from '../../../lambda/common/obstacles';

const PERSON: ObstacleClass = { name: 'person', labels: ['Person'], minimumConfidence: 60, severity: 'CRITICAL' };
const VEHICLE: ObstacleClass = {
  name: 'vehicle',
  labels: ['Car', 'Truck'],
  minimumConfidence: 70,
  severity: 'WARNING',
};
const DEGREE = 111_195;

/** A square of some kilometres somewhere, and how large it is in degrees. */
const squares = fc.record({
  latitude: fc.double({ min: -70, max: 70, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  half: fc.double({ min: 0.005, max: 0.05, noNaN: true }),
});
const wrap = (longitude: number) => ((((longitude + 180) % 360) + 360) % 360) - 180;

function squareOf({ latitude, longitude, half }: { latitude: number; longitude: number; half: number }): Area {
  const corner = (up: number, right: number): [number, number] => [
    latitude + up * half,
    wrap(longitude + right * half),
  ];
  return { name: 'north', corners: [corner(-1, -1), corner(-1, 1), corner(1, 1), corner(1, -1)] };
}

const shares = fc.double({ min: -0.99, max: 0.99, noNaN: true });

test('what is inside is inside, also across the date line and whichever way the corners go', () => {
  fc.assert(
    fc.property(squares, shares, shares, fc.boolean(), fc.nat(3), (square, up, right, isTurned, first) => {
      const { corners } = squareOf(square);
      const rotated = [...corners.slice(first), ...corners.slice(0, first)];
      const area = { name: 'north', corners: isTurned ? rotated.reverse() : rotated };
      const at = {
        latitude: square.latitude + up * square.half,
        longitude: wrap(square.longitude + right * square.half),
      };
      expect(mayBeIn(area, at)).toBe(true);
    }),
  );
});

test('what is outside is so by as much as it is uncertain', () => {
  fc.assert(
    fc.property(squares, shares, fc.double({ min: 1, max: 2000, noNaN: true }), (square, right, meters) => {
      const at = {
        latitude: square.latitude + square.half + meters / DEGREE,
        longitude: wrap(square.longitude + right * square.half),
      };
      const area = squareOf(square);
      expect(mayBeIn(area, at)).toBe(false);
      expect(mayBeIn(area, { ...at, uncertaintyMeters: meters * 0.98 })).toBe(false);
      expect(mayBeIn(area, { ...at, uncertaintyMeters: meters * 1.02 })).toBe(true);
    }),
  );
});

test('an area may have a bay, in which nobody is in it', () => {
  const area: Area = {
    name: 'bay',
    corners: [
      [0, 0],
      [0, 3],
      [3, 3],
      [3, 2],
      [1, 2],
      [1, 1],
      [3, 1],
      [3, 0],
    ].map(([a, b]) => [a / 100, b / 100]),
  };
  expect(mayBeIn(area, { latitude: 0.02, longitude: 0.015 })).toBe(false);
  expect(mayBeIn(area, { latitude: 0.02, longitude: 0.005 })).toBe(true);
  expect(mayBeIn(area, { latitude: 0.005, longitude: 0.015 })).toBe(true);
});

const night: Night = { by: 'sun', latitude: -2, longitude: 35, degreesBelow: 6 };

// At the equinox the sun sets six hours after noon, which is at 9:47 UTC there, and is six degrees below 24 minutes later.
test.each([
  ['2026-03-20T12:00:00Z', false],
  ['2026-03-20T15:50:00Z', false],
  ['2026-03-20T16:05:00Z', false],
  ['2026-03-20T16:20:00Z', true],
  ['2026-03-20T21:00:00Z', true],
  ['2026-03-21T03:00:00Z', true],
  ['2026-03-21T04:00:00Z', false],
])('at %s by the sun of the place it is night: %s', (time, expected) => {
  expect(isNight(night, Date.parse(time))).toBe(expected);
});

test('the sun is that of where it was seen, if that is known', () => {
  const at = Date.parse('2026-03-20T21:00:00Z');
  expect(isNight(night, at)).toBe(true);
  expect(isNight(night, at, { latitude: 0, longitude: -120 })).toBe(false);
});

test('in the north of summer there is no night, and in that of winter no day', () => {
  const north: Night = { by: 'sun', latitude: 80, longitude: 20, degreesBelow: 6 };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 86_399 }), (second) => {
      expect(isNight(north, Date.parse('2026-06-21T00:00:00Z') + 1000 * second)).toBe(false);
      expect(isNight(north, Date.parse('2026-12-21T00:00:00Z') + 1000 * second)).toBe(true);
    }),
  );
});

test('hours are those of the clock on the wall, over midnight too', () => {
  const hours: Night = {
    by: 'hours',
    start: '18:30',
    end: '06:00',
    timeZone: 'Africa/Nairobi',
    days: [0, 1, 2, 3, 4, 5, 6],
  };
  expect(isNight(hours, Date.parse('2026-11-24T15:29:00Z'))).toBe(false);
  expect(isNight(hours, Date.parse('2026-11-24T15:30:00Z'))).toBe(true);
  expect(isNight(hours, Date.parse('2026-11-25T02:59:00Z'))).toBe(true);
  expect(isNight(hours, Date.parse('2026-11-25T03:00:00Z'))).toBe(false);
});

describe('of concern', () => {
  const areas = [squareOf({ latitude: -2, longitude: 35, half: 0.05 })];
  const inside = { latitude: -2, longitude: 35 };
  const dark = Date.parse('2026-03-20T21:00:00Z');
  const judge = (seen: object) =>
    concernOf({ label: 'person', confidence: 80, position: inside, capturedAt: dark, ...seen }, [PERSON, VEHICLE], {
      areas,
      night,
    });

  test.each([
    [{}, { concern: true, class: PERSON, area: 'north' }],
    [{ label: 'truck' }, { concern: true, class: VEHICLE, area: 'north' }],
    [{ label: 'elephant' }, { concern: false, reason: 'OTHER_LABEL' }],
    [{ confidence: 59 }, { concern: false, reason: 'UNSURE' }],
    [
      { label: 'car', confidence: 69 },
      { concern: false, reason: 'UNSURE' },
    ],
    [{ capturedAt: Date.parse('2026-03-20T10:00:00Z') }, { concern: false, reason: 'BY_DAY' }],
    [{ position: { latitude: -3, longitude: 35 } }, { concern: false, reason: 'ELSEWHERE' }],
    [
      { position: { latitude: -2.051, longitude: 35, uncertaintyMeters: 200 } },
      { concern: true, class: PERSON, area: 'north' },
    ],
    [{ position: undefined }, { concern: true, class: PERSON }],
  ])('%j is %j', (seen, expected) => {
    expect(judge(seen)).toEqual(expected);
  });

  test('more confidence, and more uncertainty of where, never make less of it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: -2.2, max: -1.8, noNaN: true }),
        fc.nat(20_000),
        fc.nat(20_000),
        (a, b, latitude, near, far) => {
          const seen = (confidence: number, uncertaintyMeters: number) =>
            judge({ confidence, position: { latitude, longitude: 35, uncertaintyMeters } }).concern;
          if (seen(Math.min(a, b), Math.min(near, far))) expect(seen(Math.max(a, b), Math.max(near, far))).toBe(true);
        },
      ),
    );
  });

  test('without a night it is so by day, too', () => {
    const noon = { label: 'person', confidence: 80, position: inside, capturedAt: Date.parse('2026-03-20T10:00:00Z') };
    expect(concernOf(noon, [PERSON], { areas })).toMatchObject({ concern: true });
  });
});
