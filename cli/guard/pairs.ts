import type { TemplateStack } from './template';

/** A stack as it is, and as it will be, if it will. */
export interface StackPair {
  readonly before: TemplateStack;
  readonly after?: TemplateStack;
}

/** Finds each stack of the base in the head: CloudFormation knows a stack by its name, account and region. */
export function pairsOf(base: TemplateStack[], head: TemplateStack[]): StackPair[] {
  return base.map((before) => ({ before, after: head.find((after) => isSameStack(before, after)) }));
}

function isSameStack(before: TemplateStack, after: TemplateStack): boolean {
  return before.name === after.name && isSameEnvironment(before.environment, after.environment);
}

/** Where one of them doesn't know its account or region, it may be the same. */
function isSameEnvironment(before: string | undefined, after: string | undefined): boolean {
  if (before === undefined || after === undefined) return true;
  const parts = after.split('/');
  return before
    .split('/')
    .every((part, index) => part === parts[index] || [part, parts[index]].some((name) => name?.startsWith('unknown-')));
}
