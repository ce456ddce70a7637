import type {
  ChannelInfo,
  ChannelNameCondition,
  ImageGenerationConfiguration,
  MediaStorageConfiguration,
  SingleMasterConfiguration,
  StreamInfo,
  StreamNameCondition,
  StreamStorageConfiguration,
  Tag,
} from '@aws-sdk/client-kinesis-video';

/** An error of a service's model, and the status that it comes with. */
export class ServiceError extends Error {
  readonly $metadata = {};

  constructor(
    name: string,
    readonly status = 400,
  ) {
    super(`It is ${name}.`);
    this.name = name;
  }
}

export type Status = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';

/** A stream or a channel. What a change sets is seen when the change is over. */
export interface Medium {
  readonly kind: 'stream' | 'channel';
  readonly name: string;
  readonly arn: string;
  status: Status;
  version: number;
  tags: Record<string, string>;
  settings: Settings;
  /** The settings after the change that is under way. */
  next?: Settings;
}

export interface Settings {
  readonly retention?: number;
  readonly mediaType?: string;
  readonly tier?: string;
  readonly images?: ImageGenerationConfiguration;
  readonly ttl?: number;
  readonly storage?: MediaStorageConfiguration;
}

/** All members that the calls below have. */
export interface Input {
  readonly StreamName?: string;
  readonly StreamARN?: string;
  readonly ChannelName?: string;
  readonly ChannelARN?: string;
  readonly ResourceARN?: string;
  readonly CurrentVersion?: string;
  readonly DataRetentionInHours?: number;
  readonly DataRetentionChangeInHours?: number;
  readonly Operation?: string;
  readonly MediaType?: string;
  readonly StreamStorageConfiguration?: StreamStorageConfiguration;
  readonly ImageGenerationConfiguration?: ImageGenerationConfiguration;
  readonly SingleMasterConfiguration?: SingleMasterConfiguration;
  readonly MediaStorageConfiguration?: MediaStorageConfiguration;
  readonly Tags?: Record<string, string> | Tag[];
  readonly StreamNameCondition?: StreamNameCondition;
  readonly ChannelNameCondition?: ChannelNameCondition;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/**
 * The control plane of Kinesis Video Streams in memory: states, versions and errors as the service's model has them.
 *
 * Nothing passes by itself: what CREATING, UPDATING and DELETING end in comes with `settle`.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_Operations_Amazon_Kinesis_Video_Streams.html
 */
export class KinesisVideoModel {
  readonly streams = new Map<string, Medium>();
  readonly channels = new Map<string, Medium>();
  private made = 0;

  /**
   * @param later is told of each stream and channel that is to be settled some time
   * @param now in milliseconds since 1970
   */
  constructor(
    private readonly later: (medium: Medium) => void,
    private readonly now = () => 1_700_000_000_000,
  ) {}

  /** What the service answers to a call, or throws. */
  call(operation: string, input: Input): object {
    switch (operation) {
      case 'CreateStream':
        return { StreamARN: this.create('stream', input.StreamName!, input).arn };
      case 'CreateSignalingChannel':
        return { ChannelARN: this.create('channel', input.ChannelName!, input).arn };
      case 'DescribeStream':
        return { StreamInfo: streamInfo(this.stream(input)) };
      case 'ListStreams':
        return this.list(input);
      case 'DescribeSignalingChannel':
        return { ChannelInfo: channelInfo(this.channel(input)) };
      case 'ListSignalingChannels':
        return this.listChannels(input);
      case 'DescribeMediaStorageConfiguration':
        return { MediaStorageConfiguration: this.channel(input).settings.storage ?? { Status: 'DISABLED' } };
      case 'UpdateMediaStorageConfiguration':
        return this.store(this.channel(input), input.MediaStorageConfiguration!);
      case 'DescribeStreamStorageConfiguration':
        return { StreamStorageConfiguration: { DefaultStorageTier: this.stream(input).settings.tier } };
      case 'DescribeImageGenerationConfiguration':
        return { ImageGenerationConfiguration: this.stream(input).settings.images };
      case 'ListTagsForStream':
        return { Tags: { ...this.stream(input).tags } };
      case 'ListTagsForResource':
        return { Tags: { ...this.channel({ ChannelARN: input.ResourceARN }).tags } };
      case 'TagStream':
        return this.tag(this.stream(input), input);
      case 'TagResource':
        return this.tag(this.channel({ ChannelARN: input.ResourceARN }), input);
      case 'UpdateDataRetention':
        return this.updateRetention(this.stream(input), input);
      case 'UpdateStream':
        return this.update(this.stream(input), { mediaType: input.MediaType }, input.CurrentVersion!);
      case 'UpdateStreamStorageConfiguration':
        return this.update(
          this.stream(input),
          { tier: input.StreamStorageConfiguration?.DefaultStorageTier },
          input.CurrentVersion!,
        );
      case 'UpdateImageGenerationConfiguration':
        return this.update(this.stream(input), { images: input.ImageGenerationConfiguration });
      case 'UpdateSignalingChannel':
        return this.update(
          this.channel(input),
          { ttl: input.SingleMasterConfiguration?.MessageTtlSeconds },
          input.CurrentVersion!,
        );
      case 'DeleteStream':
        return this.remove(this.stream(input), input.CurrentVersion);
      case 'DeleteSignalingChannel':
        return this.remove(this.channel(input), input.CurrentVersion);
      default:
        throw new Error(`The model doesn't know ${operation}.`);
    }
  }

  /** Ends what is under way. */
  settle(medium: Medium): void {
    const all = this.all(medium.kind);
    if (all.get(medium.name) !== medium) throw new Error(`The ${medium.kind} '${medium.name}' is gone already.`);
    if (medium.status === 'DELETING') {
      all.delete(medium.name);
      return;
    }
    medium.status = 'ACTIVE';
    if (!medium.next) return;
    medium.settings = medium.next;
    medium.next = undefined;
    medium.version++;
  }

  private create(kind: Medium['kind'], name: string, input: Input): Medium {
    const all = this.all(kind);
    if (all.has(name)) throw new ServiceError('ResourceInUseException');
    const medium: Medium = {
      kind,
      name,
      arn: `arn:aws:kinesisvideo:eu-west-1:111122223333:${kind}/${name}/${this.now() + ++this.made}`,
      status: 'CREATING',
      version: 1,
      tags: tagsOf(input),
      settings:
        kind === 'stream'
          ? {
              retention: input.DataRetentionInHours ?? 0,
              mediaType: input.MediaType,
              tier: input.StreamStorageConfiguration?.DefaultStorageTier ?? 'HOT',
            }
          : { ttl: input.SingleMasterConfiguration?.MessageTtlSeconds ?? 60 },
    };
    all.set(name, medium);
    this.later(medium);
    return medium;
  }

  private list({ StreamNameCondition: condition, MaxResults = 10, NextToken = '0' }: Input): object {
    if (condition && condition.ComparisonOperator !== 'BEGINS_WITH') throw new ServiceError('InvalidArgumentException');
    const names = [...this.streams.keys()].filter((name) => name.startsWith(condition?.ComparisonValue ?? '')).sort();
    const end = Number(NextToken) + MaxResults;
    return {
      StreamInfoList: names.slice(Number(NextToken), end).map((name) => streamInfo(this.streams.get(name)!)),
      NextToken: end < names.length ? String(end) : undefined,
    };
  }

  private listChannels({ ChannelNameCondition: condition, MaxResults = 10, NextToken = '0' }: Input): object {
    const names = [...this.channels.keys()].filter((name) => name.startsWith(condition?.ComparisonValue ?? '')).sort();
    const end = Number(NextToken) + MaxResults;
    return {
      ChannelInfoList: names.slice(Number(NextToken), end).map((name) => channelInfo(this.channels.get(name)!)),
      NextToken: end < names.length ? String(end) : undefined,
    };
  }

  /** At once, as the call has no version and answers nothing. A stream that keeps nothing is refused. */
  private store(channel: Medium, storage: MediaStorageConfiguration): object {
    if (channel.status !== 'ACTIVE') throw new ServiceError('ResourceInUseException');
    if (storage.Status === 'ENABLED' && !this.stream({ StreamARN: storage.StreamARN }).settings.retention) {
      throw new ServiceError('NoDataRetentionException');
    }
    channel.settings = { ...channel.settings, storage };
    return {};
  }

  private tag(medium: Medium, input: Input): object {
    if (medium.status === 'DELETING') throw new ServiceError('ResourceNotFoundException', 404);
    medium.tags = { ...medium.tags, ...tagsOf(input) };
    return {};
  }

  private updateRetention(medium: Medium, { CurrentVersion, Operation, DataRetentionChangeInHours }: Input): object {
    const change = DataRetentionChangeInHours! * (Operation === 'INCREASE_DATA_RETENTION' ? 1 : -1);
    const retention = (medium.settings.retention ?? 0) + change;
    if (DataRetentionChangeInHours! < 1 || retention < 0 || retention > 87_600) {
      throw new ServiceError('InvalidArgumentException');
    }
    return this.update(medium, { retention }, CurrentVersion!);
  }

  /** @param version is the one that the caller saw, unless the call has none */
  private update(medium: Medium, change: Settings, version?: string): object {
    checkChangeable(medium, version);
    medium.status = 'UPDATING';
    medium.next = { ...medium.settings, ...change };
    this.later(medium);
    return {};
  }

  private remove(medium: Medium, version?: string): object {
    checkChangeable(medium, version);
    medium.status = 'DELETING';
    this.later(medium);
    return {};
  }

  private stream({ StreamName, StreamARN }: Input): Medium {
    return find(this.streams, StreamName, StreamARN);
  }

  private channel({ ChannelName, ChannelARN }: Input): Medium {
    return find(this.channels, ChannelName, ChannelARN);
  }

  private all(kind: Medium['kind']): Map<string, Medium> {
    return kind === 'stream' ? this.streams : this.channels;
  }
}

function checkChangeable(medium: Medium, version?: string): void {
  if (medium.status !== 'ACTIVE') throw new ServiceError('ResourceInUseException');
  if (version !== undefined && version !== versionOf(medium)) throw new ServiceError('VersionMismatchException');
}

/** By the ARN, only if it is that of this very one: another one of the same name has another. */
function find(all: Map<string, Medium>, name: string | undefined, arn: string | undefined): Medium {
  const found = all.get(name ?? arn!.split('/')[1]);
  if (!found || (arn !== undefined && found.arn !== arn)) throw new ServiceError('ResourceNotFoundException', 404);
  return found;
}

function streamInfo(medium: Medium): StreamInfo {
  const { name, arn, status, settings } = medium;
  return {
    StreamName: name,
    StreamARN: arn,
    Status: status,
    Version: versionOf(medium),
    DataRetentionInHours: settings.retention,
    MediaType: settings.mediaType,
    // An ARN ends in it.
    CreationTime: new Date(Number(arn.split('/')[2])),
  };
}

function channelInfo(medium: Medium): ChannelInfo {
  const { name, arn, status, settings } = medium;
  return {
    ChannelName: name,
    ChannelARN: arn,
    ChannelStatus: status,
    Version: versionOf(medium),
    SingleMasterConfiguration: { MessageTtlSeconds: settings.ttl },
  };
}

function versionOf({ version }: Medium): string {
  return `v${version}`;
}

function tagsOf({ Tags = {} }: Input): Record<string, string> {
  return Array.isArray(Tags) ? Object.fromEntries(Tags.map(({ Key, Value }) => [Key!, Value!])) : { ...Tags };
}
