import type { Statement } from '../resource-policies';
import { concerns, isAllowed, isAsked, type AttackMatrix } from './matrix';
import type { Principal } from './principals';
import type { Cell } from './targets';

/** A statement that somebody got wrong. */
export interface Mutant {
  /** The statement, by the policy or resource that has it, and its place there. */
  readonly where: string;
  readonly how: string;
  readonly original: Statement;
  /** Nothing, if the statement is gone. */
  readonly mutated?: Statement;
}

/** Each statement of the templates with one thing wrong: a condition dropped, resources, actions or callers widened. */
export function mutantsOf(matrix: AttackMatrix): Mutant[] {
  const policies = new Map<string, readonly Statement[]>();
  for (const { holds, asking } of matrix.principals) {
    // One principal is enough for each role or policy: all who have it have the same statements.
    if (holds.length === 1 && !policies.has(holds[0].path)) policies.set(holds[0].path, asking.statements);
  }
  const onResources = new Map<string, readonly Statement[]>();
  for (const { asked } of matrix.cells) if (asked.statements) onResources.set(resourceOf(asked.arn), asked.statements);
  return [...policies, ...onResources].flatMap(([where, statements]) =>
    statements.flatMap((original, index) =>
      wrongs(original).map(([how, mutated]) => ({ where: `${where} ${index + 1}`, how, original, mutated })),
    ),
  );
}

/** Objects have the policy of their bucket. */
function resourceOf(arn: string): string {
  return arn.startsWith('arn:aws:s3:::') ? arn.split('/')[0] : arn;
}

function wrongs(statement: Statement): Wrong[] {
  if (statement.Effect === 'Deny') return [['is gone']];
  const { Action, Condition = {}, Principal, Resource, ...rest } = statement;
  const [service] = ([Action].flat()[0] as string).split(':');
  const everything: Wrong[] =
    Action === `${service}:*` ? [] : [['is for any action', { ...statement, Action: `${service}:*` }]];
  const conditions = dropped(statement, Condition as Conditions);
  if (Principal !== undefined) {
    // A policy of a resource is about that resource, whatever it says.
    const open = { ...rest, Action, ...(Resource !== undefined && { Resource }), Principal: '*' };
    return [...everything, ...conditions, ['is for anybody', open]];
  }
  const resources: Wrong[] = Resource === '*' ? [] : [['is for any resource', { ...statement, Resource: '*' }]];
  const arns = [Resource].flat().map(String);
  const prefixes: Wrong[] = arns.some((arn) => arn.includes('${'))
    ? [['is for names that begin like it', { ...statement, Resource: arns.map(asPrefix) }]]
    : [];
  return [...everything, ...conditions, ...resources, ...prefixes];
}

/** Each key by itself; the account of a source together with its ARN, which has the account as well. */
function dropped(statement: Statement, conditions: Conditions): Wrong[] {
  const keys = Object.values(conditions).flatMap((values) => Object.keys(values));
  const without = (gone: readonly string[]): Statement => {
    const left = Object.entries(conditions).map(([operator, values]): [string, Statement] => [
      operator,
      Object.fromEntries(Object.entries(values).filter(([key]) => !gone.includes(key))),
    ]);
    return { ...statement, Condition: Object.fromEntries(left.filter(([, values]) => Object.keys(values).length > 0)) };
  };
  const both = [SOURCE_ACCOUNT, keys.find((key) => /^aws:SourceArn$/i.test(key)) ?? ''];
  return keys.map((key): Wrong => [`does not look at ${key}`, without(key === SOURCE_ACCOUNT ? both : [key])]);
}

const SOURCE_ACCOUNT = 'aws:SourceAccount';

type Conditions = Record<string, Record<string, unknown>>;

type Wrong = [how: string, mutated?: Statement];

/** `stream/${credentials-iot:ThingName}/*` as one writes it too easily. */
function asPrefix(arn: unknown): string {
  return `${String(arn).replace(/(\}[^$]*)$/, '}')}*`;
}

/** The first answer that differs because of the mutant, or nothing if none does. */
export function firstDifference(
  matrix: AttackMatrix,
  allowed: ReadonlySet<string>,
  { original, mutated }: Mutant,
): string | undefined {
  const change = (statements: readonly Statement[]) =>
    statements
      .map((statement) => (statement === original ? mutated : statement))
      .filter((statement) => statement !== undefined);
  const isConcerned = ({ action }: Cell) =>
    concerns(original, action) || (mutated !== undefined && concerns(mutated, action));
  const cells = matrix.cells.filter(isConcerned);
  for (const principal of matrix.principals) {
    const { statements } = principal.asking;
    const isHeld = statements.includes(original);
    const asking = isHeld ? { ...principal.asking, statements: change(statements) } : principal.asking;
    for (const cell of cells) {
      const isOnResource = cell.asked.statements?.includes(original);
      if ((!isHeld && !isOnResource) || !isAsked(principal, cell)) continue;
      const asked = isOnResource ? { ...cell.asked, statements: change(cell.asked.statements!) } : cell.asked;
      const now = isAllowed({ ...principal, asking }, { ...cell, asked });
      if (now !== allowed.has(keyOf(principal, cell))) return `${now ? '+' : '-'} ${keyOf(principal, cell)}`;
    }
  }
  return undefined;
}

/** A question, in words. */
export function keyOf({ family = '', name }: Principal, { target, part, action, tags = '' }: Cell): string {
  return [family, name, '|', action, tags && `with ${tags}`, '|', target, part].filter((text) => text !== '').join(' ');
}
