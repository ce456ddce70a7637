/** What may happen to state, and be allowed. */
export const EFFECTS = {
  destroy: 'destroyed',
  orphan: 'orphaned: it stays, but no stack manages it',
  replace: 'replaced by an empty one',
  weaken: 'less protected',
  shorten: 'kept for a shorter time',
} as const;

export type Effect = keyof typeof EFFECTS;

/** Something that would happen to what holds state. */
export interface Finding {
  readonly stack: string;
  /** The logical id. */
  readonly resource: string;
  /** The construct's path, or the logical id where the assembly doesn't have it. */
  readonly path: string;
  readonly type: string;
  /** What the resource holds. */
  readonly holds: string;
  readonly what: Effect;
  readonly why: string;
}

/** In an order that doesn't depend on that of the templates. */
export function sorted(findings: Finding[]): Finding[] {
  const key = ({ stack, path, resource, what, why }: Finding) => [stack, path, resource, what, why].join('\n');
  return [...findings].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}
