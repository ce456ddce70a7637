import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { logger, metrics, observed } from './observability';
import { workOrBury, type WorkerPorts } from './queue-worker';

export interface Arrival {
  /** When the record came into the stream, in milliseconds since 1970. */
  readonly arrivedAt: number;
}

export type StreamWorker = (event: KinesisStreamEvent, context: Context) => Promise<KinesisStreamBatchResponse>;

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
  return observed(async ({ Records }: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> => {
    for (const { kinesis } of Records) {
      const { sequenceNumber } = kinesis;
      try {
        const data = Buffer.from(kinesis.data, 'base64').toString('utf8');
        const arrival = { arrivedAt: 1000 * kinesis.approximateArrivalTimestamp };
        await workOrBury({ id: sequenceNumber, body: data }, () => work(data, arrival), ports);
      } catch (error) {
        logger.error('Record failed and will be tried again', { sequenceNumber, error: error as Error });
        metrics.addMetric('MessageFailed', MetricUnit.Count, 1);
        return { batchItemFailures: [{ itemIdentifier: sequenceNumber }] };
      }
    }
    return { batchItemFailures: [] };
  });
}
