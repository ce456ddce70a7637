import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

/**
 * All figures, into docs/benchmarks.md: `npm run bench`. With `-- NAME...`, those parts only. Each runs in a process of its
 * own, and what is compared in it is measured in turns.
 */
const PARTS = ['synthesis', 'loading', 'handlers', 'registration', 'gating', 'console', 'adoption'];
const PAGE = join(__dirname, '..', 'docs', 'benchmarks.md');
const FORMAT = join(__dirname, '..', 'node_modules', '.bin', 'oxfmt');

function main(given: string[]): void {
  const unknown = given.filter((name) => !PARTS.includes(name));
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}; there are ${PARTS.join(', ')}.`);
  for (const part of given.length > 0 ? given : PARTS) {
    const figures = execFileSync(process.execPath, ['--import', 'tsx', join(__dirname, `${part}.ts`)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    console.log(figures);
    writeFileSync(PAGE, withFigures(readFileSync(PAGE, 'utf8'), part, figures));
  }
  execFileSync(FORMAT, [PAGE]);
}

/** The page, with other figures between the marks of the part. */
function withFigures(page: string, part: string, figures: string): string {
  const [begin, end] = [`<!-- ${part} -->`, `<!-- end of ${part} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no place for ${part}.`);
  const machine = `On Node.js ${process.versions.node} and ${cpus().length} cores.`;
  return `${page.slice(0, from + begin.length)}\n\n${figures}\n${machine}\n\n${page.slice(to)}`;
}

main(process.argv.slice(2));
