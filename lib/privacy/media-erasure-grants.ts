import * as iam from 'aws-cdk-lib/aws-iam';
import type { MediaErasure } from './media-erasure';

/**
 * Permissions on a `MediaErasure`.
 */
export class MediaErasureGrants {
  /** Grants on the given erasure. */
  public static fromErasure(erasure: MediaErasure): MediaErasureGrants {
    return new MediaErasureGrants(erasure);
  }

  private constructor(private readonly erasure: MediaErasure) {}

  /** To have something erased: StartExecution. Think of who may: what is erased doesn't come back. */
  public requestErasure(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['states:StartExecution'],
      resourceArns: [this.erasure.stateMachine.stateMachineArn],
    });
  }

  /** To read certificates and manifests, and nothing that was erased. */
  public readProofs(grantee: iam.IGrantable): iam.Grant {
    const { proofBucket } = this.erasure;
    const grant = iam.Grant.addToPrincipal({
      grantee,
      actions: ['s3:GetObject', 's3:ListBucket'],
      resourceArns: [proofBucket.bucketArn, proofBucket.arnForObjects('*')],
    });
    const { encryptionKey } = proofBucket;
    return encryptionKey ? grant.combine(encryptionKey.grantDecrypt(grantee)) : grant;
  }
}
