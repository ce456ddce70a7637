import { execSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from '../test/package/steps';
import { tell } from './support/tell';

/**
 * What docs/getting-started.md takes, from an empty folder to a stream with alerts: `npm run bench -- adoption`. Its own commands
 * are run, with the package as it is packed here instead of the one in the registry.
 */
const PAGE = readFileSync(join(__dirname, '..', 'docs', 'getting-started.md'), 'utf8');

/** The blocks of code in a language, in their order. */
function blocks(language: string): string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, code]) => code);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'adoption-'));
  const tarball = join(folder, (await pack(folder)).filename);
  const [setUp, synth] = blocks('sh');
  const [app] = blocks('ts');
  const [settings] = blocks('json');
  const commands = setUp
    .trim()
    .replace(/(?<=npm install .*)cdk-kinesis-video/, tarball)
    .split('\n');
  const project = join(folder, 'yard');
  const rows: { step: string; seconds: string }[] = [];
  const run = (command: string, cwd: string) => {
    const start = performance.now();
    execSync(command, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    rows.push({ step: `\`${command.replace(tarball, 'cdk-kinesis-video')}\``, seconds });
  };
  run(commands[0], folder);
  for (const command of commands.slice(1)) run(command, project);
  writeFileSync(join(project, 'app.ts'), app);
  writeFileSync(join(project, 'cdk.json'), settings);
  run(synth.trim(), project);
  const { Resources } = JSON.parse(readFileSync(join(project, 'cdk.out', 'Yard.template.json'), 'utf8')) as {
    Resources: object;
  };
  tell(`From an empty folder to ${Object.keys(Resources).length} resources`, rows);
  rmSync(folder, { recursive: true });
}

void main();
