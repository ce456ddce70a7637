import { Stack } from 'aws-cdk-lib';
import type { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { HIPAA_AND_NIST, SOLUTIONS, idOf, onArns, type Acknowledged } from '../../bin/acknowledgements/acknowledged';

const arnOf = (construct: IConstruct, ...path: string[]) => `<${idOf(Stack.of(construct), ...path)}.Arn>`;
const OWN_BUCKET =
  'Frames of the one camera of the example, which whoever takes it up keeps like other media of theirs.';

/** What is acknowledged in examples beside what is in each app: what they leave to whoever takes them up. */
export const IN_EXAMPLES: Acknowledged[] = [
  {
    packs: HIPAA_AND_NIST,
    rules: ['CloudWatchAlarmAction'],
    at: /./,
    type: 'AWS::CloudWatch::Alarm',
    only: (alarm) => !Stack.of(alarm).resolve((alarm as CfnAlarm).alarmActions)?.length,
    reason:
      'Whom an alarm tells is for the team that gets it to say, by `alarmActions` or at the alarm. In the fleet of `bin/` each alarm has an action.',
  },
  {
    packs: HIPAA_AND_NIST,
    rules: ['S3DefaultEncryptionKMS'],
    at: /^FrameStore\/Bucket$|^ViewingApi\/Clips$/,
    only: (bucket) =>
      !JSON.stringify(Stack.of(bucket).resolve((bucket as CfnBucket).bucketEncryption)).includes('aws:kms'),
    reason:
      'The example has no key, so S3 encrypts with one of its own. Both take an `encryptionKey`, as in the fleet of `bin/`.',
  },
  // examples/camera.ts and stream-processor.ts
  { packs: SOLUTIONS, rules: ['S1'], at: /^Stack\/Frames$/, reason: OWN_BUCKET },
  {
    packs: HIPAA_AND_NIST,
    rules: ['S3BucketLoggingEnabled', 'S3BucketReplicationEnabled', 'S3BucketVersioningEnabled'],
    at: /^Stack\/Frames$/,
    reason: OWN_BUCKET,
  },
  {
    packs: SOLUTIONS,
    rules: (stack) => [
      ...['kms:GenerateDataKey*', 'kms:ReEncrypt*', 's3:Abort*'].map((action) => `IAM5[Action::${action}]`),
      ...onArns(`${arnOf(stack, 'Frames')}/*`),
    ],
    at: /^Stack\/Camera\/DefaultPolicy$/,
    reason:
      'How the CDK grants writing into a bucket that is encrypted. The bucket is for images of this one camera, whose names Kinesis Video Streams makes.',
  },
  {
    packs: SOLUTIONS,
    rules: (detector) => onArns(`${arnOf(detector, 'Frames')}/labels/*`),
    at: /^LabelDetector\/Role\/DefaultPolicy$/,
    reason: 'The folder that the stream processor was given. Rekognition makes the names of the images in it.',
  },
  // examples/faq.ts
  {
    packs: SOLUTIONS,
    rules: (stack) => [
      ...['kms:GenerateDataKey*', 'kms:ReEncrypt*', 's3:Abort*'].map((action) => `IAM5[Action::${action}]`),
      ...onArns(`${arnOf(stack, 'Frames', 'Bucket')}/frames/yard/*`),
    ],
    at: /^Stack\/YardCamera\/DefaultPolicy$/,
    reason:
      'How the CDK grants writing into a bucket that is encrypted: into the folder of this one camera, in which Kinesis Video Streams makes the names.',
  },
  {
    packs: SOLUTIONS,
    rules: onArns('arn:<AWS::Partition>:kinesisvideo:<AWS::Region>:<AWS::AccountId>:stream/lobby/*'),
    at: /^Stack\/LobbyReviewer\/DefaultPolicy$/,
    reason: 'The time of creation, which whoever knows a stream by its name only does not know.',
  },
  // examples/clip-archive.ts
  {
    packs: SOLUTIONS,
    rules: ['IAM5[Action::kms:GenerateDataKey*]', 'IAM5[Action::kms:ReEncrypt*]'],
    at: /^Stack\/Button\/DefaultPolicy$/,
    reason: 'How the CDK grants encryption with a key: the variants of one action, on the one key of the archive.',
  },
  {
    packs: SOLUTIONS,
    rules: (stack) => onArns(`${arnOf(stack, 'Clips', 'Bucket')}/clips/*`),
    at: /^Stack\/Examiner\/DefaultPolicy$/,
    reason: 'Who examines incidents reads those of all devices; they are no media of other times.',
  },
  {
    packs: SOLUTIONS,
    rules: (stack) => onArns(`${arnOf(stack, 'Clips', 'HoldHandler')}:*`),
    at: /^Stack\/Counsel\/DefaultPolicy$/,
    reason: 'Versions and aliases of the function itself, as the CDK grants invocation.',
  },
  // examples/guides.ts
  {
    packs: SOLUTIONS,
    rules: (stack) => onArns(`${arnOf(stack, 'Erasure', 'Proofs')}/*`),
    at: /^Stack\/ProofReader\/DefaultPolicy$/,
    reason: 'Who checks erasures reads all proofs, and nothing else.',
  },
  // examples/takeover.ts
  {
    packs: SOLUTIONS,
    rules: (stack) => onArns(`${arnOf(stack, 'Takeover', 'Handler')}:*`),
    at: /^Stack\/Api\/DefaultPolicy$/,
    reason: 'Versions and aliases of the function itself, as the CDK grants invocation.',
  },
  // examples/audit-trail.ts
  {
    packs: SOLUTIONS,
    rules: (stack) =>
      onArns(
        '*',
        `${arnOf(stack, 'Audit', 'Logs')}/AWSLogs/*`,
        `${arnOf(stack, 'Audit', 'Queries', 'Results')}/answers/*`,
      ),
    at: /^Stack\/Auditor\/DefaultPolicy$/,
    reason:
      'An auditor reads all records and all answers, which is the work. What is on all resources is about queries of logs, which have no ARN.',
  },
  // examples/own-analyser.ts
  {
    packs: SOLUTIONS,
    rules: (detector) => onArns(`${arnOf(detector, 'Model')}:*`),
    at: /^ImageDetector\/Handler\/ServiceRole\/DefaultPolicy$/,
    only: (policy) => Stack.of(policy).node.tryFindChild('Model') !== undefined,
    reason: 'Versions and aliases of the function itself, as the CDK grants invocation.',
  },
  {
    packs: SOLUTIONS,
    rules: (stack) => onArns(`${arnOf(stack, 'Frames', 'Bucket')}/frames/*`),
    at: /^Stack\/Model\/ServiceRole\/DefaultPolicy$/,
    reason: 'A model looks at the frames of all devices, and may do nothing but read them.',
  },
  {
    packs: SOLUTIONS,
    rules: ['IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]'],
    at: /^Stack\/Model\/ServiceRole$/,
    reason:
      'A function that stands for the model of whoever takes the example up. What the CDK gives to it is to write logs.',
  },
];
