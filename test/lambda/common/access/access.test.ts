import { captureOutput } from '../../../support/handler-output';
import {
  DescribeThingCommand,
  IoTClient,
  ListThingGroupsForThingCommand,
  ListThingsCommand,
} from '@aws-sdk/client-iot';
import { mockClient } from 'aws-sdk-client-mock';
import { Access } from '../../../../lambda/common/access/access';
import type { Authorizer } from '../../../../lambda/common/access/authorizer';
import { Devices } from '../../../../lambda/common/access/devices';
import { metrics } from '../../../../lambda/common/observability';

const written = captureOutput();
const client = new IoTClient({ region: 'eu-west-1' });
const iot = mockClient(client);
const CALLER = { sub: 'viewer', roles: [], groups: [], claims: {} };
const UNTIL = Date.parse('2026-11-24T10:15:00Z');

/** Allows everything but `force`, with devices whose names are even. */
const authorizer: Authorizer = {
  refusal: (_caller, action) => (action === 'force' ? 'nobody does' : undefined),
  reach: () => 'all',
  decide: jest.fn(async (_caller, _action, devices) =>
    devices.map(({ name }) => ({ allow: /[02468]$/.test(name), reason: `of ${name}` })),
  ),
};
const access = () => new Access(authorizer, new Devices({ iot: client, thingTypeName: 'drone', now: Date.now }));
const published = () => {
  metrics.publishStoredMetrics();
  return written();
};
const denied = (device: string | undefined, action: string, reason: string) =>
  expect.objectContaining({
    level: 'WARN',
    message: 'Access denied',
    sub: 'viewer',
    ...(device !== undefined && { device }),
    action,
    reason,
  });

beforeEach(() => {
  jest.mocked(authorizer.decide).mockClear();
  iot.reset();
  iot.on(DescribeThingCommand).callsFake(({ thingName }) => ({
    thingTypeName: thingName === 'kettle-2' ? 'kettle' : 'drone',
  }));
  iot.on(ListThingGroupsForThingCommand).resolves({ thingGroups: [{ groupName: 'north' }] });
});

describe('one device', () => {
  test('is admitted to with the reason, which is not put on record before it is given', async () => {
    const admission = await access().admit(CALLER, 'drone-2', 'live');
    expect(admission).toEqual({ caller: CALLER, device: 'drone-2', action: 'live', reason: 'of drone-2' });
    expect(authorizer.decide).toHaveBeenCalledWith(CALLER, 'live', [{ name: 'drone-2', groups: ['north'] }]);
    expect(published()).toMatchObject({ logs: [], metrics: {} });
  });

  test.each([
    ['that is not allowed', 'drone-1', 'of drone-1'],
    ['of another fleet', 'kettle-2', 'the fleet has no such device'],
  ])('%s is as if there were none', async (_what, device, reason) => {
    await expect(access().admit(CALLER, device, 'live')).rejects.toMatchObject({ status: 404, title: 'Not found' });
    const { logs, metrics: values } = published();
    expect(logs).toEqual([denied(device, 'live', reason)]);
    expect(values).toEqual({ AccessDenied: [1] });
  });

  test('that nobody may do this with is not looked at', async () => {
    await expect(access().admit(CALLER, 'drone-2', 'force')).rejects.toMatchObject({
      status: 403,
      title: 'Not allowed',
      message: 'None of your roles allows this.',
    });
    expect(iot.calls()).toEqual([]);
    expect(published().logs).toEqual([denied('drone-2', 'force', 'nobody does')]);
  });

  test('has at most 128 characters of its name in the log', async () => {
    await expect(access().admit(CALLER, 'x'.repeat(1000), 'live')).rejects.toMatchObject({ status: 404 });
    expect(published().logs).toEqual([denied('x'.repeat(128), 'live', 'the fleet has no such device')]);
  });

  test('may be asked about besides, and that is not put on record', async () => {
    expect(await access().allows(CALLER, 'drone-2', 'live')).toBe(true);
    expect(await access().allows(CALLER, 'drone-1', 'live')).toBe(false);
    expect(await access().allows(CALLER, 'kettle-2', 'live')).toBe(false);
    expect(published()).toMatchObject({ logs: [], metrics: {} });
  });
});

describe('several devices', () => {
  test('are denied one by one on record', async () => {
    await access().admitSome(CALLER, ['drone-1', 'drone-2', 'kettle-2'], 'alerts');
    const { logs, metrics: values } = published();
    expect(logs).toEqual([
      denied('drone-1', 'alerts', 'of drone-1'),
      denied('kettle-2', 'alerts', 'the fleet has no such device'),
    ]);
    expect(values).toEqual({ AccessDenied: [1, 1] });
  });

  test('that nobody may do this with are denied at once', async () => {
    await expect(access().admitSome(CALLER, ['drone-2'], 'force')).rejects.toMatchObject({ status: 403 });
    expect(published().logs).toEqual([denied(undefined, 'force', 'nobody does')]);
  });
});

describe('what was given is on record', () => {
  const admission = { caller: CALLER, device: 'drone-2', action: 'hls', reason: 'of north' } as const;

  test('for one device', () => {
    access().granted(admission, UNTIL, { mode: 'LIVE' });
    const { logs, metrics: values, units } = published();
    expect(logs).toEqual([
      expect.objectContaining({
        level: 'INFO',
        message: 'Access granted',
        sub: 'viewer',
        device: 'drone-2',
        action: 'hls',
        reason: 'of north',
        until: '2026-11-24T10:15:00.000Z',
        mode: 'LIVE',
      }),
    ]);
    expect({ values, units }).toEqual({ values: { AccessGranted: [1] }, units: { AccessGranted: 'Count' } });
  });

  test('for several', () => {
    const others = ['drone-4', 'drone-6'].map((device) => ({ ...admission, device, reason: 'of south' }));
    access().grantedSome([admission, ...others], UNTIL, { from: 'then' });
    const { logs, metrics: values } = published();
    expect(logs).toEqual([
      expect.objectContaining({
        level: 'INFO',
        message: 'Access granted',
        sub: 'viewer',
        devices: ['drone-2', 'drone-4', 'drone-6'],
        action: 'hls',
        reasons: ['of north', 'of south'],
        until: '2026-11-24T10:15:00.000Z',
        from: 'then',
      }),
    ]);
    expect(values).toEqual({ AccessGranted: [3] });
  });
});

describe('a list', () => {
  const listed = (names: string[], nextToken?: string) =>
    iot.on(ListThingsCommand).resolves({ things: names.map((thingName) => ({ thingName })), nextToken });

  test('has what the caller may see, and is on record', async () => {
    listed(['drone-1', 'drone-2', 'drone-3', 'drone-4'], 'more');
    const { devices, nextToken } = await access().list(CALLER, 4, undefined);
    expect(devices.map(({ name }) => name)).toEqual(['drone-2', 'drone-4']);
    expect(nextToken).toEqual(expect.any(String));
    const { logs, metrics: values } = published();
    expect(logs).toEqual([
      expect.objectContaining({
        level: 'INFO',
        message: 'Devices listed',
        sub: 'viewer',
        action: 'list',
        devices: ['drone-2', 'drone-4'],
        reasons: ['of drone-2', 'of drone-4'],
      }),
    ]);
    expect(values).toEqual({ DevicesListed: [2] });
    expect(jest.mocked(authorizer.decide).mock.calls[0][1]).toBe('list');
  });

  test('of nothing needs no decision', async () => {
    listed([]);
    expect(await access().list(CALLER, 4, undefined)).toEqual({ devices: [] });
    expect(authorizer.decide).not.toHaveBeenCalled();
  });

  test('is refused to who may see no device at all', async () => {
    const refusing = { ...authorizer, refusal: (_caller: unknown, action: string) => `no ${action}` };
    const nobodys = new Access(refusing, new Devices({ iot: client, thingTypeName: 'drone', now: Date.now }));
    await expect(nobodys.list(CALLER, 4, undefined)).rejects.toMatchObject({ status: 403 });
    expect(published().logs).toEqual([denied(undefined, 'list', 'no list')]);
    expect(iot.calls()).toEqual([]);
  });
});
