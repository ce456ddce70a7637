import { setTimeout as pause } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient, type Message } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import type { Principals } from './principals';

export interface EventSourceMappingProps {
  readonly region: string;
  readonly principals: Principals;
  readonly url: string;
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly functionName: string;
  /** Of the function, which is what reads the queue. */
  readonly role: string;
  /** @default 10 */
  readonly batchSize?: number;
  /** In seconds. @default 0 */
  readonly batchWindow?: number;
  /** @default 2 */
  readonly concurrency?: number;
  readonly reportsFailures?: boolean;
}

const MOST_RECEIVED = 10;
const LONGEST_WAIT = 20;

/**
 * Has a function handle the messages of a queue. What it couldn't handle stays where it is until it becomes visible again.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function startEventSourceMapping(props: EventSourceMappingProps) {
  const { principals, region, url, queueArn, queueUrl, functionName, role } = props;
  const { batchSize = 10, batchWindow = 0, concurrency = 2, reportsFailures = false } = props;
  const stopping = new AbortController();
  const abortSignal = stopping.signal;
  const settings = { region, endpoint: url, maxAttempts: 5 };
  const asRole = async () => principals.issue(role, { sessionName: 'event-source-mapping' });
  const sqs = new SQSClient({ ...settings, credentials: asRole });
  // Lambda needs nobody's permission to invoke for a mapping: whoever makes it has it.
  const lambda = new LambdaClient({ ...settings, credentials: asRole, maxAttempts: 1 });

  const receive = async (max: number, wait: number): Promise<Message[]> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: Math.min(max, MOST_RECEIVED),
        WaitTimeSeconds: wait,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
      { abortSignal },
    );
    return Messages;
  };

  const collect = async (): Promise<Message[]> => {
    const batch = await receive(batchSize, LONGEST_WAIT);
    const end = Date.now() + 1000 * batchWindow;
    while (batchWindow > 0 && batch.length > 0 && batch.length < batchSize) {
      const left = Math.ceil((end - Date.now()) / 1000);
      const more = await receive(batchSize - batch.length, Math.min(LONGEST_WAIT, Math.max(0, left)));
      batch.push(...more);
      if (more.length === 0) break;
    }
    return batch;
  };

  const handle = async (batch: Message[]): Promise<void> => {
    const Records = batch.map((message) => recordOf(message, queueArn, region));
    const Payload = JSON.stringify({ Records });
    const answer = await lambda.send(new InvokeCommand({ FunctionName: functionName, Payload }), { abortSignal });
    if (answer.FunctionError) return;
    const failed = reportsFailures ? failuresOf(Buffer.from(answer.Payload ?? []).toString(), Records) : [];
    if (failed === 'all') return;
    const done = batch.filter(({ MessageId }) => !failed.includes(MessageId!));
    for (let start = 0; start < done.length; start += MOST_RECEIVED) {
      const Entries = done
        .slice(start, start + MOST_RECEIVED)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }), { abortSignal });
    }
  };

  const poll = async (): Promise<void> => {
    while (!abortSignal.aborted) {
      try {
        const batch = await collect();
        if (batch.length > 0) await handle(batch);
      } catch {
        // The messages come again. Whatever is wrong may be so for a while.
        await pause(500, undefined, { signal: abortSignal }).catch(() => undefined);
      }
    }
  };

  const pollers = Array.from({ length: Math.max(1, concurrency) }, poll);
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(pollers);
      sqs.destroy();
      lambda.destroy();
    },
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
function recordOf(message: Message, eventSourceARN: string, awsRegion: string): SQSRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(
    ([name, { DataType, StringValue, BinaryValue }]) => {
      const value = BinaryValue
        ? { binaryValue: Buffer.from(BinaryValue).toString('base64') }
        : { stringValue: StringValue };
      return [name, { ...value, stringListValues: [], binaryListValues: [], dataType: DataType }];
    },
  );
  return {
    messageId: message.MessageId!,
    receiptHandle: message.ReceiptHandle!,
    body: message.Body!,
    attributes: message.Attributes as unknown as SQSRecord['attributes'],
    messageAttributes: Object.fromEntries(attributes),
    ...(message.MD5OfMessageAttributes && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    md5OfBody: message.MD5OfBody!,
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion,
  };
}

/** An answer that makes no sense means that all have failed; an empty one, that none has. */
function failuresOf(payload: string, records: readonly SQSRecord[]): string[] | 'all' {
  const answer = JSON.parse(payload) as Partial<SQSBatchResponse> | null;
  const failures = answer?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return 'all';
  const ids = failures.map(({ itemIdentifier }) => itemIdentifier);
  return ids.every((id) => records.some(({ messageId }) => messageId === id)) ? ids : 'all';
}
