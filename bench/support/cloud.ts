import { isDeepStrictEqual } from 'node:util';
import type { MediaConfiguration } from '../../lambda/common/fleet-media';
import type { Input, Medium } from '../../local/cloud/kinesis-video/medium';
import { KinesisVideoModel } from '../../local/cloud/kinesis-video/model';
import { ServiceError } from '../../test/support/service-error';
import { PacerTable, type Update } from '../../test/support/pacer-table';
import type { Random } from './random';
import type { VirtualTime } from './virtual-time';

export type Service = 'kinesisvideo' | 'iot' | 'dynamodb';

export interface CloudSettings {
  /** The share of calls that fail for no fault of the caller. */
  readonly faultRate: number;
  /** From when to when after its creation a stream becomes ACTIVE, in milliseconds. */
  readonly streamCreation: readonly [number, number];
  /** Whether a device lacks something as long as no images are made of its stream. */
  readonly images: boolean;
}

/**
 * Calls a second that the account may make of each operation; 50 of those that aren't here.
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/limits.html
 */
const QUOTAS: Record<string, number> = { DescribeStream: 300, DescribeSignalingChannel: 300 };
const DEFAULT_QUOTA = 50;
/** Calls a second of each operation but creation for one stream or channel. */
const QUOTA_OF_EACH = 5;

/** What AWS documents no time for: these are guesses, from low to high, in milliseconds. */
const CHANGE_TIMES: Record<string, readonly [number, number]> = {
  'channel CREATING': [200, 800],
  UPDATING: [300, 1000],
  DELETING: [5_000, 20_000],
};

const THROTTLED: Record<Service, string> = {
  kinesisvideo: 'ClientLimitExceededException',
  iot: 'ThrottlingException',
  dynamodb: 'ThrottlingException',
};

/** How a call fails: refused at once, by an error of the server, or unanswered though it had its effect. */
export type Fault = 'throttled' | 'broken' | 'unanswered';

export function errorOf(fault: Fault, service: Service): ServiceError {
  if (fault === 'throttled') return new ServiceError(THROTTLED[service], service === 'iot' ? 429 : 400);
  return fault === 'broken' ? new ServiceError('InternalFailure', 500) : new ServiceError('TimeoutError', 0);
}

/** The services that the media of devices are made with, their quotas and their faults. */
export class Cloud {
  readonly things = new Map<string, string>();
  // As many as there are devices: quotas of numbers have been raised before.
  readonly video = new KinesisVideoModel((medium) => this.settleLater(medium), undefined, {
    streams: Infinity,
    channels: Infinity,
  });
  /** How often each operation was called, and how often it was refused for its quota. */
  readonly calls: Record<string, number> = {};
  readonly refusals: Record<string, number> = {};
  readonly ofOthers = { made: 0, refused: 0 };
  /** When the devices had all that they are to have, one after the other. */
  readonly completions: number[] = [];
  private readonly complete = new Set<string>();
  private readonly table = new PacerTable();
  private readonly buckets = new Map<string, TokenBucket>();
  private readonly bucketsOfEach = new Map<string, TokenBucket>();
  private sweptAt = 0;

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
    readonly settings: CloudSettings,
  ) {}

  fault(): Fault | undefined {
    if (!this.random.chance(this.settings.faultRate)) return undefined;
    return this.random.pick<Fault>(['throttled', 'broken', 'unanswered']);
  }

  /** @throws ServiceError */
  perform(service: Service, operation: string, input: object): object {
    this.calls[operation] = (this.calls[operation] ?? 0) + 1;
    if (service === 'dynamodb') return this.table.update(input as Update);
    if (service === 'iot') return this.describeThing(input as { thingName: string });
    if (!this.isWithinQuota(operation, input as Input)) {
      this.refusals[operation] = (this.refusals[operation] ?? 0) + 1;
      throw errorOf('throttled', service);
    }
    return this.video.call(operation, input as Input);
  }

  /** Somebody else calls CreateStream, now and then. */
  callAsOthers(): void {
    this.ofOthers.made++;
    if (!this.bucketOf('CreateStream').take(this.time.elapsed)) this.ofOthers.refused++;
  }

  isComplete(name: string): boolean {
    const stream = this.video.streams.get(name);
    const hasStream = stream !== undefined && (!this.settings.images || stream.settings.images !== undefined);
    return hasStream && this.video.channels.has(name);
  }

  /** How many streams and channels are there that no thing is to have, or not with these settings. */
  surplus({ stream, channel, tags, imageGeneration }: MediaConfiguration): number {
    const isRight = ({ kind, name, tags: present, settings }: Medium) => {
      if (!this.things.has(name) || !isDeepStrictEqual(present, tags)) return false;
      if (kind === 'channel') return settings.ttl === channel?.MessageTtlSeconds;
      const uri = imageGeneration && `${imageGeneration.DestinationConfig.Uri}/${name}`;
      return (
        settings.retention === stream.DataRetentionInHours &&
        settings.mediaType === stream.MediaType &&
        settings.tier === stream.StreamStorageConfiguration.DefaultStorageTier &&
        settings.images?.DestinationConfig?.Uri === uri
      );
    };
    const all = [...this.video.streams.values(), ...this.video.channels.values()];
    return all.filter((medium) => !isRight(medium)).length;
  }

  private describeThing({ thingName }: { thingName: string }): object {
    const thingTypeName = this.things.get(thingName);
    if (thingTypeName === undefined) throw new ServiceError('ResourceNotFoundException', 404);
    return { thingName, thingTypeName };
  }

  private settleLater(medium: Medium): void {
    const { kind, status } = medium;
    const [low, high] = CHANGE_TIMES[status] ?? CHANGE_TIMES[`${kind} ${status}`] ?? this.settings.streamCreation;
    this.time.after(this.random.between(low, high), () => {
      this.video.settle(medium);
      if (this.complete.has(medium.name) || !this.isComplete(medium.name)) return;
      this.complete.add(medium.name);
      this.completions.push(this.time.elapsed);
    });
  }

  private isWithinQuota(operation: string, input: Input): boolean {
    const now = this.time.elapsed;
    if (!operation.startsWith('Create')) {
      const { StreamName, StreamARN, ChannelName, ChannelARN, ResourceARN } = input;
      const key = `${operation} ${StreamName ?? StreamARN ?? ChannelName ?? ChannelARN ?? ResourceARN}`;
      if (!bucket(this.bucketsOfEach, key, QUOTA_OF_EACH).take(now)) return false;
      this.sweep(now);
    }
    return this.bucketOf(operation).take(now);
  }

  private bucketOf(operation: string): TokenBucket {
    return bucket(this.buckets, operation, QUOTAS[operation] ?? DEFAULT_QUOTA);
  }

  /** After a second, a bucket is as good as new. */
  private sweep(now: number): void {
    if (now < this.sweptAt + 1000) return;
    this.sweptAt = now;
    for (const [key, { usedAt }] of this.bucketsOfEach) if (usedAt < now - 1000) this.bucketsOfEach.delete(key);
  }
}

/** How AWS keeps its quotas: what isn't used is saved up, but not more than for a second. */
class TokenBucket {
  usedAt = 0;
  private tokens: number;

  constructor(private readonly rate: number) {
    this.tokens = rate;
  }

  take(now: number): boolean {
    this.tokens = Math.min(this.rate, this.tokens + ((now - this.usedAt) / 1000) * this.rate);
    this.usedAt = now;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }
}

function bucket(buckets: Map<string, TokenBucket>, key: string, rate: number): TokenBucket {
  const found = buckets.get(key) ?? new TokenBucket(rate);
  buckets.set(key, found);
  return found;
}
