import { ArnFormat, Duration, Stack, type RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { WriteOnceMode, type WriteOnce } from '../audit/audit-choices';
import { privateBucket } from './private-bucket';

const CLOUDTRAIL = new iam.ServicePrincipal('cloudtrail.amazonaws.com');

export interface AuditBucketProps {
  readonly trailArn: string;
  readonly retention: Duration;
  readonly writeOnce?: WriteOnce;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * The bucket of a trail, into which nobody but the trail writes.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
 */
export function auditBucket(scope: Construct, props: AuditBucketProps): s3.Bucket {
  const { trailArn, retention, writeOnce } = props;
  // CloudTrail itself encrypts with the trail's key. A key of the bucket would ask for it in a context that isn't the
  // trail's, and the key is for nothing else.
  const bucket = privateBucket(scope, 'Logs', {
    lifecycleRules: [
      {
        expiration: retention,
        abortIncompleteMultipartUploadAfter: Duration.days(1),
        transitions: [{ storageClass: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(90) }],
        // What is locked has versions, and expires by getting a marker on top.
        ...(writeOnce && { noncurrentVersionExpiration: Duration.days(1) }),
      },
    ],
    objectLockDefaultRetention: writeOnce && lockOf(writeOnce),
    removalPolicy: props.removalPolicy,
  });
  const ofTrail = { StringEquals: { 'aws:SourceArn': trailArn } };
  bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [CLOUDTRAIL],
      actions: ['s3:GetBucketAcl'],
      resources: [bucket.bucketArn],
      conditions: ofTrail,
    }),
  );
  bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [CLOUDTRAIL],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`AWSLogs/${Stack.of(scope).account}/*`)],
      conditions: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', 'aws:SourceArn': trailArn } },
    }),
  );
  return bucket;
}

/** How Object Lock keeps what is written once. */
export function lockOf({ mode, retention }: WriteOnce): s3.ObjectLockRetention {
  return mode === WriteOnceMode.COMPLIANCE
    ? s3.ObjectLockRetention.compliance(retention)
    : s3.ObjectLockRetention.governance(retention);
}

/**
 * Lets a trail encrypt its files with a key, and nothing else with it.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
 */
export function allowTrailToUseKey(key: kms.IKey, trailArn: string): void {
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [CLOUDTRAIL],
      actions: ['kms:GenerateDataKey'],
      resources: ['*'],
      conditions: {
        StringEquals: { 'aws:SourceArn': trailArn, 'kms:EncryptionContext:aws:cloudtrail:arn': trailArn },
      },
    }),
  );
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [CLOUDTRAIL],
      actions: ['kms:DescribeKey'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceArn': trailArn } },
    }),
  );
}

/**
 * Lets CloudWatch Logs encrypt groups of this account with a key.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export function allowLogsToUseKey(key: kms.IKey): void {
  const { region } = Stack.of(key);
  const logGroups = Stack.of(key).formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroups } },
    }),
  );
}

/**
 * Lets CloudTrail add to a log group, in the streams that it names after the account and the region.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
 */
export function deliveryRole(scope: Construct, logGroup: logs.ILogGroup, trailArn: string): iam.Role {
  const { account, region } = Stack.of(scope);
  const ofTrail = { StringEquals: { 'aws:SourceArn': trailArn, 'aws:SourceAccount': account } };
  // eslint-disable-next-line awscdk/require-passing-this -- it is the caller's
  const role = new iam.Role(scope, 'DeliveryRole', {
    description: 'Lets CloudTrail bring records of an audit trail to CloudWatch Logs',
    assumedBy: new iam.ServicePrincipal('cloudtrail.amazonaws.com', { conditions: ofTrail }),
  });
  const stream = Stack.of(scope).formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: `${logGroup.logGroupName}:log-stream:${account}_CloudTrail_${region}*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  iam.Grant.addToPrincipal({
    grantee: role,
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resourceArns: [stream],
  });
  return role;
}
