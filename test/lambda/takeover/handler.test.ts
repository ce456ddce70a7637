import { captureOutput } from '../../support/handler-output';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { mockClient, type AwsClientStub } from 'aws-sdk-client-mock';
import { deviceCommand, type DeviceCommand } from '../../../lambda/common/device-command';
import { metrics } from '../../../lambda/common/observability';
import { handle, type Ports } from '../../../lambda/takeover/handler';
import type { TakeoverResponse } from '../../../lambda/common/takeover';
import { LocalDynamoDB } from '../../support/dynamodb';

const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const TOKEN = NOW / 1000;
const iso = (later: number) => new Date(NOW + later).toISOString();

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let iotData: AwsClientStub<IoTDataPlaneClient>;
let ports: Ports;
let now: number;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  metrics.clearMetrics();
  now = NOW;
  iotData = mockClient(IoTDataPlaneClient);
  iotData.on(PublishCommand).resolves({});
  let ids = 0;
  ports = {
    dynamodb: dynamodb.client,
    iotData: new IoTDataPlaneClient({ region: 'eu-west-1' }),
    settings: {
      leaseTable: await dynamodb.createTable('device'),
      commandTable: await dynamodb.createTable('device', 'id'),
      topicPrefix: 'devices',
      leaseSeconds: 15,
      commandSeconds: 5,
      onLapse: 'RETURN',
    },
    newId: () => `own-${++ids}`,
    now: () => now,
  };
});

const ask = (event: object) => handle({ device: 'drone-1', pilot: 'ann', ...event }, ports);
const take = (pilot = 'ann') => ask({ action: 'take', pilot });
const force = (pilot = 'eve') => ask({ action: 'force', pilot, role: 'supervisor' });
const move = (change: object = {}, command: object = {}) =>
  ask({ action: 'command', token: TOKEN, command: { id: 'c-1', name: 'MOVE', ...command }, ...change });
const published = () =>
  iotData.commandCalls(PublishCommand).map(({ args: [{ input }] }) => ({
    ...input,
    payload: deviceCommand.parse(JSON.parse(Buffer.from(input.payload as Uint8Array).toString())),
  }));
const names = () => published().map(({ payload }) => payload.command.name);
const code = (response: TakeoverResponse) => (response.ok ? 'OK' : response.error.code);

/** Publishes what is measured, as the function does at its end. */
function output() {
  metrics.publishStoredMetrics();
  return written();
}

describe('take', () => {
  test('gives control for a while, and tells the device', async () => {
    expect(await take()).toEqual({
      ok: true,
      control: { device: 'drone-1', holder: 'ann', token: TOKEN, until: iso(15_000), heartbeatSeconds: 5 },
    });
    const payload: DeviceCommand = {
      schemaVersion: '1.0',
      id: 'own-1',
      token: TOKEN,
      leaseExpiresAt: iso(15_000),
      command: { name: 'TAKE_CONTROL' },
      issuedAt: iso(0),
      expiresAt: iso(15_000),
      onLapse: 'RETURN',
    };
    expect(published()).toEqual([
      { topic: 'devices/drone-1/commands', qos: 1, messageExpiry: 15, contentType: 'application/json', payload },
    ]);
  });

  test('is refused to others, who hear whom they wait for, and the device hears nothing', async () => {
    await take();
    expect(await take('bob')).toEqual({
      ok: false,
      error: { code: 'LEASE_HELD', message: expect.any(String), by: 'ann', until: iso(15_000) },
    });
    expect(names()).toEqual(['TAKE_CONTROL']);
  });

  test('is one device’s only', async () => {
    await take();
    expect(code(await ask({ action: 'take', pilot: 'bob', device: 'drone-10' }))).toBe('OK');
    expect(published()[1].topic).toBe('devices/drone-10/commands');
  });

  test('by a thousand pilots at once is won by one', async () => {
    const pilots = Array.from({ length: 1000 }, (_, index) => `pilot-${index}`);
    const responses = await Promise.all(pilots.map((pilot) => take(pilot)));
    const winners = responses.flatMap((response) => (response.ok ? [response.control.holder] : []));
    expect(winners).toHaveLength(1);
    const others = responses.flatMap((response) => (response.ok ? [] : [response.error]));
    expect(others).toHaveLength(999);
    for (const error of others) expect(error).toMatchObject({ code: 'LEASE_HELD', by: winners[0] });
    expect(names()).toEqual(['TAKE_CONTROL']);
  }, 60_000);

  test('can be asked for again when the device could not be told', async () => {
    iotData.on(PublishCommand).rejectsOnce(new Error('Busy')).resolves({});
    await expect(take()).rejects.toThrow('Busy');
    expect(code(await take('bob'))).toBe('LEASE_HELD');
    expect(await take()).toMatchObject({ ok: true, control: { token: TOKEN + 1 } });
  });
});

describe('force', () => {
  test('gives control to a supervisor, and whoever had it hears so', async () => {
    await take();
    now += 1000;
    expect(await force()).toMatchObject({ ok: true, control: { holder: 'eve', token: TOKEN + 1, until: iso(16_000) } });
    expect(published()[1].payload).toMatchObject({ token: TOKEN + 1, command: { name: 'TAKE_CONTROL' } });
    for (const response of [await ask({ action: 'heartbeat', token: TOKEN }), await move()]) {
      expect(response).toMatchObject({ ok: false, error: { code: 'LEASE_LOST', by: 'eve' } });
    }
    expect(names()).toEqual(['TAKE_CONTROL', 'TAKE_CONTROL']);
  });

  test.each(['pilot', undefined])('is forbidden to %s', async (role) => {
    await take();
    expect(code(await ask({ action: 'force', pilot: 'bob', role }))).toBe('FORBIDDEN');
    expect(code(await move())).toBe('OK');
  });
});

describe('heartbeat', () => {
  test('extends control, and tells the device', async () => {
    await take();
    now += 5000;
    expect(await ask({ action: 'heartbeat', token: TOKEN })).toMatchObject({
      ok: true,
      control: { token: TOKEN, until: iso(20_000) },
    });
    expect(published()[1]).toMatchObject({
      qos: 1,
      messageExpiry: 15,
      payload: { token: TOKEN, command: { name: 'HEARTBEAT' }, leaseExpiresAt: iso(20_000), expiresAt: iso(20_000) },
    });
    now += 14_999;
    expect(code(await take('bob'))).toBe('LEASE_HELD');
  });

  test('comes too late when the lease is over', async () => {
    await take();
    now += 15_000;
    expect(code(await ask({ action: 'heartbeat', token: TOKEN }))).toBe('LEASE_LOST');
    expect(names()).toEqual(['TAKE_CONTROL']);
  });

  test('is not noted, so that only what is acknowledged is', async () => {
    await take();
    await ask({ action: 'heartbeat', token: TOKEN });
    expect((await dynamodb.items(ports.settings.commandTable)).map(({ id }) => id)).toEqual(['own-1']);
  });
});

describe('release', () => {
  test('ends control, so that others may take it at once', async () => {
    await take();
    expect(await ask({ action: 'release', token: TOKEN })).toEqual({ ok: true, control: { device: 'drone-1' } });
    expect(names()).toEqual(['TAKE_CONTROL', 'RELEASE']);
    expect(await take('bob')).toMatchObject({ ok: true, control: { holder: 'bob', token: TOKEN + 1 } });
  });

  test('that the device did not hear of can be asked for again', async () => {
    await take();
    iotData.on(PublishCommand).rejects(new Error('Busy'));
    await expect(ask({ action: 'release', token: TOKEN })).rejects.toThrow('Busy');
    iotData.on(PublishCommand).resolves({});
    expect(code(await ask({ action: 'release', token: TOKEN }))).toBe('OK');
    expect(names().filter((name) => name === 'RELEASE')).toHaveLength(2);
  });

  test('of what is over anyway tells nobody', async () => {
    await take();
    now += 15_000;
    expect(code(await ask({ action: 'release', token: TOKEN }))).toBe('OK');
    expect(names()).toEqual(['TAKE_CONTROL']);
  });
});

describe('a command', () => {
  beforeEach(() => take());

  test('is sent with the token of the lease, and for a short time', async () => {
    now += 1000;
    const params = { metres: 5, way: ['a', { b: null }] };
    expect(await move({}, { params })).toMatchObject({
      ok: true,
      control: { holder: 'ann' },
      command: { id: 'c-1', name: 'MOVE', pilot: 'ann', issuedAt: iso(1000), expiresAt: iso(6000) },
    });
    expect(published()[1]).toMatchObject({
      topic: 'devices/drone-1/commands',
      qos: 1,
      messageExpiry: 5,
      payload: { id: 'c-1', token: TOKEN, leaseExpiresAt: iso(15_000), command: { name: 'MOVE', params } },
    });
  });

  test('is valid no longer than the lease', async () => {
    now += 12_500;
    await move();
    expect(published()[1]).toMatchObject({ messageExpiry: 3, payload: { expiresAt: iso(15_000) } });
  });

  test('is noted before it is sent, so that it can be acknowledged, and for two weeks', async () => {
    iotData.on(PublishCommand).rejects(new Error('Busy'));
    await expect(move()).rejects.toThrow('Busy');
    const noted = (await dynamodb.items(ports.settings.commandTable)).find(({ id }) => id === 'c-1');
    expect(noted).toMatchObject({ device: 'drone-1', pilot: 'ann', publishedAt: NOW, expiresAt: TOKEN + 14 * 86_400 });
  });

  test('that is sent again is the same one, as it was', async () => {
    const params = { height: 1e-300, deep: JSON.parse('['.repeat(100) + ']'.repeat(100)) };
    await move({}, { params });
    now += 2000;
    expect(await move({}, { params })).toMatchObject({ ok: true, command: { issuedAt: iso(0) } });
    const [, first, second] = published();
    expect(second.payload).toEqual(first.payload);
    expect(second.messageExpiry).toBe(3);
    now += 3000;
    expect(code(await move({}, { params }))).toBe('OK');
    expect(published()).toHaveLength(3);
  });

  test.each<[string, object, object]>([
    ['other parameters', {}, { params: { metres: 6 } }],
    ['another name', {}, { name: 'LAND' }],
    ['the id of what took control', {}, { id: 'own-1' }],
  ])('with %s under the same id is not sent', async (_what, change, command) => {
    await move({}, { params: { metres: 5 } });
    expect(await move(change, command)).toMatchObject({
      ok: false,
      error: { code: 'INVALID', message: expect.stringContaining('the id of another command') },
    });
    expect(published()).toHaveLength(2);
  });

  test.each<[string, object, string]>([
    ['another pilot', { pilot: 'bob' }, 'NOT_HOLDER'],
    ['a token that nobody has', { token: TOKEN + 1 }, 'NOT_HOLDER'],
    ['a device that nobody controls', { device: 'drone-2' }, 'NOT_HOLDER'],
    ['an old token', { token: TOKEN - 1 }, 'LEASE_LOST'],
  ])('of %s is not sent', async (_what, change, expected) => {
    expect(code(await move(change))).toBe(expected);
    expect(code(await ask({ action: 'heartbeat', token: TOKEN, ...change }))).toBe(expected);
    expect(code(await ask({ action: 'release', token: TOKEN, ...change }))).toBe(expected);
    expect(names()).toEqual(['TAKE_CONTROL']);
  });

  test('that pilots may not send is refused', async () => {
    ports = { ...ports, settings: { ...ports.settings, commands: ['LAND'] } };
    expect(await move()).toMatchObject({ error: { code: 'INVALID', message: "There is no command 'MOVE'." } });
    expect(code(await move({}, { name: 'LAND' }))).toBe('OK');
  });
});

describe('status', () => {
  test('tells who is in control, and the token to nobody else', async () => {
    expect(await ask({ action: 'status' })).toEqual({ ok: true, control: { device: 'drone-1' } });
    await take();
    const until = iso(15_000);
    expect(await ask({ action: 'status', pilot: 'bob' })).toEqual({
      ok: true,
      control: { device: 'drone-1', holder: 'ann', until },
    });
    expect(await ask({ action: 'status' })).toEqual({
      ok: true,
      control: { device: 'drone-1', holder: 'ann', token: TOKEN, until, heartbeatSeconds: 5 },
    });
    now += 15_000;
    expect(await ask({ action: 'status' })).toEqual({ ok: true, control: { device: 'drone-1' } });
  });

  test('tells of a command', async () => {
    await take();
    await move();
    expect(await ask({ action: 'status', commandId: 'c-1' })).toMatchObject({
      ok: true,
      command: { id: 'c-1', name: 'MOVE', pilot: 'ann', issuedAt: iso(0), expiresAt: iso(5000) },
    });
    expect(code(await ask({ action: 'status', commandId: 'c-2' }))).toBe('INVALID');
    expect(code(await ask({ action: 'status', commandId: 'c-1', device: 'drone-2' }))).toBe('INVALID');
  });

  test('changes nothing and tells the device nothing', async () => {
    await take();
    const before = await dynamodb.items(ports.settings.leaseTable);
    await ask({ action: 'status' });
    expect(await dynamodb.items(ports.settings.leaseTable)).toEqual(before);
    expect(published()).toHaveLength(1);
  });
});

test.each<[what: string, change: object, message: RegExp]>([
  ['no action', {}, / at action/],
  ['another action', { action: 'steal' }, / at action/],
  ['no device', { action: 'take', device: undefined }, / at device/],
  ['a device with a slash', { action: 'take', device: 'drone-1/commands' }, / at device/],
  ['a wildcard', { action: 'take', device: '+' }, / at device/],
  ['no pilot', { action: 'take', pilot: '' }, / at pilot/],
  ['a pilot with a line break', { action: 'take', pilot: 'ann\nbob' }, / at pilot/],
  ['another role', { action: 'force', role: 'admin' }, / at role/],
  ['a field that is not known', { action: 'take', ttl: 3600 }, /ttl/],
  ['no token', { action: 'heartbeat' }, / at token/],
  ['a token that is a text', { action: 'release', token: String(TOKEN) }, / at token/],
  ['no whole token', { action: 'release', token: 1.5 }, / at token/],
  ['no command', { action: 'command', token: TOKEN }, / at command/],
  ['a command without id', { action: 'command', token: TOKEN, command: { name: 'MOVE' } }, / at command\.id/],
  [
    'a name in lower case',
    { action: 'command', token: TOKEN, command: { id: 'c', name: 'move' } },
    / at command\.name/,
  ],
  [
    'a command of the lease',
    { action: 'command', token: TOKEN, command: { id: 'c', name: 'TAKE_CONTROL' } },
    /take, heartbeat and release/,
  ],
  [
    'too many parameters',
    { action: 'command', token: TOKEN, command: { id: 'c', name: 'MOVE', params: { text: 'ü'.repeat(2045) } } },
    /larger than 4096 bytes/,
  ],
  [
    'parameters that are a list',
    { action: 'command', token: TOKEN, command: { id: 'c', name: 'MOVE', params: [1] } },
    / at command\.params/,
  ],
])('a request with %s is invalid, whoever is in control', async (_what, change, message) => {
  await take();
  const before = await dynamodb.items(ports.settings.leaseTable);
  expect(await ask(change)).toMatchObject({
    ok: false,
    error: { code: 'INVALID', message: expect.stringMatching(message) },
  });
  expect(await dynamodb.items(ports.settings.leaseTable)).toEqual(before);
  expect(published()).toHaveLength(1);
});

test.each([undefined, null, 'take', 7, []])('%p is no request', async (event) => {
  expect(code(await handle(event, ports))).toBe('INVALID');
});

test('parameters may have 4096 bytes', async () => {
  await take();
  expect(code(await move({}, { params: { text: 'ü'.repeat(2042) } }))).toBe('OK');
});

test('who did what is told in the log, with the token and the end, and counted', async () => {
  await take();
  await take('bob');
  await move();
  await force();
  await ask({ action: 'heartbeat', token: TOKEN });
  await ask({ action: 'heartbeat', pilot: 'eve', token: TOKEN + 1 });
  await ask({ action: 'release', pilot: 'eve', token: TOKEN + 1 });
  await ask({ action: 'steal' });
  const { logs, metrics: counted } = output();
  const what = { device: 'drone-1', until: iso(15_000) };
  const ann = { ...what, holder: 'ann', token: TOKEN, isReleased: false };
  const eve = { ...what, holder: 'eve', token: TOKEN + 1, isReleased: false };
  expect(logs).toEqual(
    [
      { level: 'INFO', message: 'Control', action: 'take', pilot: 'ann', ...ann },
      {
        level: 'WARN',
        message: 'Control refused',
        action: 'take',
        pilot: 'bob',
        code: 'LEASE_HELD',
        by: 'ann',
        ...what,
      },
      { level: 'INFO', message: 'Control', action: 'command', pilot: 'ann', ...ann, commandId: 'c-1', command: 'MOVE' },
      {
        level: 'INFO',
        message: 'Control',
        action: 'force',
        pilot: 'eve',
        ...eve,
        before: expect.objectContaining({ holder: 'ann', token: TOKEN }),
      },
      { level: 'WARN', message: 'Control refused', action: 'heartbeat', pilot: 'ann', code: 'LEASE_LOST', by: 'eve' },
      { level: 'INFO', message: 'Control', action: 'heartbeat', pilot: 'eve', ...eve },
      { level: 'INFO', message: 'Control', action: 'release', pilot: 'eve', ...eve, isReleased: true },
      { level: 'WARN', message: 'Control refused', action: 'steal', pilot: 'ann', code: 'INVALID' },
    ].map((line) => expect.objectContaining(line)),
  );
  expect(counted).toEqual({
    ControlTaken: [1],
    ControlRefused: [1],
    CommandSent: [1],
    ControlForced: [1],
    ControlLost: [1],
    ControlReleased: [1],
    RequestInvalid: [1],
  });
});

test('who controlled a device is forgotten after a year', async () => {
  await take();
  expect(await dynamodb.items(ports.settings.leaseTable)).toEqual([
    expect.objectContaining({ device: 'drone-1', expiresAt: TOKEN + 365 * 86_400 }),
  ]);
});

test('a request fails when the table does not answer', async () => {
  ports = { ...ports, settings: { ...ports.settings, leaseTable: 'Missing' } };
  await expect(take()).rejects.toThrow();
  expect(published()).toEqual([]);
});
