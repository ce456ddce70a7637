import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { GROUPS, type Unit } from './groups.mjs';

/**
 * Whether the tests find each small change of the sources: `npm run mutation [-- GROUP[/FILE]...]`.
 *
 * What they don't find is in build/mutation; docs/mutation.md tells of it.
 */
const FOLDER = 'build/mutation';

/** What a group has to reach, in percent. */
const GOAL = 90;

type Mutant = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

const isFound = ({ status }: Mutant) => status === 'Killed' || status === 'Timeout';
const isMissed = ({ status }: Mutant) => status === 'Survived' || status === 'NoCoverage';

function mutantsOf({ mutate, tests }: Unit): Promise<Mutant[]> {
  const stryker = new Stryker({
    mutate: [...mutate],
    testRunner: 'jest',
    jest: {
      configFile: 'mutation/jest.config.js',
      enableFindRelatedTests: false,
      config: { testMatch: tests.map((name) => `<rootDir>/test/${name}.test.ts`) },
    },
    plugins: ['@stryker-mutator/jest-runner', './mutation/descriptions.mjs'],
    ignorers: ['descriptions'],
    coverageAnalysis: 'perTest',
    concurrency: Math.max(1, availableParallelism() - 1),
    // So that what mutants leave in the process doesn't add up.
    maxTestRunnerReuse: 100,
    // A test that takes long on a busy machine has found nothing.
    timeoutMS: 20_000,
    // SWC doesn't look at types.
    disableTypeChecks: false,
    ignorePatterns: ['cdk.out*', 'bench', FOLDER],
    tempDirName: `${FOLDER}/sandbox`,
    reporters: ['progress-append-only'],
    allowConsoleColors: false,
  });
  return stryker.runMutationTest();
}

function describe({ fileName, location, mutatorName, replacement, status }: Mutant): string {
  const change = replacement?.replace(/\s+/g, ' ').slice(0, 100);
  return `- ${relative('.', fileName)}:${location.start.line} ${mutatorName} (${status}): \`${change}\``;
}

/** Writes down what is known of a group, of which some sources may have been tried before, and gives its score. */
function report(group: string, found: readonly Mutant[]): number {
  const file = join(FOLDER, `${group}.json`);
  const before: Mutant[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  const anew = new Set(found.map(({ fileName }) => fileName));
  const all = [...before.filter(({ fileName }) => !anew.has(fileName)), ...found];
  const missed = all.filter(isMissed);
  const killed = all.filter(isFound).length;
  const total = killed + missed.length;
  const score = (100 * killed) / total;
  const row = `| ${group} | ${total} | ${killed} | ${missed.length} | ${score.toFixed(1)} % |`;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(file, JSON.stringify(all, undefined, 2));
  writeFileSync(join(FOLDER, `${group}.md`), [row, '', ...missed.map(describe), ''].join('\n'));
  console.log(row);
  return score;
}

const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : Object.keys(GROUPS)) {
  const [group, source = ''] = name.split('/');
  let score = 0;
  for (const unit of GROUPS[group].filter(({ mutate }) => mutate.join().includes(source))) {
    score = report(group, await mutantsOf(unit));
  }
  if (score < GOAL) process.exitCode = 1;
}
