import {
  TagResourceCommand,
  UntagResourceCommand,
  UpdateImageGenerationConfigurationCommand,
  UpdateMediaStorageConfigurationCommand,
  UpdateNotificationConfigurationCommand,
  type KinesisVideoClient,
} from '@aws-sdk/client-kinesis-video';
import * as z from 'zod';
import { imageGenerationConfiguration } from '../common/image-generation';
import { activeChannel, activeStream, findChannel } from '../common/kinesis-video';

/** One kind of setting: how it is made, and how it is taken away again. Both may be repeated. */
export interface Setting<T> {
  readonly schema: z.ZodType<T>;
  /** What the setting is on. Another target is another setting, whose predecessor CloudFormation then deletes. */
  target(properties: T): string;
  apply(client: KinesisVideoClient, properties: T, before?: T): Promise<void>;
  /** May fail with ResourceNotFoundException: then there is nothing to take away. */
  remove(client: KinesisVideoClient, properties: T): Promise<void>;
}

const setting = <T>(schema: z.ZodType<T>, rest: Omit<Setting<T>, 'schema'>): Setting<T> => ({ schema, ...rest });

const imageGeneration = setting(
  z.object({
    StreamName: z.string(),
    ImageGenerationConfiguration: imageGenerationConfiguration,
  }),
  {
    target: ({ StreamName }) => `stream/${StreamName}`,
    async apply(client, { StreamName, ImageGenerationConfiguration }) {
      await activeStream(client, StreamName);
      await client.send(new UpdateImageGenerationConfigurationCommand({ StreamName, ImageGenerationConfiguration }));
    },
    async remove(client, { StreamName }) {
      await client.send(new UpdateImageGenerationConfigurationCommand({ StreamName }));
    },
  },
);

const notifications = setting(
  z.object({
    StreamName: z.string(),
    NotificationConfiguration: z.object({
      Status: z.enum(['ENABLED', 'DISABLED']),
      DestinationConfig: z.object({ Uri: z.string() }),
    }),
  }),
  {
    target: ({ StreamName }) => `stream/${StreamName}`,
    async apply(client, { StreamName, NotificationConfiguration }) {
      await activeStream(client, StreamName);
      await client.send(new UpdateNotificationConfigurationCommand({ StreamName, NotificationConfiguration }));
    },
    async remove(client, { StreamName }) {
      await client.send(new UpdateNotificationConfigurationCommand({ StreamName }));
    },
  },
);

const mediaStorage = setting(z.object({ ChannelName: z.string(), StreamName: z.string() }), {
  target: ({ ChannelName }) => `channel/${ChannelName}`,
  async apply(client, { ChannelName, StreamName }) {
    const [channel, stream] = await Promise.all([activeChannel(client, ChannelName), activeStream(client, StreamName)]);
    await client.send(
      new UpdateMediaStorageConfigurationCommand({
        ChannelARN: channel.ChannelARN,
        MediaStorageConfiguration: { Status: 'ENABLED', StreamARN: stream.StreamARN },
      }),
    );
  },
  async remove(client, { ChannelName }) {
    const channel = await findChannel(client, ChannelName);
    if (!channel) return;
    await client.send(
      new UpdateMediaStorageConfigurationCommand({
        ChannelARN: channel.ChannelARN,
        MediaStorageConfiguration: { Status: 'DISABLED' },
      }),
    );
  },
});

const channelTags = setting(
  z.object({
    ChannelArn: z.string(),
    Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
  }),
  {
    target: ({ ChannelArn }) => ChannelArn,
    async apply(client, { ChannelArn, Tags }, before) {
      const gone = before?.Tags.filter((old) => !Tags.some((tag) => tag.Key === old.Key)) ?? [];
      await untag(client, ChannelArn, gone);
      if (Tags.length > 0) await client.send(new TagResourceCommand({ ResourceARN: ChannelArn, Tags }));
    },
    async remove(client, { ChannelArn, Tags }) {
      await untag(client, ChannelArn, Tags);
    },
  },
);

async function untag(client: KinesisVideoClient, arn: string, tags: { Key: string }[]): Promise<void> {
  if (tags.length === 0) return;
  await client.send(new UntagResourceCommand({ ResourceARN: arn, TagKeyList: tags.map((tag) => tag.Key) }));
}

export const SETTINGS = {
  'Custom::KinesisVideoImageGeneration': imageGeneration,
  'Custom::KinesisVideoNotifications': notifications,
  'Custom::KinesisVideoMediaStorage': mediaStorage,
  'Custom::KinesisVideoChannelTags': channelTags,
} as const;
