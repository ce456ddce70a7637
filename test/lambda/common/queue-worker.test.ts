import { CONTEXT, captureOutput } from '../../support/handler-output';
import {
  ChangeMessageVisibilityCommand,
  SQSClient,
  SendMessageCommand,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import * as z from 'zod';
import { ComeAgain, UnusableMessage, parseMessage, queueWorker } from '../../../lambda/common/queue-worker';
import { messageId, sqsEvent } from '../../events/sqs';

const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/111122223333/dead-letters';
const WORK_URL = 'https://sqs.eu-west-1.amazonaws.com/111122223333/work';
const GOOD = '{"device":"drone-1","battery":{"percent":80}}';
const TRANSIENT = '{"device":"drone-2","battery":{"percent":0}}';

const written = captureOutput();
const client = new SQSClient({ region: 'eu-west-1' });
const sqs = mockClient(client);
const schema = z.object({ device: z.string().max(16), battery: z.object({ percent: z.number() }) });
let done: string[];

/** Does what it says of a good message, and fails with one of an empty battery. */
const worker = queueWorker(
  async (body) => {
    const { device, battery } = parseMessage(schema, body);
    if (battery.percent === 0) throw new Error(`The service did not answer about ${device}.`);
    done.push(device);
  },
  { sqs: client, queueUrl: WORK_URL, deadLetterQueueUrl: QUEUE_URL },
);
const run = (...bodies: string[]) => worker(sqsEvent(...bodies), CONTEXT);

function deadLetters(): SendMessageCommandInput[] {
  return sqs.commandCalls(SendMessageCommand).map(({ args: [command] }) => command.input);
}

function failed(...indices: number[]) {
  return { batchItemFailures: indices.map((index) => ({ itemIdentifier: messageId(index) })) };
}

beforeEach(() => {
  done = [];
  sqs.reset();
  sqs.on(SendMessageCommand).resolves({ MessageId: '5fea7756-0ea4-451a-a703-a558b933e274' });
  sqs.on(ChangeMessageVisibilityCommand).resolves({});
});

describe('a message that can never be used', () => {
  const long = `{"device":"${'x'.repeat(3000)}","battery":{"percent":1}}`;

  test.each<[what: string, body: string, reason: RegExp]>([
    ['is no JSON', 'battery low', /not JSON/],
    ['is cut off', GOOD.slice(0, -5), /not JSON/],
    ['is blank', ' ', /not JSON/],
    ['is not an object', '["drone-1"]', /expected object, received array/],
    ['is null', 'null', /expected object, received null/],
    ['lacks a field', '{"battery":{"percent":80}}', /expected string, received undefined.* at device$/],
    ['lacks all fields', '{}', / at device.* at battery$/],
    ['has a field of another type', '{"device":"drone-1","battery":{"percent":"80"}}', / at battery\.percent$/],
    ['has a field that is too long', long, /<=16 characters .*at device$/],
    ['has only what is inherited', '{"__proto__":{"device":"drone-1","battery":{"percent":1}}}', / at device/],
    ['has another alphabet', '{"device":"дрон 💥", низкий заряд', /not JSON/],
    ['has control characters', '{"device":"\u0000\u0007\n\t\u007f\u0085", "', /not JSON/],
  ])('that %s goes to the dead-letter queue as it is, with the reason', async (_what, body, reason) => {
    expect(await run(body)).toEqual(failed());
    expect(done).toEqual([]);

    const [letter, ...more] = deadLetters();
    expect(more).toEqual([]);
    const text = letter.MessageAttributes?.reason.StringValue;
    expect(letter).toEqual({
      QueueUrl: QUEUE_URL,
      MessageBody: body,
      MessageAttributes: { reason: { DataType: 'String', StringValue: text } },
    });
    expect(text).toMatch(/^[\x20-\x7e]{1,1000}$/);
    expect(text!.replaceAll(/ +/g, ' ')).toMatch(reason);

    const { logs, metrics, units } = written();
    expect(logs).toEqual([
      expect.objectContaining({
        level: 'ERROR',
        message: 'Message is unusable',
        messageId: messageId(0),
        function_request_id: CONTEXT.awsRequestId,
      }),
    ]);
    expect(String(logs[0].reason).replaceAll(/\s+/g, ' ')).toMatch(reason);
    expect(metrics).toEqual({ MessageUnusable: [1] });
    expect(units).toEqual({ MessageUnusable: 'Count' });
  });

  test('has a reason of 1000 characters at most', async () => {
    const wordy = queueWorker(
      async () => {
        throw new UnusableMessage(`Wrong: ${'x'.repeat(100_000)}`);
      },
      { sqs: client, queueUrl: WORK_URL, deadLetterQueueUrl: QUEUE_URL },
    );
    await wordy(sqsEvent('{}'), CONTEXT);
    expect(deadLetters()[0].MessageAttributes?.reason.StringValue).toMatch(/^Wrong: x{993}$/);
  });

  test('is not lost when the dead-letter queue does not take it', async () => {
    sqs.on(SendMessageCommand).rejectsOnce(new Error('The queue did not answer.'));
    expect(await run('battery low', GOOD)).toEqual(failed(0));
    const { logs, metrics } = written();
    expect(metrics).toEqual({ MessageProcessed: [1], MessageFailed: [1] });
    expect(logs).toContainEqual(
      expect.objectContaining({ error: expect.objectContaining({ message: 'The queue did not answer.' }) }),
    );
    expect(done).toEqual(['drone-1']);

    expect(await run('battery low')).toEqual(failed());
    expect(deadLetters().map(({ MessageBody }) => MessageBody)).toEqual(['battery low', 'battery low']);
  });
});

describe('a message that failed', () => {
  const retry = async (tries: number) => {
    const event = sqsEvent(GOOD, TRANSIENT);
    event.Records[1].attributes.ApproximateReceiveCount = String(tries);
    event.Records[1].receiptHandle = 'receipt-of-the-second';
    expect(await worker(event, CONTEXT)).toEqual(failed(1));
    return sqs.commandCalls(ChangeMessageVisibilityCommand).map(({ args: [command] }) => command.input);
  };

  test.each([
    [1, 8, 10],
    [2, 23, 30],
    [3, 68, 90],
    [4, 203, 270],
    [6, 1823, 2430],
    [7, 2700, 3600],
    [1000, 2700, 3600],
  ])('for the time no. %i comes back after %i to %i seconds', async (tries, least, most) => {
    const [{ VisibilityTimeout, ...message }, ...more] = await retry(tries);
    expect(more).toEqual([]);
    expect(message).toEqual({ QueueUrl: WORK_URL, ReceiptHandle: 'receipt-of-the-second' });
    expect(VisibilityTimeout).toBeGreaterThanOrEqual(least);
    expect(VisibilityTimeout).toBeLessThanOrEqual(most);
    expect(Number.isInteger(VisibilityTimeout)).toBe(true);
  });

  test('is reported even if its next try could not be set', async () => {
    sqs.on(ChangeMessageVisibilityCommand).rejects(new Error('The receipt handle has expired.'));
    expect(await run(TRANSIENT, GOOD)).toEqual(failed(0));
    expect(done).toEqual(['drone-1']);
    expect(written().metrics).toEqual({ MessageFailed: [1], MessageProcessed: [1] });
  });
});

describe('a batch', () => {
  test('is worked off message by message: only what may yet succeed is reported', async () => {
    expect(await run('battery low', GOOD, TRANSIENT, GOOD, '{}')).toEqual(failed(2));
    expect(done).toEqual(['drone-1', 'drone-1']);
    expect(deadLetters().map(({ MessageBody }) => MessageBody)).toEqual(['battery low', '{}']);
    const { logs, metrics } = written();
    expect(metrics).toEqual({ MessageProcessed: [1, 1], MessageFailed: [1], MessageUnusable: [1, 1] });
    expect(logs).toHaveLength(3);
    expect(logs).toContainEqual(
      expect.objectContaining({
        level: 'ERROR',
        message: 'Message failed and will be tried again',
        messageId: messageId(2),
        error: expect.objectContaining({ message: 'The service did not answer about drone-2.' }),
      }),
    );
  });

  test('of failures only is reported, not thrown', async () => {
    expect(await run(TRANSIENT, TRANSIENT)).toEqual(failed(0, 1));
    expect(deadLetters()).toEqual([]);
    expect(written().metrics).toEqual({ MessageFailed: [1, 1] });
  });

  test('of good messages says nothing but how many', async () => {
    expect(await run(GOOD, GOOD, GOOD)).toEqual(failed());
    const { logs, metrics } = written();
    expect(logs).toEqual([]);
    expect(metrics).toEqual({ MessageProcessed: [1, 1, 1] });
  });

  test('knows nothing of the one before, even while that is going on', async () => {
    expect(await run(TRANSIENT)).toEqual(failed(0));
    expect(await run(GOOD)).toEqual(failed());
    expect(await Promise.all([run(GOOD, TRANSIENT), run(GOOD)])).toEqual([failed(1), failed()]);
  });

  test('that is not from SQS is an error', async () => {
    const event = { detail: {} } as unknown as SQSEvent;
    await expect(worker(event, CONTEXT)).rejects.toThrow(/Unexpected batch type/);
  });
});

describe('a message for which it is too early', () => {
  test.each([
    [90.2, 91],
    [0, 0],
    // SQS would refuse more than 12 hours, and more than is left of them.
    [100_000, 39_600],
  ])('comes again in %d seconds, and is no failure', async (seconds, timeout) => {
    const early = queueWorker(
      async () => {
        throw new ComeAgain(seconds, 'The media is yet to come.');
      },
      { sqs: client, queueUrl: WORK_URL, deadLetterQueueUrl: QUEUE_URL },
    );
    expect(await early(sqsEvent(GOOD), CONTEXT)).toEqual(failed(0));
    const [{ input }] = sqs.commandCalls(ChangeMessageVisibilityCommand).map(({ args: [command] }) => command);
    expect(input).toMatchObject({ QueueUrl: WORK_URL, VisibilityTimeout: timeout });
    expect(deadLetters()).toEqual([]);
    const { logs, metrics } = written();
    expect(metrics).toEqual({});
    expect(logs).toEqual([expect.objectContaining({ level: 'INFO', reason: 'The media is yet to come.' })]);
  });
});
