import { captureOutput } from '../../support/handler-output';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { SLICE, archiveStream } from '../../../lambda/continuous-archive/stream-archiver';
import { metrics } from '../../../lambda/common/observability';
import { ObjectStore } from '../../support/object-store';
import { StreamModel, fragmentNumber, fragmentsIn, type StoredFragment } from '../../support/stream-model';

captureOutput();

// Hundreds of scenarios are no short test, least of all on a busy machine.
jest.setTimeout(300_000);

const STREAM = 'drone-1';
const START = Date.parse('2026-11-24T10:03:20.000Z');
const SETTLE = 120;

type Fate = 'throttled' | 'crash before' | 'crash after' | undefined;

const scenarios = fc.record({
  /** How long after the one before a fragment was received, in seconds, and its size. */
  fragments: fc.array(
    fc.record({
      pause: fc.oneof(
        { weight: 20, arbitrary: fc.integer({ min: 1, max: 20 }) },
        { weight: 1, arbitrary: fc.integer({ min: 600, max: 9000 }) },
      ),
      bytes: fc.integer({ min: 1, max: 50_000_000 }),
    }),
    { maxLength: 120 },
  ),
  /** What happens to the calls, one after the other; those that come after have no fault. */
  fates: fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom<Fate>('throttled', 'crash before', 'crash after') },
    ),
    { maxLength: 40 },
  ),
  /** Minutes between runs. */
  pauses: fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 }),
  isTwice: fc.boolean(),
  pageSize: fc.integer({ min: 1, max: 200 }),
});

type Scenario = typeof scenarios extends fc.Arbitrary<infer T> ? T : never;

class Crash extends Error {}

class World {
  readonly video = new StreamModel();
  readonly store = new ObjectStore();
  readonly all: StoredFragment[] = [];
  archivedTo: number | undefined;
  now = START;
  private readonly fates: Fate[];

  constructor({ fragments, fates, pageSize }: Scenario) {
    this.fates = [...fates];
    let time = START;
    for (const { pause, bytes } of fragments) {
      time += 1000 * pause;
      const number = fragmentNumber(this.all.length);
      this.all.push({ number, producedAt: time, receivedAt: time, milliseconds: 1000, bytes, codec: 'h264' });
    }
    this.video.pageSize = pageSize;
    this.video.createdAt = START;
    this.video.retentionHours = 87_600;
  }

  /** So many invocations at once: whether they were done, rather than failed or crashed. */
  run(times = 1): Promise<boolean> {
    // What is on its way isn't listed yet.
    this.video.streams.set(
      STREAM,
      this.all.filter(({ receivedAt }) => receivedAt + 60_000 <= this.now),
    );
    let isDead = false;
    return new Promise((resolve, reject) => {
      const die = (): Promise<never> => {
        isDead = true;
        resolve(false);
        return new Promise(() => undefined);
      };
      let last: Fate;
      const before = async () => {
        if (isDead) return new Promise<never>(() => undefined);
        last = this.fates.shift();
        return last === 'crash before' ? die() : last;
      };
      const after = async () => (last === 'crash after' ? die() : undefined);
      this.video.before = async () => ((await before()) === 'throttled' ? 'ClientLimitExceededException' : undefined);
      this.store.before = async () => {
        if ((await before()) === 'throttled') throw new Crash();
      };
      this.store.after = async () => after();
      const send = async ({ input }: { input: UpdateCommandInput }) => {
        if ((await before()) === 'throttled') throw new Crash();
        const answer = this.perform(input);
        await after();
        return answer;
      };
      const archive = () =>
        archiveStream(STREAM, {
          kinesisVideo: this.video.kinesisVideo,
          media: this.video.media,
          s3: this.store.client,
          bucket: 'archive',
          dynamodb: { send } as unknown as DynamoDBDocumentClient,
          watermarkTable: 'Watermarks',
          settleSeconds: SETTLE,
          now: () => this.now,
          remaining: () => 900_000,
        });
      Promise.all(Array.from({ length: times }, archive)).then(
        (done) => resolve(done.every(Boolean)),
        (error: Error) => {
          isDead = true;
          if (error instanceof Crash || error.name === 'ClientLimitExceededException') resolve(false);
          else reject(error);
        },
      );
    });
  }

  /** The numbers of the fragments in all objects, in whatever order. */
  get stored(): string[] {
    return [...this.store.objects]
      .filter(([key]) => key.endsWith('.mkv'))
      .flatMap(([, { content }]) => fragmentsIn(content));
  }

  receivedBefore(time: number): string[] {
    return this.all.filter(({ receivedAt }) => receivedAt < time).map(({ number }) => number);
  }

  private perform({ UpdateExpression, ConditionExpression, ...input }: UpdateCommandInput): object {
    if (!UpdateExpression) return { Item: this.archivedTo === undefined ? undefined : { archivedTo: this.archivedTo } };
    const { ':from': from, ':to': to } = input.ExpressionAttributeValues as Record<string, number>;
    if (ConditionExpression && this.archivedTo !== from)
      throw new ConditionalCheckFailedException({ message: '', $metadata: {} });
    expect(to).toBeGreaterThan(this.archivedTo ?? 0);
    this.archivedTo = to;
    // At each moment, and not only in the end.
    expect(this.stored).toEqual(expect.arrayContaining(this.receivedBefore(to)));
    return {};
  }
}

test('everything that has settled is stored, once, and the watermark passes nothing that is not, whatever fails', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      metrics.clearMetrics();
      const world = new World(scenario);
      for (const minutes of scenario.pauses) {
        world.now += 60_000 * minutes;
        await world.run(scenario.isTwice ? 2 : 1);
      }
      world.now = Math.max(world.now, world.all.at(-1)?.receivedAt ?? 0) + SLICE + 1000 * SETTLE;
      while (!(await world.run()));
      const settled = Math.floor((world.now - 1000 * SETTLE) / SLICE) * SLICE;
      expect(world.archivedTo).toBe(settled);
      expect(world.stored.sort()).toEqual(world.receivedBefore(settled));
      for (const { operation, request } of world.video.calls) {
        if (operation === 'GetMediaForFragmentList') expect(request.Fragments!.length).toBeLessThanOrEqual(200);
      }
      const before = new Map(world.store.objects);
      await world.run();
      expect(new Map(world.store.objects)).toEqual(before);
    }),
    {
      seed: Number(process.env.PROPERTY_SEED ?? 20_260_101),
      numRuns: 60 * Number(process.env.PROPERTY_RUNS ?? 1),
    },
  );
});
