import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  type ReceiveMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { sqs } from '../../../local/cloud/sqs';
import { ACCOUNT, HERE, REGION, startTestCloud } from './support';

let cloud: Awaited<ReturnType<typeof startTestCloud>>;
let service: ReturnType<typeof sqs>;
let client: SQSClient;
let made = 0;

beforeAll(async () => {
  cloud = await startTestCloud();
  service = sqs({ account: ACCOUNT, region: REGION, url: () => cloud.endpoint });
  cloud.add(service.service);
  // A retried mistake is one all the same.
  client = new SQSClient({ ...cloud.client, maxAttempts: 1 });
});

afterAll(async () => {
  client.destroy();
  service.stop();
  await cloud.stop();
});

afterEach(() => jest.restoreAllMocks());

const queue = async (Attributes: Record<string, string> = {}) => {
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: `queue-${++made}`, Attributes }));
  return QueueUrl!;
};
const send = (QueueUrl: string, MessageBody: string, more: object = {}) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}) =>
  (await client.send(new ReceiveMessageCommand({ QueueUrl, ...more }))).Messages ?? [];

/** As if so many seconds had passed since. */
const later = (seconds: number) => {
  const then = Date.now() + 1000 * seconds;
  jest.spyOn(Date, 'now').mockReturnValue(then);
};

test('gives a message with what it was sent with, once', async () => {
  const url = await queue();
  const MessageAttributes = {
    kind: { DataType: 'String', StringValue: 'frame' },
    raw: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
  };
  const sent = await send(url, 'Grüße', { MessageAttributes });
  const [message, ...others] = await receive(url, {
    MaxNumberOfMessages: 10,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  expect(others).toEqual([]);
  expect(message).toMatchObject({ MessageId: sent.MessageId, Body: 'Grüße', MessageAttributes });
  expect(message.Attributes).toEqual({
    SenderId: expect.stringContaining('assumed-role/tester/test'),
    SentTimestamp: expect.stringMatching(/^\d{13}$/),
    ApproximateReceiveCount: '1',
    ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
  });
  expect(await receive(url)).toEqual([]);
});

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html has this one of attributes.
test('tells the checksums of the service', async () => {
  const url = await queue();
  const attribute = { test_attribute_name_1: { DataType: 'String', StringValue: 'test_attribute_value_1' } };
  expect(await send(url, 'This is a test message', { MessageAttributes: attribute })).toMatchObject({
    MD5OfMessageBody: 'fafb00f5732ab283681e124bf8747ed1',
    MD5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
});

test('lets whoever waits have a message when it comes', async () => {
  const url = await queue();
  const waiting = receive(url, { WaitTimeSeconds: 20 });
  await send(url, 'late');
  expect(await waiting).toMatchObject([{ Body: 'late' }]);
});

test('waits no longer than it is told to', async () => {
  expect(await receive(await queue(), { WaitTimeSeconds: 1 })).toEqual([]);
});

test('keeps nothing for a receiver that has gone', async () => {
  const url = await queue();
  const abort = new AbortController();
  const gone = client.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }), {
    abortSignal: abort.signal,
  });
  // It is waiting as soon as others are answered.
  await receive(url);
  abort.abort();
  await expect(gone).rejects.toThrow('abort');
  await receive(url);
  await send(url, 'for somebody else');
  expect(await receive(url)).toMatchObject([{ Body: 'for somebody else' }]);
});

test('gives a message again that was not deleted when its visibility timeout has passed', async () => {
  const url = await queue({ VisibilityTimeout: '1' });
  await send(url, 'again');
  await receive(url);
  const [second] = await receive(url, {
    WaitTimeSeconds: 20,
    MessageSystemAttributeNames: ['ApproximateReceiveCount'],
  });
  expect(second.Attributes).toEqual({ ApproximateReceiveCount: '2' });
});

test('gives no message again that was deleted', async () => {
  const url = await queue({ VisibilityTimeout: '1' });
  await send(url, 'done');
  const [{ ReceiptHandle }] = await receive(url);
  await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
  later(2);
  expect(await receive(url)).toEqual([]);
});

test('goes by the last receipt only', async () => {
  const url = await queue({ VisibilityTimeout: '0' });
  await send(url, 'twice');
  const [first] = await receive(url);
  await receive(url);
  await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first.ReceiptHandle }));
  expect(await receive(url)).toHaveLength(1);
});

test('lets the visibility of a message be changed while it is in flight', async () => {
  const url = await queue();
  await send(url, 'shorter');
  const [{ ReceiptHandle }] = await receive(url);
  const change = (VisibilityTimeout: number) =>
    client.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout }));
  await change(0);
  await expect(change(10)).rejects.toThrow('not in flight');
  expect(await receive(url)).toHaveLength(1);
  await expect(change(43_201)).rejects.toThrow('43200');
});

test('holds a message back for its delay', async () => {
  const url = await queue({ DelaySeconds: '1' });
  await send(url, 'delayed');
  await send(url, 'at once', { DelaySeconds: 0 });
  expect(await receive(url, { MaxNumberOfMessages: 10 })).toMatchObject([{ Body: 'at once' }]);
  const count = { ApproximateNumberOfMessagesDelayed: '1', ApproximateNumberOfMessagesNotVisible: '1' };
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
  expect(Attributes).toMatchObject(count);
  expect(await receive(url, { WaitTimeSeconds: 20 })).toMatchObject([{ Body: 'delayed' }]);
});

test('drops a message at the end of its retention', async () => {
  const url = await queue({ MessageRetentionPeriod: '60' });
  await send(url, 'old');
  later(61);
  expect(await receive(url)).toEqual([]);
});

test('moves a message to the dead-letter queue that was received too often', async () => {
  const deadLetters = await queue();
  const deadLetterTargetArn = `arn:aws:sqs:${HERE}:${deadLetters.split('/').at(-1)}`;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 });
  const url = await queue({ VisibilityTimeout: '0', RedrivePolicy });
  expect(service.isBusy()).toBe(false);
  const { MessageId } = await send(url, 'poison');
  expect(await receive(url)).toHaveLength(1);
  expect(await receive(url)).toHaveLength(1);
  expect(service.isBusy()).toBe(true);
  expect(await receive(url)).toEqual([]);
  // Nobody tries it any more.
  expect(service.isBusy()).toBe(false);
  const [dead] = await receive(deadLetters, { MessageSystemAttributeNames: ['All'] });
  expect(dead).toMatchObject({
    MessageId,
    Attributes: {
      ApproximateReceiveCount: '3',
      DeadLetterQueueSourceArn: `arn:aws:sqs:${HERE}:${url.split('/').at(-1)}`,
    },
  });
});

test('works batches off entry by entry', async () => {
  const url = await queue({ MaximumMessageSize: '1024' });
  const sent = await client.send(
    new SendMessageBatchCommand({
      QueueUrl: url,
      Entries: [
        { Id: 'good', MessageBody: 'x' },
        { Id: 'bad', MessageBody: 'x'.repeat(1025) },
      ],
    }),
  );
  expect(sent.Successful).toMatchObject([{ Id: 'good' }]);
  expect(sent.Failed).toMatchObject([{ Id: 'bad', Code: 'InvalidParameterValue', SenderFault: true }]);
  const [{ ReceiptHandle }] = await receive(url);
  const deleted = await client.send(
    new DeleteMessageBatchCommand({
      QueueUrl: url,
      Entries: [
        { Id: 'one', ReceiptHandle },
        { Id: 'none', ReceiptHandle: 'none' },
      ],
    }),
  );
  expect(deleted).toMatchObject({
    Successful: [{ Id: 'one' }],
    Failed: [{ Id: 'none', Code: 'ReceiptHandleIsInvalid' }],
  });
  expect(service.depths()).not.toHaveProperty(url.split('/').at(-1)!);
});

test.each([
  ['an empty batch', [], 'EmptyBatchRequest'],
  [
    'a batch of eleven',
    Array.from({ length: 11 }, (_, id) => ({ Id: `${id}`, MessageBody: 'x' })),
    'TooManyEntriesInBatchRequest',
  ],
  ['ids that are not distinct', [1, 2].map(() => ({ Id: 'same', MessageBody: 'x' })), 'BatchEntryIdsNotDistinct'],
  ['an id that is none', [{ Id: 'a b', MessageBody: 'x' }], 'InvalidBatchEntryId'],
  [
    'more than a mebibyte',
    [1, 2].map((id) => ({ Id: `${id}`, MessageBody: 'x'.repeat(600_000) })),
    'BatchRequestTooLong',
  ],
])('refuses %s', async (_, Entries, name) => {
  const QueueUrl = await queue();
  await expect(client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toMatchObject({ name });
});

test('refuses messages that are too long, are empty, or have characters that XML has not', async () => {
  const url = await queue();
  await send(url, 'x'.repeat(1_048_576));
  await expect(send(url, 'x'.repeat(1_048_577))).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  await expect(send(url, '')).rejects.toMatchObject({ name: 'MissingParameter' });
  await expect(send(url, 'a\u0000')).rejects.toMatchObject({ name: 'InvalidMessageContents' });
});

test('refuses queues that are not there, or come in an order', async () => {
  const url = await queue();
  await expect(send(`${url}-other`, 'x')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  await expect(client.send(new GetQueueUrlCommand({ QueueName: 'none' }))).rejects.toThrow('does not exist');
  expect(await client.send(new GetQueueUrlCommand({ QueueName: url.split('/').at(-1)! }))).toMatchObject({
    QueueUrl: url,
  });
  await expect(client.send(new CreateQueueCommand({ QueueName: 'a.fifo' }))).rejects.toThrow('FIFO');
});

test('lets a service of AWS send only where the policy of the queue does', async () => {
  const url = await queue();
  const sender = new SQSClient({ ...cloud.clientOf('sns.amazonaws.com'), maxAttempts: 1 });
  const attempt = () => sender.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }));
  const policyFor = (Service: string) => ({
    Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Principal: { Service }, Resource: '*' }],
  });
  await expect(attempt()).rejects.toMatchObject({ name: 'AccessDenied' });
  service.queue(url.split('/').at(-1)!).policy = policyFor('s3.amazonaws.com');
  await expect(attempt()).rejects.toMatchObject({ name: 'AccessDenied' });
  service.queue(url.split('/').at(-1)!).policy = policyFor('sns.amazonaws.com');
  expect(await attempt()).toMatchObject({ MessageId: expect.stringMatching(/-/) });
  sender.destroy();
});

test('lets a role do what its policies allow', async () => {
  const [url, other] = [await queue(), await queue()];
  const name = url.split('/').at(-1)!;
  const sender = new SQSClient(cloud.clientWith('sqs:SendMessage', `arn:aws:sqs:${HERE}:${name}`));
  const batch = { Entries: [{ Id: 'a', MessageBody: 'x' }] };
  await sender.send(new SendMessageBatchCommand({ QueueUrl: url, ...batch }));
  const refused = { name: 'AccessDenied' };
  await expect(sender.send(new SendMessageBatchCommand({ QueueUrl: other, ...batch }))).rejects.toMatchObject(refused);
  await expect(sender.send(new ReceiveMessageCommand({ QueueUrl: url }))).rejects.toMatchObject(refused);
  sender.destroy();
});
