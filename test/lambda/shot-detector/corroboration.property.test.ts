import fc from 'fast-check';
import { belongs, shotsIn } from '../../../lambda/shot-detector/corroboration';
import { gaussian } from '../../support/heat';
import { heard, off, sensorsOf, SHOT_RULE } from '../../support/shots';

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
/** Amid the sensors, in meters. */
const places = fc.record({ x: fc.integer({ min: 200, max: 1000 }), y: fc.integer({ min: 200, max: 1000 }) });
const jitters = (seed: number, milliseconds = SHOT_RULE.jitter) => {
  const gauss = gaussian(seed);
  // What is further off is a clock that is wrong.
  return () => milliseconds * Math.max(-2.5, Math.min(2.5, gauss()));
};

test('a shot is one shot, and is where it was', () => {
  const errors: number[] = [];
  fc.assert(
    fc.property(seeds, places, (seed, place) => {
      const hearings = heard({ ...place, time: 0 }, sensorsOf(seed), jitters(seed));
      const shots = shotsIn(hearings, SHOT_RULE);
      expect(shots).toHaveLength(1);
      expect(shots[0].method).toBe('MULTILATERATION');
      errors.push(off(shots[0].position, place));
    }),
    { numRuns: 60, seed: 1 },
  );
  errors.sort((one, other) => one - other);
  expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(5);
  expect(errors.at(-1)).toBeLessThan(20);
});

test('the radius holds the place in 9 of 10 cases or more, and is no excuse', () => {
  let within = 0;
  const radii: number[] = [];
  fc.assert(
    fc.property(seeds, places, (seed, place) => {
      const [shot] = shotsIn(heard({ ...place, time: 0 }, sensorsOf(seed), jitters(seed)), SHOT_RULE);
      if (off(shot.position, place) <= shot.radius) within++;
      radii.push(shot.radius);
    }),
    { numRuns: 60, seed: 2 },
  );
  expect(within).toBeGreaterThanOrEqual(54);
  expect(Math.max(...radii)).toBeLessThan(40);
});

test('sensors that are offline take accuracy, and not the shot, as long as four are left nearby', () => {
  fc.assert(
    fc.property(seeds, places, fc.uniqueArray(fc.nat(15), { maxLength: 6 }), (seed, place, offline) => {
      const hearings = heard({ ...place, time: 0 }, sensorsOf(seed), jitters(seed), offline);
      fc.pre(hearings.length >= 5);
      const shots = shotsIn(hearings, SHOT_RULE);
      expect(shots).toHaveLength(1);
      expect(off(shots[0].position, place)).toBeLessThan(Math.max(60, 2 * shots[0].radius));
    }),
    { numRuns: 60 },
  );
});

test('a sensor whose clock is wrong is left out, and does not move the place', () => {
  fc.assert(
    fc.property(seeds, places, fc.nat(20), fc.constantFrom(-400, -200, 200, 400), (seed, place, which, wrong) => {
      const right = heard({ ...place, time: 0 }, sensorsOf(seed), jitters(seed));
      const index = which % right.length;
      const hearings = right.map((hearing, at) =>
        at === index ? { ...hearing, heardAt: hearing.heardAt + wrong } : hearing,
      );
      const [shot] = shotsIn(hearings, SHOT_RULE);
      expect(shot.hearings.map(({ sensor }) => sensor)).not.toContain(hearings[index].sensor);
      expect(shot.hearings).toHaveLength(hearings.length - 1);
      expect(off(shot.position, place)).toBeLessThan(30);
    }),
    { numRuns: 30, seed: 3 },
  );
});

test('echoes, further rounds and repetitions make neither another shot nor another place', () => {
  fc.assert(
    fc.property(seeds, places, fc.integer({ min: 150, max: 2500 }), (seed, place, lag) => {
      const direct = heard({ ...place, time: 0 }, sensorsOf(seed), jitters(seed));
      const echoes = direct
        .filter((_each, index) => index % 2 === 0)
        .map((hearing) => ({ ...hearing, id: `${hearing.id}-echo`, heardAt: hearing.heardAt + lag }));
      const [alone] = shotsIn(direct, SHOT_RULE);
      const shots = shotsIn([...echoes, ...direct, direct[0]], SHOT_RULE);
      expect(shots.map(({ id }) => id)).toEqual([alone.id]);
      expect(off(shots[0].position, place)).toBeLessThan(20);
      for (const echo of echoes) expect(belongs(echo, shots[0], SHOT_RULE)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('in whatever order they were taken in, it is the same shot', () => {
  fc.assert(
    fc.property(seeds, places, fc.infiniteStream(fc.nat()), (seed, place, order) => {
      const hearings = heard({ ...place, time: 0 }, sensorsOf(seed), jitters(seed));
      const mixed = hearings
        .map((hearing) => ({ hearing, at: order.next().value! }))
        .sort((one, other) => one.at - other.at)
        .map(({ hearing }) => hearing);
      expect(shotsIn(mixed, SHOT_RULE)).toEqual(shotsIn(hearings, SHOT_RULE));
    }),
    { numRuns: 30 },
  );
});

test('two shots at once, in two places, are two', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: -800, max: 800 }), (seed, later) => {
      const sensors = sensorsOf(seed, 8);
      const [one, other] = [
        { x: 500, y: 600, time: 0 },
        { x: 2300, y: 2200, time: later },
      ];
      const noise = jitters(seed);
      const shots = shotsIn([...heard(one, sensors, noise), ...heard(other, sensors, noise)], SHOT_RULE);
      expect(shots).toHaveLength(2);
      for (const place of [one, other])
        expect(Math.min(...shots.map(({ position }) => off(position, place)))).toBeLessThan(20);
    }),
    { numRuns: 15 },
  );
});

test('what only two have heard, or what no source explains, is no shot', () => {
  fc.assert(
    fc.property(seeds, places, (seed, place) => {
      const hearings = heard({ ...place, time: 0 }, sensorsOf(seed), jitters(seed));
      expect(shotsIn(hearings.slice(0, 2), SHOT_RULE)).toEqual([]);
      // Each at a time of its own, further from each other than sound takes.
      const unrelated = hearings.map((hearing, index) => ({ ...hearing, heardAt: hearing.heardAt + 20_000 * index }));
      expect(shotsIn(unrelated, SHOT_RULE)).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test('two are enough where that is configured, in the middle between them', () => {
  fc.assert(
    fc.property(seeds, places, (seed, place) => {
      const hearings = heard({ ...place, time: 0 }, sensorsOf(seed), jitters(seed)).slice(0, 2);
      const [shot] = shotsIn(hearings, { ...SHOT_RULE, minimumSensors: 2 });
      expect(shot).toMatchObject({ method: 'CENTROID', radius: SHOT_RULE.range, hearings: expect.any(Array) });
      expect(off(shot.position, place)).toBeLessThan(SHOT_RULE.range);
    }),
    { numRuns: 30 },
  );
});
