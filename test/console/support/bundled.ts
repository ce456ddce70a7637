import { buildSync } from 'esbuild';

/** A script for a page. */
export function bundled(entryPoint: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [entryPoint],
    bundle: true,
    write: false,
    format: 'iife',
    // The WebRTC client asks whether there is a `global`, and for its own version.
    define: { global: 'globalThis', 'process.env.PACKAGE_VERSION': '""' },
    logLevel: 'warning',
  });
  return outputFiles[0].text;
}
