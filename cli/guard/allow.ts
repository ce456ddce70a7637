import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { EFFECTS, type Effect, type Finding } from './finding';

const text = z.string().min(1);
const allowed = z.strictObject({
  stack: text,
  resource: text,
  what: z.enum(Object.keys(EFFECTS) as [Effect, ...Effect[]]),
  reason: text,
  until: z.iso.date().optional(),
});
const allowFile = z.array(allowed);

/** A finding that somebody accepts. */
export type Allowed = z.infer<typeof allowed>;

/** What becomes of findings under an allow file. */
export interface Judgement {
  readonly findings: Finding[];
  readonly allowed: { readonly finding: Finding; readonly reason: string }[];
  /** Entries that match no finding, so that they can be taken out. */
  readonly stale: Allowed[];
  /** Entries that would match, but no longer count. */
  readonly expired: Allowed[];
}

/**
 * Reads an allow file.
 *
 * @throws Error which names each field that is wrong
 */
export function readAllowFile(path: string): Allowed[] {
  try {
    return allowFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? `\n${z.prettifyError(error)}` : ` ${(error as Error).message}`;
    throw new Error(`${path}: this is no allow file:${why}`);
  }
}

/** Takes out what is allowed on that day. */
export function judge(findings: Finding[], entries: Allowed[], today: Date): Judgement {
  const day = today.toISOString().slice(0, 10);
  const isExpired = ({ until }: Allowed) => until !== undefined && until < day;
  const valid = entries.filter((entry) => !isExpired(entry));
  const entryFor = (finding: Finding) => valid.find((entry) => matches(entry, finding));
  const isStale = (entry: Allowed) => !findings.some((finding) => matches(entry, finding));

  return {
    findings: findings.filter((finding) => !entryFor(finding)),
    allowed: findings.flatMap((finding) => {
      const entry = entryFor(finding);
      return entry ? [{ finding, reason: entry.reason }] : [];
    }),
    stale: entries.filter(isStale),
    expired: entries.filter((entry) => isExpired(entry) && !isStale(entry)),
  };
}

function matches({ stack, resource, what }: Allowed, finding: Finding): boolean {
  const names = [finding.resource, finding.path, finding.path.replace(/\/Resource$/, '')];
  return what === finding.what && isLike(finding.stack, stack) && names.includes(resource);
}

/** Cells are stacks of the same template, whose names differ in a part: `*` is any. */
function isLike(name: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[^\w]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}
