import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { median, tell } from './support/tell';

/**
 * What it takes to load the package: `npm run bench -- loading`. It is compared, in turns, with loading the same modules of
 * other packages without it, which a program that wrote the resources itself would load too.
 */
const ROUNDS = 15;
const PACKAGE = join(__dirname, '..', 'build', 'lib', 'index.js');

interface Loaded {
  readonly milliseconds: number;
  /** Modules of other packages, in the order in which they were loaded. */
  readonly others: readonly string[];
  readonly own: number;
}

/** In a process of its own, in CPU time. */
function load(files: readonly string[]): Loaded {
  const script = `
    const files = JSON.parse(require('fs').readFileSync(0, 'utf8'));
    const before = process.cpuUsage();
    for (const file of files) require(file);
    const { user, system } = process.cpuUsage(before);
    const loaded = Object.keys(require.cache);
    const isOther = (file) => file.includes('node_modules');
    console.log(JSON.stringify({
      milliseconds: (user + system) / 1000,
      others: loaded.filter(isOther),
      own: loaded.filter((file) => !isOther(file)).length,
    }));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { input: JSON.stringify(files), encoding: 'utf8' }));
}

const { others, own } = load([PACKAGE]);
const times = Array.from({ length: ROUNDS }, () => [load([PACKAGE]).milliseconds, load(others).milliseconds]);
tell('Loading the package', [
  {
    figure: 'CPU time, to the modules of others that it needs, alone',
    value: (median(times.map(([all]) => all)) / median(times.map(([, rest]) => rest))).toFixed(2),
  },
  { figure: 'modules of its own', value: own },
  { figure: 'modules of aws-cdk-lib and others', value: others.length },
]);
