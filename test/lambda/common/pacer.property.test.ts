import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import fc, { type Scheduler } from 'fast-check';
import { isNamed } from '../../../lambda/common/errors';
import { pacer, type Pacer } from '../../../lambda/common/pacer';
import { PacerTable, type Update } from '../../support/pacer-table';

const OPERATION = 'CreateStream';
/** Milliseconds, beyond which times are the same: a `number` of this size has fractions of 0.0002. */
const PRECISION = 0.01;

interface Scenario {
  readonly rate: number;
  /** How long after the one before each taker asks, in milliseconds. */
  readonly pauses: number[];
  /** Which of the updates have no answer; what they took is lost, and the SDK or the next message asks again. */
  readonly unanswered: boolean[];
  /** How the clock goes on, in milliseconds, over and over. */
  readonly steps: number[];
}

const pause = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 100, max: 1000 }));
const scenario: fc.Arbitrary<Scenario> = fc.record({
  rate: fc.constantFrom(7, 15, 48, 50, 150),
  pauses: fc.array(pause, { minLength: 1, maxLength: 20 }),
  unanswered: fc.array(fc.boolean(), { maxLength: 10 }),
  steps: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 10 }),
});

interface Turn {
  readonly at: number;
  /** The time that the taker put into its request. */
  readonly asked: number;
  /** The next free turn before this one was taken, and after. */
  readonly free: number | undefined;
  readonly next: number;
}

/** Takers on several machines, whose requests come to the table in any order, and later than they were sent. */
class Takers {
  readonly turns: Turn[] = [];
  /** When each taker that got its turn went on. */
  readonly starts: number[] = [];
  lost = 0;
  private now = 1_767_225_600_000;
  private readonly table = new PacerTable();
  private readonly sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  private readonly unanswered: boolean[];
  private free: number | undefined;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly scenario: Scenario,
  ) {
    this.unanswered = [...scenario.unanswered];
  }

  async run(): Promise<void> {
    const { rate, pauses, steps } = this.scenario;
    const pace = pacer({
      dynamodb: { send: ({ input }: { input: Update }) => this.update(input) } as unknown as DynamoDBDocumentClient,
      settings: { tableName: 'Pacer', rates: { [OPERATION]: rate } },
      now: () => this.now,
      sleep: (milliseconds) => this.sleep(milliseconds),
    });
    let over = false;
    const everybody = async () => {
      const takers: Promise<void>[] = [];
      for (const milliseconds of pauses) {
        await this.sleep(milliseconds);
        takers.push(this.take(pace));
      }
      await Promise.all(takers);
      over = true;
    };
    const clock = async () => {
      for (let step = 0; !over; step++) {
        await this.scheduler.schedule(Promise.resolve(), 'time passes');
        this.now += steps[step % steps.length];
        for (const { until, wake } of this.sleepers) if (until <= this.now) wake();
      }
    };
    await this.scheduler.waitFor(Promise.all([everybody(), clock()]));
  }

  private async take(pace: Pacer): Promise<void> {
    for (;;) {
      try {
        await pace(OPERATION);
        this.starts.push(this.now);
        return;
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
      }
    }
  }

  private async update(input: Update): Promise<object> {
    await this.scheduler.schedule(Promise.resolve(), 'an update arrives');
    const answer = this.perform(input);
    await this.scheduler.schedule(Promise.resolve(), 'its answer arrives');
    if (!answer) throw new ConditionalCheckFailedException({ message: 'No.', $metadata: {} });
    if (!this.unanswered.shift()) return answer;
    this.lost++;
    throw new Unanswered();
  }

  private perform(input: Update): object | undefined {
    try {
      const { Attributes } = this.table.update(input);
      const { ':now': asked, ':interval': interval } = input.ExpressionAttributeValues;
      this.turns.push({ at: Attributes.next - interval, asked, free: this.free, next: Attributes.next });
      this.free = Attributes.next;
      return { Attributes };
    } catch (error) {
      if (isNamed(error, 'ConditionalCheckFailedException')) return undefined;
      throw error;
    }
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((wake) => this.sleepers.push({ until: this.now + milliseconds, wake }));
  }
}

class Unanswered extends Error {}

/** The seed is fixed, so that a failure is one of the code. */
async function forAll(holds: (takers: Takers, scenario: Scenario) => void): Promise<void> {
  const property = fc.asyncProperty(fc.scheduler(), scenario, async (scheduler, input) => {
    const takers = new Takers(scheduler, input);
    await takers.run();
    holds(takers, input);
  });
  await fc.assert(property, { seed: 20_260_102, numRuns: 150 });
}

test('no second has more turns than the rate, wherever it begins', async () => {
  await forAll(({ turns }, { rate }) => {
    const times = turns.map(({ at }) => at);
    for (const begin of times) {
      const within = times.filter((at) => at > begin - PRECISION && at < begin + 1000 - PRECISION);
      expect(within.length).toBeLessThanOrEqual(Math.ceil(rate));
    }
  });
});

test('between two turns there is always the interval, so that nothing comes in a burst after a pause', async () => {
  await forAll(({ turns }, { rate }) => {
    for (const { at, free, asked } of turns) {
      expect(at).toBeGreaterThanOrEqual(asked - PRECISION);
      if (free !== undefined) expect(at).toBeGreaterThanOrEqual(free - PRECISION);
    }
    const times = turns.map(({ at }) => at).sort((one, other) => one - other);
    for (const [index, at] of times.slice(1).entries())
      expect(at - times[index]).toBeGreaterThan(1000 / rate - PRECISION);
  });
});

test('a turn is the next one that is free, or now, so that none is left out while somebody waits', async () => {
  await forAll(({ turns }, { rate }) => {
    for (const { at, free = -Infinity, asked, next } of turns) {
      expect(Math.abs(at - Math.max(free, asked))).toBeLessThan(PRECISION);
      expect(Math.abs(next - at - 1000 / rate)).toBeLessThan(PRECISION);
    }
  });
});

test('everybody gets one turn, and no turn is lost but those whose taker did not hear of it', async () => {
  await forAll(({ turns, starts, lost }, { pauses }) => {
    expect(starts).toHaveLength(pauses.length);
    expect(turns).toHaveLength(pauses.length + lost);
  });
});

test('nobody goes on before a turn, so that up to any time there were as many turns as calls', async () => {
  await forAll(({ turns, starts }) => {
    for (const start of starts) {
      const callsUntil = starts.filter((other) => other <= start).length;
      const turnsUntil = turns.filter(({ at }) => at <= start + PRECISION).length;
      expect(turnsUntil).toBeGreaterThanOrEqual(callsUntil);
    }
  });
});
