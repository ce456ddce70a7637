import { X509Certificate } from 'node:crypto';
import * as z from 'zod';

export const certificateId = z.string().regex(/^[a-f0-9]{64}$/);

/** https://docs.aws.amazon.com/iot/latest/developerguide/pre-provisioning-hook.html */
export const hookRequest = z.object({
  claimCertificateId: z.string().optional(),
  certificateId,
  certificatePem: z.string().optional().catch(undefined),
  templateArn: z.string(),
  clientId: z.string(),
  parameters: z.object({
    // A thing's name may have a colon too, but not that of a stream.
    SerialNumber: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  }),
});

export interface Decision {
  readonly allowProvisioning: boolean;
}

/** When a certificate expires, in ISO 8601, or nothing if it can't be read. */
export function expiryOf(pem: string | undefined): string | undefined {
  if (pem === undefined) return undefined;
  try {
    return new Date(new X509Certificate(pem).validTo).toISOString();
  } catch {
    return undefined;
  }
}
