import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/**
 * The package for the other languages of jsii, made from the assembly that `npm run compile` leaves: examples are translated,
 * sources are in `dist/<language>`. What of their toolchains is here is made use of: Python's compiler.
 */
const execute = promisify(execFile);
const root = join(__dirname, '..');

/** What an example may import. */
const IMPORTED = ['aws-cdk-lib', 'constructs', '@types/node'];

/** Compiles each example of the README and of docstrings, and translates it. @throws Error that has what is wrong */
export async function translateExamples(output: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'examples-'));
  try {
    for (const [name, path] of [
      ['cdk-kinesis-video', root],
      ...IMPORTED.map((it) => [it, join(root, 'node_modules', it)]),
    ]) {
      const link = join(folder, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(path, link, 'dir');
    }
    const args = ['extract', '--strict', '--fail', '--batch', '100', root, '--directory', folder, '--output', output];
    await run('jsii-rosetta', args);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes the sources of all languages. */
async function generate(output: string, tablet: string): Promise<void> {
  rmSync(output, { recursive: true, force: true });
  await run('jsii-pacmak', ['--code-only', '--outdir', output, '--rosetta-tablet', tablet, root]);
}

async function compilePython(output: string): Promise<string> {
  try {
    await execute('python3', ['-m', 'compileall', '-q', join(output, 'python', 'src')]);
    return 'compiled';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'not compiled, as there is no python3';
    throw error;
  }
}

/** A tool of jsii. Its error has what it wrote. */
async function run(tool: string, args: string[]): Promise<void> {
  try {
    await execute(process.execPath, [join(root, 'node_modules', '.bin', tool), ...args]);
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${tool} failed:\n${stdout}${stderr}`);
  }
}

async function main(): Promise<void> {
  const output = join(root, 'dist');
  const folder = mkdtempSync(join(tmpdir(), 'tablet-'));
  const tablet = join(folder, 'tablet.json');
  await translateExamples(tablet);
  console.log('Examples: compiled and translated.');
  await generate(output, tablet);
  console.log(`Sources: ${readdirSync(output).join(', ')}.`);
  console.log(`Python: ${await compilePython(output)}.`);
  rmSync(folder, { recursive: true, force: true });
}

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
