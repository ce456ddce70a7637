import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Construct } from 'constructs';
import { fail, lit } from './validation';

/**
 * A folder of what is bundled when the package is built, and shipped with it.
 *
 * @throws ValidationError `NotBundled` where the package was made without what it ships
 */
export function bundle(scope: Construct, ...path: string[]): string {
  const folder = join(packageRoot(), 'build', ...path);
  if (!existsSync(folder)) {
    fail(scope, lit`NotBundled`, `'${path.join('/')}' is not bundled; run 'npm run bundle' first.`);
  }
  return folder;
}

/** Sources lie one folder higher than the compiled files that the package ships, so the root is searched for. */
function packageRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
