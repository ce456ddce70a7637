import { isDeepStrictEqual } from 'node:util';
import type { StackPair } from './pairs';
import { constructPath, type TemplateResource, type TemplateStack } from './template';

/** A resource in its stack. */
export interface Located {
  readonly stack: TemplateStack;
  readonly logicalId: string;
}

interface Candidate {
  readonly from: Located;
  readonly to: Located;
  readonly likeness: number;
}

/**
 * What has gone and what has come are often the same construct under another logical id. CloudFormation doesn't see
 * that: it makes another one.
 *
 * @returns for each that has gone, by `stack#logicalId`, what it has become
 */
export function renamed(gone: Located[], come: Located[]): Map<string, Located> {
  const found = new Map<string, Located>();
  const taken = new Set<string>();
  for (const { from, to } of candidates(gone, come)) {
    if (found.has(keyOf(from)) || taken.has(keyOf(to))) continue;
    found.set(keyOf(from), to);
    taken.add(keyOf(to));
  }
  return found;
}

export function keyOf({ stack, logicalId }: Located): string {
  return `${stack.name}#${logicalId}`;
}

export function resourceOf({ stack, logicalId }: Located): TemplateResource {
  return stack.template.Resources[logicalId];
}

/** The resources that the head has and the base hasn't. */
export function comeIn(head: TemplateStack[], pairs: StackPair[]): Located[] {
  return head.flatMap((stack) => {
    const before = pairs.find(({ after }) => after === stack)?.before.template.Resources ?? {};
    return Object.keys(stack.template.Resources)
      .filter((logicalId) => !Object.hasOwn(before, logicalId))
      .map((logicalId) => ({ stack, logicalId }));
  });
}

/** The likeliest first; among equals, by name. */
function candidates(gone: Located[], come: Located[]): Candidate[] {
  const all = gone.flatMap((from) => {
    const alike = come.filter((to) => resourceOf(to).Type === resourceOf(from).Type);
    const only =
      alike.length === 1 && gone.filter((one) => resourceOf(one).Type === resourceOf(from).Type).length === 1;
    return alike
      .map((to) => ({ from, to, likeness: likeness(from, to) }))
      .filter((candidate) => only || candidate.likeness >= 0.5);
  });
  const order = ({ from, to }: Candidate) => `${keyOf(from)} ${keyOf(to)}`;
  return all.sort((one, other) => other.likeness - one.likeness || (order(one) < order(other) ? -1 : 1));
}

/** The share of properties that are the same, and somewhat more for the same place. */
function likeness(from: Located, to: Located): number {
  const [before, after] = [from, to].map((located) => resourceOf(located).Properties ?? {});
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const equal = names.filter((name) => isDeepStrictEqual(before[name], after[name]));
  const sameId = from.logicalId === to.logicalId || lastOf(from) === lastOf(to);
  return (
    (names.length === 0 ? 1 : equal.length / names.length) + (sameId ? 0.25 : 0) + (isSameStack(from, to) ? 0.1 : 0)
  );
}

function lastOf({ stack, logicalId }: Located): string {
  return constructPath(stack, logicalId)
    .replace(/\/Resource$/, '')
    .split('/')
    .at(-1)!;
}

function isSameStack(from: Located, to: Located): boolean {
  return from.stack.name === to.stack.name;
}
