import { ACTIONS, decide } from '../../../lambda/common/access/authorize';
import { mutantsOf } from './mutants';
import type { Allowed, AttackMatrix } from './matrix';
import { ANOTHER, FOREIGN, type Principal } from './principals';
import { THE_ACCOUNT, type Cell } from './targets';

/** What everybody may do, for people to read: a table for each who may do anything, and a list of the others. */
export function accessTables(matrix: AttackMatrix): string {
  const answers = matrix.allowed();
  const wrong = `${number(mutantsOf(matrix).length)} wrong policies are tried.`;
  const count = `${number(matrix.size)} questions of ${matrix.principals.length} callers, ${number(answers.length)} allowed; ${wrong}`;
  const allowed = groupBy(answers, ({ principal }) => idOf(principal));
  const rows = new Map(matrix.principals.map((p) => [p, rowsOf(allowed.get(idOf(p)) ?? [], matrix.cells)] as const));
  const sections = groupBy(matrix.principals, (p) => (p.family ? `${p.family}\n${rows.get(p)!.join('\n')}` : p.name));
  const some: string[] = [];
  const none: string[] = [];
  for (const group of sections.values()) {
    const own = rows.get(group[0])!;
    if (own.length === 0) none.push(heading(group, matrix.principals));
    else
      some.push(
        [`### ${heading(group, matrix.principals)}`, '', '| Of | May |', '| --- | --- |', ...own, ''].join('\n'),
      );
  }
  return [count, '', ...people(), ...some, '### Who may do nothing', '', ...none.map((name) => `- ${name}`), ''].join(
    '\n',
  );
}

/** What people may ask the API for, which asks in their place. */
function people(): string[] {
  const able = (role: string, group: string) => {
    const question = { roles: [role], groups: ['north'], device: { name: 'drone-1', groups: [group] } };
    return ACTIONS.filter((action) => decide({ ...question, action }).allow).join(', ') || 'nothing';
  };
  const rows = ['reviewer', 'pilot', 'admin', 'anybody else'].map(
    (role) => `| ${role} | ${able(role, 'north')} | ${able(role, 'south')} |`,
  );
  return [
    '### people, by the API',
    '',
    '| Who | Of devices of a group of theirs | Of other devices |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ];
}

function idOf({ family = '', name }: Principal): string {
  return `${family} ${name}`;
}

/** Those of a family who may do the same are named together, and are `any` if each of the account is among them. */
function heading(group: readonly Principal[], all: readonly Principal[]): string {
  const [{ family, name }] = group;
  if (family === undefined) return name;
  const members = group.map((principal) => principal.name);
  const ofAccount = all.filter((principal) => principal.family === family && principal.name !== FOREIGN);
  if (!members.includes(ANOTHER) || ofAccount.length > members.length) return `${family} ${members.join(', ')}`;
  const reach = ofAccount.every((principal) => members.includes(principal.name)) ? 'any' : '';
  if (!reach) return `${family} ${members.join(', ')}`;
  return `${family}: any${members.includes(FOREIGN) ? '' : ' of the account'}`;
}

/** A row for each target and what may be done with the same parts of it. */
function rowsOf(allowed: readonly Allowed[], cells: readonly Cell[]): string[] {
  const cellsOfTarget = groupBy(cells, ({ target }) => target);
  return [...groupBy(allowed, ({ cell }) => cell.target).values()].flatMap((ofTarget) => {
    const { target } = ofTarget[0].cell;
    const parts = groupBy(ofTarget, ({ cell }) => cell.part);
    const same = groupBy([...parts], ([, ofPart]) =>
      actionsOf(
        ofPart.map(({ cell }) => cell),
        cellsOfTarget.get(target)!,
      ),
    );
    const all = new Set(cellsOfTarget.get(target)!.map(({ part }) => part));
    return [...same].map(([actions, group]) => {
      const named = group.map(([part]) => part).filter((part) => part !== '');
      const suffix = named.length === 0 || (named.length === all.size && all.size > 1) ? '' : ` (${named.join('; ')})`;
      return `| ${escape(target === THE_ACCOUNT ? 'anything' : target)}${escape(suffix)} | ${escape(actions)} |`;
    });
  });
}

/** The service once, and the tags of the request if not any will do. */
function actionsOf(cells: readonly Cell[], all: readonly Cell[]): string {
  const anyTags = new Set(all.flatMap(({ tags }) => tags ?? [])).size;
  const actions = [...groupBy(cells, ({ action }) => action)].map(([action, tagged]) => {
    const tags = tagged.flatMap((cell) => cell.tags ?? []);
    const [service, name] = action.split(':');
    return {
      service,
      text: tags.length === 0 || tags.length === anyTags ? name : `${name} (with ${tags.join(' or ')})`,
    };
  });
  return [...groupBy(actions, ({ service }) => service)]
    .map(([service, names]) => `${service}: ${names.map(({ text }) => text).join(', ')}`)
    .join('; ');
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('$', '\\$');
}

function groupBy<T>(items: Iterable<T>, key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
