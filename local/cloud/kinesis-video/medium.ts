import type {
  ChannelInfo,
  ChannelNameCondition,
  ImageGenerationConfiguration,
  MediaStorageConfiguration,
  NotificationConfiguration,
  SingleMasterConfiguration,
  StreamInfo,
  StreamNameCondition,
  StreamStorageConfiguration,
  Tag,
} from '@aws-sdk/client-kinesis-video';

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
  /** In hours. */
  readonly retention?: number;
  readonly mediaType?: string;
  readonly deviceName?: string;
  readonly kmsKeyId?: string;
  readonly tier?: string;
  readonly images?: ImageGenerationConfiguration;
  readonly notifications?: NotificationConfiguration;
  readonly ttl?: number;
  readonly storage?: MediaStorageConfiguration;
}

/** All members that calls of the control plane have. */
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
  readonly DeviceName?: string;
  readonly KmsKeyId?: string;
  readonly StreamStorageConfiguration?: StreamStorageConfiguration;
  readonly ImageGenerationConfiguration?: ImageGenerationConfiguration;
  readonly NotificationConfiguration?: NotificationConfiguration;
  readonly SingleMasterConfiguration?: SingleMasterConfiguration;
  readonly MediaStorageConfiguration?: MediaStorageConfiguration;
  readonly Tags?: Record<string, string> | Tag[];
  readonly TagKeyList?: string[];
  readonly StreamNameCondition?: StreamNameCondition;
  readonly ChannelNameCondition?: ChannelNameCondition;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

export function streamInfo(medium: Medium): StreamInfo {
  const { name, arn, status, settings } = medium;
  return {
    StreamName: name,
    StreamARN: arn,
    Status: status,
    Version: versionOf(medium),
    DataRetentionInHours: settings.retention,
    MediaType: settings.mediaType,
    DeviceName: settings.deviceName,
    KmsKeyId: settings.kmsKeyId ?? arn.replace(/kinesisvideo:(.*):stream.*/, 'kms:$1:alias/aws/kinesisvideo'),
    CreationTime: createdAt(medium),
  };
}

export function channelInfo(medium: Medium): ChannelInfo {
  const { name, arn, status, settings } = medium;
  return {
    ChannelName: name,
    ChannelARN: arn,
    ChannelType: 'SINGLE_MASTER',
    ChannelStatus: status,
    Version: versionOf(medium),
    CreationTime: createdAt(medium),
    SingleMasterConfiguration: { MessageTtlSeconds: settings.ttl },
  };
}

export function versionOf({ version }: Medium): string {
  return `v${version}`;
}

export function tagsOf({ Tags = {} }: Input): Record<string, string> {
  return Array.isArray(Tags) ? Object.fromEntries(Tags.map(({ Key, Value }) => [Key!, Value!])) : { ...Tags };
}

/** An ARN ends in it. */
function createdAt({ arn }: Medium): Date {
  return new Date(Number(arn.split('/')[2]));
}
