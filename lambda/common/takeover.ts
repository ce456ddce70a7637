import * as z from 'zod';
import { LEASE_COMMANDS, commandAcknowledgement, commandId, commandName, commandParams } from './device-command';

export const pilotName = z.string().regex(/^[\x21-\x7e]{1,256}$/);

/** Whom it is about and who asks, which whoever invokes the function has to know for certain. */
const who = {
  device: z.string().regex(/^[a-zA-Z0-9:_-]{1,128}$/),
  pilot: pilotName,
  role: z.enum(['pilot', 'supervisor']).default('pilot'),
};

export const leaseToken = z.int().positive();

const isLeaseCommand = (name: string) => LEASE_COMMANDS.some((reserved) => reserved === name);

/** What a pilot has a device do. */
export const pilotCommand = z.strictObject({
  // The same when it is asked again, so that the device does it once.
  id: commandId,
  name: commandName.refine((name) => !isLeaseCommand(name), { error: 'told by take, heartbeat and release' }),
  params: commandParams.optional(),
});

export const takeoverRequest = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('take'), ...who }),
  z.strictObject({ action: z.literal('force'), ...who }),
  z.strictObject({ action: z.literal('heartbeat'), ...who, token: leaseToken }),
  z.strictObject({ action: z.literal('release'), ...who, token: leaseToken }),
  z.strictObject({ action: z.literal('command'), ...who, token: leaseToken, command: pilotCommand }),
  z.strictObject({ action: z.literal('status'), ...who, commandId: commandId.optional() }),
]);

export type TakeoverRequest = z.infer<typeof takeoverRequest>;
export type RequestOf<A extends TakeoverRequest['action']> = Extract<TakeoverRequest, { action: A }>;

const takeoverError = z.discriminatedUnion('code', [
  z.object({ code: z.literal('LEASE_HELD'), message: z.string(), by: z.string(), until: z.iso.datetime() }),
  z.object({ code: z.literal('LEASE_LOST'), message: z.string(), by: z.string().optional() }),
  z.object({ code: z.enum(['NOT_HOLDER', 'FORBIDDEN', 'INVALID']), message: z.string() }),
]);

export type TakeoverError = z.infer<typeof takeoverError>;

/** The lease as the pilot who asks may know it: others don't get the token. */
export const control = z.object({
  device: z.string(),
  holder: z.string().optional().describe('Who is in control. Nobody, if it is not there.'),
  token: leaseToken.optional().describe('Of the lease, for its holder only.'),
  until: z.iso.datetime().optional().describe('When the lease is over, unless it is extended.'),
  heartbeatSeconds: z.number().positive().optional().describe('How often the holder has to extend it.'),
});

export type Control = z.infer<typeof control>;

export const commandStatus = z.object({
  id: commandId,
  name: commandName,
  pilot: z.string(),
  issuedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().describe('From when on the device must not do it any more.'),
  acknowledgement: commandAcknowledgement.optional().describe('What the device has answered, as soon as it has.'),
});

export type CommandStatus = z.infer<typeof commandStatus>;

export const takeoverResponse = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), control, command: commandStatus.optional() }),
  z.object({ ok: z.literal(false), error: takeoverError }),
]);

export type TakeoverResponse = z.infer<typeof takeoverResponse>;
