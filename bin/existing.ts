import { Duration, RemovalPolicy, type App } from 'aws-cdk-lib';
import * as z from 'zod';
import { StorageTier, VideoStreamEncryption, type SignalingChannelProps, type VideoStreamProps } from '../lib';
import { readContext } from './context';
import sample from './existing.json';

const name = z.string().regex(/^[a-zA-Z0-9_.-]{1,256}$/, 'must be 1 to 256 of a-z A-Z 0-9 _ . -');
const logicalId = z.string().regex(/^[A-Za-z0-9]{1,255}$/, 'must be 1 to 255 of a-z A-Z 0-9');
const arn = z
  .string()
  .regex(/^arn:[\w-]+:kinesisvideo:[\w-]+:\d{12}:stream\/[\w.-]+\/\d+$/, 'must be the ARN of a stream, time included');
const key = z
  .string()
  .regex(/^arn:[\w-]+:kms:.+:(key\/[\w-]+|alias\/aws\/kinesisvideo)$/, "must be the ARN of a key, or AWS's alias");

/** A stream, as ListStreams tells of it. Fields that nothing is made of are left alone. */
const stream = z.object({
  StreamName: name,
  StreamARN: arn,
  KmsKeyId: key,
  DataRetentionInHours: z.int().min(0).max(87_600),
  MediaType: z.string().nullish(),
  DeviceName: z.string().nullish(),
  /** DescribeStreamStorageConfiguration tells it. */
  DefaultStorageTier: z.enum(StorageTier).default(StorageTier.HOT),
  /** Its logical id, if the stack has it already. */
  LogicalId: logicalId.optional(),
  /** Whether the stack takes it over, or refers to it only. */
  Owned: z.boolean().default(true),
});

/** A channel, as ListSignalingChannels tells of it. */
const channel = z.object({
  ChannelName: name,
  SingleMasterConfiguration: z.object({ MessageTtlSeconds: z.int().min(5).max(120).optional() }).nullish(),
  LogicalId: logicalId.optional(),
});

const existing = z.object({
  StackName: z.string().default('Media'),
  StreamInfoList: z.array(stream).min(1),
  ChannelInfoList: z.array(channel).default([]),
});

export type Existing = z.infer<typeof existing>;

/**
 * What exists: the context value `existing`, either itself or the path of a JSON file (`-c existing=…`). Without it, a
 * sample.
 * @throws Error which names each field that is wrong, and says why
 */
export function readExisting(app: App): Existing {
  return readContext(app, 'existing', existing, sample);
}

/** A stream as it is. The key is left out if it is one of the account's own. */
export function streamProps(info: z.infer<typeof stream>): VideoStreamProps {
  const hours = info.DataRetentionInHours;
  return {
    streamName: info.StreamName,
    deviceName: info.DeviceName ?? undefined,
    storageTier: info.DefaultStorageTier,
    ...(hours === 0 ? { liveOnly: true } : { retention: Duration.hours(hours) }),
    encryption: info.KmsKeyId.includes(':key/') ? undefined : VideoStreamEncryption.AWS_MANAGED,
    removalPolicy: RemovalPolicy.RETAIN,
  };
}

/** A channel as it is. */
export function channelProps(info: z.infer<typeof channel>): SignalingChannelProps {
  return {
    channelName: info.ChannelName,
    messageTtl: Duration.seconds(info.SingleMasterConfiguration?.MessageTtlSeconds ?? 60),
    removalPolicy: RemovalPolicy.RETAIN,
  };
}
