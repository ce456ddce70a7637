import * as iam from 'aws-cdk-lib/aws-iam';
import { fail, lit } from '../private/validation';
import type { ClipArchive } from './clip-archive';

/**
 * Permissions on a `ClipArchive`.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
export class ClipArchiveGrants {
  /** Grants on the given archive. */
  public static fromArchive(archive: ClipArchive): ClipArchiveGrants {
    return new ClipArchiveGrants(archive);
  }

  private constructor(private readonly archive: ClipArchive) {}

  /**
   * To find incidents in the index and to read their objects.
   *
   * @param devices names of things, as they are, without wildcards; all devices if none is given
   */
  public read(grantee: iam.IGrantable, ...devices: string[]): iam.Grant {
    const { bucket, index, encryptionKey } = this.archive;
    const all = devices.length === 0;
    const folders = all ? ['clips/*'] : devices.map((device) => `clips/${device}/*`);
    const grants = [
      allow(
        grantee,
        ['s3:GetObject', 's3:GetObjectLegalHold', 's3:GetObjectVersion'],
        folders.map((folder) => bucket.arnForObjects(folder)),
      ),
      allow(grantee, ['s3:ListBucket'], [bucket.bucketArn], { StringLike: { 's3:prefix': folders } }),
      allow(
        grantee,
        ['dynamodb:GetItem', 'dynamodb:Query'],
        [index.tableArn],
        all ? undefined : { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': devices } },
      ),
    ];
    if (encryptionKey) grants.push(encryptionKey.grantDecrypt(grantee));
    return grants.reduce((sum, grant) => sum.combine(grant));
  }

  /** To have clips made, of any device and also under a legal hold: to send requests to the queue. */
  public requestClip(grantee: iam.IGrantable): iam.Grant {
    return this.archive.queue.grantSendMessages(grantee);
  }

  /**
   * To put incidents under a legal hold, and to take it away again. Who may request clips can put them under one too, and
   * not take it away.
   *
   * @throws ValidationError `ClipHolds` if the archive has no legal holds
   */
  public holdClips(grantee: iam.IGrantable): iam.Grant {
    const { holdHandler } = this.archive;
    if (!holdHandler) fail(this.archive, lit`ClipHolds`, 'The archive has no legal holds: `legalHolds` is false.');
    return holdHandler.grantInvoke(grantee);
  }
}

function allow(
  grantee: iam.IGrantable,
  actions: string[],
  resourceArns: string[],
  conditions?: Record<string, Record<string, string[]>>,
): iam.Grant {
  return iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions });
}
