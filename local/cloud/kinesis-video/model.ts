import type {
  ChannelNameCondition,
  MediaStorageConfiguration,
  StreamNameCondition,
} from '@aws-sdk/client-kinesis-video';
import { ServiceError } from '../service';
import { atLimit, checkImages, invalid, inUse, noRetention, notFound } from './refusals';
import { channelInfo, streamInfo, tagsOf, versionOf, type Input, type Medium, type Settings } from './medium';

export interface Account {
  readonly region: string;
  readonly account: string;
  /** How many there can be. */
  readonly streams: number;
  readonly channels: number;
  /** How many channels can be recorded. */
  readonly storedChannels: number;
}

/** https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/limits.html, and that of WebRTC */
const ACCOUNT: Account = {
  region: 'eu-west-1',
  account: '111122223333',
  streams: 10_000,
  channels: 5000,
  storedChannels: 100,
};

const MAX_TAGS = 50;
const MAX_RETENTION = 87_600;

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
  private readonly account: Account;
  private made = 0;

  /**
   * @param later is told of each stream and channel that is to be settled some time
   * @param now in milliseconds since 1970
   */
  constructor(
    private readonly later: (medium: Medium) => void,
    private readonly now = () => 1_700_000_000_000,
    account: Partial<Account> = {},
  ) {
    this.account = { ...ACCOUNT, ...account };
  }

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
      case 'DescribeNotificationConfiguration':
        return { NotificationConfiguration: this.stream(input).settings.notifications };
      case 'ListTagsForStream':
        return { Tags: { ...this.stream(input).tags } };
      case 'ListTagsForResource':
        return { Tags: { ...this.resource(input).tags } };
      case 'TagStream':
        return this.tag(this.stream(input), tagsOf(input));
      case 'TagResource':
        return this.tag(this.resource(input), tagsOf(input));
      case 'UntagStream':
        return this.untag(this.stream(input), input);
      case 'UntagResource':
        return this.untag(this.resource(input), input);
      case 'UpdateDataRetention':
        return this.updateRetention(this.stream(input), input);
      case 'UpdateStream':
        return this.update(this.stream(input), changesOf(input), input.CurrentVersion!);
      case 'UpdateStreamStorageConfiguration':
        return this.update(
          this.stream(input),
          { tier: input.StreamStorageConfiguration?.DefaultStorageTier },
          input.CurrentVersion!,
        );
      case 'UpdateImageGenerationConfiguration':
        return this.derive(this.stream(input), { images: input.ImageGenerationConfiguration });
      case 'UpdateNotificationConfiguration':
        return this.derive(this.stream(input), { notifications: input.NotificationConfiguration });
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

  /** @throws ServiceError */
  stream({ StreamName, StreamARN }: Input): Medium {
    return find(this.streams, 'Stream', StreamName, StreamARN);
  }

  /** @throws ServiceError */
  channel({ ChannelName, ChannelARN }: Input): Medium {
    return find(this.channels, 'Channel', ChannelName, ChannelARN);
  }

  /** As it is, if it can be used. */
  active(medium: Medium): Medium {
    if (medium.status === 'ACTIVE' || medium.status === 'UPDATING') return medium;
    throw notFound(medium.kind);
  }

  /** What an ARN of a tagged thing means, which is a channel. */
  private resource({ ResourceARN }: Input): Medium {
    return this.channel({ ChannelARN: ResourceARN });
  }

  private create(kind: Medium['kind'], name: string, input: Input): Medium {
    const all = this.all(kind);
    const { region, account } = this.account;
    if (all.has(name)) throw new ServiceError('ResourceInUseException', `The ${kind} ${name} already exists.`);
    if (kind === 'stream' && all.size >= this.account.streams) throw atLimit('AccountStream', all.size);
    if (kind === 'channel' && all.size >= this.account.channels) throw atLimit('AccountChannel', all.size);
    if ((input.DataRetentionInHours ?? 0) > MAX_RETENTION)
      throw invalid(`The retention is ${MAX_RETENTION} h at most.`);
    const medium: Medium = {
      kind,
      name,
      arn: `arn:aws:kinesisvideo:${region}:${account}:${kind}/${name}/${this.now() + ++this.made}`,
      status: 'CREATING',
      version: 1,
      tags: tagsOf(input),
      settings:
        kind === 'stream'
          ? {
              retention: input.DataRetentionInHours ?? 0,
              mediaType: input.MediaType,
              deviceName: input.DeviceName,
              kmsKeyId: input.KmsKeyId,
              tier: input.StreamStorageConfiguration?.DefaultStorageTier ?? 'HOT',
            }
          : { ttl: input.SingleMasterConfiguration?.MessageTtlSeconds ?? 60 },
    };
    all.set(name, medium);
    this.later(medium);
    return medium;
  }

  private list({ StreamNameCondition: condition, ...input }: Input): object {
    const { page, NextToken } = pageOf(this.streams, condition, input);
    return { StreamInfoList: page.map(streamInfo), NextToken };
  }

  private listChannels({ ChannelNameCondition: condition, ...input }: Input): object {
    const { page, NextToken } = pageOf(this.channels, condition, input);
    return { ChannelInfoList: page.map(channelInfo), NextToken };
  }

  /** At once, as the call has no version and answers nothing. A stream that keeps nothing is refused. */
  private store(channel: Medium, storage: MediaStorageConfiguration): object {
    if (channel.status !== 'ACTIVE') throw inUse(channel);
    if (storage.Status === 'ENABLED') {
      if (!this.stream({ StreamARN: storage.StreamARN }).settings.retention) throw noRetention();
      const stored = [...this.channels.values()].filter(({ settings }) => settings.storage?.Status === 'ENABLED');
      const others = stored.filter((other) => other !== channel);
      if (others.some(({ settings }) => settings.storage?.StreamARN === storage.StreamARN)) throw inUse(channel);
      if (others.length >= this.account.storedChannels) throw atLimit('Client', others.length);
    }
    channel.settings = { ...channel.settings, storage };
    return {};
  }

  private tag(medium: Medium, tags: Record<string, string>): object {
    if (medium.status === 'DELETING') throw notFound(medium.kind);
    const all = { ...medium.tags, ...tags };
    if (Object.keys(all).length > MAX_TAGS) throw atLimit('TagsPerResource', MAX_TAGS, 'ExceededLimitException');
    medium.tags = all;
    return {};
  }

  private untag(medium: Medium, { TagKeyList = [] }: Input): object {
    const kept = Object.entries(medium.tags).filter(([key]) => !TagKeyList.includes(key));
    medium.tags = Object.fromEntries(kept);
    return {};
  }

  private updateRetention(medium: Medium, { CurrentVersion, Operation, DataRetentionChangeInHours }: Input): object {
    const change = DataRetentionChangeInHours! * (Operation === 'INCREASE_DATA_RETENTION' ? 1 : -1);
    const retention = (medium.settings.retention ?? 0) + change;
    if (DataRetentionChangeInHours! < 1 || retention < 0 || retention > MAX_RETENTION) {
      throw invalid(`The retention would be ${retention} h.`);
    }
    return this.update(medium, { retention }, CurrentVersion!);
  }

  /** What is made of media needs media that are kept. */
  private derive(medium: Medium, change: Pick<Settings, 'images' | 'notifications'>): object {
    const { Status } = change.images ?? change.notifications ?? {};
    if (Status === 'ENABLED' && !medium.settings.retention) throw noRetention();
    if (change.images) checkImages(change.images, this.account.region);
    return this.update(medium, change);
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

  private all(kind: Medium['kind']): Map<string, Medium> {
    return kind === 'stream' ? this.streams : this.channels;
  }
}

function pageOf(
  all: ReadonlyMap<string, Medium>,
  condition: StreamNameCondition | ChannelNameCondition | undefined,
  { MaxResults = 10, NextToken = '0' }: Input,
) {
  if (condition && condition.ComparisonOperator !== 'BEGINS_WITH') throw invalid('Names are compared by BEGINS_WITH.');
  const names = [...all.keys()].filter((name) => name.startsWith(condition?.ComparisonValue ?? '')).sort();
  const end = Number(NextToken) + MaxResults;
  return {
    page: names.slice(Number(NextToken), end).map((name) => all.get(name)!),
    NextToken: end < names.length ? String(end) : undefined,
  };
}

/** What isn't given stays. */
function changesOf({ MediaType, DeviceName }: Input): Settings {
  return { ...(MediaType && { mediaType: MediaType }), ...(DeviceName && { deviceName: DeviceName }) };
}

function checkChangeable(medium: Medium, version?: string): void {
  if (medium.status !== 'ACTIVE') throw inUse(medium);
  if (version === undefined || version === versionOf(medium)) return;
  throw new ServiceError('VersionMismatchException', `The version of ${medium.name} is ${versionOf(medium)}.`);
}

/** By the ARN, only if it is that of this very one: another one of the same name has another. */
function find(all: Map<string, Medium>, kind: string, name: string | undefined, arn: string | undefined): Medium {
  const known = name ?? arn?.split('/')[1];
  if (known === undefined) throw invalid(`Either ${kind}Name or ${kind}ARN is needed.`);
  const found = all.get(known);
  if (!found || (arn !== undefined && found.arn !== arn)) throw notFound(kind.toLowerCase());
  return found;
}
