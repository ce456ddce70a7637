// The parts for a resource: the whole would also compare permissions, and fail where it can't read them.
import { diffResource } from '@aws-cdk/cloudformation-diff/lib/diff';
import { ResourceImpact, type ResourceDifference } from '@aws-cdk/cloudformation-diff/lib/diff/types';
import { sorted, type Finding } from './finding';
import { pairsOf, type StackPair } from './pairs';
import { isRetained } from './protections';
import { ChangedValues } from './references';
import { comeIn, keyOf, renamed, resourceOf, type Located } from './renames';
import { protections, statefulType } from './stateful';
import { constructPath, property, same, type TemplateStack } from './template';

/** What a deployment of the head would do to the state in the stacks of the base. */
export function compare(base: TemplateStack[], head: TemplateStack[]): Finding[] {
  const pairs = pairsOf(base, head);
  const differences = propagated(pairs);
  const gone = pairs.flatMap(goneFrom);
  const successors = renamed(gone, comeIn(head, pairs));

  return sorted([
    ...gone.flatMap((located) => goneFinding(located, pairs, successors.get(keyOf(located)))),
    ...pairs.flatMap(({ before, after }) => {
      if (!after) return [];
      const changed = [...(differences.get(before) ?? [])];
      return [
        ...changed.flatMap(([logicalId, difference]) => replacement({ stack: before, logicalId }, after, difference)),
        ...lessenings(before, after),
      ];
    }),
  ]);
}

type Differences = ReadonlyMap<string, ResourceDifference>;

/** The differences of each stack, with those that come of references to what is replaced, in whatever stack. */
function propagated(pairs: StackPair[]): Map<TemplateStack, Differences> {
  const changed = new ChangedValues();
  const found = new Map<TemplateStack, Differences>();
  for (let known = -1; known < changed.size;) {
    known = changed.size;
    for (const { before, after } of pairs) {
      if (!after) continue;
      const differences = differencesOf(before, after, changed);
      for (const [logicalId, { changeImpact }] of differences) {
        if (changeImpact === ResourceImpact.WILL_REPLACE) changed.addResource(after, logicalId);
      }
      changed.addReaching(after);
      found.set(before, differences);
    }
  }
  return found;
}

/** How the resources differ that are in both. */
function differencesOf(before: TemplateStack, after: TemplateStack, changed: ChangedValues): Differences {
  const next = changed.mark(after, after.template.Resources);
  return new Map(
    Object.entries(before.template.Resources)
      .filter(([logicalId]) => Object.hasOwn(next, logicalId))
      .map(([logicalId, resource]) => [logicalId, diffResource(resource, next[logicalId], logicalId)]),
  );
}

/** What holds state and has gone, with its stack or from it. */
function goneFrom({ before, after }: StackPair): Located[] {
  return Object.keys(before.template.Resources)
    .filter((logicalId) => !after || !Object.hasOwn(after.template.Resources, logicalId))
    .filter((logicalId) => statefulType(before.template, logicalId))
    .map((logicalId) => ({ stack: before, logicalId }));
}

function goneFinding(located: Located, pairs: StackPair[], successor: Located | undefined): Finding[] {
  const { DeletionPolicy } = resourceOf(located);
  const what = isRetained(DeletionPolicy) ? 'orphan' : 'destroy';
  const stackIsGone = pairs.some(({ before, after }) => before === located.stack && !after);
  const reasons = [
    stackIsGone ? stackGone(located.stack) : undefined,
    successor && successorOf(located, successor),
    DeletionPolicy === 'Snapshot' ? 'a snapshot stays' : undefined,
  ].filter((reason) => reason !== undefined);
  return [finding(located, what, reasons.join('; ') || 'it is no longer in the template')];
}

function stackGone({ isNested }: TemplateStack): string {
  return isNested
    ? 'the nested stack is no longer in the template'
    : 'the stack is no longer in the app: it stays as it is until somebody deletes it';
}

function successorOf(located: Located, successor: Located): string {
  const { stack, logicalId } = successor;
  const path = constructPath(stack, logicalId);
  const to = path === logicalId ? logicalId : `${logicalId} (${path})`;
  const text =
    stack.name === located.stack.name
      ? `renamed from ${located.logicalId} to ${to}`
      : `moved from ${located.stack.name} to ${stack.name} as ${to}`;
  const taken = givenName(located);
  return taken !== undefined && same(taken, givenName(successor))
    ? `${text}; the deployment fails, because the name ${display(taken)} is taken`
    : text;
}

function givenName(located: Located): unknown {
  const name = statefulType(located.stack.template, located.logicalId)?.name;
  return name && property(resourceOf(located), name);
}

function replacement(located: Located, after: TemplateStack, difference: ResourceDifference): Finding[] {
  const { stack, logicalId } = located;
  const { changeImpact, resourceTypeChanged } = difference;
  const mayBe = changeImpact === ResourceImpact.MAY_REPLACE;
  if (!mayBe && changeImpact !== ResourceImpact.WILL_REPLACE) return [];
  if (!statefulType(stack.template, logicalId)) return [];

  const successor = { stack: after, logicalId };
  const reasons = [
    ...(resourceTypeChanged
      ? [`its type becomes ${difference.newResourceType}`]
      : replacingProperties(located, after, difference)),
    ...(mayBe ? ['whether it is replaced depends on the value'] : []),
    fateOfOld(located, successor),
    ...nameStaysTaken(located, difference),
  ];
  return [finding(located, 'replace', reasons.join('; '))];
}

function replacingProperties(located: Located, after: TemplateStack, difference: ResourceDifference): string[] {
  const [was, is] = [resourceOf(located), after.template.Resources[located.logicalId]];
  const replacing = [ResourceImpact.WILL_REPLACE, ResourceImpact.MAY_REPLACE] as unknown[];
  return Object.entries(difference.propertyUpdates)
    .filter(([, { changeImpact }]) => replacing.includes(changeImpact))
    .map(([name, { newValue }]) => {
      if (!same(was.Properties?.[name], is.Properties?.[name])) {
        return `${name}: ${display(was.Properties?.[name])} -> ${display(is.Properties?.[name])}`;
      }
      const [, source] = /"([^"]+?) ?\(replaced\)/.exec(JSON.stringify(newValue)) ?? [];
      return `${name} refers to ${source}, which is replaced`;
    })
    .sort();
}

/** CloudFormation makes the new one first. */
function nameStaysTaken(located: Located, { propertyUpdates, resourceTypeChanged }: ResourceDifference): string[] {
  const type = statefulType(located.stack.template, located.logicalId);
  const taken = givenName(located);
  if (taken === undefined || resourceTypeChanged || type!.name! in propertyUpdates) return [];
  return [`the deployment fails, because the name ${display(taken)} is taken`];
}

/** The policy of the update counts; where the two differ, we expect the worse. */
function fateOfOld(located: Located, successor: Located): string {
  const policies = [located, successor].map((one) => resourceOf(one).UpdateReplacePolicy);
  return policies.every(isRetained) ? 'the old one stays, but no stack manages it' : 'the old one is destroyed';
}

function lessenings(before: TemplateStack, after: TemplateStack): Finding[] {
  const found = Object.keys(before.template.Resources).flatMap((logicalId) => {
    const [was, is] = [before, after].map(({ template }) => template.Resources[logicalId]);
    const type = statefulType(before.template, logicalId);
    if (!type || is?.Type !== was.Type) return [];
    return protections(type)
      .flatMap((protection) => protection(was, is))
      .map(({ what, why }) => finding({ stack: before, logicalId }, what, why));
  });
  return [...found, ...terminationProtection(before, after)];
}

function terminationProtection(before: TemplateStack, after: TemplateStack): Finding[] {
  if (!before.terminationProtection || after.terminationProtection) return [];
  const { name } = before;
  const stack = { stack: name, resource: name, path: name, type: 'AWS::CloudFormation::Stack' };
  return [{ ...stack, holds: 'what is in it', what: 'weaken', why: 'termination protection is switched off' }];
}

function finding({ stack, logicalId }: Located, what: Finding['what'], why: string): Finding {
  return {
    stack: stack.name,
    resource: logicalId,
    path: constructPath(stack, logicalId),
    type: resourceOf({ stack, logicalId }).Type,
    holds: statefulType(stack.template, logicalId)!.holds,
    what,
    why,
  };
}

function display(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none');
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
