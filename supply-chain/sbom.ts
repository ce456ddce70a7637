import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../package.json';
import { bundledPackages, type BundledPackage } from './bundled';

const root = join(__dirname, '..');

interface Sbom {
  readonly serialNumber?: string;
  readonly metadata: { readonly component: { readonly name: string; readonly 'bom-ref': string }; timestamp?: string };
  readonly components: { readonly 'bom-ref': string; readonly name: string; readonly version: string }[];
  readonly dependencies: { readonly ref: string; readonly dependsOn: string[] }[];
}

/**
 * What ships, in the format of CycloneDX: of all that npm knows from the lockfile, the packages that are bundled. They are
 * development dependencies there, because whoever installs this package gets them in it, and the peers from elsewhere.
 * The same lockfile and bundles make the same bytes.
 */
export function sbomOf(packages: BundledPackage[], everything: Sbom = fromLockfile()): Sbom {
  const bundled = new Map(packages.map(({ name, version }) => [`${name}@${version}`, name]));
  const known = everything.components.filter((component) => bundled.has(component['bom-ref']));
  const missing = [...bundled.keys()].filter((id) => !known.some((component) => component['bom-ref'] === id));
  if (missing.length > 0) throw new Error(`Bundled, but not in the lockfile: ${missing.join(', ')}`);

  // npm calls what is installed in place of another package by the name of that one.
  const components = [...new Map(known.map((component) => [component['bom-ref'], component])).values()]
    // Not `development`, and where it is installed is no concern of users.
    .map((component) => ({ ...component, name: bundled.get(component['bom-ref'])!, scope: 'required', properties: [] }))
    .sort((one, other) => (one['bom-ref'] < other['bom-ref'] ? -1 : 1));

  const { serialNumber: _random, metadata, ...rest } = everything;
  const { timestamp: _now, ...constant } = metadata;
  const refs = new Set(components.map((component) => component['bom-ref']));
  const self = metadata.component['bom-ref'];
  return {
    ...rest,
    metadata: { ...constant, component: { ...metadata.component, name: manifest.name } },
    components,
    dependencies: [
      { ref: self, dependsOn: [...refs] },
      ...everything.dependencies
        .filter(({ ref }) => refs.has(ref))
        .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)).sort() }))
        .sort((one, other) => (one.ref < other.ref ? -1 : 1)),
    ],
  };
}

function fromLockfile(): Sbom {
  const flags = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  return JSON.parse(execFileSync('npm', flags, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }));
}

if (require.main === module) {
  const [file = join(root, 'build', 'sbom.cdx.json')] = process.argv.slice(2);
  writeFileSync(file, `${JSON.stringify(sbomOf(bundledPackages()), undefined, 2)}\n`);
}
