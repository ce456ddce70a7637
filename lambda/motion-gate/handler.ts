import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import type { Gates } from '../common/gates';
import { motionMessage } from '../common/motion-message';
import { logger, metrics } from '../common/observability';
import { parseMessage, type Delivery } from '../common/queue-worker';
import { parseEnvelope } from '../common/rule-envelope';
import { streamNameOf, videoSource } from '../common/video-source';
import { run, type ProcessorPorts } from './processors';

export interface Ports {
  readonly gates: Gates;
  readonly processors: ProcessorPorts;
  readonly now: () => number;
  /** After how long motion is of no use any more, in milliseconds. */
  readonly staleAfter: number;
}

/** https://docs.aws.amazon.com/rekognition/latest/dg/streaming-labels-detection.html */
const runComplete = z.object({
  eventNamespace: z.object({ type: z.literal('STREAM_PROCESSING_COMPLETE') }),
  inputInformation: z.object({ kinesisVideo: z.object({ streamArn: z.string() }) }),
});

/** Opens the gate of a stream when its device has seen motion, and has its stream processor run while it is open. */
export async function handle(body: string, ports: Ports, delivery: Delivery): Promise<void> {
  const complete = runComplete.safeParse(parseMessage(z.unknown(), body));
  if (complete.success) return runAgain(complete.data.inputInformation.kinesisVideo.streamArn, ports);
  return openGate(body, ports, delivery);
}

/** The run is over, but the motion isn't. */
async function runAgain(streamArn: string, { gates, processors }: Ports): Promise<void> {
  await run(streamNameOf(videoSource(streamArn)), gates, processors);
}

async function openGate(body: string, ports: Ports, { sentAt, tries }: Delivery): Promise<void> {
  const { gates, processors, now, staleAfter } = ports;
  const { device, open } = parseEnvelope(body);
  const { id, camera } = open(motionMessage);
  // By the clock of the queue: that of a device may be wrong, and would then never open a gate.
  if (now() - sentAt > staleAfter) {
    metrics.addMetric('MotionStale', MetricUnit.Count, 1);
    return;
  }
  const stream = streamNameOf({ device, camera });
  const opening = await gates.open(stream, `${device}:${id}`);
  if (opening !== 'already') logger.info('Motion', { stream, opening });
  // Of what has been tried before, the processor may be what failed.
  const isToRun = opening === 'opened' || opening === 'extended' || (opening === 'already' && tries > 1);
  if (isToRun) await run(stream, gates, processors);
}
