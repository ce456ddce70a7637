import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DescribeThingCommand, type IoTClient } from '@aws-sdk/client-iot';
import {
  CreateSignalingChannelCommand,
  CreateStreamCommand,
  DeleteSignalingChannelCommand,
  DeleteStreamCommand,
  DescribeImageGenerationConfigurationCommand,
  DescribeStreamStorageConfigurationCommand,
  ListTagsForResourceCommand,
  ListTagsForStreamCommand,
  TagResourceCommand,
  TagStreamCommand,
  UpdateDataRetentionCommand,
  UpdateImageGenerationConfigurationCommand,
  UpdateSignalingChannelCommand,
  UpdateStreamCommand,
  UpdateStreamStorageConfigurationCommand,
  type KinesisVideoClient,
  type StreamInfo,
} from '@aws-sdk/client-kinesis-video';
import * as z from 'zod';
import { unlessNotFound, unlessThere } from './errors';
import { FLEET_TAG } from './fleet-tag';
import { imageGenerationConfiguration } from './image-generation';
import { logger, metrics } from './observability';
import { activeChannel, activeStream, findChannel, findStream } from './kinesis-video';

/** What each device gets, as `FleetMedia` is rendered into the environment. */
export const mediaConfiguration = z.object({
  fleetName: z.string(),
  thingTypeName: z.string(),
  cameras: z.array(z.string()),
  removal: z.enum(['KEEP', 'DELETE']),
  tags: z.record(z.string(), z.string()),
  stream: z.object({
    DataRetentionInHours: z.number(),
    MediaType: z.string(),
    StreamStorageConfiguration: z.object({ DefaultStorageTier: z.enum(['HOT', 'WARM']) }),
    KmsKeyId: z.string().optional(),
  }),
  channel: z.object({ MessageTtlSeconds: z.number() }).optional(),
  /** The folder of the stream is yet to be added to its URI. */
  imageGeneration: imageGenerationConfiguration.optional(),
});

export type MediaConfiguration = z.infer<typeof mediaConfiguration>;

export interface MediaPorts {
  readonly iot: IoTClient;
  readonly kinesisVideo: KinesisVideoClient;
  readonly configuration: MediaConfiguration;
}

/** What was found and done. Names are those of streams and channels, as `stream/<name>` and `channel/<name>`. */
export interface MediaOutcome {
  readonly registration: 'ours' | 'foreign' | 'none';
  readonly created: string[];
  readonly repaired: string[];
  readonly removed: string[];
  /** What the thing has left behind, and isn't to be removed. */
  readonly orphaned: string[];
}

/** The media isn't as it should be, but will be when this is tried again. */
export class NotYet extends Error {}

/**
 * Brings the streams and channels of a thing to where they should be, and says what that took.
 *
 * Whether the thing is there is asked of the registry, before and after: whoever changed something and finds the answer
 * changed has to look again. So the last one to change anything always knows the last answer, in whatever order events
 * come and however often.
 *
 * @throws NotYet when the thing came or went meanwhile, or something of its name is still being deleted
 */
export async function bringToOrder(thingName: string, ports: MediaPorts): Promise<MediaOutcome> {
  const { cameras } = ports.configuration;
  const names = cameras.length === 0 ? [thingName] : cameras.map((camera) => `${thingName}.${camera}`);
  const registration = await registrationOf(thingName, ports);
  const outcome: MediaOutcome = { registration, created: [], repaired: [], removed: [], orphaned: [] };
  if (registration !== 'foreign') {
    const [stream, channel] =
      registration === 'ours' ? [provideStream, provideChannel] : [takeAwayStream, takeAwayChannel];
    for (const name of names) {
      const changes = await Promise.allSettled<Change>([
        stream(name, ports),
        ports.configuration.channel ? channel(name, ports) : 'unchanged',
      ]);
      // Only now, so that nothing is still under way when this is given up: it could change something much later.
      record(outcome, name, changes.map(valueOf));
    }
  }
  if ((await registrationOf(thingName, ports)) !== registration) {
    throw new NotYet(`The thing '${thingName}' came or went meanwhile.`);
  }
  return outcome;
}

/** Tells of what was done to the media of a thing, if anything was. */
export function countChanges(thingName: string, { created, repaired, removed, orphaned }: MediaOutcome): void {
  const changes = { MediaCreated: created, MediaRepaired: repaired, MediaRemoved: removed, MediaOrphaned: orphaned };
  for (const [metric, names] of Object.entries(changes)) {
    if (names.length === 0) continue;
    logger.info(metric, { thingName, names });
    metrics.addMetric(metric, MetricUnit.Count, names.length);
  }
}

type Change = Exclude<keyof MediaOutcome, 'registration'> | 'unchanged';

function record(outcome: MediaOutcome, name: string, [stream, channel]: Change[]): void {
  if (stream !== 'unchanged') outcome[stream].push(`stream/${name}`);
  if (channel !== 'unchanged') outcome[channel].push(`channel/${name}`);
}

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

async function registrationOf(
  thingName: string,
  { iot, configuration }: MediaPorts,
): Promise<'ours' | 'foreign' | 'none'> {
  const thing = await unlessNotFound(iot.send(new DescribeThingCommand({ thingName })));
  if (!thing) return 'none';
  return thing.thingTypeName === configuration.thingTypeName ? 'ours' : 'foreign';
}

async function provideStream(name: string, ports: MediaPorts): Promise<Change> {
  const { kinesisVideo, configuration } = ports;
  const created = await unlessThere(
    kinesisVideo.send(new CreateStreamCommand({ ...configuration.stream, StreamName: name, Tags: configuration.tags })),
  );
  if (!created) return repairStream(name, ports);
  if (configuration.imageGeneration) {
    await activeStream(kinesisVideo, name);
    await setImageGeneration(name, created.StreamARN, ports);
  }
  return 'created';
}

/**
 * Settings that were changed by hand, by a deployment since, or that a crash has left undone.
 *
 * Changes name the very stream whose tags were looked at. One of the same name that has taken its place may be foreign.
 */
async function repairStream(name: string, ports: MediaPorts): Promise<Change> {
  const { kinesisVideo, configuration } = ports;
  const { stream, tags, imageGeneration } = configuration;
  const found = await findStream(kinesisVideo, name);
  if (!found || found.Status === 'DELETING') throw new NotYet(`The former stream '${name}' is still being deleted.`);

  const { StreamARN } = found;
  const { Tags: present = {} } = await kinesisVideo.send(new ListTagsForStreamCommand({ StreamName: name }));
  checkOurs(`stream '${name}'`, present, tags);
  let repaired = false;
  const repair = async (isWrong: boolean, change: (current: StreamInfo) => Promise<unknown>) => {
    if (!isWrong) return;
    // Each change makes a new version, and the stream busy for a moment.
    await change(await activeStream(kinesisVideo, name));
    repaired = true;
  };
  await repair(differs(tags, present), () => kinesisVideo.send(new TagStreamCommand({ StreamARN, Tags: tags })));
  const missingHours = ({ DataRetentionInHours = 0 }: StreamInfo) => stream.DataRetentionInHours - DataRetentionInHours;
  await repair(missingHours(found) !== 0, async (current) => {
    // It is a difference that is sent: that to the version which it is to change, or two who repair would both add it.
    const missing = missingHours(current);
    if (missing === 0) return;
    await kinesisVideo.send(
      new UpdateDataRetentionCommand({
        StreamARN,
        CurrentVersion: current.Version,
        Operation: missing > 0 ? 'INCREASE_DATA_RETENTION' : 'DECREASE_DATA_RETENTION',
        DataRetentionChangeInHours: Math.abs(missing),
      }),
    );
  });
  await repair(found.MediaType !== stream.MediaType, ({ Version: CurrentVersion }) =>
    kinesisVideo.send(new UpdateStreamCommand({ StreamARN, CurrentVersion, MediaType: stream.MediaType })),
  );
  const { StreamStorageConfiguration: storage } = await kinesisVideo.send(
    new DescribeStreamStorageConfigurationCommand({ StreamName: name }),
  );
  const { StreamStorageConfiguration } = stream;
  const wrongTier = storage?.DefaultStorageTier !== StreamStorageConfiguration.DefaultStorageTier;
  await repair(wrongTier, ({ Version: CurrentVersion }) =>
    kinesisVideo.send(
      new UpdateStreamStorageConfigurationCommand({ StreamARN, CurrentVersion, StreamStorageConfiguration }),
    ),
  );
  if (imageGeneration) {
    const { ImageGenerationConfiguration: images } = await kinesisVideo.send(
      new DescribeImageGenerationConfigurationCommand({ StreamName: name }),
    );
    await repair(differs(imagesOf(name, imageGeneration), images), () => setImageGeneration(name, StreamARN, ports));
  }
  return repaired ? 'repaired' : 'unchanged';
}

async function provideChannel(name: string, ports: MediaPorts): Promise<Change> {
  const { kinesisVideo, configuration } = ports;
  const created = await unlessThere(
    kinesisVideo.send(
      new CreateSignalingChannelCommand({
        ChannelName: name,
        ChannelType: 'SINGLE_MASTER',
        SingleMasterConfiguration: configuration.channel,
        Tags: listOf(configuration.tags),
      }),
    ),
  );
  return created ? 'created' : repairChannel(name, ports);
}

async function repairChannel(name: string, { kinesisVideo, configuration }: MediaPorts): Promise<Change> {
  const { channel, tags } = configuration;
  const found = await findChannel(kinesisVideo, name);
  if (!found || found.ChannelStatus === 'DELETING')
    throw new NotYet(`The former channel '${name}' is still being deleted.`);

  const { ChannelARN: arn } = found;
  const { Tags: present = {} } = await kinesisVideo.send(new ListTagsForResourceCommand({ ResourceARN: arn }));
  checkOurs(`channel '${name}'`, present, tags);
  const wrongTags = differs(tags, present);
  if (wrongTags) await kinesisVideo.send(new TagResourceCommand({ ResourceARN: arn, Tags: listOf(tags) }));
  const wrongTtl = differs(channel, found.SingleMasterConfiguration);
  if (wrongTtl) {
    const { Version: CurrentVersion } = await activeChannel(kinesisVideo, name);
    await kinesisVideo.send(
      new UpdateSignalingChannelCommand({ ChannelARN: arn, CurrentVersion, SingleMasterConfiguration: channel }),
    );
  }
  return wrongTags || wrongTtl ? 'repaired' : 'unchanged';
}

async function takeAwayStream(name: string, { kinesisVideo, configuration }: MediaPorts): Promise<Change> {
  const stream = await findStream(kinesisVideo, name);
  if (!stream || stream.Status === 'DELETING') return 'unchanged';
  const { Tags: present = {} } = await kinesisVideo.send(new ListTagsForStreamCommand({ StreamName: name }));
  if (!isOurs(present, configuration.tags)) return 'unchanged';
  if (configuration.removal === 'KEEP') return 'orphaned';
  const { StreamARN, Version: CurrentVersion } = stream;
  await unlessNotFound(kinesisVideo.send(new DeleteStreamCommand({ StreamARN, CurrentVersion })));
  return 'removed';
}

async function takeAwayChannel(name: string, { kinesisVideo, configuration }: MediaPorts): Promise<Change> {
  const channel = await findChannel(kinesisVideo, name);
  if (!channel || channel.ChannelStatus === 'DELETING') return 'unchanged';
  const { ChannelARN, Version: CurrentVersion } = channel;
  const { Tags: present = {} } = await kinesisVideo.send(new ListTagsForResourceCommand({ ResourceARN: ChannelARN }));
  if (!isOurs(present, configuration.tags)) return 'unchanged';
  if (configuration.removal === 'KEEP') return 'orphaned';
  await unlessNotFound(kinesisVideo.send(new DeleteSignalingChannelCommand({ ChannelARN, CurrentVersion })));
  return 'removed';
}

async function setImageGeneration(
  name: string,
  StreamARN: string | undefined,
  { kinesisVideo, configuration }: MediaPorts,
): Promise<void> {
  await kinesisVideo.send(
    new UpdateImageGenerationConfigurationCommand({
      StreamARN,
      ImageGenerationConfiguration: imagesOf(name, configuration.imageGeneration!),
    }),
  );
}

/** Each stream has a folder of its own. */
function imagesOf(name: string, configuration: NonNullable<MediaConfiguration['imageGeneration']>) {
  const { Uri, DestinationRegion } = configuration.DestinationConfig;
  return { ...configuration, DestinationConfig: { Uri: `${Uri}/${name}`, DestinationRegion } };
}

function isOurs(present: Record<string, string>, tags: Record<string, string>): boolean {
  return present[FLEET_TAG] === tags[FLEET_TAG];
}

function checkOurs(what: string, present: Record<string, string>, tags: Record<string, string>): void {
  if (!isOurs(present, tags)) {
    throw new Error(`The ${what} isn't the fleet's: it doesn't carry the tag ${FLEET_TAG}=${tags[FLEET_TAG]}.`);
  }
}

/** Whether anything that is wanted isn't there as it is wanted; what is there besides doesn't matter. */
function differs(wanted: unknown, present: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return wanted !== present;
  return Object.entries(wanted).some(
    ([key, value]) => value !== undefined && differs(value, (present as Record<string, unknown> | undefined)?.[key]),
  );
}

function listOf(tags: Record<string, string>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
