import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';

/** A certificate that AWS IoT has made, which isn't a thing's yet. */
const pending = z.object({
  certificate: z.string(),
  privateKey: z.string(),
  ownershipToken: z.string(),
  /** In milliseconds since 1970. */
  createdAt: z.number(),
});

/** What a device has got for its claim. */
const identity = z.object({
  thing: z.string(),
  certificate: z.string(),
  privateKey: z.string(),
  configuration: z.record(z.string(), z.string()),
});

const memory = z.object({
  pending: pending.optional(),
  identity: identity.optional(),
  /** The highest token of a lease that it has seen. */
  token: z.number().optional(),
});

export type Identity = z.infer<typeof identity>;
export type Memory = z.infer<typeof memory>;

/** What a device keeps when it is switched off: a file that is whole, whenever that happens. */
export function openStorage(file: string) {
  let content = read(file);
  return {
    read: () => content,
    write: (change: Memory): void => {
      content = { ...content, ...change };
      mkdirSync(dirname(file), { recursive: true });
      // Its private key is for nobody else on the device.
      writeFileSync(`${file}.new`, JSON.stringify(content), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
  };
}

export type Storage = ReturnType<typeof openStorage>;

function read(file: string): Memory {
  try {
    return memory.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
