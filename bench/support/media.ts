import type { MediaConfiguration } from '../../lambda/common/fleet-media';

/** What each device gets: a stream and a channel, without images. */
export const MEDIA: MediaConfiguration = {
  fleetName: 'delivery',
  thingTypeName: 'camera',
  cameras: [],
  removal: 'KEEP',
  tags: { 'cdk-kinesis-video:fleet': 'delivery' },
  stream: {
    DataRetentionInHours: 24,
    MediaType: 'video/h264',
    StreamStorageConfiguration: { DefaultStorageTier: 'HOT' },
  },
  channel: { MessageTtlSeconds: 60 },
};
