import * as z from 'zod';
import { parseMessage } from './queue-worker';

/** What an IoT rule makes of a message: its content as it is, and the device, which the topic tells. */
const envelope = z.object({ device: z.string().regex(/^[a-zA-Z0-9:_-]{1,128}$/), content: z.base64() });

export interface Enveloped {
  readonly device: string;
  /** @throws UnusableMessage */
  open<T>(schema: z.ZodType<T>): T;
}

/** @throws UnusableMessage */
export function parseEnvelope(body: string): Enveloped {
  const { device, content } = parseMessage(envelope, body);
  return { device, open: (schema) => parseMessage(schema, Buffer.from(content, 'base64').toString('utf8')) };
}
