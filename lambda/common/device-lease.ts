import { LEASE_COMMANDS, type CommandAcknowledgement, type DeviceCommand } from './device-command';

/** The clocks of a device, in milliseconds: one that may be set, since 1970, and one that only ever goes on. */
export interface DeviceClock {
  readonly wall: number;
  readonly monotonic: number;
}

/** What a device knows of who controls it. Of all that, `token` has to survive a restart. */
export interface DeviceControl {
  /** The highest that it has seen. */
  readonly token: number;
  readonly mode: 'free' | 'controlled' | 'lapsed';
  /** When the lease is over, by each clock. It is over when one of them says so. */
  readonly leaseEnd: DeviceClock;
  readonly onLapse: DeviceCommand['onLapse'];
  readonly isReleased: boolean;
  /** What it answered to the last commands, for those that come twice. */
  readonly answered: readonly CommandAcknowledgement[];
}

export interface Reaction {
  readonly control: DeviceControl;
  readonly acknowledgement?: CommandAcknowledgement;
  readonly execute?: DeviceCommand['command'];
}

/** How many commands it remembers: at ten a second, more than arrive within the validity of one. */
const REMEMBERED = 1000;

/**
 * A device after it was switched on.
 * @param token the highest that it had seen before
 */
export function initialControl(token = 0): DeviceControl {
  const leaseEnd = { wall: -Infinity, monotonic: -Infinity };
  return { token, mode: 'free', leaseEnd, onLapse: 'HOVER', isReleased: false, answered: [] };
}

/** What a device does with a message on its topic of commands: the contract in code, for devices to be tested against. */
export function receive(before: DeviceControl, message: DeviceCommand, clock: DeviceClock): Reaction {
  const { id, command } = message;
  const known = before.answered.find((answer) => answer.id === id);
  if (known) return { control: before, acknowledgement: known };
  if (message.token < before.token || (message.token === before.token && before.isReleased)) {
    return answer(before, message, clock, 'STALE_TOKEN');
  }
  // A newer lease ends the older one, even if this very message comes too late.
  const control = adopt(before, message, clock);
  if (clock.wall >= Date.parse(message.expiresAt) || !isWithin(control.leaseEnd, clock)) {
    return answer(control, message, clock, 'EXPIRED');
  }
  if (command.name === 'RELEASE') return answer({ ...control, mode: 'free', isReleased: true }, message, clock);
  const controlled: DeviceControl = { ...control, mode: 'controlled' };
  if (LEASE_COMMANDS.some((name) => name === command.name)) return answer(controlled, message, clock);
  return { ...answer(controlled, message, clock), execute: command };
}

/** What a device does as time goes by: it asks at least once a second. */
export function tick(
  control: DeviceControl,
  clock: DeviceClock,
): { control: DeviceControl; lapse?: 'HOVER' | 'RETURN' } {
  if (control.mode !== 'controlled' || isWithin(control.leaseEnd, clock)) return { control };
  return { control: { ...control, mode: 'lapsed' }, lapse: control.onLapse };
}

function adopt(before: DeviceControl, message: DeviceCommand, { monotonic }: DeviceClock): DeviceControl {
  const leaseExpiresAt = Date.parse(message.leaseExpiresAt);
  // Whatever time the device has, no lease is longer than it was when the message was sent.
  const told = { wall: leaseExpiresAt, monotonic: monotonic + leaseExpiresAt - Date.parse(message.issuedAt) };
  const isNew = message.token > before.token;
  return {
    ...before,
    token: message.token,
    // What comes after a release by the same token is stale.
    isReleased: false,
    onLapse: message.onLapse,
    // Messages overtake each other, and one that comes late makes no lease longer.
    leaseEnd: isNew || told.wall > before.leaseEnd.wall ? told : before.leaseEnd,
  };
}

function isWithin(leaseEnd: DeviceClock, { wall, monotonic }: DeviceClock): boolean {
  return wall < leaseEnd.wall && monotonic < leaseEnd.monotonic;
}

function answer(
  control: DeviceControl,
  { id, command }: DeviceCommand,
  { wall }: DeviceClock,
  reason?: CommandAcknowledgement['reason'],
): Reaction {
  if (command.name === 'HEARTBEAT') return { control };
  const acknowledgement: CommandAcknowledgement = {
    schemaVersion: '1.0',
    id,
    outcome: reason ? 'REFUSED' : 'ACCEPTED',
    ...(reason && { reason }),
    token: control.token,
    receivedAt: new Date(wall).toISOString(),
  };
  return {
    control: { ...control, answered: [...control.answered, acknowledgement].slice(-REMEMBERED) },
    acknowledgement,
  };
}
