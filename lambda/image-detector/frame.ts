import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { timeOfImage } from '../common/image-name';
import { logger, metrics } from '../common/observability';
import { UnusableMessage } from '../common/queue-worker';

/**
 * As little as is needed: it depends on who wrote the object what stands in the other fields.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export const created = z.object({
  Records: z
    .array(
      z.object({
        eventTime: z.iso.datetime(),
        s3: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }),
      }),
    )
    .min(1),
});

type Created = z.infer<typeof created>['Records'][number];

export interface Frame {
  readonly bucket: string;
  readonly key: string;
  readonly device: string;
  readonly camera?: string;
  readonly capturedAt: Date;
  /** When S3 had it. */
  readonly createdAt: Date;
}

/** By how much the clock of a device may be ahead. */
const TOLERANCE_MS = 5000;

/**
 * Whose frame it is. The folder tells, `<prefix>/<thing>[.<camera>]/…`, because a device can write to its own only, if to any
 * folder therein; the name of the file is `<prefix>_<account>_<stream>_<milliseconds>_<random>.jpg`.
 * https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/images.html
 */
export function frameOf({ eventTime, s3 }: Created): Frame {
  const key = decodeKey(s3.object.key);
  const [, folder, ...below] = key.split('/');
  const file = below.at(-1);
  const [, device, camera] = /^([a-zA-Z0-9_-]+)(?:\.([a-zA-Z0-9_-]+))?$/.exec(folder ?? '') ?? [];
  if (!file || !device)
    throw new UnusableMessage(`The key '${key}' names no device; it should be <prefix>/<stream>/<file>.`);
  const time = timeOfImage(key);
  const createdAt = new Date(eventTime);
  const capturedAt = time === undefined ? createdAt : notAfter(createdAt, new Date(time), device);
  return { bucket: s3.bucket.name, key, device, camera, capturedAt, createdAt };
}

/** Keys are encoded as in forms. */
function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    throw new UnusableMessage(`The key '${encoded}' is not encoded as S3 does it.`);
  }
}

/** Nothing is filmed after it arrived. A clock that is behind can't be told from media that was sent late. */
function notAfter(createdAt: Date, capturedAt: Date, device: string): Date {
  if (capturedAt.getTime() <= createdAt.getTime() + TOLERANCE_MS) return capturedAt;
  metrics.addMetric('ClockSkewed', MetricUnit.Count, 1);
  logger.warn('The clock of the device is ahead', { device, capturedAt, createdAt });
  return createdAt;
}
