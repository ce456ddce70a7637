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

/** The same, and images of each stream. */
export const MEDIA_WITH_IMAGES: MediaConfiguration = {
  ...MEDIA,
  imageGeneration: {
    Status: 'ENABLED',
    ImageSelectorType: 'PRODUCER_TIMESTAMP',
    DestinationConfig: { Uri: 's3://amzn-s3-demo-bucket/frames', DestinationRegion: 'eu-west-1' },
    SamplingInterval: 3000,
    Format: 'JPEG',
  },
};
