import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { recordBundled } from '../supply-chain/bundled';

const root = join(__dirname, '..');

/** How all functions are bundled. */
export const BUNDLE: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  // The oldest Node.js that the tests run on; Lambda's own runtime is newer.
  target: 'node20',
  format: 'cjs',
  mainFields: ['module', 'main'],
  minify: true,
  loader: { '.mkv': 'binary' },
  // They are in THIRD_PARTY_NOTICES.
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/**
 * Bundles each function's folder into `build/lambda/<name>`, from where `HandlerFunction` takes it: a user of the
 * package needs neither esbuild nor Docker, and a test sees the very code that is deployed.
 */
async function bundle(): Promise<void> {
  const output = join(root, 'build', 'lambda');
  const names = readdirSync(__dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'common')
    .map((entry) => entry.name)
    .sort();

  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  // All at once, as they have most modules in common. Each is on its own nevertheless.
  const { metafile } = await build({
    ...BUNDLE,
    entryPoints: names.map((name) => join('lambda', name, 'index.ts')),
    outbase: 'lambda',
    outdir: join('build', 'lambda'),
    sourcemap: true,
    // A stack trace needs positions and names only; the sources themselves would double the package.
    sourcesContent: false,
  });
  recordBundled('lambda', metafile!);
}

if (require.main === module) void bundle();
