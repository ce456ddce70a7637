import fc from 'fast-check';
import { turns, type Turn } from '../../../lambda/image-detector/turns';

/** An environment whose calls wait in virtual time. */
class Environment {
  private now = 0;
  private slept = 0;
  private readonly turn: Turn;

  constructor(perSecond: number | undefined) {
    this.turn = turns(perSecond, {
      now: () => this.now,
      sleep: async (milliseconds) => {
        this.slept = milliseconds;
      },
    });
  }

  /** When a call that is asked for at that time has its turn. */
  async callAt(time: number): Promise<number> {
    this.now = time;
    this.slept = 0;
    await this.turn();
    return time + this.slept;
  }
}

async function callsAt(environment: Environment, ...times: number[]): Promise<number[]> {
  const calls: number[] = [];
  for (const time of times) calls.push(await environment.callAt(time));
  return calls;
}

test('the first call of an environment goes at once, and those of a batch one interval apart', async () => {
  expect(await callsAt(new Environment(2), 1000, 1000, 1000, 1000)).toEqual([1000, 1500, 2000, 2500]);
});

test('a call after a pause goes at once, and the pause is not made up for', async () => {
  expect(await callsAt(new Environment(2), 0, 10_000, 10_000, 10_100)).toEqual([0, 10_000, 10_500, 11_000]);
});

test('without a rate none waits', async () => {
  expect(await callsAt(new Environment(undefined), 0, 0, 0)).toEqual([0, 0, 0]);
});

test('those that ask at the same moment wait each for their own turn', async () => {
  const waits: number[] = [];
  const turn = turns(4, { now: () => 0, sleep: async (milliseconds) => void waits.push(milliseconds) });
  await Promise.all([turn(), turn(), turn()]);
  expect(waits).toEqual([250, 500]);
});

test('a fleet of environments stays below the rate, and uses it up when there is enough to do', async () => {
  const fleet = fc.record({
    callsPerSecond: fc.constantFrom(1, 5, 7.5, 50),
    pauses: fc.array(fc.array(fc.constantFrom(0, 0, 0, 40, 300, 5000), { minLength: 1, maxLength: 30 }), {
      minLength: 2,
      maxLength: 8,
    }),
  });
  await fc.assert(
    fc.asyncProperty(fleet, async ({ callsPerSecond, pauses }) => {
      const share = callsPerSecond / pauses.length;
      const calls: number[] = [];
      for (const ofOne of pauses) {
        const environment = new Environment(share);
        let time = 0;
        const own = await callsAt(environment, ...ofOne.map((pause) => (time += pause)));
        calls.push(...own);
        // Busy from its first call on: each call follows the one before as soon as it may.
        if (ofOne.every((pause) => pause === 0)) {
          expect(own.at(-1)).toBeCloseTo((1000 / share) * (own.length - 1), 3);
        }
      }
      calls.sort((a, b) => a - b);
      const excess = calls.flatMap((start, first) =>
        calls.slice(first).map((end, more) => {
          // At once by each environment, and then at the rate.
          const allowed = pauses.length + (callsPerSecond * (end - start)) / 1000;
          return more + 1 - allowed;
        }),
      );
      expect(Math.max(...excess)).toBeLessThanOrEqual(1e-6);
    }),
  );
});
