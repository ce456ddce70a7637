import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DescribeThingCommand, type IoTClient } from '@aws-sdk/client-iot';
import {
  CreateSignalingChannelCommand,
  CreateStreamCommand,
  DeleteSignalingChannelCommand,
  DeleteStreamCommand,
  UpdateImageGenerationConfigurationCommand,
  type KinesisVideoClient,
} from '@aws-sdk/client-kinesis-video';
import * as z from 'zod';
import { isNamed, unlessNotFound } from '../common/errors';
import { imageGenerationConfiguration } from '../common/image-generation';
import { activeStream, findChannel, findStream } from '../common/kinesis-video';
import { logger, metrics } from '../common/observability';
import { UnusableMessage, parseMessage } from '../common/queue-worker';

/** What each device gets, as `MediaProvisioner` renders it into the environment. */
export const configuration = z.object({
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

export interface Ports {
  readonly iot: IoTClient;
  readonly kinesisVideo: KinesisVideoClient;
  readonly configuration: z.infer<typeof configuration>;
}

/** https://docs.aws.amazon.com/iot/latest/developerguide/registry-events.html */
const thingEvent = z.object({
  eventType: z.literal('THING_EVENT'),
  operation: z.enum(['CREATED', 'UPDATED', 'DELETED']),
  thingName: z.string().min(1).max(128),
});

/**
 * Brings the streams and channels of a thing to where they should be.
 *
 * The event only says which thing it is about. Whether it is there is asked of the registry, before and after, so that
 * events may come twice, late and in any order.
 */
export async function handle(body: string, ports: Ports): Promise<void> {
  const { thingName } = parseMessage(thingEvent, body);
  if (!/^[a-zA-Z0-9_-]+$/.test(thingName)) {
    throw new UnusableMessage(`The thing '${thingName}' can't have a stream: the names of streams have no colon.`);
  }
  const { cameras, removal } = ports.configuration;
  const names = cameras.length === 0 ? [thingName] : cameras.map((camera) => `${thingName}.${camera}`);

  const before = await registration(thingName, ports);
  if (before === 'ours') {
    for (const name of names) await provide(name, ports);
  } else if (before === 'none' && removal === 'DELETE') {
    for (const name of names) await remove(name, ports);
  }
  if ((await registration(thingName, ports)) !== before) {
    throw new Error(`The thing '${thingName}' was created or deleted meanwhile; its media is to be looked at again.`);
  }
}

async function registration(thingName: string, { iot, configuration }: Ports): Promise<'ours' | 'foreign' | 'none'> {
  const thing = await unlessNotFound(iot.send(new DescribeThingCommand({ thingName })));
  if (!thing) return 'none';
  return thing.thingTypeName === configuration.thingTypeName ? 'ours' : 'foreign';
}

async function provide(name: string, ports: Ports): Promise<void> {
  const { kinesisVideo, configuration } = ports;
  const { tags, stream, channel, imageGeneration } = configuration;

  const made = [
    await unlessThere(
      kinesisVideo.send(new CreateStreamCommand({ ...stream, StreamName: name, Tags: tags })),
      async () => (await findStream(kinesisVideo, name))?.Status,
    ),
    channel &&
      (await unlessThere(
        kinesisVideo.send(
          new CreateSignalingChannelCommand({
            ChannelName: name,
            ChannelType: 'SINGLE_MASTER',
            SingleMasterConfiguration: channel,
            Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
          }),
        ),
        async () => (await findChannel(kinesisVideo, name))?.ChannelStatus,
      )),
  ];
  if (imageGeneration) {
    const { Uri, DestinationRegion } = imageGeneration.DestinationConfig;
    await activeStream(kinesisVideo, name);
    await kinesisVideo.send(
      new UpdateImageGenerationConfigurationCommand({
        StreamName: name,
        ImageGenerationConfiguration: {
          ...imageGeneration,
          DestinationConfig: { Uri: `${Uri}/${name}`, DestinationRegion },
        },
      }),
    );
  }
  if (!made.some(Boolean)) return;
  logger.info('Media provided', { name });
  metrics.addMetric('MediaProvided', MetricUnit.Count, 1);
}

async function remove(name: string, { kinesisVideo, configuration }: Ports): Promise<void> {
  const [stream, channel] = await Promise.all([
    unlessDeleting(findStream(kinesisVideo, name), (found) => found.Status),
    // A fleet without channels has no permission to look at any.
    configuration.channel && unlessDeleting(findChannel(kinesisVideo, name), (found) => found.ChannelStatus),
  ]);
  if (stream) {
    const { StreamARN, Version: CurrentVersion } = stream;
    await unlessNotFound(kinesisVideo.send(new DeleteStreamCommand({ StreamARN, CurrentVersion })));
  }
  if (channel) {
    const { ChannelARN, Version: CurrentVersion } = channel;
    await unlessNotFound(kinesisVideo.send(new DeleteSignalingChannelCommand({ ChannelARN, CurrentVersion })));
  }
  if (!stream && !channel) return;
  logger.info('Media removed', { name });
  metrics.addMetric('MediaRemoved', MetricUnit.Count, 1);
}

async function unlessDeleting<T>(
  finding: Promise<T | undefined>,
  status: (found: T) => string | undefined,
): Promise<T | undefined> {
  const found = await finding;
  return found && status(found) !== 'DELETING' ? found : undefined;
}

/** Whether it was made; something of that name that is there already, and stays, is left as it is. */
async function unlessThere(creation: Promise<unknown>, status: () => Promise<string | undefined>): Promise<boolean> {
  try {
    await creation;
    return true;
  } catch (error) {
    if (!isNamed(error, 'ResourceInUseException')) throw error;
    // What is being deleted keeps its name until it is gone, and would be missing then.
    if ([undefined, 'DELETING'].includes(await status())) throw error;
    return false;
  }
}
