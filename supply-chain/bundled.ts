import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';

const root = join(__dirname, '..');
const records = join(root, 'build', 'bundled');

/** What the file of a licence says, where the package doesn't name it. Another version has to be read again. */
const READ: Record<string, string> = { 'suncalc@2.0.2': 'BSD-2-Clause' };

/** A package of others whose code or data is in what this one ships. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** What its manifest says, as an SPDX expression. */
  readonly licence: string;
  /** Its files of licences and notices, by their names. */
  readonly texts: Record<string, string>;
}

/**
 * Remembers what esbuild has put into a part of the package. What it looked at and left out doesn't count.
 * @param more packages whose data is in there by other ways
 */
export function recordBundled(part: 'cli' | 'console' | 'lambda', { outputs }: Metafile, more: string[] = []): void {
  const inputs = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const folders = [...inputs, ...more].flatMap((path) => /^.*\bnode_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  mkdirSync(records, { recursive: true });
  writeFileSync(join(records, `${part}.json`), JSON.stringify([...new Set(folders)].sort(), undefined, 2));
}

/** The packages that were bundled, each version once. */
export function bundledPackages(): BundledPackage[] {
  const folders = readdirSync(records).flatMap(
    (file) => JSON.parse(readFileSync(join(records, file), 'utf8')) as string[],
  );
  const packages = [...new Set(folders)].map((folder) => packageIn(resolve(root, folder)));
  const byId = new Map(packages.map((each) => [`${each.name}@${each.version}`, each]));
  return [...byId].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each);
}

/** What is said of a package by itself, in its folder. */
export function packageIn(folder: string): BundledPackage {
  const { name, version, license, licenses } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  // As it was before SPDX expressions.
  const old = [licenses ?? []].flat().map(({ type }: { type: string }) => type);
  const files = readdirSync(folder, { withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && /^(licen[cs]e|copying|notice|third.?party.?(notices|licen[cs]es))/i.test(entry.name),
    )
    .map((entry) => entry.name)
    .sort();
  return {
    name,
    version,
    licence: license?.type ?? license ?? READ[`${name}@${version}`] ?? old.join(' OR '),
    texts: Object.fromEntries(
      files.map((file) => [file, readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim()]),
    ),
  };
}
