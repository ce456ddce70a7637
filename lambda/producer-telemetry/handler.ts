import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { logger, metrics } from '../common/observability';
import { parseMessage } from '../common/queue-worker';
import { parseEnvelope } from '../common/rule-envelope';
import { producerReport, type ProducerReport } from './producer-report';
import type { RollCall } from './roll-call';

export interface Ports {
  readonly rollCall: RollCall;
}

/** What the rule adds. */
const arrival = z.object({ receivedAt: z.number().int().positive() });

/**
 * Makes values of the fleet's metrics of what a device reports. No metric has the device as dimension: each would be paid
 * for, and 50,000 lines say less than a percentile.
 */
export async function handle(data: string, { rollCall }: Ports): Promise<void> {
  const { device, open } = parseEnvelope(data);
  const { receivedAt } = parseMessage(arrival, data);
  // Before anything is read of it: what floods is as likely to be unusable, and would fill the dead-letter queue.
  if (!rollCall.answer(device, receivedAt)) {
    metrics.addMetric('MessageLimited', MetricUnit.Count, 1);
    return;
  }
  const report = open(producerReport);
  metrics.addMetric('DeviceReported', MetricUnit.Count, 1);
  metrics.addMetric('BufferUsage', MetricUnit.Percent, Math.round(bufferUsage(report)));
  for (const stream of report.streams) measure(stream);
  if (report.streams.some(isStalled)) logger.warn('Nothing is sent of a stream', { device });
}

/** Says who reports, so that it can be asked who doesn't. */
export function tellOf({ rollCall }: Ports): void {
  const devices = rollCall.take();
  if (devices.length > 0) logger.info('Devices report', { devices });
}

type StreamReport = ProducerReport['streams'][number];

function measure(stream: StreamReport): void {
  metrics.addMetric('SendBacklog', MetricUnit.Milliseconds, Math.round(stream.currentViewDuration));
  metrics.addMetric('FrameRate', MetricUnit.CountPerSecond, Math.round(stream.currentFrameRate));
  metrics.addMetric('TransferRate', MetricUnit.BytesPerSecond, Math.round(stream.currentTransferRate));
  // One or none for each stream, so that the average is the share.
  metrics.addMetric('StreamStalled', MetricUnit.Count, isStalled(stream) ? 1 : 0);
  metrics.addMetric('StreamDropping', MetricUnit.Count, stream.droppedFrames > 0 ? 1 : 0);
  if (stream.droppedFrames > 0) metrics.addMetric('FramesDropped', MetricUnit.Count, stream.droppedFrames);
  if (stream.putFrameErrors > 0) metrics.addMetric('PutFrameErrors', MetricUnit.Count, stream.putFrameErrors);
  if (stream.errorAcks > 0) metrics.addMetric('ErrorAcks', MetricUnit.Count, stream.errorAcks);
}

/** It is started, and nothing leaves the device. */
function isStalled({ currentTransferRate }: StreamReport): boolean {
  return currentTransferRate === 0;
}

function bufferUsage({ contentStoreSize, contentStoreAvailableSize }: ProducerReport): number {
  return 100 * (1 - contentStoreAvailableSize / contentStoreSize);
}
