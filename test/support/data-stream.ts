import { SQSClient, SendMessageCommand, type SendMessageCommandInput } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { streamWorker, type StreamWorker } from '../../lambda/common/stream-worker';
import { kinesisEvent, sequenceNumber } from '../events/kinesis';
import { CONTEXT } from './handler-output';
import type { Outcome } from './work-queue';

/** A data stream whose records are worked off one by one, with a dead-letter queue that keeps what it gets. */
export class TestStream {
  readonly deadLetters: SendMessageCommandInput[] = [];
  private readonly worker: StreamWorker;

  /** @param now when records come into the stream, unless told. @default - the time of AWS's example */
  constructor(
    work: Parameters<typeof streamWorker>[0],
    private readonly now?: () => number,
  ) {
    const sqs = new SQSClient({ region: 'eu-west-1' });
    mockClient(sqs)
      .on(SendMessageCommand)
      .callsFake((message) => {
        this.deadLetters.push(message);
        return {};
      });
    const deadLetterQueueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/dead-letters';
    this.worker = streamWorker(work, { sqs, deadLetterQueueUrl });
  }

  /** @param record is written as JSON unless it is a text */
  async process(record: unknown, arrivedAt = this.now?.()): Promise<Outcome> {
    const before = this.deadLetters.length;
    const text = typeof record === 'string' ? record : JSON.stringify(record);
    const event = kinesisEvent(text);
    if (arrivedAt !== undefined) event.Records[0].kinesis.approximateArrivalTimestamp = arrivedAt / 1000;
    const { batchItemFailures } = await this.worker(event, CONTEXT);
    if (this.deadLetters.length > before) {
      expect(batchItemFailures).toEqual([]);
      expect(this.deadLetters.slice(before).map(({ MessageBody }) => MessageBody)).toEqual([text]);
      return 'unusable';
    }
    if (batchItemFailures.length === 0) return 'done';
    expect(batchItemFailures).toEqual([{ itemIdentifier: sequenceNumber(0) }]);
    return 'failed';
  }

  /** Why the last record is in the dead-letter queue. */
  get reason(): string | undefined {
    return this.deadLetters.at(-1)?.MessageAttributes?.reason.StringValue;
  }
}
