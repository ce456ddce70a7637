import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { clipRequest } from '../common/incident';
import { logger, metrics } from '../common/observability';
import { keepCopy } from '../image-detector/evidence';
import type { Frame } from '../image-detector/frame';
import { isGone } from '../image-detector/objects';
import type { Decision, InspectionRecord } from './record';
import type { InspectorSettings } from './settings';

export interface EvidencePorts {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly settings: Pick<InspectorSettings, 'evidencePrefix' | 'clipQueueUrl'>;
}

/** Keeps the image and what was decided of it, and asks for a clip. All of it can be done twice. */
export async function keepEvidence(
  image: Frame,
  decision: Decision,
  signal: InspectionRecord['signal'],
  ports: EvidencePorts,
): Promise<void> {
  const { s3, settings } = ports;
  const { bucket } = image;
  const key = image.key.replace(/^[^/]+/, settings.evidencePrefix);
  const frame = await copyUnlessGone(image, ports);
  const record: InspectionRecord = { ...decision, signal, frame };
  const Body = JSON.stringify(record);
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${key}.json`, Body, ContentType: 'application/json' }));
  if (decision.verdict === 'FAULTY') await askForClip(decision, ports);
  metrics.addMetric('EvidenceKept', MetricUnit.Count, 1);
}

async function copyUnlessGone(image: Frame, { s3, settings }: EvidencePorts): Promise<InspectionRecord['frame']> {
  try {
    return await keepCopy(s3, image, settings.evidencePrefix);
  } catch (error) {
    if (!(await isGone(s3, image))) throw error;
    metrics.addMetric('FrameExpired', MetricUnit.Count, 1);
    logger.warn('Frame is gone', { bucket: image.bucket, key: image.key });
    return undefined;
  }
}

async function askForClip({ id, line, camera, capturedAt, defects }: Decision, ports: EvidencePorts): Promise<void> {
  const { sqs, settings } = ports;
  if (!settings.clipQueueUrl) return;
  const request = clipRequest.parse({
    schemaVersion: '1.0',
    kind: 'CLIP_REQUEST',
    id,
    device: line,
    camera,
    at: capturedAt,
    reason: `Faulty: ${defects.map(({ name }) => name).join(', ')}`,
  });
  await sqs.send(new SendMessageCommand({ QueueUrl: settings.clipQueueUrl, MessageBody: JSON.stringify(request) }));
}
