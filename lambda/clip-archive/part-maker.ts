import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { ArchivedMedia } from '../common/archived-media';
import { isNamed } from '../common/errors';
import { listFragments, type Fragment } from '../common/fragments';
import type { MediaStore, StoredObject } from '../common/media-store';
import { logger, metrics } from '../common/observability';
import { endOf, type Part } from '../common/parts';
import { ComeAgain } from '../common/queue-worker';
import { IncompleteMedia, openClip, openFragments } from '../common/stream-media';

export interface PartPorts {
  readonly media: ArchivedMedia;
  readonly store: MediaStore;
  readonly stream: string;
  readonly folder: string;
  readonly legalHold: boolean;
  /** What is in the folder already. */
  readonly keys: ReadonlySet<string>;
  readonly remaining: () => number;
}

export interface StoredPart extends Part {
  readonly object: StoredObject;
}

/** AWS makes no MP4 of such media at all. */
const NO_MP4 = ['UnsupportedStreamMediaTypeException', 'MissingCodecPrivateDataException'];

/** AWS makes no MP4 of media that changes its codec, its size or its tracks on the way, nor of a broken frame. */
const NOT_AS_ONE = ['InvalidCodecPrivateDataException', 'InvalidMediaFrameException'];

/** There is something in the time of a clip that isn't planned: AWS would put it in, and leave out what it overlaps. */
class LateMedia extends Error {
  override readonly name = 'LateMedia';
}

/** What is gone, or never was. */
const NOT_THERE = ['ResourceNotFoundException', 'InvalidArgumentException'];

/** A part that has begun ends within this time, in milliseconds. */
const RESERVE = 60_000;

/** Stores parts, and knows what became of their fragments. */
export class PartMaker {
  readonly stored: StoredPart[] = [];
  readonly expired: Fragment[] = [];

  constructor(private readonly ports: PartPorts) {}

  /**
   * Stores a part as one object, or as several where AWS can't make one of it. No fragment is left out but one that the
   * stream doesn't have any more.
   *
   * @throws ComeAgain when there is no time left for it
   */
  async make(part: Part): Promise<void> {
    if (this.ports.remaining() < RESERVE) throw new ComeAgain(0, 'There are more parts to be stored.');
    try {
      this.stored.push({ ...part, object: await this.store(part) });
    } catch (error) {
      const instead = await this.instead(part, error);
      if (!instead) throw error;
      logger.info('A part is stored otherwise', { ...describe(part), because: (error as Error).name });
      for (const other of instead) await this.make(other);
    }
  }

  private async store(part: Part): Promise<StoredObject> {
    const { media, store, stream, keys, folder, legalHold } = this.ports;
    const key = `${folder}${nameOf(part)}`;
    if (keys.has(key)) return store.measure(key);
    const isClip = part.format === 'MP4';
    if (isClip) await this.checkTime(part.fragments);
    const body = await (isClip ? openClip : openFragments)(media, stream, part.fragments);
    const object = await store.put({ key, contentType: isClip ? 'video/mp4' : 'video/x-matroska', body, legalHold });
    metrics.addMetric('ClipPartStored', MetricUnit.Count, 1);
    metrics.addMetric('ClipBytes', MetricUnit.Bytes, object.bytes);
    return object;
  }

  /** What to store instead of a part that can't be had, or nothing if it is only not to be had now. */
  private async instead(part: Part, error: unknown): Promise<Part[] | undefined> {
    const { fragments } = part;
    if (error instanceof LateMedia || isNamed(error, ...NO_MP4)) return [{ format: 'MKV', fragments }];
    if (isNamed(error, ...NOT_AS_ONE)) {
      if (fragments.length === 1) return [{ format: 'MKV', fragments }];
      const half = Math.ceil(fragments.length / 2);
      return [
        { ...part, fragments: fragments.slice(0, half) },
        { ...part, fragments: fragments.slice(half) },
      ];
    }
    if (!(error instanceof IncompleteMedia) && !isNamed(error, ...NOT_THERE)) return undefined;
    const left = await this.leftOf(fragments);
    // All of it is there, so it has another cause.
    if (left.length === fragments.length) return undefined;
    this.expired.push(...fragments.filter((fragment) => !left.includes(fragment)));
    return left.length === 0 ? [] : [{ ...part, fragments: left }];
  }

  /** @throws LateMedia when there is more in the time of these fragments than them */
  private async checkTime(fragments: readonly Fragment[]): Promise<void> {
    const planned = new Set(fragments.map(({ number }) => number));
    const listed = await this.listedWith(fragments);
    if (listed.some((number) => !planned.has(number))) throw new LateMedia('Media came after the plan was made.');
  }

  private async leftOf(fragments: Fragment[]): Promise<Fragment[]> {
    const listed = new Set(await this.listedWith(fragments));
    return fragments.filter(({ number }) => listed.has(number));
  }

  /** The numbers of all fragments that begin from the first of these to the last. */
  private async listedWith(fragments: readonly Fragment[]): Promise<string[]> {
    const { media, stream } = this.ports;
    const window = {
      from: Math.min(...fragments.map(({ producedAt }) => producedAt)),
      to: Math.max(...fragments.map(({ producedAt }) => producedAt)) + 1,
    };
    try {
      const client = await media.clientFor(stream, 'LIST_FRAGMENTS');
      return (await listFragments(client, stream, 'device', window)).map(({ number }) => number);
    } catch (error) {
      // The stream itself, or all of that time.
      if (isNamed(error, ...NOT_THERE)) return [];
      throw error;
    }
  }
}

/** What it is of, so that the same part has the same name. */
function nameOf({ format, fragments }: Part): string {
  const [first] = fragments;
  const time = new Date(first.producedAt).toISOString().replace(/[-:]/g, '');
  return `${time}-${first.number}-${fragments.length}.${format.toLowerCase()}`;
}

function describe({ format, fragments }: Part) {
  return {
    format,
    fragments: fragments.length,
    from: new Date(fragments[0].producedAt).toISOString(),
    to: new Date(endOf(fragments.at(-1)!)).toISOString(),
  };
}
