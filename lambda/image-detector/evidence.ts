import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { CopyObjectCommand, GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { DetectionEvent } from '../common/detection-event';
import { logger, metrics } from '../common/observability';
import type { S3Location } from './objects';

export interface EvidencePorts {
  readonly s3: S3Client;
  readonly settings: {
    /** The folder of evidence; without it, none is kept. */
    readonly evidencePrefix?: string;
    readonly linkSeconds: number;
  };
  readonly now: () => number;
}

/** What stands of a frame in its alert: where it is kept, and a link that works for a while. */
export async function frameForAlert(frame: S3Location, ports: EvidencePorts): Promise<DetectionEvent['frame']> {
  const { bucket, key } = (await keep(frame, ports)) ?? frame;
  const { s3, settings, now } = ports;
  const signingDate = new Date(now());
  const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key }), {
    expiresIn: settings.linkSeconds,
    signingDate,
  });
  return {
    bucket,
    key,
    url,
    urlExpiresAt: new Date(signingDate.getTime() + 1000 * settings.linkSeconds).toISOString(),
  };
}

/** The copy, or nothing: an alert without evidence is better than none. */
async function keep(frame: S3Location, { s3, settings }: EvidencePorts): Promise<S3Location | undefined> {
  const { evidencePrefix } = settings;
  if (!evidencePrefix) return undefined;
  try {
    return await keepCopy(s3, frame, evidencePrefix);
  } catch (error) {
    const { bucket, key } = frame;
    logger.error('The frame could not be kept as evidence', { bucket, key, error: error as Error });
    metrics.addMetric('EvidenceFailed', MetricUnit.Count, 1);
    return undefined;
  }
}

/** Copies a frame to the folder of evidence, under the same name each time. */
export async function keepCopy(s3: S3Client, { bucket, key }: S3Location, evidencePrefix: string): Promise<S3Location> {
  const copy = key.replace(/^[^/]+/, evidencePrefix);
  await s3.send(
    new CopyObjectCommand({
      Bucket: bucket,
      Key: copy,
      CopySource: [bucket, ...key.split('/')].map(encodeURIComponent).join('/'),
      // Tags need permissions of their own, and frames have none.
      TaggingDirective: 'REPLACE',
    }),
  );
  return { bucket, key: copy };
}
