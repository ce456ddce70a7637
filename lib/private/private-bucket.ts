import type { RemovalPolicy } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

export interface PrivateBucketProps {
  /** @default - a key that S3 manages */
  readonly encryptionKey?: kms.IKey;
  readonly lifecycleRules: s3.LifecycleRule[];
  /** @default - whatever is in it belongs to the account */
  readonly objectOwnership?: s3.ObjectOwnership;
  /** Whether what is overwritten or deleted stays as a version. @default false */
  readonly versioned?: boolean;
  /** Whether objects can be put under a legal hold. @default - only with `objectLockDefaultRetention` */
  readonly objectLockEnabled?: boolean;
  /** How long nobody deletes or changes an object. @default - anybody with the permission does */
  readonly objectLockDefaultRetention?: s3.ObjectLockRetention;
  readonly removalPolicy: RemovalPolicy;
}

/** A bucket that is encrypted, open to nobody and reached by TLS only. */
export function privateBucket(scope: Construct, id: string, props: PrivateBucketProps): s3.Bucket {
  const { encryptionKey } = props;
  // eslint-disable-next-line awscdk/require-passing-this, awscdk/no-variable-construct-id -- both are the caller's
  return new s3.Bucket(scope, id, {
    ...props,
    encryption: encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
    bucketKeyEnabled: encryptionKey !== undefined,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: props.objectOwnership ?? s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
  });
}
