import * as z from 'zod';
import {
  LEASE_COMMANDS,
  commandId,
  commandName,
  commandParams,
  type CommandAcknowledgement,
} from '../common/device-command';

/** Whom it is about and who asks, which whoever invokes the function has to know for certain. */
const who = {
  device: z.string().regex(/^[a-zA-Z0-9:_-]{1,128}$/),
  pilot: z.string().regex(/^[\x21-\x7e]{1,256}$/),
  role: z.enum(['pilot', 'supervisor']).default('pilot'),
};

const token = z.int().positive();

const isLeaseCommand = (name: string) => LEASE_COMMANDS.some((reserved) => reserved === name);

export const takeoverRequest = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('take'), ...who }),
  z.strictObject({ action: z.literal('force'), ...who }),
  z.strictObject({ action: z.literal('heartbeat'), ...who, token }),
  z.strictObject({ action: z.literal('release'), ...who, token }),
  z.strictObject({
    action: z.literal('command'),
    ...who,
    token,
    command: z.strictObject({
      // The same when it is asked again, so that the device does it once.
      id: commandId,
      name: commandName.refine((name) => !isLeaseCommand(name), { error: 'told by take, heartbeat and release' }),
      params: commandParams.optional(),
    }),
  }),
  z.strictObject({ action: z.literal('status'), ...who, commandId: commandId.optional() }),
]);

export type TakeoverRequest = z.infer<typeof takeoverRequest>;
export type RequestOf<A extends TakeoverRequest['action']> = Extract<TakeoverRequest, { action: A }>;

export type TakeoverError =
  | { readonly code: 'LEASE_HELD'; readonly message: string; readonly by: string; readonly until: string }
  | { readonly code: 'LEASE_LOST'; readonly message: string; readonly by?: string }
  | { readonly code: 'NOT_HOLDER' | 'FORBIDDEN' | 'INVALID'; readonly message: string };

/** The lease as the pilot who asks may know it: others don't get the token. */
export interface Control {
  readonly device: string;
  readonly holder?: string;
  readonly token?: number;
  readonly until?: string;
  /** How often the holder has to extend it. */
  readonly heartbeatSeconds?: number;
}

export interface CommandStatus {
  readonly id: string;
  readonly name: string;
  readonly pilot: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
  readonly acknowledgement?: CommandAcknowledgement;
}

export type TakeoverResponse =
  | { readonly ok: true; readonly control: Control; readonly command?: CommandStatus }
  | { readonly ok: false; readonly error: TakeoverError };
