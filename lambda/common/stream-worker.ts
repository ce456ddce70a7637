import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { logger, metrics } from './observability';
import { UnusableMessage, bury, type WorkerPorts } from './queue-worker';

export interface Arrival {
  /** When the record came into the stream, in milliseconds since 1970. */
  readonly arrivedAt: number;
}

export type StreamWorker = (event: KinesisStreamEvent, context?: Context) => Promise<KinesisStreamBatchResponse>;

/**
 * Makes a handler for a data stream of a function for one record.
 *
 * A record that can't be used goes to the dead-letter queue at once, with the reason as its attribute. At one that failed
 * the batch ends: Lambda brings that one and all after it again, so whatever else was done would be done twice.
 */
export function streamWorker(
  work: (data: string, arrival: Arrival) => Promise<void>,
  ports: Pick<WorkerPorts, 'sqs' | 'deadLetterQueueUrl'>,
): StreamWorker {
  const workOrBury = async (sequenceNumber: string, data: string, arrival: Arrival): Promise<void> => {
    try {
      await work(data, arrival);
      metrics.addMetric('MessageProcessed', MetricUnit.Count, 1);
    } catch (error) {
      if (!(error instanceof UnusableMessage)) throw error;
      await bury(sequenceNumber, data, error.message, ports);
    }
  };
  const workOff = async ({ Records }: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> => {
    for (const { kinesis } of Records) {
      const { sequenceNumber } = kinesis;
      try {
        await workOrBury(sequenceNumber, Buffer.from(kinesis.data, 'base64').toString('utf8'), {
          arrivedAt: 1000 * kinesis.approximateArrivalTimestamp,
        });
      } catch (error) {
        logger.error('Record failed and will be tried again', { sequenceNumber, error: error as Error });
        metrics.addMetric('MessageFailed', MetricUnit.Count, 1);
        return { batchItemFailures: [{ itemIdentifier: sequenceNumber }] };
      }
    }
    return { batchItemFailures: [] };
  };
  return async (event, context) => {
    if (context) logger.addContext(context);
    try {
      return await workOff(event);
    } finally {
      metrics.publishStoredMetrics();
    }
  };
}
