import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { withinFrame } from '../common/bounding-box';
import { logger, metrics } from '../common/observability';
import { UnusableMessage, parseMessage, type Delivery } from '../common/queue-worker';
import { report, type Observation, type ReportPorts } from '../common/report';
import { captureTime, videoSource, type VideoSource } from '../common/video-source';

/**
 * What a label detector tells its topic; as little as is needed, because AWS documents the form without saying what may be
 * missing. https://docs.aws.amazon.com/rekognition/latest/dg/streaming-labels-detection.html
 */
const message = z.object({
  eventNamespace: z.object({ type: z.string() }),
  inputInformation: z.object({
    kinesisVideo: z.object({ streamArn: z.string(), processedVideoDurationMillis: z.number().min(0).optional() }),
  }),
  eventId: z.string().min(1),
  sessionId: z.string().optional(),
});

const label = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  // Named in the text of the documentation, and not in its form.
  confidence: z.number().min(0).max(100).optional(),
  frameImageUri: z.string().optional(),
  videoMapping: z
    .object({
      kinesisVideoMapping: z
        .object({ producerTimestamp: z.number().optional(), serverTimestamp: z.number().optional() })
        .optional(),
    })
    .optional(),
  boundingBox: z
    .object({ left: z.number(), top: z.number(), width: z.number(), height: z.number() })
    .transform(({ left, top, width, height }) => withinFrame({ Left: left, Top: top, Width: width, Height: height }))
    .optional(),
});

type Label = z.infer<typeof label>;

const labelDetected = z.object({ labels: z.array(label) });

const processingComplete = z.object({ streamProcessingResults: z.object({ message: z.string() }).optional() });

/** Raises alerts for what a label detector has seen, and takes note of the end of its session. */
export async function handle(body: string, ports: ReportPorts, { sentAt }: Delivery): Promise<void> {
  const { eventNamespace, inputInformation, eventId, sessionId } = parseMessage(message, body);
  const { streamArn, processedVideoDurationMillis } = inputInformation.kinesisVideo;
  const source = videoSource(streamArn);
  switch (eventNamespace.type) {
    case 'LABEL_DETECTED':
      for (const [name, labels] of byName(parseMessage(labelDetected, body).labels)) {
        await reportLabels({ ...source, id: `${eventId}:${name}`, arrivedAt: sentAt }, labels, ports);
      }
      return;
    case 'STREAM_PROCESSING_COMPLETE': {
      const { streamProcessingResults } = parseMessage(processingComplete, body);
      noteCompletion({ ...source, sessionId, ...streamProcessingResults }, processedVideoDurationMillis);
      return;
    }
    default:
      throw new UnusableMessage(`There is no message of the type '${eventNamespace.type}'.`);
  }
}

/** Those of a name are how many there were; each has a frame, of which the first stands for all. */
function byName(labels: Label[]): Map<string, [Label, ...Label[]]> {
  const groups = new Map<string, [Label, ...Label[]]>();
  for (const one of labels) {
    const group = groups.get(one.name);
    if (group) group.push(one);
    else groups.set(one.name, [one]);
  }
  return groups;
}

async function reportLabels(
  event: VideoSource & Pick<Observation, 'id' | 'arrivedAt'>,
  labels: [Label, ...Label[]],
  ports: ReportPorts,
): Promise<void> {
  const [{ frameImageUri, videoMapping }] = labels;
  const { producerTimestamp, serverTimestamp } = videoMapping?.kinesisVideoMapping ?? {};
  await report(
    {
      ...event,
      source: 'STREAM_PROCESSOR',
      // Without `frameOffsetMillis`, of which AWS doesn't say what it counts from.
      capturedAt: captureTime(ports.alerts.now(), producerTimestamp, serverTimestamp),
      frame: frameOf(frameImageUri),
      // The detector tells only what it is sure enough of, so one that doesn't say how sure counts as sure.
      sightings: labels.map(({ name, confidence = 100, boundingBox }) => ({ label: name, confidence, boundingBox })),
    },
    ports,
  );
}

/** Whoever acts on the end of a session, to start the next one, say, has a subscription of the topic of their own. */
function noteCompletion(session: VideoSource & { sessionId?: string }, processedMilliseconds?: number): void {
  logger.info('Session complete', { session, processedMilliseconds });
  metrics.addMetric('SessionComplete', MetricUnit.Count, 1);
  if (processedMilliseconds === undefined) return;
  metrics.addMetric('VideoProcessed', MetricUnit.Milliseconds, processedMilliseconds);
}

function frameOf(uri = ''): { bucket: string; key: string } | undefined {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  return bucket && key ? { bucket, key } : undefined;
}
