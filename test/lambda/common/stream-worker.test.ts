import { CONTEXT, captureOutput } from '../../support/handler-output';
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { UnusableMessage } from '../../../lambda/common/queue-worker';
import { streamWorker } from '../../../lambda/common/stream-worker';
import { kinesisEvent, sequenceNumber } from '../../events/kinesis';

const URL = 'https://sqs.eu-west-1.amazonaws.com/111122223333/dead-letters';

const written = captureOutput();
const client = new SQSClient({ region: 'eu-west-1' });
const sqs = mockClient(client);
let worked: string[];
let arrivals: number[];

beforeEach(() => {
  sqs.reset();
  worked = [];
  arrivals = [];
});

const worker = streamWorker(
  async (data, { arrivedAt }) => {
    arrivals.push(arrivedAt);
    if (data === 'bad') throw new UnusableMessage('It is bad.\n');
    if (data === 'busy') throw new Error('The service is busy.');
    worked.push(data);
  },
  { sqs: client, deadLetterQueueUrl: URL },
);

test('records are worked off one by one, whatever their content', async () => {
  expect(await worker(kinesisEvent('a', 'Fußgänger', ''), CONTEXT)).toEqual({ batchItemFailures: [] });
  expect(worked).toEqual(['a', 'Fußgänger', '']);
  expect(arrivals).toEqual(Array(3).fill(1_795_514_400_120));
  expect(written().metrics).toEqual({ MessageProcessed: [1, 1, 1] });
});

test('no records are no work', async () => {
  expect(await worker({ Records: [] }, CONTEXT)).toEqual({ batchItemFailures: [] });
});

test('one that can not be used goes to the dead-letter queue as it is, and holds back none', async () => {
  expect(await worker(kinesisEvent('a', 'bad', 'b'), CONTEXT)).toEqual({ batchItemFailures: [] });
  expect(worked).toEqual(['a', 'b']);
  expect(sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input)).toEqual([
    {
      QueueUrl: URL,
      MessageBody: 'bad',
      MessageAttributes: { reason: { DataType: 'String', StringValue: 'It is bad.' } },
    },
  ]);
  expect(written().metrics).toEqual({ MessageProcessed: [1, 1], MessageUnusable: [1] });
});

test('at one that failed the batch ends, and comes again from there', async () => {
  const { batchItemFailures } = await worker(kinesisEvent('a', 'busy', 'b', 'bad'), CONTEXT);
  expect(batchItemFailures).toEqual([{ itemIdentifier: sequenceNumber(1) }]);
  expect(worked).toEqual(['a']);
  expect(sqs.calls()).toEqual([]);
  const { logs, metrics } = written();
  expect(metrics).toEqual({ MessageProcessed: [1], MessageFailed: [1] });
  expect(logs).toMatchObject([{ level: 'ERROR', sequenceNumber: sequenceNumber(1) }]);
});

test('one that the dead-letter queue does not take has failed', async () => {
  sqs.on(SendMessageCommand).rejects(new Error('The queue did not answer.'));
  expect(await worker(kinesisEvent('bad', 'a'), CONTEXT)).toEqual({
    batchItemFailures: [{ itemIdentifier: sequenceNumber(0) }],
  });
  expect(worked).toEqual([]);
});
