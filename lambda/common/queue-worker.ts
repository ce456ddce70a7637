import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { ChangeMessageVisibilityCommand, SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { parseEnvironment } from './environment';
import { logger, metrics, observed } from './observability';

/** The message can't be used, now or ever: trying it again would change nothing. */
export class UnusableMessage extends Error {}

/** It is too early for the message, or there is more to do with it: it comes again, which counts as a try. */
export class ComeAgain extends Error {
  /** @param seconds until then; SQS keeps a message back for 12 hours at most */
  constructor(
    readonly seconds: number,
    reason: string,
  ) {
    super(reason);
  }
}

/** Less than the 12 hours that SQS keeps a message back, in seconds. */
const LONGEST_DELAY = 39_600;

export interface WorkerPorts {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

const environment = z.object({ QUEUE_URL: z.url(), DEAD_LETTER_QUEUE_URL: z.url() });

/** What `QueueWorker` puts into the environment of a function. */
export function workerPorts(): WorkerPorts {
  const { QUEUE_URL, DEAD_LETTER_QUEUE_URL } = parseEnvironment(environment);
  return { sqs: new SQSClient(), queueUrl: QUEUE_URL, deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL };
}

export interface Delivery {
  /** In milliseconds since 1970. */
  readonly sentAt: number;
  /** This one included. */
  readonly tries: number;
}

export type Worker = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/**
 * Makes a handler for a queue of a function for one message.
 *
 * A message that can't be used goes to the dead-letter queue at once, with the reason as its attribute. One that failed
 * is tried again, by itself: the others of its batch are done. It comes back after some seconds at first, and later
 * each time: the timeout of the queue is for functions that crash, and far too long for a service that was busy.
 */
export function queueWorker(work: (body: string, delivery: Delivery) => Promise<void>, ports: WorkerPorts): Worker {
  const processRecord = async (record: SQSRecord): Promise<void> => {
    const { messageId, body, attributes } = record;
    const tries = Number(attributes.ApproximateReceiveCount);
    try {
      const delivery = { sentAt: Number(attributes.SentTimestamp), tries };
      await workOrBury({ id: messageId, body }, () => work(body, delivery), ports);
    } catch (error) {
      if (error instanceof ComeAgain) {
        logger.info('Message comes again', { messageId, seconds: error.seconds, reason: error.message });
        await delayNextTry(record, error.seconds);
        throw error;
      }
      logger.error('Message failed and will be tried again', { messageId, error: error as Error });
      metrics.addMetric('MessageFailed', MetricUnit.Count, 1);
      await delayNextTry(record, secondsToNextTry(tries));
      throw error;
    }
  };
  const delayNextTry = async ({ messageId, receiptHandle }: SQSRecord, seconds: number): Promise<void> => {
    try {
      await ports.sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: ports.queueUrl,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: Math.min(Math.ceil(seconds), LONGEST_DELAY),
        }),
      );
    } catch (error) {
      // It comes back all the same, at the timeout of the queue.
      logger.warn('The next try could not be set', { messageId, error: error as Error });
    }
  };
  return observed((event: SQSEvent) =>
    // A processor holds the state of one batch.
    processPartialResponse(event, processRecord, new BatchProcessor(EventType.SQS), { throwOnFullBatchFailure: false }),
  );
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

/** Ten seconds after the first try, and three times as long after each further one, up to an hour. */
export function mostSecondsToNextTry(tries: number): number {
  return Math.min(3600, 10 * 3 ** (tries - 1));
}

/** The same, with some jitter. */
function secondsToNextTry(tries: number): number {
  return Math.ceil(mostSecondsToNextTry(tries) * (0.75 + 0.25 * Math.random()));
}

interface Message {
  readonly id: string;
  readonly body: string;
}

/** Works a message off. One that can't be used goes to the dead-letter queue, with the reason as its attribute. */
export async function workOrBury(
  message: Message,
  work: () => Promise<void>,
  ports: Pick<WorkerPorts, 'sqs' | 'deadLetterQueueUrl'>,
): Promise<void> {
  try {
    await work();
    metrics.addMetric('MessageProcessed', MetricUnit.Count, 1);
  } catch (error) {
    if (!(error instanceof UnusableMessage)) throw error;
    await bury(message, error.message, ports);
  }
}

async function bury(
  { id: messageId, body }: Message,
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
