import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledPackages, type BundledPackage } from './bundled';
import { notAllowed } from './licences';

const RULE = '-'.repeat(78);

/** What stands for the text of a licence that a package names, and doesn't bring. */
const WITHOUT_TEXT: Record<string, string> = {
  'Apache-2.0': 'The text of the Apache License 2.0 is in the file LICENSE of this package.',
  'MIT-0': 'MIT No Attribution: https://spdx.org/licenses/MIT-0.html',
};

/**
 * The licences and notices of what is bundled, each text once, with the packages that it is for.
 * @throws Error if one asks for its text to be passed on, and has none
 */
export function noticesOf(packages: BundledPackage[]): string {
  const byText = new Map<string, string[]>();
  for (const { name, version, licence, texts } of packages) {
    const own = Object.values(texts);
    const all = own.length > 0 ? own : [WITHOUT_TEXT[licence] ?? ''];
    if (all[0] === '') throw new Error(`${name}@${version} has no text of its licence to pass on`);
    for (const text of all) byText.set(text, [...(byText.get(text) ?? []), `${name}@${version} (${licence})`]);
  }
  const sections = [...byText].map(([text, names]) => `${RULE}\n${names.join('\n')}\n${RULE}\n\n${text}\n`);
  return `This package contains code of others, under these licences.\n\n${sections.join('\n')}`;
}

/** Writes the file that is shipped with the package. */
function writeNotices(): void {
  const packages = bundledPackages();
  const refused = notAllowed(packages);
  if (refused.length > 0) throw new Error(`Must not be bundled:\n  ${refused.join('\n  ')}`);
  writeFileSync(join(__dirname, '..', 'THIRD_PARTY_NOTICES'), noticesOf(packages));
}

if (require.main === module) writeNotices();
