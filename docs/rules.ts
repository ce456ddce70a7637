import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rule } from '../lib/checks/rule';
import { RULES } from '../lib/checks/rules';

/** Writes docs/rules.md from the rules, and from the templates that they are tested with. */
const TEMPLATES = join(__dirname, '..', 'test', 'checks', 'templates');

/** The reference of the rules, as docs/rules.md should have it. */
export function rulesReference(): string {
  return `# Rules

What \`KinesisVideoChecks\` looks for. [Security](security.md) tells how to add it to an app, and how to acknowledge what is as it
should be. Written from the sources by \`npm run docs\`.

${table()}
${RULES.map(section).join('\n')}`;
}

function table(): string {
  const rows = [
    ['Rule', 'Severity', 'What is wrong'],
    ['', '', ''],
  ].concat(RULES.map(({ id, severity, title }) => [`[${id}](#${id.toLowerCase()})`, severity, title]));
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row, index) => row.map((cell, column) => cell.padEnd(widths[column], index === 1 ? '-' : ' ')))
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}

function section({ id, severity, title, why, fix, unseen, link }: Rule): string {
  const template = readFileSync(join(TEMPLATES, `${id}.yaml`), 'utf8');
  return `## ${id}

**${title}.** (${severity})

${why}

- **Fix**: ${fix}
- **Not seen**: ${unseen}
- **AWS**: <${link}>

<details>
<summary>Finds what is called <code>Bad…</code> here, and nothing else</summary>

\`\`\`yaml
${template}\`\`\`

</details>
`;
}

if (require.main === module) writeFileSync(join(__dirname, 'rules.md'), rulesReference());
