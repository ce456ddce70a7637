import type { MessageAttribute } from './sqs-checksums';

/** As a subscription has it: lists of what may be, by attribute, or within the body by key. */
export type FilterPolicy = Readonly<Record<string, unknown>>;

export type FilterScope = 'MessageAttributes' | 'MessageBody';

/** @throws Error if it has what isn't evaluated here */
export function checkFilter(policy: FilterPolicy): void {
  for (const [key, rule] of Object.entries(policy)) {
    if (!Array.isArray(rule)) checkFilter(rule as FilterPolicy);
    else if (!rule.every(isKnown)) {
      throw new Error(`The filter of '${key}' has more than strings and 'anything-but': ${JSON.stringify(rule)}.`);
    }
  }
}

function isKnown(condition: unknown): boolean {
  if (typeof condition === 'string') return true;
  const but = (condition as Record<string, unknown> | null)?.['anything-but'];
  return Object.keys(condition ?? {}).length === 1 && [but].flat().every((value) => typeof value === 'string');
}

/**
 * Whether a message passes.
 *
 * https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
export function passes(
  policy: FilterPolicy | undefined,
  scope: FilterScope,
  message: { readonly body: string; readonly attributes: Readonly<Record<string, MessageAttribute>> },
): boolean {
  if (!policy) return true;
  if (scope === 'MessageAttributes') {
    return Object.entries(policy).every(([name, rule]) => oneIs(rule as unknown[], valuesOf(message.attributes[name])));
  }
  try {
    return bodyPasses(policy, JSON.parse(message.body));
  } catch {
    return false;
  }
}

function bodyPasses(policy: FilterPolicy, body: unknown): boolean {
  if (Array.isArray(body)) return body.some((part) => bodyPasses(policy, part));
  if (typeof body !== 'object' || body === null) return false;
  return Object.entries(policy).every(([key, rule]) => {
    const value = (body as Record<string, unknown>)[key];
    if (!Array.isArray(rule)) return bodyPasses(rule as FilterPolicy, value);
    return oneIs(rule, value === undefined ? [] : [value].flat());
  });
}

function oneIs(rule: readonly unknown[], values: readonly unknown[]): boolean {
  return values.some((value) =>
    rule.some((condition) =>
      typeof condition === 'string'
        ? condition === value
        : ![(condition as { 'anything-but': unknown })['anything-but']].flat().includes(value),
    ),
  );
}

function valuesOf({ DataType, StringValue }: MessageAttribute = {}): unknown[] {
  if (StringValue === undefined) return [];
  return DataType === 'String.Array' ? [JSON.parse(StringValue)].flat() : [StringValue];
}
