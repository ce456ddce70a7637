import satisfies from 'spdx-satisfies';
import type { BundledPackage } from './bundled';

/**
 * Licences under which code may be in this package, or beside it when it runs. All of them let it be passed on under the
 * Apache License. One that asks for more (GPL, LGPL, AGPL, SSPL, EUPL, MPL) is left out until somebody decides on it, here.
 */
export const ALLOWED = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
];

/** The packages that may not be passed on, and what their licence is. */
export function notAllowed(packages: Pick<BundledPackage, 'name' | 'version' | 'licence'>[]): string[] {
  return packages
    .filter(({ licence }) => !isAllowed(licence))
    .map(({ name, version, licence }) => `${name}@${version}: ${licence || 'no licence'}`);
}

function isAllowed(licence: string): boolean {
  try {
    return satisfies(licence, ALLOWED);
  } catch {
    // What isn't an SPDX expression has to be looked at by somebody.
    return false;
  }
}
