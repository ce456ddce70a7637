import { Stack, type CfnResource } from 'aws-cdk-lib';
import type { CfnDistribution } from 'aws-cdk-lib/aws-cloudfront';
import type { CfnUserPool } from 'aws-cdk-lib/aws-cognito';
import type { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { CfnEndpointConfig } from 'aws-cdk-lib/aws-sagemaker';
import { HIPAA_AND_NIST, SOLUTIONS, type Acknowledged } from './acknowledged';

const CALLED_OR_QUEUED =
  'It is called by whoever waits for the answer, or works off a queue that has a dead-letter queue with an alarm: there is no event that the function itself could lose. The daily search for certificates has an alarm on its failure.';
const DATA_EVENTS =
  'Who reads objects is told by data events of CloudTrail, which are set for an account and can not be lost. Server access logs come late, if at all, and would need a bucket more.';
const SHORT_LIVED =
  /^(AlertTopic\/History|(ApiPacer|MotionGate|QualityInspector|QueueMonitor)\/Table|ImageDetector\/Handler\/Positions)$/;
const SHORT_LIVED_REASON =
  'What is in it is worth nothing after minutes or a day, when it expires, and is made anew by what comes in.';

const SECRET_REASON =
  'Somebody else has it, too, and nobody but people can give them the next one. Messages are signed by the current version and the one before, so that it can be changed without losing any; the guide says how.';

const distributionOf = (resource: CfnResource): CfnDistribution.DistributionConfigProperty =>
  Stack.of(resource).resolve((resource as CfnDistribution).distributionConfig);

/** What is to be said about everything but policies. */
export const ON_RESOURCES: Acknowledged[] = [
  // Functions
  {
    packs: HIPAA_AND_NIST,
    rules: ['LambdaInsideVPC'],
    at: /./,
    type: 'AWS::Lambda::Function',
    reason:
      'It calls public APIs only, those of AWS with credentials of its role and an issuer of tokens for its public keys, by TLS, and listens to nothing. In a VPC it would need a NAT gateway, because AWS IoT has no endpoint for its control plane everywhere.',
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['LambdaDLQ'],
    at: /./,
    type: 'AWS::Lambda::Function',
    reason: CALLED_OR_QUEUED,
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['LambdaConcurrency'],
    at: /./,
    type: 'AWS::Lambda::Function',
    reason:
      'A reservation takes concurrency from all other functions of the account, and one that is too small turns devices away. What has to be limited is: queues by the concurrency of their event source, calls of APIs by turns from a table.',
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['CloudWatchLogGroupEncrypted'],
    at: /./,
    type: 'AWS::Logs::LogGroup',
    only: (group) => Stack.of(group).resolve((group as CfnLogGroup).kmsKeyId) === undefined,
    reason:
      'CloudWatch Logs encrypts with a key of its own. There are names of devices and people, results and errors in the logs, but neither media nor credentials.',
  },
  {
    packs: SOLUTIONS,
    rules: ['L1'],
    at: /^Stack\/Custom::CDKBucketDeployment\w+$/,
    reason: 'The runtime of a function of the CDK, which is on one that is maintained and follows with its updates.',
  },
  // State
  {
    packs: SOLUTIONS,
    rules: ['SQS3'],
    at: /^(AlertTopic|AlertEscalation|FaceDetections|ProducerTelemetry)\/DeadLetterQueue$/,
    reason: 'It is itself a dead-letter queue, of subscriptions or of a stream of data, which the rule does not know.',
  },
  {
    packs: SOLUTIONS,
    rules: ['SQS3'],
    at: /^Canary\/Queue$/,
    reason: 'It holds alerts of the canary, whose absence is what the canary tells of. Nothing is done with them.',
  },
  {
    packs: SOLUTIONS,
    rules: ['KDS3'],
    at: /^ProducerTelemetry\/DataStream$/,
    reason:
      'It is encrypted with the key of the fleet, which is rotated and whose use is on record, or with that of AWS.',
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['CloudWatchAlarmAction'],
    at: /^(FleetMonitoring\/\w+Alarm|ProducerTelemetry\/DeadLetterAlarm|Canary\/Alarm)$/,
    type: 'AWS::CloudWatch::Alarm',
    reason:
      'It makes the alarm of its concern go off, and that the alarm of the fleet, which notifies operators, once.',
  },
  { packs: SOLUTIONS, rules: ['DDB3'], at: SHORT_LIVED, reason: SHORT_LIVED_REASON },
  { packs: HIPAA_AND_NIST, rules: ['DynamoDBPITREnabled'], at: SHORT_LIVED, reason: SHORT_LIVED_REASON },
  {
    packs: HIPAA_AND_NIST,
    rules: ['DynamoDBInBackupPlan'],
    at: /^\w+\/(Table|History|Leases|Commands|Index|Cameras|Watermarks|Handler\/Positions)$/,
    type: 'AWS::DynamoDB::Table',
    reason:
      'Tables that have to be kept, those of devices and of who acknowledged and commanded what, can be restored to any second of the last 35 days, and are protected from deletion. Plans of AWS Backup are made for an account, by tags, and not by the stacks in it.',
  },
  { packs: SOLUTIONS, rules: ['S1'], at: /^(?!Stack\/)/, type: 'AWS::S3::Bucket', reason: DATA_EVENTS },
  {
    packs: HIPAA_AND_NIST,
    rules: ['S3BucketLoggingEnabled'],
    at: /^(?!Stack\/)/,
    type: 'AWS::S3::Bucket',
    reason: DATA_EVENTS,
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['S3BucketVersioningEnabled', 'S3BucketReplicationEnabled'],
    at: /^(FrameStore|FieldWatch|FleetReconciler|BulkOnboarding)\/Bucket$|^ContinuousArchive\/Runs$|^ViewingApi\/Clips$|^PilotConsole\/AccessLogs$|^MediaAuditTrail\/Queries\/Results$/,
    reason:
      'Frames, clips, lists, reports, answers and access logs are written once, under names that do not come again, and expire by a lifecycle rule. Versions would keep pictures beyond the time that was set for them, and a replica elsewhere as well.',
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['S3BucketReplicationEnabled'],
    at: /^(ClipArchive|ContinuousArchive)\/Bucket$|^MediaErasure\/Proofs$/,
    reason:
      'Versions keep what is in it, and holds and locks, if they are asked for. A replica would be media, or what tells of it, in a second place, maybe in another region.',
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['S3BucketVersioningEnabled', 'S3BucketReplicationEnabled'],
    at: /^PilotConsole\/Bucket$/,
    reason: 'Its files come from the package, and each deployment puts them there again. Nobody else writes any.',
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['S3BucketVersioningEnabled', 'S3BucketReplicationEnabled'],
    at: /^MediaAuditTrail\/Logs$/,
    only: (bucket) => Stack.of(bucket).resolve((bucket as CfnBucket).versioningConfiguration) === undefined,
    reason:
      'Only CloudTrail writes there, each file once, and the digests that it signs tell if one is changed or missing. `writeOnce` has versions, and locks them.',
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['S3DefaultEncryptionKMS'],
    at: /^PilotConsole\/Bucket$/,
    reason:
      'The files of the console, which CloudFront gives to everybody who asks. S3 encrypts them with a key of its own.',
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['S3DefaultEncryptionKMS'],
    at: /^PilotConsole\/AccessLogs$/,
    reason:
      'S3 encrypts them with a key of its own. There are addresses and paths in them, but neither media nor credentials, and nobody but the account may read them.',
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['S3DefaultEncryptionKMS'],
    at: /^MediaAuditTrail\/Logs$/,
    reason: 'CloudTrail itself encrypts each file with the key of the trail, before the default of the bucket counts.',
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['SageMakerEndpointConfigurationKMSKeyConfigured'],
    at: /^ModelEndpoint\/Config$/,
    only: (config) => Stack.of(config).resolve((config as CfnEndpointConfig).kmsKeyId) === undefined,
    reason:
      'The key is for disks that SageMaker attaches to instances. A serverless endpoint has no instances, and disks of the instance itself are encrypted by its hardware, for which SageMaker takes no key.',
  },
  {
    packs: SOLUTIONS,
    rules: ['SMG4'],
    at: /^Stack\/DispatchSecret$/,
    type: 'AWS::SecretsManager::Secret',
    reason: SECRET_REASON,
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['SecretsManagerRotationEnabled'],
    at: /^Stack\/DispatchSecret$/,
    type: 'AWS::SecretsManager::Secret',
    reason: SECRET_REASON,
  },
  // What people reach
  {
    packs: SOLUTIONS,
    rules: ['COG8'],
    at: /^ViewerPool\/Pool$/,
    only: (pool) => Stack.of(pool).resolve((pool as CfnUserPool).mfaConfiguration) === 'ON',
    reason:
      'A plan of Cognito that is paid for each person, to find passwords that leaked. Everybody needs a second factor, and only administrators make accounts.',
  },
  {
    packs: SOLUTIONS,
    rules: ['CFR1'],
    at: /^PilotConsole\/Distribution$/,
    reason:
      'From where pilots may work is not known to a construct, and addresses do not prove it. All but the page itself needs a token.',
  },
  {
    packs: SOLUTIONS,
    rules: ['CFR2'],
    at: /^PilotConsole\/Distribution$/,
    only: (distribution) => distributionOf(distribution).webAclId === undefined,
    reason:
      'Without a token there are static files only, and the API limits the rate of calls. Whoever has a web ACL gives it as `webAclArn`.',
  },
  {
    packs: SOLUTIONS,
    rules: ['CFR4'],
    at: /^PilotConsole\/Distribution$/,
    only: (distribution) => distributionOf(distribution).viewerCertificate === undefined,
    reason:
      'CloudFront sets the protocols of its own domain, and does not let anybody change them. With a `domain` it is TLS 1.2 at least.',
  },
  {
    packs: SOLUTIONS,
    rules: ['EC23'],
    at: /^VideoVpcEndpoints\/SecurityGroup$/,
    reason: 'It is open to the addresses of the VPC only, which the rule can not see before the deployment.',
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['EC2RestrictedCommonPorts', 'EC2RestrictedSSH'],
    at: /^VideoVpcEndpoints\/SecurityGroup$/,
    reason: 'It is open to the addresses of the VPC only, which the rules can not see before the deployment.',
  },
];
