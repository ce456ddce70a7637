import { Duration, Size, Token, type RemovalPolicy } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { ArchiveStorage } from '../archive/archive-storage';
import { WriteOnceMode, type WriteOnce } from '../audit/audit-choices';
import { privateBucket } from './private-bucket';
import { checkDuration, fail, lit } from './validation';

export interface ArchiveBucketProps {
  readonly storage: ArchiveStorage;
  readonly legalHolds: boolean;
  readonly encryptionKey?: kms.IKey;
  readonly removalPolicy: RemovalPolicy;
}

/** For as long what was replaced or deleted can be had back, in days. */
const SECOND_THOUGHTS = 30;

/** Below this, colder classes bill more than there is. */
const LEAST = Size.kibibytes(128);

/**
 * The bucket of an archive, with versions, whose media gets colder.
 * @throws ValidationError `ArchiveStorage`
 */
export function archiveBucket(scope: Construct, id: string, props: ArchiveBucketProps): s3.Bucket {
  const { storage, legalHolds, encryptionKey, removalPolicy } = props;
  const { instantRetrievalAfter = Duration.days(30), deepArchiveAfter, expireAfter, writeOnce } = storage;
  checkStorage(scope, { ...storage, instantRetrievalAfter });
  const transitions = [
    { storageClass: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: instantRetrievalAfter },
    ...(deepArchiveAfter ? [{ storageClass: s3.StorageClass.DEEP_ARCHIVE, transitionAfter: deepArchiveAfter }] : []),
  ];
  return privateBucket(scope, id, {
    encryptionKey,
    versioned: true,
    objectLockEnabled: legalHolds || writeOnce !== undefined ? true : undefined,
    objectLockDefaultRetention: writeOnce && lock(writeOnce),
    lifecycleRules: [
      {
        expiration: expireAfter,
        noncurrentVersionExpiration: Duration.days(SECOND_THOUGHTS),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
      { transitions, objectSizeGreaterThan: LEAST.toBytes() },
    ],
    removalPolicy,
  });
}

function lock({ mode, retention }: WriteOnce): s3.ObjectLockRetention {
  return mode === WriteOnceMode.COMPLIANCE
    ? s3.ObjectLockRetention.compliance(retention)
    : s3.ObjectLockRetention.governance(retention);
}

function checkStorage(
  scope: Construct,
  storage: ArchiveStorage & Required<Pick<ArchiveStorage, 'instantRetrievalAfter'>>,
): void {
  const days = (prop: string, value: Duration | undefined, min: number) =>
    value && checkDuration(scope, lit`ArchiveStorage`, `storage.${prop}`, value, { min, max: 36_500, unit: 'days' });
  const instant = days('instantRetrievalAfter', storage.instantRetrievalAfter, 0);
  const deep = days('deepArchiveAfter', storage.deepArchiveAfter, 1);
  const expiry = days('expireAfter', storage.expireAfter, 1);
  const locked = days('writeOnce.retention', storage.writeOnce?.retention, 1);
  const compare = (later: number | undefined, least: number | undefined, message: string) => {
    if (later === undefined || least === undefined || Token.isUnresolved(later) || Token.isUnresolved(least)) return;
    if (later < least) fail(scope, lit`ArchiveStorage`, message);
  };
  compare(
    deep,
    instant! + 90,
    `\`storage.deepArchiveAfter\` is ${deep} days; at least 90 days in Glacier Instant Retrieval are billed, so it must be ${instant! + 90} or more.`,
  );
  compare(
    expiry,
    locked,
    `\`storage.expireAfter\` is ${expiry} days, in which \`writeOnce\` keeps S3 from deleting for ${locked}.`,
  );
  compare(
    expiry,
    (deep ?? instant)! + 1,
    `\`storage.expireAfter\` is ${expiry} days: media would go to a colder class and be deleted at once. Let it stay longer, or set \`instantRetrievalAfter\` above.`,
  );
}
