import {
  commandStatus,
  control,
  leaseToken,
  pilotCommand,
  pilotName,
  takeoverRequest,
  takeoverResponse,
} from '../../../lambda/common/takeover';

const WHO = { device: 'drone-1', pilot: 'ann' };
const COMMAND = { id: 'c-1', name: 'MOVE', params: { metres: 5 } };
const REQUESTS = [
  { action: 'take', ...WHO },
  { action: 'force', ...WHO },
  { action: 'heartbeat', ...WHO, token: 7 },
  { action: 'release', ...WHO, token: 7 },
  { action: 'command', ...WHO, token: 7, command: COMMAND },
  { action: 'status', ...WHO, commandId: 'c-1' },
];
const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

describe.each(REQUESTS)('a request to $action', (request) => {
  test('is by a pilot, unless it says that it is by a supervisor', () => {
    expect(takeoverRequest.parse(request)).toEqual({ ...request, role: 'pilot' });
    for (const role of ['pilot', 'supervisor']) {
      expect(takeoverRequest.parse({ ...request, role })).toEqual({ ...request, role });
    }
    expect(accepts(takeoverRequest, { ...request, role: 'admin' })).toBe(false);
  });

  test('needs all that it has', () => {
    for (const name of Object.keys(request).filter((key) => key !== 'commandId')) {
      expect({ name, accepted: accepts(takeoverRequest, { ...request, [name]: undefined }) }).toEqual({
        name,
        accepted: false,
      });
    }
  });

  test('has nothing else', () => {
    expect(accepts(takeoverRequest, { ...request, extra: true })).toBe(false);
  });

  test.each(['', 'a.b', 'a/b', ' a', 'a ', 'x'.repeat(129)])('is about no device of the name %j', (device) => {
    expect(accepts(takeoverRequest, { ...request, device })).toBe(false);
  });

  test('is about a device of any name that AWS IoT allows', () => {
    for (const device of ['a', 'A:z_0-9', 'x'.repeat(128)]) {
      expect(accepts(takeoverRequest, { ...request, device })).toBe(true);
    }
  });
});

test('a status may be asked for without a command', () => {
  expect(takeoverRequest.parse({ action: 'status', ...WHO })).toEqual({ action: 'status', ...WHO, role: 'pilot' });
});

test('there is nothing else to ask for', () => {
  expect(accepts(takeoverRequest, { action: 'steal', ...WHO })).toBe(false);
});

test('the name of a pilot is of what can be seen in ASCII', () => {
  for (const name of ['!', '~', 'a@b.example', 'x'.repeat(256)]) expect(accepts(pilotName, name)).toBe(true);
  for (const name of ['', ' ', 'a b', 'a ', ' a', 'ä', '\u007f', 'a\n', 'x'.repeat(257)]) {
    expect({ name, accepted: accepts(pilotName, name) }).toEqual({ name, accepted: false });
  }
});

test('a token is a whole number from one on', () => {
  expect([1, 2 ** 40, 0, -1, 1.5, '7'].map((token) => accepts(leaseToken, token))).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

describe('a command of a pilot', () => {
  test('may have parameters', () => {
    expect(pilotCommand.parse(COMMAND)).toEqual(COMMAND);
    expect(pilotCommand.parse({ id: 'c-1', name: 'MOVE' })).toEqual({ id: 'c-1', name: 'MOVE' });
    expect(accepts(pilotCommand, { ...COMMAND, token: 7 })).toBe(false);
  });

  test.each(['TAKE_CONTROL', 'HEARTBEAT', 'RELEASE'])('is not %s, which a lease has for itself', (name) => {
    expect(pilotCommand.safeParse({ ...COMMAND, name }).error?.issues).toMatchObject([
      { path: ['name'], message: 'told by take, heartbeat and release' },
    ]);
  });

  test('may have a name that only begins like one of those', () => {
    expect(accepts(pilotCommand, { ...COMMAND, name: 'RELEASE_PARCEL' })).toBe(true);
  });
});

describe('what is answered', () => {
  const CONTROL = {
    device: 'drone-1',
    holder: 'ann',
    token: 7,
    until: '2026-11-24T10:00:15.000Z',
    heartbeatSeconds: 5,
  };
  const STATUS = {
    id: 'c-1',
    name: 'MOVE',
    pilot: 'ann',
    issuedAt: '2026-11-24T10:00:00.000Z',
    expiresAt: '2026-11-24T10:00:05.000Z',
    acknowledgement: {
      schemaVersion: '1.0',
      id: 'c-1',
      outcome: 'ACCEPTED',
      token: 7,
      receivedAt: '2026-11-24T10:00:00.100Z',
    },
  };

  test.each([
    { ok: true, control: CONTROL },
    { ok: true, control: { device: 'drone-1' } },
    { ok: true, control: CONTROL, command: STATUS },
    { ok: true, control: CONTROL, command: { ...STATUS, acknowledgement: undefined } },
    { ok: false, error: { code: 'LEASE_HELD', message: 'm', by: 'bob', until: CONTROL.until } },
    { ok: false, error: { code: 'LEASE_LOST', message: 'm' } },
    { ok: false, error: { code: 'LEASE_LOST', message: 'm', by: 'bob' } },
    ...['NOT_HOLDER', 'FORBIDDEN', 'INVALID'].map((code) => ({ ok: false, error: { code, message: 'm' } })),
  ])('may be %j', (answer) => {
    expect(takeoverResponse.parse(answer)).toEqual(answer);
  });

  test.each([
    { ok: true },
    { ok: true, control: {} },
    { ok: true, error: { code: 'INVALID', message: 'm' } },
    { ok: true, control: CONTROL, command: {} },
    { ok: false },
    { ok: false, control: CONTROL },
    { ok: false, error: { code: 'LEASE_HELD', message: 'm', by: 'bob' } },
    { ok: false, error: { code: 'LEASE_HELD', message: 'm', until: CONTROL.until } },
    { ok: false, error: { code: 'LEASE_LOST' } },
    { ok: false, error: { code: 'INVALID' } },
    { ok: false, error: { code: 'OTHER', message: 'm' } },
  ])('is not %j', (answer) => {
    expect(accepts(takeoverResponse, answer)).toBe(false);
  });

  test('has a lease that can be', () => {
    for (const change of [{ token: 0 }, { until: 'soon' }, { heartbeatSeconds: 0 }]) {
      expect({ change, accepted: accepts(control, { ...CONTROL, ...change }) }).toEqual({ change, accepted: false });
    }
  });

  test('has all of a command but what the device has not answered yet', () => {
    expect(commandStatus.parse(STATUS)).toEqual(STATUS);
    for (const name of ['id', 'name', 'pilot', 'issuedAt', 'expiresAt']) {
      expect({ name, accepted: accepts(commandStatus, { ...STATUS, [name]: undefined }) }).toEqual({
        name,
        accepted: false,
      });
    }
  });
});
