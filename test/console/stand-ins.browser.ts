import { createHash, randomBytes } from 'node:crypto';
import { connectAsync, type MqttClient } from 'mqtt';
import { WebSocket } from 'ws';
import { CLIENT_ID } from '../../local/console/issuer';
import type { UserName } from './stand-ins/world';
import { consoleOf, until } from './support/console';

/** That the stand-ins refuse what AWS refuses: a console that is let do anything would pass every test. */
const here = consoleOf({ alertDelay: 0 });

/** The status of the answer to a WebSocket, and the error's name. */
async function knock(url: string): Promise<{ status: number; error?: string; socket: WebSocket }> {
  const socket = new WebSocket(url);
  return new Promise((resolve) => {
    socket.on('open', () => resolve({ status: 101, socket }));
    socket.on('unexpected-response', (_, { statusCode, headers }) =>
      resolve({ status: statusCode!, error: headers['x-amzn-errortype'] as string, socket }),
    );
    // Of a socket that is closed before it is open.
    socket.on('error', () => undefined);
  });
}

/** Tokens by the code flow, as a browser gets them. */
async function tokensOf(name: UserName): Promise<Record<string, string>> {
  const { issuer } = here.world;
  const verifier = randomBytes(32).toString('base64url');
  const authorization = new URLSearchParams({
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: here.world.url,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const cookie = issuer.cookieOf(name);
  const { headers } = await fetch(`${issuer.url}/authorize?${authorization}`, {
    redirect: 'manual',
    headers: { cookie: `${cookie.name}=${cookie.value}` },
  });
  const code = new URL(headers.get('location')!).searchParams.get('code')!;
  return exchange({ grant_type: 'authorization_code', code, code_verifier: verifier });
}

async function exchange(parameters: Record<string, string>): Promise<Record<string, string>> {
  const body = new URLSearchParams({ client_id: CLIENT_ID, ...parameters });
  const response = await fetch(`${here.world.issuer.url}/token`, { method: 'POST', body });
  return (await response.json()) as Record<string, string>;
}

function connect(name: UserName, token: string, devices: string): Promise<MqttClient> {
  const sub = createHash('sha256').update(here.world.subOf(name)).digest('hex').slice(0, 32);
  return connectAsync(
    here.world.messagesUrl,
    {
      clientId: `viewer:${sub}:${randomBytes(4).toString('hex')}`,
      username: `viewer?x-amz-customauthorizer-name=viewers&devices=${devices}`,
      password: token,
      protocolVersion: 4,
      reconnectPeriod: 0,
    },
    false,
  );
}

test('a signed URL opens a channel for five minutes, and only that one', async () => {
  const { signaling, channelOf } = here.world;
  const url = await signaling.urlOf(channelOf('drone-1'), 'viewer-1');
  const late = { signedAt: new Date(Date.now() - 300_000) };
  const expired = await signaling.urlOf(channelOf('drone-1'), 'viewer-1', late);
  const { socket, status } = await knock(url);
  expect(status).toBe(101);
  socket.close();
  expect(await knock(expired)).toMatchObject({ status: 403, error: 'AccessDeniedException' });
  expect(await knock(url.replace('drone-1', 'drone-3'))).toMatchObject({ status: 403 });
});

test('ten may watch a device, and the eleventh when one of them has gone', async () => {
  const { signaling, channelOf } = here.world;
  const urlOf = (index: number) => signaling.urlOf(channelOf('drone-3'), `viewer-${index}`);
  const viewers = [];
  for (let index = 0; index < 10; index++) viewers.push((await knock(await urlOf(index))).socket);
  expect(await knock(await urlOf(10))).toMatchObject({ status: 400, error: 'ClientLimitExceededException' });
  viewers.pop()!.close();
  await until(() => signaling.viewersOf(channelOf('drone-3')).length === 9);
  const { status, socket } = await knock(await urlOf(10));
  expect(status).toBe(101);
  for (const viewer of [...viewers, socket]) viewer.close();
});

test('a token is for whom the pool knows, and is renewed until that is revoked', async () => {
  const { id_token, refresh_token } = await tokensOf('reviewer');
  const list = (token: string) =>
    fetch(`${here.world.url}/v1/devices`, { headers: { authorization: `Bearer ${token}` } });
  const listed = await list(id_token);
  expect(listed.status).toBe(200);
  expect(await listed.json()).toMatchObject({ devices: [{ device: 'drone-3' }] });
  expect((await list(id_token.slice(0, -4))).status).toBe(401);
  const renewed = await exchange({ grant_type: 'refresh_token', refresh_token });
  expect((await list(renewed.id_token)).status).toBe(200);
  here.world.issuer.revoke();
  expect(await exchange({ grant_type: 'refresh_token', refresh_token })).toEqual({ error: 'invalid_grant' });
});

test('who connects hears of devices that they may see, and of no others', async () => {
  const { id_token } = await tokensOf('pilot');
  const client = await connect('pilot', id_token, 'drone-1,drone-3');
  const heard: string[] = [];
  client.on('message', (topic) => heard.push(topic));
  const [own] = await client.subscribeAsync('devices/drone-1/detections', { qos: 1 });
  expect(own.qos).toBe(1);
  await expect(client.subscribeAsync('devices/drone-3/detections', { qos: 1 })).rejects.toThrow();
  await expect(client.subscribeAsync('devices/+/detections', { qos: 1 })).rejects.toThrow();
  await here.world.drones['drone-3'].detect({ label: 'Person', confidence: 90 });
  await here.world.drones['drone-1'].detect({ label: 'Person', confidence: 90 });
  await until(() => heard.length > 0);
  expect(heard).toEqual(['devices/drone-1/detections']);
  await client.endAsync(true);
});

test.each([
  ['a token of somebody else', 'admin', 'drone-1'],
  ['no device that they may see', 'pilot', 'drone-3'],
] as const)('nobody connects with %s', async (_, holder, devices) => {
  const { id_token } = await tokensOf(holder);
  await expect(connect('pilot', id_token, devices)).rejects.toThrow();
});

test('the page has the headers of the deployed console, whatever the path is', async () => {
  const response = await fetch(`${here.world.url}/signed-in`);
  expect(response.headers.get('content-type')).toContain('text/html');
  expect(response.headers.get('content-security-policy')).toContain("require-trusted-types-for 'script'");
  expect((await fetch(`${here.world.url}/assets/none.js`)).status).toBe(404);
});
