import { NormalizedSchema } from '@smithy/core/schema';

/** An operation as a client of the SDK knows it. */
export interface Operation {
  readonly name: string;
  readonly http?: { readonly method: string; readonly path: string; readonly status: number };
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
}

/** How the SDK writes schemas of operations down. */
const OPERATION = 9;

type Written = [kind: number, namespace: string, name: string, traits: unknown, input: unknown, output: unknown];

/** All operations that clients of the SDK have, by their schemas. */
export function operationsOf(clients: readonly object[]): Operation[] {
  const written = clients.flatMap((client) => Object.values(client) as unknown[]).filter(isOperation);
  return written.map(([, , name, traits, input, output]) => ({
    name,
    http: httpOf(traits),
    input: NormalizedSchema.of(input as never),
    output: NormalizedSchema.of(output as never),
  }));
}

function isOperation(schema: unknown): schema is Written {
  return Array.isArray(schema) && schema[0] === OPERATION;
}

/** Traits that have no value are a number. */
function httpOf(traits: unknown): Operation['http'] {
  const { http } = Object(traits) as { http?: [string, string, number] };
  if (!http) return undefined;
  const [method, path, status] = http;
  return { method, path, status };
}
