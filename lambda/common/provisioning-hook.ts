import { X509Certificate } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
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

/** Within the five seconds that AWS IoT waits for a hook, there is time for a try that hangs, and for another one. */
export function hookDynamoDB(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(
    new DynamoDBClient({
      requestHandler: { connectionTimeout: 500, requestTimeout: 1000, throwOnRequestTimeout: true },
    }),
  );
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
