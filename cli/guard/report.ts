import type { Allowed, Judgement } from './allow';
import { EFFECTS, type Finding } from './finding';

/** A judgement as people or programs read it. */
export const REPORTS: Record<string, (judgement: Judgement) => string> = { text, markdown, json };

export const FORMATS = Object.keys(REPORTS);

function text({ findings, allowed, stale, expired }: Judgement): string {
  return lines([
    headline(findings),
    ...findings.flatMap((finding) => [
      '',
      `${finding.stack}  ${finding.path}`,
      `  ${finding.type}, which holds ${finding.holds}`,
      `  ${finding.what}: ${EFFECTS[finding.what]}; ${finding.why}`,
      `  allow with: ${JSON.stringify(entryFor(finding))}`,
    ]),
    ...notes({ allowed, stale, expired }).map((note) => `\n${note}`),
  ]);
}

function markdown({ findings, allowed, stale, expired }: Judgement): string {
  const rows = findings.map(({ stack, path, type, what, why, holds }) =>
    row([escaped(stack), code(path), `${type} (${holds})`, `**${what}**: ${EFFECTS[what]}`, escaped(why)]),
  );
  return lines([
    `### State guard`,
    '',
    headline(findings),
    ...(rows.length > 0
      ? ['', row(['Stack', 'Construct', 'Type', 'What would happen', 'Why']), row(Array(5).fill('---')), ...rows]
      : []),
    ...notes({ allowed, stale, expired }).flatMap((note) => ['', `- ${escaped(note)}`]),
  ]);
}

function json(judgement: Judgement): string {
  return `${JSON.stringify(judgement, undefined, 2)}\n`;
}

function headline(findings: Finding[]): string {
  if (findings.length === 0) return 'Nothing that holds state would be lost.';
  const stacks = new Set(findings.map(({ stack }) => stack)).size;
  return `State would be at risk: ${count(findings.length, 'finding')} in ${count(stacks, 'stack')}.`;
}

function notes({ allowed, stale, expired }: Omit<Judgement, 'findings'>): string[] {
  return [
    ...allowed.map(({ finding, reason }) => `Allowed: ${naming(entryFor(finding))}. ${reason}`),
    ...expired.map((entry) => `Expired on ${entry.until}, and counts no more: ${naming(entry)}. ${entry.reason}`),
    ...stale.map((entry) => `Stale, as it matches nothing: ${naming(entry)}. ${entry.reason}`),
  ];
}

function naming({ what, stack, resource }: Pick<Allowed, 'what' | 'stack' | 'resource'>): string {
  return `${what} ${resource} in ${stack}`;
}

function entryFor({ stack, resource, what }: Finding): Pick<Allowed, 'stack' | 'resource' | 'what' | 'reason'> {
  return { stack, resource, what, reason: '…' };
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function row(cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A name in a cell; within code only the end of the cell has to be kept from. */
function code(value: string): string {
  return `\`${value.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}

/** What is named comes from a pull request: it may end no cell or line, and be no markup of its own. */
function escaped(value: string): string {
  return value
    .replace(/\s+/g, ' ')
    .replace(/[\\|*_`[\]]/g, '\\$&')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

function lines(all: string[]): string {
  return `${all.join('\n')}\n`;
}
