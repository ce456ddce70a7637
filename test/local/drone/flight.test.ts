import type { Film } from '../../../local/drone/film';
import { flightOf, fly, type Flight } from '../../../local/drone/flight';

const fragments = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    duration: 2000,
    frames: 20,
    blocks: Buffer.from(`${name}-${index}`),
  }));
const film: Film = { header: Buffer.alloc(0), cruise: fragments('cruise', 6), encounter: fragments('encounter', 3) };
const TAKEOFF = 1_795_000_000_500;

const shots = (flight: Flight, count: number) =>
  Array.from({ length: count }, (_, index) => flight.shot(index).fragment.blocks.toString());

/** What ffmpeg makes of an expression. */
function evaluated(expression: string, t: number): boolean {
  const functions = {
    gte: (a: number, b: number) => +(a >= b),
    lt: (a: number, b: number) => +(a < b),
    mod: (a: number, b: number) => a % b,
  };
  const names = Object.keys(functions);
  return (
    new Function('t', ...names, `return ${expression.replaceAll('\\,', ',')}`)(t, ...Object.values(functions)) !== 0
  );
}

test('a flight without a plan is the cruise again and again', () => {
  const flight = flightOf(film, {}, TAKEOFF);
  expect(shots(flight, 8)).toEqual([...[0, 1, 2, 3, 4, 5, 0, 1].map((index) => `cruise-${index}`)]);
  expect(flight.when()).toBe('0');
});

test('somebody is there from the first fragment on that begins when the plan says or later, for the whole encounter', () => {
  const flight = flightOf(film, { obstacleAt: 3000 }, TAKEOFF);
  expect(shots(flight, 6)).toEqual(['cruise-0', 'cruise-1', 'encounter-0', 'encounter-1', 'encounter-2', 'cruise-5']);
  expect([1, 2, 3, 5].map((index) => flight.shot(index).isBeginning)).toEqual([false, true, false, false]);
});

test.each([{ obstacleAt: 3000 }, { obstacleAt: 0, every: 14_000 }, { obstacleAt: 4000, every: 1000 }])(
  'what is filmed live is what is recorded: %j',
  (plan) => {
    const flight = flightOf(film, plan, TAKEOFF);
    const when = flight.when();
    for (let index = 0; index < 30; index++) {
      for (const into of [1, 1000, 1999]) {
        expect(evaluated(when, (flight.timeOf(index) + into) / 1000)).toBe(flight.shot(index).isEncounter);
      }
    }
  },
);

describe('as time goes by', () => {
  beforeEach(() => jest.useFakeTimers({ now: TAKEOFF }));
  afterEach(() => jest.useRealTimers());

  test('each shot begins, and is taken two seconds later; what a pause was too long for is left out', () => {
    const flight = flightOf(film, {}, TAKEOFF);
    const said: string[] = [];
    const { stop } = fly(
      flight,
      (index) => said.push(`begins ${index}`),
      (index) => said.push(`taken ${index}`),
    );
    jest.advanceTimersByTime(1999);
    expect(said).toEqual(['begins 0']);
    jest.advanceTimersByTime(2001);
    expect(said).toEqual(['begins 0', 'taken 0', 'begins 1', 'taken 1', 'begins 2']);
    // As when the machine was asleep.
    jest.setSystemTime(TAKEOFF + 60_100);
    jest.advanceTimersByTime(2000);
    expect(said.slice(-2)).toEqual(['taken 2', 'begins 31']);
    stop();
    jest.advanceTimersByTime(10_000);
    expect(said).toHaveLength(7);
  });
});
