import { execFile } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript';
import manifest from '../../package.json';

export const root = join(__dirname, '..', '..');

const tsx = join(root, 'node_modules', '.bin', 'tsx');
const app = join(__dirname, 'consumer');

/** What `npm pack` says of the tarball that it made. */
export interface Tarball {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: { readonly path: string }[];
}

/** Runs a command and gives what it prints; if it fails, that is in the error. */
export function run(command: string, args: string[], cwd = root, env: Record<string, string> = {}): Promise<string> {
  const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${[command, ...args].join(' ')}\n${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}

/** Compiles as `npm run compile` does. */
export async function compile(): Promise<void> {
  await run('npm', ['run', '--silent', 'compile', '--', '--fail-on-warnings']);
}

/** Packs what is built, without `prepack`, which would build it again. */
export async function pack(destination: string): Promise<Tarball> {
  // Under `npm run --silent` npm is silent too, and would keep its answer to itself.
  const flags = ['--ignore-scripts', '--json', '--loglevel=error', '--pack-destination', destination];
  const [tarball] = JSON.parse(await run('npm', ['pack', ...flags]));
  return tarball;
}

/**
 * Makes a user's project, and installs the package from its tarball. The peer dependencies are links to those of this
 * repository: nothing is downloaded, and npm checks their versions all the same.
 */
export async function install(tarball: string, project: string): Promise<void> {
  cpSync(app, project, { recursive: true });
  const peers = Object.keys(manifest.peerDependencies).map((name) => join(root, 'node_modules', name));
  const flags = ['--offline', '--no-audit', '--no-fund', '--strict-peer-deps', '--install-links=false'];
  await run('npm', ['install', ...flags, '--prefix', project, tarball, ...peers], project);
}

/** Synthesizes the user's app. */
export async function synth(project: string, output: string): Promise<void> {
  await run(tsx, ['app.ts'], project, { CDK_OUTDIR: output });
}

/** Synthesizes the same app with the sources in place of the package, and what is bundled. */
export async function synthFromSources(output: string): Promise<void> {
  await run(tsx, ['--tsconfig', join(root, 'tsconfig.json'), 'app.ts'], app, { CDK_OUTDIR: output });
}

/**
 * What TypeScript finds wrong in the user's app and in the declarations of the package. Those of aws-cdk-lib are left
 * out: they have an error of their own, which users meet with `skipLibCheck`.
 */
export function typeErrors(project: string): string[] {
  const { config } = ts.readConfigFile(join(project, 'tsconfig.json'), ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, project);
  const program = ts.createProgram(fileNames, options);
  const errors = program
    .getSourceFiles()
    // Links are followed, so what is in the project is the app and the package.
    .filter(({ fileName }) => fileName.startsWith(project + sep))
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]);
  const format = { getCanonicalFileName: String, getCurrentDirectory: () => project, getNewLine: () => '\n' };
  return [...program.getOptionsDiagnostics(), ...errors].map((error) => ts.formatDiagnostic(error, format));
}
