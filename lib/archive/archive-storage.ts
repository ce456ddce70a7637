import type { Duration } from 'aws-cdk-lib';
import type { WriteOnce } from '../audit/audit-choices';

/**
 * How an archive keeps what it stores.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
 */
export interface ArchiveStorage {
  /**
   * When media goes to S3 Glacier Instant Retrieval, which is read at once and bills at least 90 days: whole days, from 0.
   * Objects below 128 KB, as most manifests are, stay where they are: they would be billed as 128 KB.
   * @default Duration.days(30)
   */
  readonly instantRetrievalAfter?: Duration;

  /**
   * When media goes to S3 Glacier Deep Archive, which has to be restored for hours before it is read, and bills at least
   * 180 days: whole days, at least 90 after `instantRetrievalAfter`.
   * @default - never
   */
  readonly deepArchiveAfter?: Duration;

  /**
   * When media and manifests are deleted, unless they are under a legal hold: whole days, 1 or more.
   * @default - never
   */
  readonly expireAfter?: Duration;

  /**
   * That nobody deletes or replaces what is stored before its time, no longer than `expireAfter`.
   * @default - who has the permission can
   */
  readonly writeOnce?: WriteOnce;
}
