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

/** The likeliest first, in the same stack before others; among equals, by name. */
function candidates(gone: Located[], come: Located[]): Candidate[] {
  const all = gone.flatMap((from) => {
    const only = [gone, come].every((side) => side.filter((one) => isAlike(from, one)).length === 1);
    return come
      .filter((to) => resourceOf(to).Type === resourceOf(from).Type)
      .map((to) => ({ from, to, likeness: likeness(from, to) + (only && isSameStack(from, to) ? 1 : 0) }))
      .filter((candidate) => candidate.likeness >= 0.5);
  });
  const rank = ({ from, to, likeness }: Candidate) => likeness + (isSameStack(from, to) ? 10 : 0);
  const order = ({ from, to }: Candidate) => `${keyOf(from)} ${keyOf(to)}`;
  return all.sort((one, other) => rank(other) - rank(one) || (order(one) < order(other) ? -1 : 1));
}

function isAlike(one: Located, other: Located): boolean {
  return isSameStack(one, other) && resourceOf(one).Type === resourceOf(other).Type;
}

/** The share of properties that are the same, and more for nearly the same place. */
function likeness(from: Located, to: Located): number {
  const [before, after] = [from, to].map((located) => resourceOf(located).Properties ?? {});
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const equal = names.filter((name) => isDeepStrictEqual(before[name], after[name]));
  return (names.length === 0 ? 1 : equal.length / names.length) + (isNear(from, to) ? 0.5 : 0);
}

/** Whether the paths differ in one name, which is what a rename is; a logical id alone is no path. */
function isNear(from: Located, to: Located): boolean {
  const [before, after] = [from, to].map(({ stack, logicalId }) => constructPath(stack, logicalId).split('/'));
  return (
    before.length > 1 &&
    before.length === after.length &&
    before.filter((name, index) => name !== after[index]).length <= 1
  );
}

function isSameStack(from: Located, to: Located): boolean {
  return from.stack.name === to.stack.name;
}
