/** What may happen to state, and be allowed. */
export const EFFECTS = {
  destroy: 'it is deleted, with all that it holds',
  orphan: 'it stays, but no stack manages it',
  replace: 'an empty one takes its place',
  weaken: 'it is less protected',
  shorten: 'what it holds is kept for a shorter time',
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
