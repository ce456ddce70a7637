import { captureOutput } from '../../support/handler-output';
import fc from 'fast-check';
import { CLOCK_SKEW, type Lease } from '../../../lambda/common/lease';
import { LEASE, NOW, TakeoverWorld, type Change, type Fate } from '../../support/takeover-world';

captureOutput();

const PILOTS = ['ann', 'bob', 'eve'] as const;

type Pilot = (typeof PILOTS)[number];

type Step =
  | { readonly kind: 'ask'; readonly pilot: Pilot; readonly action: string; readonly fn: number }
  | { readonly kind: 'pass'; readonly milliseconds: number }
  | { readonly kind: 'set'; readonly fn: number; readonly clock: number };

/** What a pilot was told. */
interface Promised {
  readonly pilot: string;
  readonly token: number;
  readonly until: number;
}

const FUNCTIONS = 3;
const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>('answered') },
  { weight: 1, arbitrary: fc.constantFrom<Fate>('unanswered', 'twice', 'lost') },
);
const fn = fc.nat(FUNCTIONS - 1);
const action = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('take', 'command') },
  { weight: 2, arbitrary: fc.constant('heartbeat') },
  { weight: 1, arbitrary: fc.constantFrom('release', 'force') },
);

function scenario(maxSkew: number) {
  const clock = fc.integer({ min: -maxSkew, max: maxSkew });
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ kind: fc.constant('ask' as const), pilot: fc.constantFrom(...PILOTS), action, fn }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('pass' as const),
        // Times at which a lease is over by one clock and not by another are the interesting ones.
        milliseconds: fc.oneof(
          fc.integer({ min: 0, max: LEASE / 2 }),
          fc.integer({ min: LEASE - CLOCK_SKEW, max: LEASE + 2 * CLOCK_SKEW }),
        ),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('set' as const), fn, clock }) },
  );
  return {
    scheduler: fc.scheduler(),
    steps: fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }),
    clocks: fc.array(clock, { minLength: FUNCTIONS, maxLength: FUNCTIONS }),
    deviceClock: clock,
    fates: fc.array(fate, { maxLength: 100, size: 'max' }),
    /** How many steps a pilot doesn't wait for. */
    overlap: fc.integer({ min: 1, max: 6 }),
  };
}

/** Does the steps, some at once, and says what the pilots were told. */
async function play(
  world: TakeoverWorld,
  scheduler: fc.Scheduler,
  steps: Step[],
  overlap: number,
): Promise<Promised[]> {
  const promised: Promised[] = [];
  const tokens = new Map<string, number>();
  const play = async (step: Step, index: number): Promise<void> => {
    await scheduler.schedule(Promise.resolve(), 'step');
    if (step.kind === 'pass') return world.pass(step.milliseconds);
    if (step.kind === 'set') {
      world.clocks[step.fn] = step.clock;
      return;
    }
    const { pilot, action } = step;
    const isNew = action === 'take' || action === 'force';
    const response = await world
      .ask(
        {
          action,
          pilot,
          ...(action === 'force' && { role: 'supervisor' }),
          ...(!isNew && { token: tokens.get(pilot) ?? 1 }),
          ...(action === 'command' && { command: { id: `c-${index}`, name: 'MOVE' } }),
        },
        step.fn,
      )
      // Who gets no answer knows nothing.
      .catch(() => undefined);
    if (!response?.ok || response.control.token === undefined) return;
    const { token, until } = response.control;
    promised.push({ pilot, token, until: Date.parse(until!) });
    if (isNew) tokens.set(pilot, token);
  };
  for (let index = 0; index < steps.length; index += overlap) {
    await scheduler.waitFor(Promise.all(steps.slice(index, index + overlap).map((step, at) => play(step, index + at))));
  }
  await scheduler.waitFor(world.settle());
  return promised;
}

/** Every lease has a token of its own, higher than those before, and its pilot is one. */
function expectTokens(changes: Change[], promised: Promised[]): void {
  const pilots = new Map<number, string>();
  for (const { before, after } of changes) {
    const isSame = before?.token === after.token && before.pilot === after.pilot;
    if (!isSame) expect(after.token).toBeGreaterThan(before?.token ?? 0);
    pilots.set(after.token, after.pilot);
  }
  for (const { token, pilot } of promised) expect(pilots.get(token)).toBe(pilot);
}

/** The device does nothing that has a lower token than what it has accepted before, and nothing twice. */
function expectFenced({ accepted, executed, changes }: TakeoverWorld): void {
  const tokens = accepted.map(({ token }) => token);
  expect(tokens).toEqual([...tokens].sort((one, other) => one - other));
  const ids = executed.map(({ message }) => message.id);
  expect(new Set(ids).size).toBe(ids.length);
  const given = new Set(changes.map(({ after }) => after.token));
  for (const { message } of executed) expect(given).toContain(message.token);
}

/** Whoever takes control without force does so when it is released, or over by every clock that may look at it. */
function expectOneHolder(changes: Change[], promised: Promised[], skew: number): void {
  for (const [index, { at, before, after }] of changes.entries()) {
    if (!before || before.pilot === after.pilot || after.isForced || before.isReleased) continue;
    const told = promised.filter(({ token }) => tokensOf(before, changes.slice(0, index)).includes(token));
    for (const until of [before.until, ...told.map((promise) => promise.until)]) {
      expect(at).toBeGreaterThanOrEqual(until + skew);
    }
  }
}

/** That of the lease, and those that the same pilot had right before. */
function tokensOf(lease: Lease, changes: Change[]): number[] {
  const tokens = [lease.token];
  for (const { before, after } of [...changes].reverse()) {
    if (after.pilot !== lease.pilot || after.isReleased) break;
    tokens.push(after.token);
    if (!before || before.isReleased) break;
  }
  return tokens;
}

/** Nothing of a pilot is done after another has control, other than by force or after a release that is still on its way. */
function expectNothingAfterwards({ changes, executed }: TakeoverWorld): void {
  for (const { before, after, at } of changes) {
    if (!before || before.pilot === after.pilot || after.isForced || before.isReleased) continue;
    for (const { message, at: doneAt } of executed) {
      if (message.token === before.token) expect(doneAt).toBeLessThan(at);
    }
  }
}

test('whatever comes at once, crashes and is delivered twice, there is one holder at a time', async () => {
  const { scheduler, steps, clocks, deviceClock, fates, overlap } = scenario(CLOCK_SKEW / 2);
  let [handovers, executions] = [0, 0];
  await fc.assert(
    fc.asyncProperty(
      scheduler,
      steps,
      clocks,
      deviceClock,
      fates,
      overlap,
      async (scheduler, steps, clocks, deviceClock, fates, overlap) => {
        const world = new TakeoverWorld(scheduler, [...fates], [...clocks], deviceClock);
        const promised = await play(world, scheduler, steps, overlap);
        expectTokens(world.changes, promised);
        expectFenced(world);
        expectOneHolder(world.changes, promised, CLOCK_SKEW / 2);
        expectNothingAfterwards(world);
        handovers += world.changes.filter(
          ({ before, after }) => before && !before.isReleased && !after.isForced && before.pilot !== after.pilot,
        ).length;
        executions += world.executed.length;
      },
    ),
    { numRuns: 600 },
  );
  // Otherwise nothing would have been checked.
  expect(handovers).toBeGreaterThan(50);
  expect(executions).toBeGreaterThan(50);
}, 60_000);

test('with clocks that are wrong by an hour, the device still hears of one pilot only', async () => {
  const { scheduler, steps, clocks, deviceClock, fates, overlap } = scenario(3_600_000);
  await fc.assert(
    fc.asyncProperty(
      scheduler,
      steps,
      clocks,
      deviceClock,
      fates,
      overlap,
      async (scheduler, steps, clocks, deviceClock, fates, overlap) => {
        const world = new TakeoverWorld(scheduler, [...fates], [...clocks], deviceClock);
        const promised = await play(world, scheduler, steps, overlap);
        expectTokens(world.changes, promised);
        expectFenced(world);
      },
    ),
    { numRuns: 300 },
  );
});

test('a device whose pilot is gone lapses when the lease is over, and not before', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 0, max: 10 }),
      fc.integer({ min: -CLOCK_SKEW / 2, max: CLOCK_SKEW / 2 }),
      async (scheduler, heartbeats, deviceClock) => {
        const world = new TakeoverWorld(scheduler, [], [0], deviceClock);
        const ask = async (event: object) => {
          const response = await scheduler.waitFor(world.ask({ pilot: 'ann', ...event }, 0));
          await scheduler.waitFor(world.settle());
          return response;
        };
        const taken = await ask({ action: 'take' });
        const token = taken.ok ? taken.control.token : 0;
        for (let count = 0; count < heartbeats; count++) {
          for (let second = 0; second < LEASE / 3000; second++) world.pass(1000);
          expect(await ask({ action: 'heartbeat', token })).toMatchObject({ ok: true });
        }
        expect(world.lapses).toEqual([]);
        for (let waited = 0; waited < 2 * LEASE && world.lapses.length === 0; waited += 100) world.pass(100);
        const over = NOW + (heartbeats * LEASE) / 3 + LEASE;
        expect(Math.abs(world.lapses[0] - over)).toBeLessThanOrEqual(CLOCK_SKEW / 2 + 100);
        world.pass(60_000);
        expect(world.lapses).toHaveLength(1);
      },
    ),
    { numRuns: 50 },
  );
});
