import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildSync, type BuildOptions, type Metafile } from 'esbuild';
import { recordBundled } from '../supply-chain/bundled';

const root = join(__dirname, '..');

const OPTIONS: BuildOptions = {
  absWorkingDir: root,
  entryPoints: ['console/src/main.tsx', 'console/src/styles.css', 'console/src/icon.svg'],
  loader: { '.svg': 'copy' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'browser',
  target: ['chrome110', 'firefox115', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  // The WebRTC client asks for its own version when it is loaded.
  define: { 'process.env.PACKAGE_VERSION': '""' },
  minify: true,
  // They are in THIRD_PARTY_NOTICES.
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/**
 * Builds the console into a folder: `index.html`, which is never to be cached, and `assets`, whose names change with
 * what is in them.
 */
export function buildConsole(output: string): Metafile {
  rmSync(output, { recursive: true, force: true });
  const assets = join(output, 'assets');
  mkdirSync(assets, { recursive: true });
  const { metafile } = buildSync({ ...OPTIONS, outdir: assets });

  const nameOf = (entry: string) => {
    const found = Object.entries(metafile!.outputs).find(([, { entryPoint }]) => entryPoint === entry);
    return `/assets/${basename(found![0])}`;
  };
  const page = readFileSync(join(__dirname, 'index.html'), 'utf8')
    .replace('{{script}}', nameOf('console/src/main.tsx'))
    .replace('{{style}}', nameOf('console/src/styles.css'))
    .replace('{{icon}}', nameOf('console/src/icon.svg'));
  writeFileSync(join(output, 'index.html'), page);
  return metafile!;
}

if (require.main === module) recordBundled('console', buildConsole(join(root, 'build', 'console')));
