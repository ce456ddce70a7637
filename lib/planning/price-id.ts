/**
 * What AWS has a price for, of all that a fleet uses.
 */
export enum PriceId {
  /** Media that a stream of the HOT tier takes in. */
  KVS_INGEST = 'KVS_INGEST',
  /** Fragments that a stream of the WARM tier takes in. */
  KVS_INGEST_WARM = 'KVS_INGEST_WARM',
  /** Media in the HOT tier. */
  KVS_STORAGE = 'KVS_STORAGE',
  /** Media in the WARM tier, for 30 days at least. */
  KVS_STORAGE_WARM = 'KVS_STORAGE_WARM',
  /** Media that programs read. */
  KVS_CONSUMPTION = 'KVS_CONSUMPTION',
  /** Media that players read, by HLS or DASH. */
  KVS_HLS = 'KVS_HLS',
  /** Images made of streams. */
  KVS_IMAGES = 'KVS_IMAGES',
  /** Signaling channels that somebody was connected to. */
  WEBRTC_CHANNEL = 'WEBRTC_CHANNEL',
  /** Messages by which peers find each other. */
  WEBRTC_MESSAGES = 'WEBRTC_MESSAGES',
  /** Live video that is relayed. */
  WEBRTC_TURN = 'WEBRTC_TURN',
  /** Images that DetectLabels looks at. */
  REKOGNITION_IMAGES = 'REKOGNITION_IMAGES',
  /** Time that stream processors look at. */
  REKOGNITION_STREAM = 'REKOGNITION_STREAM',
  /** Time that devices and viewers are connected to AWS IoT. */
  IOT_CONNECTIVITY = 'IOT_CONNECTIVITY',
  /** Messages through the broker of AWS IoT, in and out. */
  IOT_MESSAGES = 'IOT_MESSAGES',
  /** Rules that messages set off. */
  IOT_RULES = 'IOT_RULES',
  /** What rules do then. */
  IOT_ACTIONS = 'IOT_ACTIONS',
  /** Calls about things. */
  IOT_REGISTRY = 'IOT_REGISTRY',
  /** Invocations of functions. */
  LAMBDA_REQUESTS = 'LAMBDA_REQUESTS',
  /** Time that functions run, by their memory, on Arm. */
  LAMBDA_DURATION = 'LAMBDA_DURATION',
  /** Calls of standard queues. */
  SQS_REQUESTS = 'SQS_REQUESTS',
  /** Messages that topics take in. */
  SNS_REQUESTS = 'SNS_REQUESTS',
  /** E-mails of topics. */
  SNS_EMAILS = 'SNS_EMAILS',
  /** Writes to tables, on demand. */
  DYNAMODB_WRITES = 'DYNAMODB_WRITES',
  /** Reads of tables, on demand. */
  DYNAMODB_READS = 'DYNAMODB_READS',
  /** Objects in S3 Standard. */
  S3_STORAGE = 'S3_STORAGE',
  /** Uploads to S3 Standard. */
  S3_PUTS = 'S3_PUTS',
  /** Reads of S3 Standard. */
  S3_GETS = 'S3_GETS',
  /** Objects in S3 Standard-IA, for 30 days at least. */
  S3_IA_STORAGE = 'S3_IA_STORAGE',
  /** Uploads to S3 Standard-IA. */
  S3_IA_PUTS = 'S3_IA_PUTS',
  /** Objects in S3 Glacier Flexible Retrieval, for 90 days at least. */
  S3_GLACIER_STORAGE = 'S3_GLACIER_STORAGE',
  /** Uploads to S3 Glacier Flexible Retrieval. */
  S3_GLACIER_PUTS = 'S3_GLACIER_PUTS',
  /** Events that CloudTrail records of streams and channels. */
  CLOUDTRAIL_EVENTS = 'CLOUDTRAIL_EVENTS',
  /** Lines that functions write. */
  LOGS_INGEST = 'LOGS_INGEST',
  /** Metrics that functions emit. */
  METRICS = 'METRICS',
  /** Alarms. */
  ALARMS = 'ALARMS',
  /** Keys. */
  KMS_KEYS = 'KMS_KEYS',
  /** Uses of keys. */
  KMS_REQUESTS = 'KMS_REQUESTS',
  /** Calls of the viewing API. */
  API_REQUESTS = 'API_REQUESTS',
  /** Files that browsers fetch of the console. */
  CLOUDFRONT_REQUESTS = 'CLOUDFRONT_REQUESTS',
  /** What goes out to the internet. */
  TRANSFER_OUT = 'TRANSFER_OUT',
}
