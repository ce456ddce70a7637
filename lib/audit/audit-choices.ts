import type { Duration } from 'aws-cdk-lib';

/**
 * Which management events an audit trail records: calls that make, change and delete things, or ask for permissions.
 *
 * A trail can't record those of some services only: its selectors leave out those of KMS, or of none.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
 */
export enum ManagementEvents {
  /** None. Then changes of streams, channels and of the trail itself must be seen by another trail of the region. */
  NONE = 'NONE',

  /** Calls that change something, which includes the disabling and deletion of keys, but not their use. */
  WRITE = 'WRITE',

  /** All but those of KMS: also who assumed which role, and who looked at what. */
  ALL_BUT_KMS = 'ALL_BUT_KMS',

  /** All, also each use of a key, which are most of the management events of a busy account. */
  ALL = 'ALL',
}

/**
 * For how long nobody can delete what was recorded.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 */
export enum WriteOnceMode {
  /** Nobody without the permission `s3:BypassGovernanceRetention`. */
  GOVERNANCE = 'GOVERNANCE',

  /** Nobody, the account's root user included. It can't be taken back, nor can the time be shortened. */
  COMPLIANCE = 'COMPLIANCE',
}

/**
 * That records can't be deleted before their time.
 */
export interface WriteOnce {
  /**
   * For how long: whole days, from 1 to 36,500, and no longer than records are kept.
   */
  readonly retention: Duration;

  /**
   * Who can take it back.
   * @default WriteOnceMode.GOVERNANCE
   */
  readonly mode?: WriteOnceMode;
}
