import * as z from 'zod';
import { schemaVersion as anyVersion } from './detection-event';

const schemaVersion = anyVersion.describe('1.0 here. Fields are added under the same major version, never changed.');

export const commandId = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);

export const commandName = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/);

/** What tells the device of the lease itself. A pilot can't send these as commands. */
export const LEASE_COMMANDS = ['TAKE_CONTROL', 'HEARTBEAT', 'RELEASE'] as const;

/** What parameters may have as JSON, in bytes. */
const MAX_PARAMS_BYTES = 4096;

export const commandParams = z
  .record(z.string().min(1).max(64), z.json())
  .refine((params) => Buffer.byteLength(JSON.stringify(params)) <= MAX_PARAMS_BYTES, {
    error: `larger than ${MAX_PARAMS_BYTES} bytes as JSON`,
  });

export const onLapse = z.enum(['HOVER', 'RETURN']);

const time = z.iso.datetime({ offset: true });

/** What a device is told by the pilot who controls it. */
export const deviceCommand = z
  .object({
    schemaVersion,
    id: commandId.describe("The command's own id: MQTT may deliver a message twice, and the device does it once."),
    token: z
      .int()
      .positive()
      .describe('Of the lease. The device refuses a message with a lower one than it has seen. Up to 2^53.'),
    leaseExpiresAt: time.describe('Until when the pilot is in control, unless another message says that it is longer.'),
    command: z.object({
      name: commandName.describe(
        'TAKE_CONTROL begins a lease, HEARTBEAT extends it, RELEASE ends it; any other is for the device to do.',
      ),
      params: z
        .record(z.string(), z.json())
        .optional()
        .describe(`What the command needs, ${MAX_PARAMS_BYTES} bytes as JSON at most.`),
    }),
    issuedAt: time.describe('When it was sent, by the clock of AWS.'),
    expiresAt: time.describe('From when on the device must not do it any more.'),
    onLapse: onLapse.describe('What the device does by itself when the lease is over and nobody has released it.'),
  })
  .meta({
    title: 'Command to a device',
    description: 'Published to `<prefix>/<thing>/commands` with QoS 1.',
  });

export type DeviceCommand = z.infer<typeof deviceCommand>;

/** What a device answers to each command but HEARTBEAT. */
export const commandAcknowledgement = z
  .object({
    schemaVersion,
    id: commandId.describe('That of the command.'),
    outcome: z.enum(['ACCEPTED', 'REFUSED']).describe('Whether the device does it.'),
    reason: z
      .enum(['STALE_TOKEN', 'EXPIRED', 'UNSUPPORTED', 'UNABLE'])
      .optional()
      .describe('Why it was refused: by the lease, by the time, unknown to the device, or not possible now.'),
    detail: z.string().max(256).optional().describe('More of that, for people.'),
    token: z.int().nonnegative().describe('The highest that the device has seen.'),
    receivedAt: time.describe('When the command arrived, by the clock of the device.'),
  })
  .meta({
    title: 'Acknowledgement of a command',
    description: 'To be published to `<prefix>/<thing>/commands/acks` with QoS 1, for each command but HEARTBEAT.',
  });

export type CommandAcknowledgement = z.infer<typeof commandAcknowledgement>;
