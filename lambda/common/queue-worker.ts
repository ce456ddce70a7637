import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { logger, metrics } from './observability';

/** The message can't be used, now or ever: trying it again would change nothing. */
export class UnusableMessage extends Error {}

export interface WorkerPorts {
  readonly sqs: SQSClient;
  readonly deadLetterQueueUrl: string;
}

export type Worker = (event: SQSEvent, context?: Context) => Promise<SQSBatchResponse>;

/**
 * Makes a handler for a queue of a function for one message.
 *
 * A message that can't be used goes to the dead-letter queue at once, with the reason as its attribute. One that failed
 * is tried again, by itself: the others of its batch are done.
 */
export function queueWorker(work: (body: string) => Promise<void>, ports: WorkerPorts): Worker {
  const processRecord = async (record: SQSRecord): Promise<void> => {
    const { messageId } = record;
    try {
      await workOrBury(record);
    } catch (error) {
      logger.error('Message failed and will be tried again', { messageId, error: error as Error });
      metrics.addMetric('MessageFailed', MetricUnit.Count, 1);
      throw error;
    }
  };
  const workOrBury = async ({ messageId, body }: SQSRecord): Promise<void> => {
    try {
      await work(body);
      metrics.addMetric('MessageProcessed', MetricUnit.Count, 1);
    } catch (error) {
      if (!(error instanceof UnusableMessage)) throw error;
      await bury(messageId, body, error.message, ports);
    }
  };
  return async (event, context) => {
    if (context) logger.addContext(context);
    try {
      // A processor holds the state of one batch.
      return await processPartialResponse(event, processRecord, new BatchProcessor(EventType.SQS), {
        throwOnFullBatchFailure: false,
      });
    } finally {
      metrics.publishStoredMetrics();
    }
  };
}

/**
 * The content of a message.
 * @throws UnusableMessage which says what is wrong with which field
 */
export function parseMessage<T>(schema: z.ZodType<T>, text: string): T {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new UnusableMessage(`It is not JSON: ${(error as Error).message}`);
  }
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  throw new UnusableMessage(z.prettifyError(result.error));
}

/** Puts a message that can't be used into the dead-letter queue, with the reason as its attribute. */
export async function bury(
  messageId: string,
  body: string,
  reason: string,
  ports: Pick<WorkerPorts, 'sqs' | 'deadLetterQueueUrl'>,
): Promise<void> {
  logger.error('Message is unusable', { messageId, reason });
  await ports.sqs.send(
    new SendMessageCommand({
      QueueUrl: ports.deadLetterQueueUrl,
      MessageBody: body,
      MessageAttributes: { reason: { DataType: 'String', StringValue: attributeText(reason) } },
    }),
  );
  metrics.addMetric('MessageUnusable', MetricUnit.Count, 1);
}

/** SQS takes no control characters in attributes, and the reason may quote what somebody sent. */
function attributeText(text: string): string {
  return text
    .replace(/[^\x21-\x7e]+/g, ' ')
    .trim()
    .slice(0, 1000);
}
