import type { Stack } from 'aws-cdk-lib';
import { CfnElement } from 'aws-cdk-lib';
import type { DeployedResource } from '../cloudformation-resolver';
import { CloudModel, checkAction, simulate } from '../policy-simulator';
import type { Statement } from '../resource-policies';
import { principalsOf, type Principal } from './principals';
import { cellsOf, THE_ACCOUNT, type Cell } from './targets';

/** What somebody may do. */
export interface Allowed {
  readonly principal: Principal;
  readonly cell: Cell;
}

/** Everybody who could ask, and all that could be asked. */
export class AttackMatrix {
  readonly cloud: CloudModel;
  readonly principals: readonly Principal[];
  readonly cells: readonly Cell[];

  constructor(stacks: readonly Stack[], given: Record<string, string>) {
    this.cloud = CloudModel.of(...stacks).given(given);
    const nameOf = names(stacks);
    this.principals = principalsOf(this.cloud, nameOf);
    this.cells = cellsOf(this.cloud, nameOf);
  }

  /** How many questions there are. */
  get size(): number {
    return this.principals.reduce(
      (sum, principal) => sum + this.cells.filter((cell) => isAsked(principal, cell)).length,
      0,
    );
  }

  /** An action that doesn't exist, or not on resources, would be denied whatever the policies say. */
  async check(): Promise<void> {
    const questions = new Map(this.cells.map((cell) => [`${cell.action} of ${cell.target}`, cell]));
    for (const { action, target } of questions.values())
      await checkAction(action, target === THE_ACCOUNT ? '*' : target);
  }

  allowed(principals = this.principals, cells = this.cells): Allowed[] {
    return principals.flatMap((principal) =>
      cells
        .filter((cell) => isAsked(principal, cell) && isAllowed(principal, cell))
        .map((cell) => ({ principal, cell })),
    );
  }
}

export function isAsked(principal: Principal, cell: Cell): boolean {
  return principal.isAsked?.(cell) ?? true;
}

export function isAllowed({ asking }: Principal, { action, asked, context }: Cell): boolean {
  // Statements about other actions change nothing, and where none allows, nothing is: that answers most questions.
  const statements = asking.statements.filter((statement) => concerns(statement, action));
  const ofResource = asked.statements?.filter((statement) => concerns(statement, action));
  if (![...statements, ...(ofResource ?? [])].some(({ Effect }) => Effect === 'Allow')) return false;
  const question: Question = [{ ...asking, statements }, action, { ...asked, statements: ofResource }, context];
  const key = JSON.stringify(question);
  let answer = answers.get(key);
  if (answer === undefined) {
    answer = simulate(...question) === 'Allowed';
    answers.set(key, answer);
  }
  return answer;
}

type Question = Parameters<typeof simulate>;

/** Another app with the same policies has the same answers, which take most of the time. */
const answers = new Map<string, boolean>();

const concerned = new WeakMap<Statement, Map<string, boolean>>();

/** Whether a statement could be about an action. */
export function concerns(statement: Statement, action: string): boolean {
  let known = concerned.get(statement);
  if (!known) concerned.set(statement, (known = new Map()));
  let answer = known.get(action);
  if (answer === undefined) known.set(action, (answer = isAbout(statement, action)));
  return answer;
}

function isAbout({ Action, NotAction }: Statement, action: string): boolean {
  if (NotAction !== undefined) return true;
  return [Action].flat().some((pattern) => matcher(pattern as string).test(action));
}

const matchers = new Map<string, RegExp>();

function matcher(pattern: string): RegExp {
  const known = matchers.get(pattern);
  if (known) return known;
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const made = new RegExp(`^${text}$`, 'i');
  matchers.set(pattern, made);
  return made;
}

/** Names for people: paths of the constructs, from the stack on. */
function names(stacks: readonly Stack[]): (resource: DeployedResource) => string {
  const paths = new Map<string, string>();
  for (const stack of stacks) {
    for (const element of stack.node.findAll().filter((node) => CfnElement.isCfnElement(node))) {
      const logicalId = String(stack.resolve((element as CfnElement).logicalId));
      const path = element.node.path.split('/').slice(stack.node.path.split('/').length - 1);
      const name = path
        .join('/')
        .replace(/\/Resource$/, '')
        .replace('Fleet/Fleet/', 'Fleet/');
      paths.set(`${stack.stackName}/${logicalId}`, name);
    }
  }
  return ({ path }) => paths.get(path)!;
}
