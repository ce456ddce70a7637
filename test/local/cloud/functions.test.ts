import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient, type InvokeCommandInput } from '@aws-sdk/client-lambda';
import { functions, type FunctionSettings } from '../../../local/cloud/functions';
import { sqs } from '../../../local/cloud/sqs';
import { ACCOUNT, HERE, REGION, ROLE, startTestCloud } from './support';

let cloud: Awaited<ReturnType<typeof startTestCloud>>;
let queues: ReturnType<typeof sqs>;
let service: ReturnType<typeof functions>;
let client: LambdaClient;
let folder: string;
let kill: number | undefined;
let made = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'functions-'));
  cloud = await startTestCloud();
  const place = { account: ACCOUNT, region: REGION, url: () => cloud.endpoint };
  queues = sqs(place);
  service = functions({ ...place, principals: cloud.principals, retryAfter: [0, 0], kill: () => kill });
  cloud.add(queues.service, service.service);
  client = new LambdaClient({ ...cloud.client, maxAttempts: 1 });
});

afterEach(() => (kill = undefined));

afterAll(async () => {
  client.destroy();
  await service.stop();
  queues.stop();
  await cloud.stop();
  rmSync(folder, { recursive: true });
});

/** A function of this code, and its name. */
const create = (code: string, settings: Partial<FunctionSettings> = {}): string => {
  const name = `function-${++made}`;
  const directory = join(folder, name);
  mkdirSync(directory);
  writeFileSync(join(directory, 'index.js'), code);
  const usual = { role: ROLE, handler: 'index.handler', runtime: 'nodejs24.x', timeout: 30, memorySize: 128 };
  service.create({ name, directory, environment: {}, ...usual, ...settings });
  return name;
};

const invoke = async (FunctionName: string, event?: unknown, more: Partial<InvokeCommandInput> = {}) => {
  const Payload = event === undefined ? undefined : JSON.stringify(event);
  const answer = await client.send(new InvokeCommand({ FunctionName, Payload, ...more }));
  return { ...answer, result: answer.Payload?.length ? JSON.parse(Buffer.from(answer.Payload).toString()) : undefined };
};

/** What a thread writes takes a way of its own. */
const linesOf = async (name: string, count: number) => {
  while (service.logsOf(name).length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  return service.logsOf(name);
};

/** Code that sends messages to a queue. */
const SENDER = `
  const { SQSClient, SendMessageCommand } = require(${JSON.stringify(require.resolve('@aws-sdk/client-sqs'))});
  const client = new SQSClient();
  exports.handler = async ({ queue, times }) => {
    for (let index = 0; index < times; index++) {
      await client.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: String(index) }));
    }
    return 'sent';
  };
`;

test('hands the event to the handler, and gives back what it returns', async () => {
  const name = create('exports.handler = async (event) => ({ got: event });');
  expect(await invoke(name, { a: 'ü' })).toMatchObject({ StatusCode: 200, result: { got: { a: 'ü' } } });
  expect(await invoke(`arn:aws:lambda:${HERE}:function:${name}`)).toMatchObject({ result: { got: {} } });
  const nothing = create('exports.handler = async () => undefined;');
  expect(await invoke(nothing, {})).toMatchObject({ result: null });
});

test('has the environment that Lambda gives, and nothing of this machine', async () => {
  const name = create('exports.handler = async () => process.env;', { environment: { TABLE: 'table' } });
  const { result } = await invoke(name);
  expect(result).toMatchObject({
    TABLE: 'table',
    AWS_REGION: REGION,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_ENDPOINT_URL: cloud.endpoint,
    _HANDLER: 'index.handler',
  });
  expect(result.AWS_ACCESS_KEY_ID).not.toBe('key');
  expect(Object.keys(result).filter((key) => key in process.env && !(key in EXPECTED))).toEqual([]);
});
const EXPECTED = {
  TABLE: 1,
  LANG: 1,
  AWS_REGION: 1,
  AWS_ACCESS_KEY_ID: 1,
  AWS_SECRET_ACCESS_KEY: 1,
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 1,
  NODE_OPTIONS: 1,
};

test('tells the handler who it is and how much time it has', async () => {
  const code = `exports.handler = async (_, context) => ({ ...context, left: context.getRemainingTimeInMillis() });`;
  const name = create(code, { timeout: 7, memorySize: 256 });
  const { result } = await invoke(name);
  expect(result).toMatchObject({
    functionName: name,
    invokedFunctionArn: `arn:aws:lambda:${HERE}:function:${name}`,
    memoryLimitInMB: '256',
    awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(result.left).toBeGreaterThan(0);
  expect(result.left).toBeLessThanOrEqual(7000);
});

test('keeps a thread for the next event, and starts one more where that is busy', async () => {
  const code = `
    const { threadId } = require('node:worker_threads');
    exports.handler = async ({ wait = 0 }) => {
      await new Promise((resolve) => setTimeout(resolve, wait));
      return threadId;
    };`;
  const name = create(code);
  const thread = async (event: object) => (await invoke(name, event)).result as number;
  expect(await thread({})).toBe(await thread({}));
  const threads = await Promise.all([1, 2, 3].map(() => thread({ wait: 200 })));
  expect(new Set(threads).size).toBe(2);
});

test.each([
  [
    'an error',
    `class Odd extends Error { name = 'Odd' } throw new Odd('no')`,
    { errorType: 'Odd', errorMessage: 'no' },
  ],
  ['no error', `throw 'text'`, { errorType: 'string', errorMessage: 'text' }],
  ['an exit', `process.exit(0)`, { errorType: 'Runtime.ExitError' }],
  [
    'an error that nobody caught',
    `setTimeout(() => { throw new Error('late') }); await new Promise(() => 0)`,
    { errorType: 'Runtime.ExitError' },
  ],
  [
    'more time than it has',
    'await new Promise((resolve) => setTimeout(resolve, 20000))',
    { errorType: 'Sandbox.Timedout', errorMessage: expect.stringContaining('Task timed out after 3.00 seconds') },
    3,
  ],
])('tells of %s as Lambda does, and goes on with the next event', async (_, body, told, timeout = 30) => {
  const name = create(`exports.handler = async ({ ok }) => { if (ok) return 'fine'; ${body}; };`, { timeout });
  expect(await invoke(name, {})).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled', result: told });
  const { FunctionError, result } = await invoke(name, { ok: true });
  expect({ FunctionError, result }).toEqual({ FunctionError: undefined, result: 'fine' });
});

test.each([
  ['that does not load', `throw new Error('The environment is wrong.');`, 'The environment is wrong.'],
  ['without the handler', 'exports.other = () => 1;', 'index.handler is undefined or not exported'],
])('tells of code %s', async (_, code, errorMessage) => {
  expect(await invoke(create(code))).toMatchObject({ FunctionError: 'Unhandled', result: { errorMessage } });
});

test('calls services as the role of the function', async () => {
  const queue = queues.create('role');
  expect(await invoke(create(SENDER), { queue: queue.settings.url, times: 1 })).toMatchObject({ result: 'sent' });
  expect(queue.contents()[0].senderId).toMatch(/assumed-role\/tester\/function-/);
});

test.each([
  ['before it knows of its first call', 0, 1],
  ['before it knows of its third', 2, 3],
  ['at its end if it makes fewer calls', 9, 4],
])('dies %s, when it is to', async (_, answers, sent) => {
  const queue = queues.create(`died-${answers}`);
  const name = create(SENDER);
  kill = answers;
  const died = await invoke(name, { queue: queue.settings.url, times: 4 });
  expect(died).toMatchObject({ FunctionError: 'Unhandled', result: { errorType: 'Runtime.ExitError' } });
  expect(queue.contents()).toHaveLength(sent);
});

test('handles an event that nobody waits for, twice more if it fails', async () => {
  const queue = queues.create('later');
  const name = create(SENDER.replace(`return 'sent'`, `throw new Error('no')`));
  const deadLetters = queues.create('later-dead');
  const failing = create(`exports.handler = async () => { console.log('tried'); throw new Error('no'); };`, {
    deadLetterArn: deadLetters.settings.arn,
  });
  const event = { queue: queue.settings.url, times: 1 };
  expect(await invoke(name, event, { InvocationType: 'Event' })).toMatchObject({ StatusCode: 202, result: undefined });
  for (let times = 0; times < 3; times++) expect(await queue.receive(1, 20)).toHaveLength(1);
  await invoke(failing, { a: 1 }, { InvocationType: 'Event' });
  const [{ message }] = await deadLetters.receive(1, 20);
  expect(message).toMatchObject({ body: '{"a":1}', attributes: { ErrorMessage: { StringValue: 'no' } } });
  expect(await linesOf(failing, 3)).toEqual(['tried', 'tried', 'tried']);
});

test('tries only whether it could', async () => {
  const name = create(`exports.handler = async () => console.log('ran');`);
  expect(await invoke(name, {}, { InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204 });
  await invoke(name);
  expect(await linesOf(name, 1)).toEqual(['ran']);
});

test('lets a service of AWS invoke only what it has permission for', async () => {
  const name = create('exports.handler = async () => 1;');
  const caller = new LambdaClient({ ...cloud.clientOf('iot.amazonaws.com'), maxAttempts: 1 });
  const attempt = () => caller.send(new InvokeCommand({ FunctionName: name }));
  service.permit(name, 'sns.amazonaws.com');
  await expect(attempt()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  service.permit(name, 'iot.amazonaws.com');
  expect(await attempt()).toMatchObject({ StatusCode: 200 });
  caller.destroy();
});

test('refuses what is too much, is no JSON, or is not there', async () => {
  const name = create(`exports.handler = async ({ size }) => 'x'.repeat(size);`);
  await expect(invoke(name, 'x'.repeat(1_048_577), { InvocationType: 'Event' })).rejects.toMatchObject({
    name: 'RequestTooLargeException',
  });
  await expect(invoke(name, undefined, { Payload: Buffer.from('{') })).rejects.toMatchObject({
    name: 'InvalidRequestContentException',
  });
  await expect(invoke('none')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  expect(await invoke(name, { size: 7_000_000 })).toMatchObject({
    FunctionError: 'Unhandled',
    result: { errorType: 'Function.ResponseSizeTooLarge' },
  });
});

test('lets a role invoke the functions that its policies name', async () => {
  const [name, other] = ['exports.handler = async () => 1;', 'exports.handler = async () => 2;'].map((code) =>
    create(code),
  );
  const caller = new LambdaClient(cloud.clientWith('lambda:InvokeFunction', `arn:aws:lambda:${HERE}:function:${name}`));
  await caller.send(new InvokeCommand({ FunctionName: name }));
  const attempt = caller.send(new InvokeCommand({ FunctionName: other }));
  await expect(attempt).rejects.toMatchObject({ name: 'AccessDeniedException' });
  caller.destroy();
});
