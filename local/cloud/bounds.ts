import type { NormalizedSchema } from '@smithy/core/schema';

/** Of a member: `min` and `max` are of the value of a number, and of the length of everything else. */
export interface Bound {
  readonly required?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
}

/** By shape and member. Members of lists are called `member`, of maps `key` and `value`. `$source` is where they are from. */
export type Bounds = Readonly<Record<string, string | Readonly<Record<string, Bound>>>>;

/** What is wrong with a value first, as services say it. */
export function checkBounds(schema: NormalizedSchema, value: unknown, bounds: Bounds, path = ''): string | undefined {
  if (value === undefined || value === null) return undefined;
  const of = bounds[schema.getName(false) ?? ''];
  const own = typeof of === 'object' ? of : {};
  const check = (member: string, type: NormalizedSchema, part: unknown, at: string): string | undefined =>
    violation(own[member] ?? {}, part, at) ?? checkBounds(type, part, bounds, at);

  if (schema.isStructSchema()) {
    for (const [member, type] of schema.structIterator()) {
      const problem = check(
        member,
        type,
        (value as Record<string, unknown>)[member],
        path ? `${path}.${member}` : member,
      );
      if (problem) return problem;
    }
  } else if (schema.isListSchema()) {
    for (const [index, part] of (value as unknown[]).entries()) {
      const problem = check('member', schema.getValueSchema(), part, `${path}.${index + 1}.member`);
      if (problem) return problem;
    }
  } else if (schema.isMapSchema()) {
    for (const [key, part] of Object.entries(value)) {
      const problem =
        violation(own.key ?? {}, key, `${path}.${key}`) ??
        check('value', schema.getValueSchema(), part, `${path}.${key}`);
      if (problem) return problem;
    }
  }
  return undefined;
}

function violation(bound: Bound, value: unknown, at: string): string | undefined {
  const told = (rule: string) =>
    `1 validation error detected: Value at '${at}' failed to satisfy constraint: Member must ${rule}`;
  if (value === undefined || value === null) return bound.required ? told('not be null') : undefined;
  const size = sizeOf(value);
  const kind = typeof value === 'number' ? 'value' : 'length';
  if (size < (bound.min ?? -Infinity)) return told(`have ${kind} greater than or equal to ${bound.min}`);
  if (size > (bound.max ?? Infinity)) return told(`have ${kind} less than or equal to ${bound.max}`);
  if (typeof value !== 'string') return undefined;
  if (bound.enum && !bound.enum.includes(value)) return told(`satisfy enum value set: [${bound.enum.join(', ')}]`);
  if (bound.pattern && !inJavaScript(bound.pattern).test(value)) {
    return told(`satisfy regular expression pattern: ${bound.pattern}`);
  }
  return undefined;
}

/** Models have patterns as Java reads them, which has a name for what is printed within brackets. */
function inJavaScript(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern.replaceAll('\\p{Graph}', '!-~')})$`, 'u');
}

function sizeOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return Object.keys(value as object).length;
}
