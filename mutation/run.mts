import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { GROUPS, type Unit } from './groups.mjs';

/**
 * Whether the tests find each small change of the sources: `npm run mutation [-- GROUP...]`.
 *
 * What they don't find is in build/mutation; docs/mutation.md tells of it.
 */
const FOLDER = 'build/mutation';

/** What a group has to reach, in percent. */
const GOAL = 90;

type Mutant = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

function mutants({ mutate, tests }: Unit): Promise<Mutant[]> {
  const stryker = new Stryker({
    mutate: [...mutate],
    testRunner: 'jest',
    jest: {
      configFile: 'mutation/jest.config.js',
      enableFindRelatedTests: false,
      config: { testMatch: tests.map((name) => `<rootDir>/test/${name}.test.ts`) },
    },
    plugins: ['@stryker-mutator/jest-runner'],
    coverageAnalysis: 'perTest',
    concurrency: 1,
    // So that what a mutant left in the process doesn't add up.
    maxTestRunnerReuse: 100,
    // SWC doesn't look at types.
    disableTypeChecks: false,
    ignorePatterns: ['cdk.out*', 'docs', 'bench', 'build/mutation'],
    tempDirName: `${FOLDER}/sandbox`,
    reporters: ['progress-append-only'],
    warnings: { slow: false },
    allowConsoleColors: false,
  });
  return stryker.runMutationTest();
}

const isFound = ({ status }: Mutant) => status === 'Killed' || status === 'Timeout';
const isMissed = ({ status }: Mutant) => status === 'Survived' || status === 'NoCoverage';

function describe({ fileName, location, mutatorName, replacement, status }: Mutant): string {
  return `- ${fileName}:${location.start.line + 1} ${mutatorName} (${status}): \`${replacement?.replace(/\s+/g, ' ').slice(0, 100)}\``;
}

async function run(name: string): Promise<number> {
  const all: Mutant[] = [];
  for (const unit of GROUPS[name]) all.push(...(await mutants(unit)));
  const found = all.filter(isFound).length;
  const missed = all.filter(isMissed);
  const score = (100 * found) / (found + missed.length);
  const figures = `| ${name} | ${found + missed.length} | ${found} | ${missed.length} | ${score.toFixed(1)} % |`;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${name}.json`), JSON.stringify(all, undefined, 2));
  writeFileSync(join(FOLDER, `${name}.md`), [figures, '', ...missed.map(describe), ''].join('\n'));
  console.log(figures);
  return score;
}

const names = process.argv.slice(2);
for (const name of names.length > 0 ? names : Object.keys(GROUPS)) {
  if ((await run(name)) < GOAL) process.exitCode = 1;
}
