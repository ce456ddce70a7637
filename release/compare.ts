import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What a release would break for who has the last one: `npm run release:compare [-- REF]`. Without a reference, it is compared
 * with the last tag of a version.
 *
 * - the public API, by jsii-diff: what was there may not go, or ask for more;
 * - the reference fleet's templates, by the guard: nothing that holds data or that devices know may be replaced or deleted.
 */
const root = join(__dirname, '..');

/** Fleets whose templates are compared. */
const FLEETS: Record<string, object> = {
  default: {},
  pilots: { pilots: { domainPrefix: 'pilots' }, monitoring: {}, cells: [{ name: 'cell-1', devices: 1000 }] },
  cells: { cells: [{ name: 'north' }, { name: 'south' }], cameras: ['front', 'down'], registration: 'REUSABLE' },
};

interface Tree {
  readonly folder: string;
  readonly assemblies: Record<string, string>;
}

function main([given]: string[]): void {
  const reference = given ?? lastTag();
  if (!reference) return console.log('There is no version yet to compare with.');
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  const old = join(folder, 'old');
  try {
    run('git', ['worktree', 'add', '--detach', old, reference], root);
    install(old);
    console.log(`Against ${reference}:`);
    const isCompatible = [compareApi(old), compareTemplates(prepare(old, folder, 'old'), prepare(root, folder, 'new'))];
    if (isCompatible.includes(false)) process.exitCode = 1;
  } finally {
    run('git', ['worktree', 'remove', '--force', old], root);
    rmSync(folder, { recursive: true, force: true });
  }
}

function lastTag(): string | undefined {
  const tags = run('git', ['tag', '--list', 'v*', '--sort=-version:refname'], root).trim();
  return tags.split('\n')[0] || undefined;
}

/** What was locked then. Where nothing of it differs, what is here will do. */
function install(folder: string): void {
  const isSame = run('git', ['diff', '--name-only', 'HEAD', '--', 'package-lock.json'], folder) === '';
  const ours = run('git', ['hash-object', join(root, 'package-lock.json'), join(folder, 'package-lock.json')], root);
  const [here, there] = ours.trim().split('\n');
  if (isSame && here === there) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  else run('npm', ['ci', '--no-audit', '--no-fund'], folder);
}

function compareApi(old: string): boolean {
  for (const folder of [old, root]) run('npm', ['run', '--silent', 'compile'], folder);
  try {
    run(process.execPath, [join(root, 'node_modules', '.bin', 'jsii-diff'), old, root], root);
    console.log('  API: nothing breaks.');
    return true;
  } catch (error) {
    console.log(`  API:\n${indented((error as { stdout: string }).stdout)}`);
    return false;
  }
}

/** Synthesizes the fleets of a tree, with its own bundles. */
function prepare(folder: string, into: string, name: string): Tree {
  if (!existsSync(join(folder, 'build', 'lambda'))) run('npm', ['run', '--silent', 'bundle'], folder);
  const assemblies = Object.entries(FLEETS).map(([fleet, configuration]) => {
    const file = join(into, `${fleet}.json`);
    writeFileSync(file, JSON.stringify(configuration));
    const output = join(into, `${name}-${fleet}`);
    const app = `${process.execPath} node_modules/.bin/tsx bin/drone-fleet.ts`;
    run(
      process.execPath,
      ['node_modules/.bin/cdk', 'synth', '--quiet', '--app', app, '-o', output, '-c', `fleet=${file}`],
      folder,
    );
    return [fleet, output];
  });
  return { folder, assemblies: Object.fromEntries(assemblies) as Record<string, string> };
}

function compareTemplates(old: Tree, head: Tree): boolean {
  const results = Object.keys(FLEETS).map((fleet) => {
    try {
      const command = [join(root, 'build', 'cli', 'index.js'), 'guard', old.assemblies[fleet], head.assemblies[fleet]];
      run(process.execPath, command, root);
      console.log(`  Templates of ${fleet}: nothing is lost.`);
      return true;
    } catch (error) {
      console.log(`  Templates of ${fleet}:\n${indented((error as { stdout: string }).stdout)}`);
      return false;
    }
  });
  return !results.includes(false);
}

function run(command: string, args: string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1e8 });
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ');
}

main(process.argv.slice(2));
