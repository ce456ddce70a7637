import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventSourceMapping, type EventSourceMappingProps } from '../../../local/cloud/event-source-mapping';
import { functions } from '../../../local/cloud/functions';
import { sqs } from '../../../local/cloud/sqs';
import { ACCOUNT, REGION, ROLE, startTestCloud } from './support';

let cloud: Awaited<ReturnType<typeof startTestCloud>>;
let queues: ReturnType<typeof sqs>;
let service: ReturnType<typeof functions>;
let folder: string;
let kill: number | undefined;
let made = 0;
const mappings: ReturnType<typeof startEventSourceMapping>[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mappings-'));
  cloud = await startTestCloud();
  const place = { account: ACCOUNT, region: REGION, url: () => cloud.endpoint };
  queues = sqs(place);
  service = functions({ ...place, principals: cloud.principals, kill: () => kill });
  cloud.add(queues.service, service.service);
});

afterEach(async () => {
  kill = undefined;
  await Promise.all(mappings.splice(0).map((mapping) => mapping.stop()));
});

afterAll(async () => {
  await service.stop();
  queues.stop();
  await cloud.stop();
  rmSync(folder, { recursive: true });
});

/** A queue, where it ends, and what tells of each batch, which a function of this code handles. */
const start = (body: string, more: Partial<EventSourceMappingProps> = {}, visibilityTimeout = 60) => {
  const number = ++made;
  const deadLetters = queues.create(`dead-${number}`);
  const told = queues.create(`told-${number}`);
  const queue = queues.create(`queue-${number}`, {
    VisibilityTimeout: String(visibilityTimeout),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.settings.arn, maxReceiveCount: 2 }),
  });
  const directory = join(folder, `function-${number}`);
  mkdirSync(directory);
  const sdk = JSON.stringify(require.resolve('@aws-sdk/client-sqs'));
  const code = `
    const { SQSClient, SendMessageCommand } = require(${sdk});
    const client = new SQSClient();
    exports.handler = async (event) => {
      const bodies = event.Records.map(({ body }) => body);
      const tell = (MessageBody) => client.send(new SendMessageCommand({ QueueUrl: process.env.TOLD, MessageBody }));
      ${body}
    };`;
  writeFileSync(join(directory, 'index.js'), code);
  const environment = { TOLD: told.settings.url };
  const settings = { role: ROLE, handler: 'index.handler', runtime: 'nodejs24.x', timeout: 30, memorySize: 128 };
  service.create({ name: `function-${number}`, directory, environment, ...settings });
  const begin = () =>
    mappings.push(
      startEventSourceMapping({
        region: REGION,
        principals: cloud.principals,
        url: cloud.endpoint,
        queueArn: queue.settings.arn,
        queueUrl: queue.settings.url,
        functionName: `function-${number}`,
        role: ROLE,
        concurrency: 1,
        ...more,
      }),
    );
  const send = (...messages: string[]) =>
    messages.forEach((message) => queue.send({ body: message, senderId: 'test' }));
  const next = async () => (await told.receive(1, 20)).map(({ message }) => message.body)[0];
  return { queue, deadLetters, begin, send, next };
};

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test('hands messages over in batches, as the records that Lambda has, and deletes them', async () => {
  const { queue, begin, send, next } = start('await tell(JSON.stringify(event.Records));', { batchSize: 2 });
  send('a', 'b', 'c');
  begin();
  const [first, ...others] = JSON.parse(await next());
  expect(others).toHaveLength(1);
  expect(first).toEqual({
    messageId: expect.stringMatching(/-/),
    receiptHandle: expect.any(String),
    body: 'a',
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: expect.stringMatching(/^\d+$/),
      SenderId: 'test',
      ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d+$/),
    },
    messageAttributes: {},
    md5OfBody: '0cc175b9c0f1b6a831c399e269772661',
    eventSource: 'aws:sqs',
    eventSourceARN: queue.settings.arn,
    awsRegion: REGION,
  });
  expect(JSON.parse(await next())).toMatchObject([{ body: 'c' }]);
  await until(() => queue.contents().length === 0);
});

test('waits for a batch to become full, as long as its window', async () => {
  const { begin, send, next } = start(`await tell(bodies.join());`, { batchSize: 3, batchWindow: 20 });
  begin();
  send('a');
  await new Promise((resolve) => setTimeout(resolve, 50));
  send('b');
  send('c');
  expect(await next()).toBe('a,b,c');
});

test('lets messages become visible again when their function fails, until they are dead letters', async () => {
  const { deadLetters, begin, send, next } = start(`await tell('tried'); throw new Error('no');`, {}, 1);
  begin();
  send('poison');
  expect(await next()).toBe('tried');
  expect(await next()).toBe('tried');
  const [{ message }] = await deadLetters.receive(1, 20);
  expect(message.body).toBe('poison');
});

test('keeps only those messages that the function names', async () => {
  const code = `
    await tell(bodies.join());
    const failed = event.Records.filter(({ body }) => body === 'bad');
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };`;
  const { queue, deadLetters, begin, send, next } = start(code, { reportsFailures: true }, 1);
  send('good', 'bad', 'fine');
  begin();
  expect(await next()).toBe('good,bad,fine');
  expect(await next()).toBe('bad');
  expect((await deadLetters.receive(1, 20)).map(({ message }) => message.body)).toEqual(['bad']);
  expect(queue.contents()).toEqual([]);
});

test('takes an answer that names unknown messages for a failure of all', async () => {
  const code = `await tell('tried'); return { batchItemFailures: [{ itemIdentifier: 'unknown' }] };`;
  const { deadLetters, begin, send } = start(code, { reportsFailures: true }, 1);
  begin();
  send('a');
  expect(await deadLetters.receive(1, 20)).toHaveLength(1);
});

test('hands a message over again whose function died half-way', async () => {
  const { queue, begin, send, next } = start(`await tell(bodies.join());`, {}, 1);
  kill = 0;
  begin();
  send('a');
  expect(await next()).toBe('a');
  kill = undefined;
  expect(await next()).toBe('a');
  await until(() => queue.contents().length === 0);
});
