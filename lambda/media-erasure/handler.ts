import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { logger, metrics } from '../common/observability';
import { certify, type Ending } from './ending';
import { placesOf, type PlacePorts } from './places';
import { Proof } from './proof';
import { nextPass, progress, START, type Progress } from './progress';
import { erasureRequest, type ErasureRequest } from './request';
import type { Item, Keep, Source } from './source';

export interface Ports extends PlacePorts {
  readonly proofBucket: string;
  /** The queue by which a device gets its streams. */
  readonly provisioning: (device: string) => Promise<void>;
  /** Milliseconds until the function is ended. */
  readonly remaining: () => number;
}

/** The input of the function: what an execution was started with, and how far it has come. */
export const invocation = z.object({
  request: z.unknown(),
  execution: z.object({ id: z.string(), name: z.string(), startedAt: z.iso.datetime() }),
  progress: progress.nullable(),
});

type Execution = z.infer<typeof invocation>['execution'];

export interface Step {
  readonly next: 'WORK' | 'WAIT' | 'DONE';
  readonly progress: Progress;
  /** How it ended, if it is done. */
  readonly ending?: Ending;
}

/** A request that is none, or that was another one before. To try it again would change nothing. */
export class InvalidErasureRequest extends Error {
  override readonly name = 'InvalidErasureRequest';
}

/** What has begun ends within these three minutes. */
const RESERVE = 180_000;

/** A device that goes on recording has something new each time. */
const MAX_PASSES = 5;

/** A device has tens of thousands of files if each second of months has an image: they are read in some seconds each. */
const SEALED_AT_ONCE = 1000;

/** At a quarter of a minute each, half an hour: a stream is gone much sooner. */
const MAX_WAITS = 120;

/**
 * Works on a request until it is done or the time is nearly up.
 *
 * Each pass looks through all places and writes what it finds into the manifest; only then it is erased, by the manifest.
 * The last pass is the one that deletes nothing: whatever it has found stays, for a reason that is written down.
 */
export async function handle(event: unknown, ports: Ports): Promise<Step> {
  const { request: given, execution, progress: before } = invocation.parse(event);
  const request = parseRequest(given, execution);
  const proof = new Proof(ports.s3, ports.proofBucket, request.requestId);
  if (!before) await claim(proof, execution);
  return new Work(request, execution, before ?? START, proof, ports).run();
}

function parseRequest(given: unknown, { name }: Execution): ErasureRequest {
  const { data, error } = erasureRequest.safeParse(given);
  if (!data) {
    const problems = error.issues.map(({ path, message }) =>
      path.length > 0 ? `${path.join('.')}: ${message}` : message,
    );
    throw new InvalidErasureRequest(`The request is wrong: ${problems.join('; ')}.`);
  }
  if (data.requestId === name) return data;
  // Step Functions starts no second execution of the same name, so that no request is carried out twice.
  throw new InvalidErasureRequest(`The execution must have the \`requestId\` as its name, '${data.requestId}'.`);
}

/** Step Functions forgets the names of executions; the proof is kept longer. */
async function claim(proof: Proof, { id, startedAt }: Execution): Promise<void> {
  const owner = await proof.writeOnce('execution.json', { execution: id, startedAt });
  const { execution } = JSON.parse(owner) as { execution: string };
  if (execution !== id)
    throw new InvalidErasureRequest(`There is a proof of this \`requestId\` already, by ${execution}.`);
}

class Work {
  private readonly places: Source[];

  constructor(
    private readonly request: ErasureRequest,
    private readonly execution: Execution,
    private progress: Progress,
    private readonly proof: Proof,
    private readonly ports: Ports,
  ) {
    this.places = placesOf(request, Date.parse(execution.startedAt), ports);
  }

  async run(): Promise<Step> {
    while (this.ports.remaining() > RESERVE) {
      const { phase, next: sealed } = this.progress;
      if (phase === 'certify' && sealed === this.files.length) return this.end();
      const next = await { find: () => this.find(), erase: () => this.erase(), certify: () => this.seal() }[phase]();
      if (next === 'WAIT') return this.wait();
      // That the list is complete must be known before anything is erased: who had to list again would find less.
      if (this.progress.phase !== phase) break;
    }
    return { next: 'WORK', progress: this.progress };
  }

  /** Notes one page of what there is. */
  private async find(): Promise<'WORK' | 'WAIT'> {
    const { place, token, found, passes } = this.progress;
    const source = this.places.at(place);
    if (!source) {
      const isDone = this.request.plan || passes.at(-1) === 0;
      this.progress = { ...this.progress, phase: isDone ? 'certify' : 'erase', next: 0 };
      return 'WORK';
    }
    const { items, token: next, isUnsettled } = await source.find(token);
    if (isUnsettled) return 'WAIT';
    if (items.length > 0) {
      const file = passes.at(-1)!;
      await this.proof.write(manifestFile(passes.length, file), { place: source.name, items });
      this.progress = {
        ...this.progress,
        passes: [...passes.slice(0, -1), file + 1],
        found: { ...found, [source.name]: (found[source.name] ?? 0) + items.length },
      };
      if (this.request.plan) for (const { keep } of items) this.keep(keep);
    }
    this.progress = { ...this.progress, place: next === undefined ? place + 1 : place, token: next };
    return 'WORK';
  }

  /** Erases what one file of the manifest names. */
  private async erase(): Promise<'WORK' | 'WAIT'> {
    const { next, passes, changed } = this.progress;
    const pass = passes.length;
    if (next === passes.at(-1)) {
      if (changed === 0 || pass === MAX_PASSES) {
        this.progress = { ...this.progress, phase: 'certify', next: 0 };
        return 'WORK';
      }
      this.progress = nextPass(this.progress);
      // Some services tell of what was deleted for a moment.
      return 'WAIT';
    }
    const { place, items } = manifest.parse(await this.proof.read(manifestFile(pass, next)));
    const outcome = await this.eraseItems(place, items);
    await this.proof.write(outcomeFile(pass, next), { place, items: outcome });
    const deleted = outcome.filter(({ keep }) => !keep).length;
    for (const { keep } of outcome) this.keep(keep);
    this.progress = {
      ...this.progress,
      next: next + 1,
      changed: changed + deleted,
      deleted: { ...this.progress.deleted, [place]: (this.progress.deleted[place] ?? 0) + deleted },
    };
    return 'WORK';
  }

  private async eraseItems(place: string, items: Item[]): Promise<Item[]> {
    const source = this.places.find(({ name }) => name === place);
    if (!source) throw new Error(`The manifest names '${place}', which is no place of this request.`);
    const free = items.filter(({ keep }) => !keep).map(({ id }) => id);
    const kept = free.length > 0 ? await source.erase(free) : [];
    const keeps = new Map(free.map((id, index) => [id, kept[index]]));
    return items.map(({ id, keep }) => ({ id, keep: keep ?? keeps.get(id) }));
  }

  private keep(keep: Keep | undefined): void {
    if (!keep) return;
    const { count, until } = this.progress.kept[keep.reason] ?? { count: 0 };
    const latest = [until, keep.until]
      .filter((time) => time !== undefined)
      .sort()
      .at(-1);
    const kept = { ...this.progress.kept, [keep.reason]: { count: count + 1, ...(latest && { until: latest }) } };
    this.progress = { ...this.progress, kept };
  }

  private wait(): Step {
    const waits = this.progress.waits + 1;
    if (waits > MAX_WAITS) throw new Error('Something is being deleted for half an hour.');
    return { next: 'WAIT', progress: { ...this.progress, waits } };
  }

  /** Of the manifest, and of what became of it. */
  private get files(): string[] {
    return this.progress.passes.flatMap((count, index) =>
      Array.from({ length: count }, (_, file) => [
        manifestFile(index + 1, file),
        ...(this.request.plan ? [] : [outcomeFile(index + 1, file)]),
      ]).flat(),
    );
  }

  /** Notes the checksums of some files. */
  private async seal(): Promise<'WORK'> {
    const { next } = this.progress;
    const files = this.files.slice(next, next + SEALED_AT_ONCE);
    await this.proof.noteSums(sumsFile(next), files);
    this.progress = { ...this.progress, next: next + files.length };
    return 'WORK';
  }

  private async end(): Promise<Step> {
    const { request, execution, progress: reached, proof, ports, files } = this;
    if (request.recreate) await ports.provisioning(request.device!);
    const sums = files.flatMap((_, index) => (index % SEALED_AT_ONCE === 0 ? [sumsFile(index)] : []));
    const places = this.places.map(({ name }) => name);
    const ending = await certify(
      { request, execution, progress: reached, places, files: files.length, sums, proof },
      ports,
    );
    metrics.addMetric(ending.outcome === 'INCOMPLETE' ? 'ErasureIncomplete' : 'ErasureCertified', MetricUnit.Count, 1);
    logger.info('Erasure ended', { requestId: request.requestId, ending });
    return { next: 'DONE', progress: reached, ending };
  }
}

const manifest = z.object({
  place: z.string(),
  items: z.array(
    z.object({
      id: z.record(z.string(), z.string()),
      keep: z.object({ reason: z.enum(['PART_OF_STREAM', 'FOREIGN']), until: z.string().optional() }).optional(),
    }),
  ),
});

function manifestFile(pass: number, file: number): string {
  return `manifest/${pass}-${String(file).padStart(6, '0')}.json`;
}

function outcomeFile(pass: number, file: number): string {
  return `outcome/${pass}-${String(file).padStart(6, '0')}.json`;
}

/** Named by the first file that it has the checksum of. */
function sumsFile(first: number): string {
  return `sums/${String(first).padStart(6, '0')}.sha256`;
}
