import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { PublishCommand, type IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { timeOfImage } from '../common/image-name';
import { logger, metrics } from '../common/observability';
import { playHls, type PlaybackPorts } from './playback';
import { putMedia, type ProducerPorts } from './producer';

export interface Ports extends ProducerPorts, PlaybackPorts {
  readonly device: string;
  readonly pattern: Uint8Array;
  /** Where images of the device's stream should appear, if they should. */
  readonly images?: { readonly s3: S3Client; readonly bucket: string; readonly prefix: string };
  /** How an alert is caused, and where it should arrive, if it should. */
  readonly alerts?: {
    readonly iot: IoTDataPlaneClient;
    readonly sqs: SQSClient;
    readonly topic: string;
    readonly label: string;
    readonly queueUrl: string;
  };
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** How long the pattern is, in milliseconds. */
const PATTERN_LENGTH = 6000;
/** As long as images and alerts have. */
const PATIENCE = 90_000;
const PAUSE = 3000;

/** The metrics of each step: whether it failed, and how long it took. */
const STEPS = {
  Alert: ['AlertFailed', 'AlertLatency'],
  Image: ['ImageFailed', 'ImageLatency'],
  Media: ['MediaFailed', 'MediaLatency'],
  Playback: ['PlaybackFailed', 'PlaybackLatency'],
} as const;

type StepName = keyof typeof STEPS;

/** What is tried, and what became of each: its duration in milliseconds, or why it failed. */
export type Result = Partial<Record<StepName, number | string>>;

/** Flies for some seconds, and looks whether all that should come of it does. */
export async function handle(ports: Ports): Promise<Result> {
  const startedAt = ports.now() - PATTERN_LENGTH;
  const result: Result = {};
  const attempt = async (name: StepName, step: () => Promise<unknown>) => {
    const since = ports.now();
    const [failure, latency] = STEPS[name];
    try {
      await step();
      result[name] = ports.now() - since;
      metrics.addMetric(latency, MetricUnit.Milliseconds, ports.now() - since);
    } catch (error) {
      result[name] = (error as Error).message;
      logger.error(`The canary failed: ${name}`, error as Error);
    }
    metrics.addMetric(failure, MetricUnit.Count, typeof result[name] === 'number' ? 0 : 1);
  };

  // Alerts don't need the media, so they are tried even if that fails, and the others only after it.
  const { alerts, images } = ports;
  const alerting = alerts && attempt('Alert', () => causeAlert(alerts, ports));
  await attempt('Media', () => film(startedAt, ports));
  if (typeof result.Media === 'number') {
    const end = new Date(startedAt + PATTERN_LENGTH);
    await Promise.all([
      attempt('Playback', () => playHls(ports.device, new Date(startedAt), end, ports)),
      images && attempt('Image', () => findImage(images, startedAt, ports)),
    ]);
  }
  await alerting;
  const failed = Object.values(result).some((outcome) => typeof outcome === 'string');
  metrics.addMetric('CanaryFailed', MetricUnit.Count, failed ? 1 : 0);
  return result;
}

async function film(startedAt: number, ports: Ports): Promise<void> {
  const kept = await putMedia(ports.device, ports.pattern, startedAt, ports);
  if (kept === 0) throw new Error('Kinesis Video Streams acknowledged no fragment as persisted.');
}

/** Images have the time of their frame in their names, by the clock of the producer: those of earlier runs don't count. */
async function findImage({ s3, bucket, prefix }: NonNullable<Ports['images']>, startedAt: number, ports: Ports) {
  await until(ports, `no image appeared under ${prefix}`, async () => {
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken }));
      if (page.Contents?.some(({ Key = '' }) => (timeOfImage(Key) ?? 0) >= startedAt)) return true;
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    return false;
  });
}

/** What the queue gets is an alert; all that is needed of it is of which detection. */
const alert = z.object({ id: z.string() });

async function causeAlert({ iot, sqs, topic, label, queueUrl }: NonNullable<Ports['alerts']>, ports: Ports) {
  const id = String(ports.now());
  const capturedAt = new Date(ports.now()).toISOString();
  const payload = { schemaVersion: '1.0', id, capturedAt, detections: [{ label, confidence: 100 }] };
  await iot.send(new PublishCommand({ topic, qos: 1, payload: Buffer.from(JSON.stringify(payload)) }));
  await until(ports, `no alert of ${label} arrived`, async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 10 }),
    );
    if (Messages.length === 0) return false;
    // Those of earlier runs too: they came too late.
    await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
    return Messages.some(({ Body = '' }) => isOf(Body, `${ports.device}:${id}:`));
  });
}

/** The id of the detection is that of the message, with the device before it and the class of obstacle after it. */
function isOf(body: string, id: string): boolean {
  try {
    return alert.parse(JSON.parse(body)).id.startsWith(id);
  } catch {
    return false;
  }
}

async function until({ now, sleep }: Ports, complaint: string, isDone: () => Promise<boolean>): Promise<void> {
  const deadline = now() + PATIENCE;
  while (!(await isDone())) {
    if (now() >= deadline) throw new Error(`In ${PATIENCE / 1000} seconds ${complaint}.`);
    await sleep(PAUSE);
  }
}
