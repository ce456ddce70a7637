import { captureOutput } from '../../support/handler-output';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { handle, type Ports } from '../../../lambda/signed-webhook/handler';
import { Secrets } from '../../../lambda/signed-webhook/secrets';
import { signedHeaders } from '../../../lambda/signed-webhook/signature';
import { TestQueue } from '../../support/work-queue';

const NOW = Date.parse('2026-11-27T12:00:00.000Z');
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const written = captureOutput();
let server: Server;
let received: { headers: IncomingMessage['headers']; body: string }[];
let respond: { status: number; headers?: Record<string, string> } | 'never';
let stages: Record<string, string | Error>;
let now: number;
let queue: TestQueue;
let ports: Ports;

beforeEach(async () => {
  [received, respond, now, stages] = [[], { status: 202 }, NOW, { AWSCURRENT: SECRET }];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      if (respond !== 'never') response.writeHead(respond.status, respond.headers).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const secretsManager = new SecretsManagerClient({ region: 'eu-west-1' });
  mockClient(secretsManager)
    .on(GetSecretValueCommand)
    .callsFake(({ VersionStage }) => {
      const value = stages[VersionStage] ?? new ResourceNotFoundException({ message: 'No such stage', $metadata: {} });
      if (value instanceof Error) throw value;
      return { SecretString: value };
    });
  ports = {
    secrets: new Secrets({ secretsManager, secretArn: 'arn', now: () => now }),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/incidents`,
    fetch,
    timeoutMilliseconds: 30_000,
    now: () => now,
  };
  queue = new TestQueue((body) => handle(body, ports));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const message = (content: object = { shot: 1 }) => ({ id: 'sensor-1:m-7', content });

/** What a receiver does who knows a secret; none of the code that signs. */
function isSignedBy(secret: string, { headers, body }: (typeof received)[number]): boolean {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = createHmac('sha256', secret).update(signed).digest('base64');
  return String(headers['webhook-signature']).split(' ').includes(`v1,${expected}`);
}

test('the signature is that of the specification’s example', () => {
  // https://github.com/standard-webhooks/standard-webhooks, as its libraries have it in their tests.
  const headers = signedHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', '{"test": 2432232314}', [SECRET], 1_614_265_330_000);
  expect(headers).toEqual({
    'content-type': 'application/json',
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('another id, time, body or secret has another signature', () => {
  const sign = (id: string, body: string, secret: string, at: number) =>
    signedHeaders(id, body, [secret], 1000 * at)['webhook-signature'];
  const part = fc.string({ minLength: 1 });
  fc.assert(
    fc.property(part, part, part, fc.nat(2 ** 30), part, (id, body, secret, at, more) => {
      const one = sign(id, body, secret, at);
      expect(sign(id, body, secret, at)).toBe(one);
      for (const other of [sign(id, body + more, secret, at), sign(id, body, secret, at + 1)])
        expect(other).not.toBe(one);
    }),
  );
});

test('a message is sent as JSON under its id, and is done when it is taken', async () => {
  expect(await queue.process(message())).toBe('done');
  expect(received).toEqual([{ headers: expect.anything(), body: '{"shot":1}' }]);
  expect(received[0].headers).toMatchObject({
    'content-type': 'application/json',
    'webhook-id': 'sensor-1:m-7',
    'webhook-timestamp': String(NOW / 1000),
  });
  expect(written().metrics).toEqual({ WebhookDelivered: [1], MessageProcessed: [1] });
});

test('both secrets sign while one takes over from the other, and a new one counts within a minute', async () => {
  stages = { AWSCURRENT: 'new-secret', AWSPREVIOUS: 'old-secret' };
  await queue.process(message());
  expect(['new-secret', 'old-secret', 'other'].map((secret) => isSignedBy(secret, received[0]))).toEqual([
    true,
    true,
    false,
  ]);
  stages = { AWSCURRENT: 'third-secret', AWSPREVIOUS: 'new-secret' };
  now += 60_000;
  await queue.process(message());
  expect(['third-secret', 'new-secret', 'old-secret'].map((secret) => isSignedBy(secret, received[1]))).toEqual([
    true,
    true,
    false,
  ]);
});

test('each try is signed anew, under the same id', async () => {
  respond = { status: 503 };
  expect(await queue.process(message())).toBe('failed');
  now += 30_000;
  respond = { status: 200 };
  expect(await queue.process(message(), 2)).toBe('done');
  expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(['sensor-1:m-7', 'sensor-1:m-7']);
  expect(new Set(received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(2);
});

test.each<[number, string]>([
  [200, 'done'],
  [204, 'done'],
  [409, 'done'],
  [301, 'failed'],
  [401, 'failed'],
  [403, 'failed'],
  [404, 'failed'],
  [408, 'failed'],
  [429, 'failed'],
  [500, 'failed'],
  [503, 'failed'],
  [400, 'unusable'],
  [410, 'unusable'],
  [413, 'unusable'],
  [422, 'unusable'],
])('after %i it is %s', async (status, outcome) => {
  respond = { status, headers: status === 301 ? { location: '/elsewhere' } : {} };
  expect(await queue.process(message())).toBe(outcome);
  expect(received).toHaveLength(1);
});

test('a receiver that does not answer is given up for now', async () => {
  respond = 'never';
  const impatient = new TestQueue((body) => handle(body, { ...ports, timeoutMilliseconds: 300 }));
  expect(await impatient.process(message())).toBe('failed');
});

test('without a secret nothing is sent', async () => {
  stages = { AWSCURRENT: new Error('Access denied') };
  expect(await queue.process(message())).toBe('failed');
  expect(received).toEqual([]);
});

test.each([
  ['no JSON', 'shot'],
  ['no id', { content: {} }],
  ['an id with a line', { id: 'a\nb', content: {} }],
  ['no content', { id: 'a' }],
])('a message with %s is unusable', async (_what, body) => {
  expect(await queue.process(body)).toBe('unusable');
  expect(received).toEqual([]);
});
