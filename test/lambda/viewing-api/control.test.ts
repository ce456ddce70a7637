import { captureOutput } from '../../support/handler-output';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { handle, type Ports } from '../../../lambda/takeover/handler';
import { LocalDynamoDB } from '../../support/dynamodb';
import { ADMIN, NORTH_PILOT, NORTH_REVIEWER, NOW, awsError, invoked, viewingOf } from '../../support/viewing';

const TOKEN = NOW / 1000;
const iso = (later: number) => new Date(NOW + later).toISOString();

const written = captureOutput();
const viewing = viewingOf();
const iotData = mockClient(IoTDataPlaneClient);
let dynamodb: LocalDynamoDB;
let settings: Ports['settings'];

const ANN = { ...NORTH_PILOT, sub: 'ann' };
const BOB = { ...NORTH_PILOT, sub: 'bob' };
const EVE = { ...ADMIN, sub: 'eve' };

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());

/** Takeover itself, behind the client. */
beforeEach(async () => {
  iotData.reset();
  iotData.on(PublishCommand).resolves({});
  settings = {
    leaseTable: await dynamodb.createTable('device'),
    commandTable: await dynamodb.createTable('device', 'id'),
    topicPrefix: 'devices',
    leaseSeconds: 15,
    commandSeconds: 5,
    onLapse: 'HOVER',
    commands: ['HOVER', 'LAND'],
  };
  let ids = 0;
  const ports: Ports = {
    dynamodb: dynamodb.client,
    iotData: new IoTDataPlaneClient({ region: 'eu-west-1' }),
    settings,
    newId: () => `own-${++ids}`,
    now: () => viewing.state.now,
  };
  viewing.lambda
    .on(InvokeCommand)
    .callsFake(async ({ Payload }) => invoked(await handle(JSON.parse(String(Payload)), ports)));
});

type Claims = Record<string, string>;

const control = (claims: Claims, body: object) => viewing.post('/v1/devices/drone-1/control', claims, body);
const take = (claims: Claims = ANN) => control(claims, { action: 'take' });
const look = (claims: Claims) => viewing.get('/v1/devices/drone-1/control', claims);
const command = (claims: Claims, body: object = {}) =>
  viewing.post('/v1/devices/drone-1/commands', claims, { token: TOKEN, id: 'c-1', name: 'HOVER', ...body });
const commandOf = (claims: Claims, id = 'c-1', device = 'drone-1') =>
  viewing.get(`/v1/devices/${device}/commands/${id}`, claims);
const published = () =>
  iotData
    .commandCalls(PublishCommand)
    .map(({ args: [{ input }] }) => JSON.parse(Buffer.from(input.payload as Uint8Array).toString()).command.name);
const asked = () =>
  viewing.lambda.commandCalls(InvokeCommand).map(({ args }) => JSON.parse(String(args[0].input.Payload)));

describe('a pilot', () => {
  test('takes control, keeps it and gives it back', async () => {
    const held = { device: 'drone-1', holder: 'ann', token: TOKEN, until: iso(15_000), heartbeatSeconds: 5 };
    expect(await take()).toMatchObject({ status: 200, content: held });
    viewing.state.now += 5000;
    const extended = { ...held, until: iso(20_000) };
    const heartbeat = await control(ANN, { action: 'heartbeat', token: TOKEN });
    expect(heartbeat).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(heartbeat.content).toEqual(extended);
    expect((await look(ANN)).content).toEqual(extended);
    expect((await control(ANN, { action: 'release', token: TOKEN })).content).toEqual({ device: 'drone-1' });
    expect((await look(ANN)).content).toEqual({ device: 'drone-1' });
    expect(published()).toEqual(['TAKE_CONTROL', 'HEARTBEAT', 'RELEASE']);
  });

  test('is known by `sub`, whatever the body says', async () => {
    expect(await control(ANN, { action: 'take', pilot: 'bob' })).toMatchObject({ status: 400 });
    expect(await control(ANN, { action: 'take', role: 'supervisor' })).toMatchObject({ status: 400 });
    expect(asked()).toEqual([]);
    await take();
    expect(asked()).toEqual([{ action: 'take', device: 'drone-1', pilot: 'ann', role: 'pilot' }]);
  });

  test('sees who else is in control, but not by which token', async () => {
    await take();
    expect(await look(BOB)).toMatchObject({
      status: 200,
      content: { device: 'drone-1', holder: 'ann', until: iso(15_000) },
    });
    expect((await look(BOB)).content).not.toHaveProperty('token');
  });

  test.each(['ann smith', 'ännchen', 'a\u0000n', 'x'.repeat(257)])('can not be known as %j', async (sub) => {
    const answers = [await take({ ...ANN, sub }), await look({ ...ANN, sub }), await command({ ...ANN, sub })];
    for (const { status, content } of answers) {
      // Longer ones are in no token that is accepted.
      if (sub.length > 256) expect(status).toBe(401);
      else expect({ status, ...content }).toMatchObject({ status: 403, code: 'FORBIDDEN', detail: expect.stringContaining("`sub`") });
    }
    expect(asked()).toEqual([]);
    expect(await take({ ...ANN, sub: 'ann.smith@example.com' })).toMatchObject({ status: 200 });
  });
});

describe('of two pilots', () => {
  beforeEach(() => take());

  test('the second hears who has control, and until when', async () => {
    expect(await take(BOB)).toEqual({
      status: 409,
      headers: expect.objectContaining({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' }),
      content: {
        type: 'about:blank',
        title: 'Somebody else is in control',
        status: 409,
        detail: "'ann' is in control.",
        code: 'LEASE_HELD',
        by: 'ann',
        until: iso(15_000),
      },
    });
  });

  test('the second takes it when the first is gone', async () => {
    viewing.state.now += 16_001;
    expect(await take(BOB)).toMatchObject({ status: 200, content: { holder: 'bob' } });
    expect(await command(ANN)).toMatchObject({ status: 409, content: { code: 'LEASE_LOST', by: 'bob' } });
  });

  test('the second commands nothing by the token of the first', async () => {
    expect(await command(BOB)).toMatchObject({ status: 409, content: { code: 'NOT_HOLDER' } });
    expect(await control(BOB, { action: 'heartbeat', token: TOKEN })).toMatchObject({
      status: 409,
      content: { code: 'NOT_HOLDER' },
    });
    expect(await control(BOB, { action: 'release', token: TOKEN })).toMatchObject({ status: 409 });
    expect(await command(ANN)).toMatchObject({ status: 200 });
  });

  test('an admin takes it from both, and no pilot does', async () => {
    const refused = await control(BOB, { action: 'force' });
    expect(refused).toMatchObject({ status: 403, content: { title: 'Not allowed' } });
    expect((await look(ANN)).content).toMatchObject({ holder: 'ann' });
    // An admin is a pilot like others, too.
    expect(await take(EVE)).toMatchObject({ status: 409, content: { code: 'LEASE_HELD' } });
    expect(await control(EVE, { action: 'force' })).toMatchObject({
      status: 200,
      content: { holder: 'eve', token: TOKEN + 1 },
    });
    const lost = await control(ANN, { action: 'heartbeat', token: TOKEN });
    expect(lost).toMatchObject({ status: 409, content: { code: 'LEASE_LOST', by: 'eve' } });
    expect(lost.content).not.toHaveProperty('until');
    expect(asked().filter(({ role }) => role === 'supervisor')).toEqual([
      { action: 'force', device: 'drone-1', pilot: 'eve', role: 'supervisor' },
    ]);
  });

  test('each controls a device of their own', async () => {
    expect(await viewing.post('/v1/devices/drone-2/control', EVE, { action: 'take' })).toMatchObject({ status: 200 });
    expect((await look(ANN)).content).toMatchObject({ holder: 'ann' });
  });
});

describe('a command', () => {
  beforeEach(() => take());

  test('is sent, and can be looked up until and after the device has answered', async () => {
    const sent = { id: 'c-1', name: 'HOVER', issuedAt: iso(0), expiresAt: iso(5000) };
    expect(await command(ANN, { params: { altitude: 30, path: [{ north: 1.5 }] } })).toMatchObject({ status: 200 });
    expect(await commandOf(ANN)).toMatchObject({ status: 200, content: sent });
    const acknowledgement = {
      schemaVersion: '1.0',
      id: 'c-1',
      outcome: 'REFUSED',
      reason: 'UNABLE',
      token: TOKEN,
      receivedAt: iso(90),
    };
    await dynamodb.client.send(
      new UpdateCommand({
        TableName: settings.commandTable,
        Key: { device: 'drone-1', id: 'c-1' },
        UpdateExpression: 'SET acknowledgement = :it',
        ExpressionAttributeValues: { ':it': acknowledgement },
      }),
    );
    expect((await commandOf(ANN)).content).toEqual({ ...sent, acknowledgement });
  });

  test('that is sent again is done once: its id is that of the console', async () => {
    const first = await command(ANN);
    expect(await command(ANN)).toEqual(first);
    expect(await dynamodb.items(settings.commandTable)).toHaveLength(2);
    expect(await command(ANN, { name: 'LAND' })).toMatchObject({ status: 400, content: { code: 'INVALID' } });
  });

  test('that is not one of the fleet is refused', async () => {
    expect(await command(ANN, { name: 'SELF_DESTRUCT' })).toMatchObject({
      status: 400,
      content: { code: 'INVALID', detail: "There is no command 'SELF_DESTRUCT'." },
    });
  });

  test('is none of another device', async () => {
    await command(ANN);
    expect(await commandOf(EVE, 'c-1', 'drone-2')).toMatchObject({ status: 400, content: { code: 'INVALID' } });
    expect(await commandOf(ANN, 'c-1', 'drone-2')).toMatchObject({ status: 404 });
    expect(await commandOf(EVE)).toMatchObject({ status: 200 });
  });

  test.each(['c.1', 'c%2F1', '..', '', 'x/y', '../control', 'c-1/'])('%j is no id', async (id) => {
    await command(ANN);
    expect(await commandOf(ANN, id)).toMatchObject({ status: 404 });
  });

  test('an id that is too long is none', async () => {
    expect(await commandOf(ANN, 'x'.repeat(65))).toMatchObject({ status: 400 });
    expect(await commandOf(ANN, 'x'.repeat(64))).toMatchObject({ status: 400, content: { code: 'INVALID' } });
    expect(asked().filter(({ action }) => action === 'status')).toHaveLength(1);
  });
});

describe('what is malformed is refused before anybody is asked', () => {
  test.each<[string, unknown]>([
    ['no JSON', 'take'],
    ['nothing', ''],
    ['no object', []],
    ['no action', {}],
    ['another action', { action: 'command' }],
    ['a look, which is no change', { action: 'status' }],
    ['no token', { action: 'heartbeat' }],
    ['a token where none is needed', { action: 'take', token: 7 }],
    ['a token that is a text', { action: 'release', token: '7' }],
    ['a token that is no whole number', { action: 'release', token: 7.5 }],
    ['a token that is too large', { action: 'release', token: 2 ** 53 }],
    ['no token that there could be', { action: 'release', token: 0 }],
    ['another device', { action: 'take', device: 'drone-2' }],
  ])('of control: %s', async (_what, body) => {
    expect(await control(ANN, body as object)).toMatchObject({ status: 400, content: { title: 'Malformed request' } });
    expect(asked()).toEqual([]);
  });

  test.each<[string, object]>([
    ['no token', { token: undefined }],
    ['no id', { id: undefined }],
    ['an id of other letters', { id: 'c 1' }],
    ['an id that is too long', { id: 'x'.repeat(65) }],
    ['no name', { name: undefined }],
    ['a name in lower case', { name: 'hover' }],
    ['a command of the lease itself', { name: 'HEARTBEAT' }],
    ['the release of the lease', { name: 'RELEASE' }],
    ['parameters that are no object', { params: [1] }],
    ['parameters that are too large', { params: { text: 'x'.repeat(4096) } }],
    ['an unknown field', { pilot: 'bob' }],
  ])('of a command: %s', async (_what, body) => {
    await take();
    expect(await command(ANN, body)).toMatchObject({ status: 400, content: { title: 'Malformed request' } });
    expect(asked()).toHaveLength(1);
    expect(await command(ANN)).toMatchObject({ status: 200 });
  });
});

describe('Takeover', () => {
  const BROKEN = { status: 502, content: { title: 'No control' } };

  test.each<[string, object]>([
    ['that fails', { FunctionError: 'Unhandled', ...invoked({ ok: true, control: { device: 'drone-1' } }) }],
    ['that returns nothing', {}],
    ['that returns no JSON', invoked('oops')],
    ['that returns something else', invoked({ ok: true })],
    ['that returns an unknown refusal', invoked({ ok: false, error: { code: 'TIRED', message: 'x' } })],
  ])('%s is not the fault of the caller', async (_what, response) => {
    viewing.lambda.on(InvokeCommand).resolves(response);
    expect(await take()).toMatchObject(BROKEN);
    expect(await look(ANN)).toMatchObject(BROKEN);
    expect(await command(ANN)).toMatchObject(BROKEN);
    expect(written().logs.filter(({ level }) => level === 'ERROR').length).toBeGreaterThanOrEqual(3);
  });

  test('that tells nothing of a command is broken', async () => {
    viewing.lambda.on(InvokeCommand).resolves(invoked({ ok: true, control: { device: 'drone-1' } }));
    expect(await commandOf(ANN)).toMatchObject(BROKEN);
  });

  test.each(['AccessDeniedException', 'ResourceNotFoundException', 'TimeoutError', 'ServiceException'])(
    'that can not be asked (%s) says nothing of the device',
    async (name) => {
      viewing.lambda.on(InvokeCommand).rejects(awsError(name));
      const { status, content } = await take();
      expect({ status, title: content.title }).toEqual({ status: 502, title: 'AWS failed' });
      expect(JSON.stringify(content)).not.toContain('111122223333');
    },
  );

  test('that has too much to do is asked again later', async () => {
    viewing.lambda.on(InvokeCommand).rejects(awsError('TooManyRequestsException'));
    expect(await take()).toMatchObject({ status: 429, headers: { 'retry-after': '2' } });
  });

  test('has no routes where there is none', async () => {
    viewing.start({ takeover: undefined });
    expect(await take()).toMatchObject({ status: 404 });
    expect(await look(ANN)).toMatchObject({ status: 404 });
    expect(await command(ANN)).toMatchObject({ status: 404 });
    expect(await commandOf(ANN)).toMatchObject({ status: 404 });
  });
});

describe('the record', () => {
  const granted = () =>
    written()
      .logs.filter(({ message }) => message === 'Access granted')
      .map(({ sub, action, control: how, command: name, commandId, until }) => [
        sub,
        action,
        how ?? name ?? commandId,
        until,
      ]);

  test('has all but heartbeats, which are many', async () => {
    await take();
    await control(ANN, { action: 'heartbeat', token: TOKEN });
    await command(ANN);
    await commandOf(ANN);
    await control(EVE, { action: 'force' });
    await control(EVE, { action: 'release', token: TOKEN + 1 });
    expect(granted()).toEqual([
      ['ann', 'control', 'take', iso(15_000)],
      ['ann', 'control', 'HOVER', iso(0)],
      ['ann', 'control', 'c-1', iso(0)],
      ['eve', 'force', 'force', iso(15_000)],
      ['eve', 'control', 'release', iso(0)],
    ]);
  });

  test('has none that was refused', async () => {
    await take();
    written();
    await take(BOB);
    await control(BOB, { action: 'force' });
    expect(granted()).toEqual([]);
  });
});

test('heartbeats are decided without a look at the registry each time', async () => {
  await take();
  const looks = viewing.iot.calls().length;
  for (let beat = 0; beat < 5; beat++) {
    viewing.state.now += 5000;
    expect(await control(ANN, { action: 'heartbeat', token: TOKEN })).toMatchObject({ status: 200 });
  }
  expect(viewing.iot.calls()).toHaveLength(looks);
});

test('a reviewer neither controls nor looks', async () => {
  await take();
  for (const answered of [await look(NORTH_REVIEWER), await take(NORTH_REVIEWER), await command(NORTH_REVIEWER)]) {
    expect(answered).toMatchObject({ status: 403 });
  }
  expect(asked()).toHaveLength(1);
});
