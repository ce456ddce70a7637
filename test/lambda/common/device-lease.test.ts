import type { DeviceCommand } from '../../../lambda/common/device-command';
import { initialControl, receive, tick, type DeviceControl, type Reaction } from '../../../lambda/common/device-lease';

const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const LENGTH = 15_000;
const iso = (time: number) => new Date(NOW + time).toISOString();

/** The device at a time after `NOW`, by a clock that is right unless told. */
const at = (time: number, wrong = 0) => ({ wall: NOW + time + wrong, monotonic: 77_000 + time });

let ids = 0;
const message = (name: string, change: Partial<DeviceCommand> = {}): DeviceCommand => ({
  schemaVersion: '1.0',
  id: `m-${++ids}`,
  token: 7,
  leaseExpiresAt: iso(LENGTH),
  command: { name },
  issuedAt: iso(0),
  expiresAt: iso(LENGTH),
  onLapse: 'RETURN',
  ...change,
});
const taken = (change: Partial<DeviceCommand> = {}, clock = at(100)) =>
  receive(initialControl(), message('TAKE_CONTROL', change), clock).control;
const outcome = ({ acknowledgement }: Reaction) => acknowledgement?.reason ?? acknowledgement?.outcome;

test('a pilot takes control, and the device does what it is told', () => {
  const control = taken();
  expect(control).toMatchObject({ mode: 'controlled', token: 7 });
  const move = message('MOVE', { command: { name: 'MOVE', params: { metres: 5 } } });
  expect(receive(control, move, at(200))).toMatchObject({
    execute: { name: 'MOVE', params: { metres: 5 } },
    acknowledgement: { schemaVersion: '1.0', id: move.id, outcome: 'ACCEPTED', token: 7, receivedAt: iso(200) },
  });
});

test('what has a lower token is refused, whatever it is, and the pilot who has control stays', () => {
  const control = taken({ token: 8 });
  for (const name of ['MOVE', 'TAKE_CONTROL', 'RELEASE']) {
    const { control: after, ...reaction } = receive(control, message(name, { token: 7 }), at(200));
    expect(reaction).toMatchObject({ acknowledgement: { outcome: 'REFUSED', reason: 'STALE_TOKEN', token: 8 } });
    expect(reaction).not.toHaveProperty('execute');
    expect(after).toMatchObject({ mode: 'controlled', token: 8, leaseEnd: control.leaseEnd });
  }
});

test('a higher token is enough to change the pilot, if its message is the first to come', () => {
  const { control, execute } = receive(taken(), message('MOVE', { token: 8 }), at(200));
  expect(execute).toEqual({ name: 'MOVE' });
  expect(outcome(receive(control, message('MOVE', { token: 7 }), at(300)))).toBe('STALE_TOKEN');
  expect(outcome(receive(control, message('TAKE_CONTROL', { token: 8 }), at(400)))).toBe('ACCEPTED');
});

test('a higher token ends the lease before, even if its message comes too late', () => {
  const late = message('MOVE', { token: 8, leaseExpiresAt: iso(150), expiresAt: iso(150) });
  const { control, ...reaction } = receive(taken(), late, at(200));
  expect(outcome({ control, ...reaction })).toBe('EXPIRED');
  expect(outcome(receive(control, message('MOVE', { token: 7 }), at(300)))).toBe('STALE_TOKEN');
  expect(tick(control, at(300)).lapse).toBe('RETURN');
});

test('a command that comes twice is done once, and acknowledged twice', () => {
  const move = message('MOVE');
  const first = receive(taken(), move, at(200));
  const second = receive(first.control, move, at(300));
  expect(second).toEqual({ control: first.control, acknowledgement: first.acknowledgement });
});

test.each<[what: string, change: Partial<DeviceCommand>, clock: ReturnType<typeof at>, expected: string]>([
  ['in time', { expiresAt: iso(5000) }, at(4999), 'ACCEPTED'],
  ['too late', { expiresAt: iso(5000) }, at(5000), 'EXPIRED'],
  ['when the lease is over', { expiresAt: iso(60_000) }, at(LENGTH), 'EXPIRED'],
  ['by a clock that is ahead', { expiresAt: iso(5000) }, at(200, 60_000), 'EXPIRED'],
])('a command %s', (_what, change, clock, expected) => {
  const reaction = receive(taken(), message('MOVE', change), clock);
  expect(outcome(reaction)).toBe(expected);
  expect(reaction.execute !== undefined).toBe(expected === 'ACCEPTED');
});

describe('the lease', () => {
  const lapseOf = (control: DeviceControl, time: number, wrong = 0) => tick(control, at(time, wrong)).lapse;

  test('lapses once, when it is over', () => {
    const control = taken();
    expect(tick(control, at(LENGTH - 1))).toEqual({ control });
    const { control: lapsed, lapse } = tick(control, at(LENGTH));
    expect(lapse).toBe('RETURN');
    expect(lapsed.mode).toBe('lapsed');
    expect(lapseOf(lapsed, LENGTH + 1)).toBeUndefined();
  });

  test('goes on with heartbeats, which are not acknowledged', () => {
    const longer = { leaseExpiresAt: iso(20_000), expiresAt: iso(20_000), issuedAt: iso(5000) };
    const reaction = receive(taken(), message('HEARTBEAT', longer), at(5100));
    expect(reaction).toEqual({ control: expect.objectContaining({ mode: 'controlled' }) });
    expect(lapseOf(reaction.control, 19_999)).toBeUndefined();
    expect(lapseOf(reaction.control, 20_000)).toBe('RETURN');
  });

  test('is no shorter for a heartbeat that was overtaken by another', () => {
    const longer = { leaseExpiresAt: iso(20_000), expiresAt: iso(20_000), issuedAt: iso(5000) };
    const { control } = receive(taken(), message('HEARTBEAT', longer), at(5100));
    const { control: after } = receive(control, message('HEARTBEAT'), at(5200));
    expect(lapseOf(after, 19_999)).toBeUndefined();
  });

  test('goes on when heartbeats come again before it is over for the table', () => {
    const { control } = tick(taken(), at(LENGTH));
    const longer = { leaseExpiresAt: iso(25_000), expiresAt: iso(25_000), issuedAt: iso(10_000) };
    const { control: after } = receive(control, message('HEARTBEAT', longer), at(16_000));
    expect(after.mode).toBe('controlled');
    expect(lapseOf(after, 25_000)).toBe('RETURN');
  });

  test('is no longer than it was given for, by a clock that is behind or set back', () => {
    const behind = taken({}, at(100, -3_600_000));
    expect(lapseOf(behind, LENGTH + 99, -3_600_000)).toBeUndefined();
    expect(lapseOf(behind, LENGTH + 100, -3_600_000)).toBe('RETURN');
    expect(lapseOf(taken(), LENGTH + 100, -3_600_000)).toBe('RETURN');
    expect(outcome(receive(behind, message('MOVE'), at(LENGTH + 100, -3_600_000)))).toBe('EXPIRED');
  });

  test('that is released is over without a lapse, and nothing with its token begins it again', () => {
    const { control } = receive(taken(), message('RELEASE'), at(200));
    expect(control.mode).toBe('free');
    expect(lapseOf(control, 60_000)).toBeUndefined();
    for (const name of ['TAKE_CONTROL', 'MOVE']) {
      expect(outcome(receive(control, message(name), at(300)))).toBe('STALE_TOKEN');
    }
    expect(receive(control, message('HEARTBEAT'), at(300)).control.mode).toBe('free');
    expect(outcome(receive(control, message('TAKE_CONTROL', { token: 8 }), at(400)))).toBe('ACCEPTED');
  });

  test("is nobody's after a restart, and what was answered is forgotten", () => {
    const nothing = { mode: 'free', leaseEnd: { wall: -Infinity, monotonic: -Infinity }, onLapse: 'HOVER' };
    expect(initialControl(8)).toEqual({ ...nothing, token: 8, isReleased: false, answered: [] });
    expect(initialControl()).toEqual({ ...nothing, token: 0, isReleased: false, answered: [] });
  });

  test('that goes on after a restart is over when it would have been', () => {
    const { control } = receive(initialControl(7), message('HEARTBEAT'), at(100));
    expect(control.mode).toBe('controlled');
    expect(lapseOf(control, LENGTH - 1)).toBeUndefined();
    expect(lapseOf(control, LENGTH)).toBe('RETURN');
  });

  test('that was before a restart is stale, if the device has kept the token', () => {
    const control = initialControl(8);
    expect(outcome(receive(control, message('MOVE', { token: 7 }), at(100)))).toBe('STALE_TOKEN');
    expect(outcome(receive(control, message('MOVE', { token: 8 }), at(100)))).toBe('ACCEPTED');
    expect(lapseOf(control, 100)).toBeUndefined();
  });
});

test('a thousand commands are remembered, and no more', () => {
  let control = taken();
  const first = message('MOVE');
  control = receive(control, first, at(200)).control;
  for (let count = 0; count < 999; count++) control = receive(control, message('MOVE'), at(200)).control;
  expect(receive(control, first, at(200)).execute).toBeUndefined();
  control = receive(control, message('MOVE'), at(200)).control;
  expect(control.answered).toHaveLength(1000);
});
