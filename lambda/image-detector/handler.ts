import { createHash } from 'node:crypto';
import { DetectLabelsCommand, type Label, type RekognitionClient } from '@aws-sdk/client-rekognition';
import * as z from 'zod';
import { withinFrame } from '../common/bounding-box';
import { isNamed } from '../common/errors';
import { logger } from '../common/observability';
import { releaseConfidence, type Sighting } from '../common/obstacles';
import { UnusableMessage, parseMessage } from '../common/queue-worker';
import { report, type ReportPorts } from '../common/report';

export interface Ports extends ReportPorts {
  readonly rekognition: RekognitionClient;
}

/**
 * As little as is needed: it depends on who wrote the object what stands in the other fields.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
const created = z.object({
  Records: z
    .array(
      z.object({
        eventTime: z.iso.datetime(),
        s3: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }),
      }),
    )
    .min(1),
});

/** S3 sends it once, when the notification is configured. */
const testEvent = z.object({ Event: z.literal('s3:TestEvent') });

interface Frame {
  readonly bucket: string;
  readonly key: string;
  readonly device: string;
  readonly camera?: string;
  readonly capturedAt: Date;
}

/** Looks for obstacles in the frames that a notification of S3 tells of, and raises alerts. */
export async function handle(body: string, ports: Ports): Promise<void> {
  // Not a union with the other: what that says of a wrong message names no field.
  if (testEvent.safeParse(parseMessage(z.unknown(), body)).success) return;
  for (const { eventTime, s3 } of parseMessage(created, body).Records) {
    await examine(frameOf(s3.bucket.name, decodeKey(s3.object.key), eventTime), ports);
  }
}

/** Keys are encoded as in forms. */
function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    throw new UnusableMessage(`The key '${encoded}' is not encoded as S3 does it.`);
  }
}

async function examine(frame: Frame, ports: Ports): Promise<void> {
  const { bucket, key } = frame;
  const sightings = (await detectLabels(frame, ports)).flatMap(sightingsOf);
  const id = createHash('sha256').update(`${bucket}/${key}`).digest('hex').slice(0, 32);
  await report({ ...frame, id, source: 'IMAGE', frame: { bucket, key }, sightings }, ports);
}

async function detectLabels({ bucket, key }: Frame, { rekognition, obstacles }: Ports): Promise<Label[]> {
  try {
    const { Labels = [] } = await rekognition.send(
      new DetectLabelsCommand({
        Image: { S3Object: { Bucket: bucket, Name: key } },
        Features: ['GENERAL_LABELS'],
        MinConfidence: Math.min(...obstacles.map(releaseConfidence)),
      }),
    );
    logger.debug('Frame examined', { bucket, key, labels: Labels.map(({ Name }) => Name) });
    return Labels;
  } catch (error) {
    if (isNamed(error, 'InvalidImageFormatException', 'ImageTooLargeException')) {
      throw new UnusableMessage(`Rekognition can't read s3://${bucket}/${key}: ${error.message}`);
    }
    throw error;
  }
}

/** A label is either seen at places, or just somewhere in the frame. */
function sightingsOf({ Name: label = '', Confidence: confidence = 0, Instances = [] }: Label): Sighting[] {
  if (Instances.length === 0) return [{ label, confidence }];
  return Instances.map((instance) => ({
    label,
    confidence: instance.Confidence ?? confidence,
    boundingBox: instance.BoundingBox && withinFrame(instance.BoundingBox),
  }));
}

/**
 * Whose frame it is. The folder tells, `<prefix>/<thing>[.<camera>]/…`, because a device can write to its own only, if to any
 * folder therein; the name of the file is `<prefix>_<account>_<stream>_<milliseconds>_<random>.jpg`.
 * https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/images.html
 */
function frameOf(bucket: string, key: string, eventTime: string): Frame {
  const [, folder, ...below] = key.split('/');
  const file = below.at(-1);
  const [, device, camera] = /^([a-zA-Z0-9_-]+)(?:\.([a-zA-Z0-9_-]+))?$/.exec(folder ?? '') ?? [];
  if (!file || !device)
    throw new UnusableMessage(`The key '${key}' names no device; it should be <prefix>/<stream>/<file>.`);
  // Milliseconds since 1970 have 13 digits from 2001 to 2286.
  const [, milliseconds] = /_(\d{13})_[^_]+\.(?:jpe?g|png)$/i.exec(file) ?? [];
  return { bucket, key, device, camera, capturedAt: new Date(milliseconds ? Number(milliseconds) : eventTime) };
}
