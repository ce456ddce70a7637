import { captureOutput } from '../../support/handler-output';
import fc from 'fast-check';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { IncidentManifest } from '../../../lambda/common/incident';
import { metrics } from '../../../lambda/common/observability';
import { ALERT, AT, ClipWorld } from '../../support/clip-world';
import { fragmentNumber, fragmentsIn, type StoredFragment } from '../../support/stream-model';

captureOutput();

// Hundreds of scenarios are no short test, least of all on a busy machine.
jest.setTimeout(300_000);

/** All times are multiples of it, so that the model can look at each moment by itself. */
const TICK = 100;
const WINDOW = { from: AT - 600_000, to: AT + 60_000 };
const REQUEST = JSON.stringify({
  schemaVersion: '1.0',
  kind: 'CLIP_REQUEST',
  id: ALERT.id,
  device: 'drone-1',
  at: ALERT.capturedAt,
  beforeSeconds: 600,
  afterSeconds: 60,
});

/** What a device sends in one go: where it begins, and its fragments with what is between them. */
interface Take {
  readonly start: number;
  readonly codec: string | undefined;
  readonly fragments: { readonly ticks: number; readonly pause: number; readonly bytes: number }[];
}

/** What becomes of a call: it is throttled, or the function crashes before or after it. */
type Fate = 'throttled' | 'crash before' | 'crash after' | undefined;

const take: fc.Arbitrary<Take> = fc.record({
  start: fc.integer({ min: -7000, max: 800 }),
  codec: fc.constantFrom('h264', 'h264', 'h264', 'h265', undefined),
  fragments: fc.oneof(
    // A camera as it should be, and one that is not.
    fc
      .tuple(fc.integer({ min: 10, max: 40 }), fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 1_000_000 }))
      .map(([ticks, count, bytes]) => Array.from({ length: count }, () => ({ ticks, pause: 0, bytes }))),
    fc.array(
      fc.record({
        ticks: fc.integer({ min: 10, max: 200 }),
        pause: fc.oneof(fc.integer({ min: -2, max: 12 }), fc.integer({ min: -300, max: 300 })),
        bytes: fc.integer({ min: 1, max: 50_000_000 }),
      }),
      { minLength: 1, maxLength: 40 },
    ),
  ),
});

const scenarios = fc.record({
  takes: fc.array(take, { maxLength: 4 }),
  fates: fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom<Fate>('throttled', 'crash before', 'crash after') },
    ),
    { maxLength: 30 },
  ),
  pageSize: fc.integer({ min: 1, max: 300 }),
});

function fragmentsOf(takes: Take[]): StoredFragment[] {
  const all: StoredFragment[] = [];
  for (const { start, codec, fragments } of takes) {
    let time = AT + start * TICK;
    for (const { ticks, pause, bytes } of fragments) {
      const number = fragmentNumber(all.length);
      const receivedAt = AT + 1000 * all.length;
      all.push({ number, producedAt: time, receivedAt, milliseconds: ticks * TICK, bytes, codec });
      time += (ticks + pause) * TICK;
    }
  }
  return all;
}

class Crash extends Error {}

const THROTTLED = 'ClientLimitExceededException';

/** Faults come in the order of the calls, whatever is called. */
class Run {
  readonly world: ClipWorld;
  private readonly fates: Fate[];
  private crash: (error: Crash) => void = () => undefined;
  private isDead = false;

  constructor(fragments: StoredFragment[], fates: Fate[], pageSize: number) {
    this.fates = [...fates];
    // Whether the index is right isn't the question here, but that it may fail.
    const send = async () => {
      if ((await this.fate()) === 'throttled') throw Object.assign(new Error(THROTTLED), { name: THROTTLED });
      return {};
    };
    this.world = new ClipWorld({ send } as unknown as DynamoDBDocumentClient, 'Incidents');
    this.world.video.streams.set('drone-1', fragments);
    this.world.video.pageSize = pageSize;
    let last: Fate;
    this.world.video.before = async () => ((last = await this.fate()) === 'throttled' ? THROTTLED : undefined);
    this.world.store.before = async () => {
      last = await this.fate();
      if (last === 'throttled') throw Object.assign(new Error('SlowDown'), { name: 'SlowDown' });
    };
    this.world.store.after = async () => {
      if (last === 'crash after') await this.die();
    };
  }

  /** @param between is done between two tries */
  async untilDone(between: () => void = () => undefined): Promise<void> {
    while (!(await this.isDone())) between();
  }

  private async isDone(): Promise<boolean> {
    this.isDead = false;
    const crashed = new Promise<never>((_resolve, reject) => (this.crash = reject));
    try {
      await Promise.race([this.world.handle(REQUEST), crashed]);
      return true;
    } catch (error) {
      const { name } = error as Error;
      if (error instanceof Crash || name === 'SlowDown' || name === THROTTLED) return false;
      throw error;
    }
  }

  private async fate(): Promise<Fate> {
    if (this.isDead) return never();
    const fate = this.fates.shift();
    if (fate === 'crash before') await this.die();
    return fate;
  }

  private die(): Promise<never> {
    this.isDead = true;
    this.crash(new Crash());
    return never();
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** As if it were recorded after the others, within their gaps or not. */
function later({ start, ...rest }: Take): Take {
  return { ...rest, start: start + 13 };
}

/** What the stream held of the window, and where it held nothing, by looking at each moment. */
function truth(fragments: StoredFragment[]) {
  const within = fragments.filter(
    ({ producedAt, milliseconds }) => producedAt < WINDOW.to && producedAt + milliseconds > WINDOW.from,
  );
  const gaps: { from: number; to: number }[] = [];
  for (let time = WINDOW.from; time < WINDOW.to; time += TICK) {
    if (within.some(({ producedAt, milliseconds }) => producedAt <= time && time < producedAt + milliseconds)) continue;
    const last = gaps.at(-1);
    if (last?.to === time) last.to += TICK;
    else gaps.push({ from: time, to: time + TICK });
  }
  return { numbers: within.map(({ number }) => number).sort(), gaps: gaps.filter(({ from, to }) => to - from > 1000) };
}

/** The seed is fixed, so that a failure is one of the code. To look for more, take others and more runs. */
async function forAll(runs: number, holds: (scenario: Parameters<typeof fragmentsOf>[0], run: Run) => Promise<void>) {
  const property = fc.asyncProperty(scenarios, async ({ takes, fates, pageSize }) => {
    metrics.clearMetrics();
    await holds(takes, new Run(fragmentsOf(takes), fates, pageSize));
  });
  await fc.assert(property, {
    seed: Number(process.env.PROPERTY_SEED ?? 20_260_101),
    numRuns: runs * Number(process.env.PROPERTY_RUNS ?? 1),
  });
}

test('what the stream held is stored, each fragment once, and what it did not hold is reported, whatever fails', async () => {
  await forAll(120, async (takes, run) => {
    const { numbers, gaps } = truth(fragmentsOf(takes));
    await run.untilDone();
    const { store } = run.world;
    const manifest = store.json<IncidentManifest>(run.world.keyOf('manifest.json'));
    const stored = manifest.parts.flatMap(({ key }) => fragmentsIn(store.find(key).content));
    expect(stored.sort()).toEqual(numbers);
    expect(manifest.parts.flatMap(({ fragments }) => fragments.map(({ number }) => number)).sort()).toEqual(numbers);
    expect(manifest.gaps.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) }))).toEqual(gaps);
  });
});

test('each object has what the manifest says, within the limits, and there is none besides', async () => {
  await forAll(100, async (takes, run) => {
    const { store, video } = run.world;
    await run.untilDone(() => {
      // What comes late between two tries is not for what is planned already.
      const isPlanned = run.world.keys.some((key) => key.endsWith('plan.json'));
      if (isPlanned) video.streams.set('drone-1', fragmentsOf([...takes, ...takes.map(later)]));
    });
    const { parts } = store.json<IncidentManifest>(run.world.keyOf('manifest.json'));
    for (const { key, fragments } of parts) {
      expect(fragmentsIn(store.find(key).content)).toEqual(fragments.map(({ number }) => number));
      expect(fragments.length).toBeLessThanOrEqual(200);
      const bytes = fragments.reduce((sum, fragment) => sum + fragment.bytes, 0);
      expect(fragments.length === 1 || bytes <= 100_000_000).toBe(true);
    }
    const media = run.world.keys.filter((key) => !key.endsWith('.json'));
    expect(media).toEqual(parts.map(({ key }) => key).sort());
    for (const { operation, request } of video.calls) {
      if (operation === 'GetMediaForFragmentList') expect(request.Fragments!.length).toBeLessThanOrEqual(1000);
    }
  });
});

test('a message that comes again, when more is in the stream, changes no object', async () => {
  await forAll(50, async (takes, run) => {
    await run.untilDone();
    const before = new Map(run.world.store.objects);
    run.world.video.streams.set('drone-1', fragmentsOf([...takes, ...takes]));
    await run.untilDone();
    expect(new Map(run.world.store.objects)).toEqual(before);
  });
});
