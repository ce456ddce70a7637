import {
  ChangeMessageVisibilityCommand,
  SQSClient,
  SendMessageCommand,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { queueWorker, type Delivery, type Worker } from '../../lambda/common/queue-worker';
import { messageId, sqsEvent } from '../events/sqs';
import { CONTEXT } from './handler-output';

/** What became of a message: it is done, comes again, or is in the dead-letter queue. */
export type Outcome = 'done' | 'failed' | 'unusable';

/** A queue whose messages are worked off one by one, with a dead-letter queue that keeps what it gets. */
export class TestQueue {
  readonly deadLetters: SendMessageCommandInput[] = [];
  private readonly worker: Worker;

  /** @param now when messages are sent, unless told. @default - the time of AWS's example */
  constructor(
    work: (body: string, delivery: Delivery) => Promise<void>,
    private readonly now?: () => number,
  ) {
    const sqs = new SQSClient({ region: 'eu-west-1' });
    mockClient(sqs)
      .on(SendMessageCommand)
      .callsFake((message) => {
        this.deadLetters.push(message);
        return {};
      })
      .on(ChangeMessageVisibilityCommand)
      .resolves({});
    const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/work';
    const deadLetterQueueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/dead-letters';
    this.worker = queueWorker(work, { sqs, queueUrl, deadLetterQueueUrl });
  }

  /** @param body is sent as JSON unless it is a text */
  async process(body: unknown, tries = 1, sentAt = this.now?.()): Promise<Outcome> {
    const before = this.deadLetters.length;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const event = sqsEvent(text);
    event.Records[0].attributes.ApproximateReceiveCount = String(tries);
    if (sentAt !== undefined) event.Records[0].attributes.SentTimestamp = String(sentAt);
    const { batchItemFailures } = await this.worker(event, CONTEXT);
    if (this.deadLetters.length > before) {
      expect(batchItemFailures).toEqual([]);
      expect(this.deadLetters.slice(before).map(({ MessageBody }) => MessageBody)).toEqual([text]);
      return 'unusable';
    }
    if (batchItemFailures.length === 0) return 'done';
    expect(batchItemFailures).toEqual([{ itemIdentifier: messageId(0) }]);
    return 'failed';
  }

  /** Why the last message is in the dead-letter queue. */
  get reason(): string | undefined {
    return this.deadLetters.at(-1)?.MessageAttributes?.reason.StringValue;
  }
}
