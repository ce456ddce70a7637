import './support/quiet';
import { simulate, type Scenario } from './support/simulation';

/**
 * How fast devices get their media, and whether any is lost: `npm run bench:registration`. The handler is the real one; the
 * cloud is a model with the documented quotas, in virtual time.
 */
const LIMIT = 50;

const CONFIGURATION: Scenario['configuration'] = {
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
  imageGeneration: {
    Status: 'ENABLED',
    ImageSelectorType: 'PRODUCER_TIMESTAMP',
    DestinationConfig: { Uri: 's3://amzn-s3-demo-bucket/frames', DestinationRegion: 'eu-west-1' },
    SamplingInterval: 3000,
    Format: 'JPEG',
  },
};

/** As `ApiPacer` has them by default. */
const RATES: Record<string, number> = {
  CreateStream: 50,
  CreateSignalingChannel: 50,
  DescribeStream: 150,
  DescribeSignalingChannel: 150,
  DescribeImageGenerationConfiguration: 40,
  DescribeStreamStorageConfiguration: 40,
  ListTagsForResource: 40,
  ListTagsForStream: 40,
  UpdateImageGenerationConfiguration: 48,
};

interface Run {
  readonly devices: number;
  readonly concurrency: number;
}

async function measure({ devices, concurrency }: Run) {
  const result = await simulate({
    devices,
    concurrency,
    faultRate: 0,
    configuration: CONFIGURATION,
    mechanism: { rates: RATES, retryMode: 'adaptive', clients: 'direct' },
    seed: 1,
    timeout: 120_000,
    queue: { visibilityTimeout: 720_000, maxReceiveCount: 5 },
    streamCreation: [1000, 3000],
  });
  return {
    devices,
    concurrency,
    'share of the limit': (devices / LIMIT / result.seconds).toFixed(2),
    'of 99 % of devices': ((0.99 * devices) / LIMIT / result.secondsOf99).toFixed(2),
    refused: result.refused,
    lost: result.lost,
    surplus: result.surplus,
  };
}

async function main(): Promise<void> {
  const runs: Run[] = [
    ...[10, 20, 40].map((concurrency) => ({ devices: 5000, concurrency })),
    { devices: 50_000, concurrency: 40 },
  ];
  const rows = [];
  for (const run of runs) rows.push(await measure(run));
  console.table(rows);
}

void main();
