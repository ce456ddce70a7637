import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { StartStreamProcessorCommand, type RekognitionClient } from '@aws-sdk/client-rekognition';
import * as z from 'zod';
import { isNamed } from '../common/errors';
import type { Gates } from '../common/gates';
import { logger, metrics } from '../common/observability';

/** What `MotionGate` puts into the environment: which stream processor looks at which stream. */
export const processorSettings = z.array(z.object({ stream: z.string().min(1), processor: z.string().min(1) }));

export interface ProcessorPorts {
  readonly rekognition: RekognitionClient;
  readonly settings: z.infer<typeof processorSettings>;
  readonly now: () => number;
}

/** https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StreamProcessingStopSelector.html */
const MAX_SECONDS = 120;

/**
 * Starts the stream processor of a stream, if it has one, until the gate closes or for as long as a run may last. It stops
 * by itself; a gate that is still open then has it started again.
 *
 * Rekognition has no processor run twice, so whoever comes second has nothing to do.
 */
export async function run(stream: string, gates: Gates, ports: ProcessorPorts): Promise<void> {
  const { rekognition, settings, now } = ports;
  const processor = settings.find((candidate) => candidate.stream === stream)?.processor;
  if (!processor) return;
  const seconds = Math.min(MAX_SECONDS, Math.floor(((await gates.openUntil(stream)) - now()) / 1000));
  if (seconds < 1) return;
  try {
    await rekognition.send(
      new StartStreamProcessorCommand({
        Name: processor,
        StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: now() } },
        StopSelector: { MaxDurationInSeconds: seconds },
      }),
    );
    logger.info('Stream processor started', { stream, processor, seconds });
    metrics.addMetric('StreamProcessorStarted', MetricUnit.Count, 1);
  } catch (error) {
    if (!isNamed(error, 'ResourceInUseException')) throw error;
  }
}
