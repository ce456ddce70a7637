import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { App } from 'aws-cdk-lib';
import * as z from 'zod';

/**
 * A context value that is a configuration, or the path of a JSON file that has it.
 * @throws Error which names each field that is wrong, and says why
 */
export function readContext<T>(app: App, key: string, schema: z.ZodType<T>, byDefault: unknown = {}): T {
  const given: unknown = app.node.tryGetContext(key) ?? byDefault;
  const [source, content] =
    typeof given === 'string' ? [given, readJson(given)] : [`the context value '${key}'`, given];
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `  ${fieldName(path)}: ${message}`);
  throw new Error(`The configuration in ${source} is wrong:\n${problems.join('\n')}`);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(resolve(path), 'utf8'));
  } catch (error) {
    throw new Error(`The configuration ${path} can't be read: ${(error as Error).message}`);
  }
}

function fieldName(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text.replace(/^\./, '') || 'the whole';
}

/** Of a stack or a cell, and of the fleet in it. */
export const name = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9-]{0,31}$/, 'must be 1 to 32 of a-z A-Z 0-9 -, and start with a letter');

/** Where the stack is: without it, wherever it is deployed. */
export const environment = z
  .strictObject({ account: z.string().optional(), region: z.string().optional() })
  .default({});
