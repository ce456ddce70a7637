import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json';
import { bundledPackages, packageIn, type BundledPackage } from '../../supply-chain/bundled';
import { notAllowed } from '../../supply-chain/licences';
import { noticesOf } from '../../supply-chain/notices';
import { sbomOf } from '../../supply-chain/sbom';

const ROOT = join(__dirname, '..', '..');
const BUNDLED = bundledPackages();

const package_ = (changes: Partial<BundledPackage>): BundledPackage => ({
  name: 'left-pad',
  version: '1.0.0',
  licence: 'MIT',
  texts: { LICENSE: 'The MIT License' },
  ...changes,
});

describe('what is bundled', () => {
  test('is what each part imports, without what only builds and tests need', () => {
    const names = BUNDLED.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['zod', '@aws-sdk/client-iot', 'preact', 'hls.js']));
    // Its model is in the command as data.
    expect(names).toContain('@aws-cdk/aws-service-spec');
    for (const name of ['esbuild', 'jest', 'typescript', 'aws-cdk-lib']) expect(names).not.toContain(name);
  });

  test('is known of each version once', () => {
    const ids = BUNDLED.map(({ name, version }) => `${name}@${version}`);
    expect(ids).toEqual([...new Set(ids)].sort());
  });
});

describe('licences', () => {
  test('of what is bundled let it be passed on', () => {
    expect(notAllowed(BUNDLED)).toEqual([]);
  });

  test('of the peers, and of what they bring, let it be used', () => {
    const folders = Object.keys(manifest.peerDependencies).map((name) => join(ROOT, 'node_modules', name));
    const brought = folders.flatMap((folder) => {
      const inner = join(folder, 'node_modules');
      if (!existsSync(inner)) return [];
      return readdirSync(inner, { recursive: true, encoding: 'utf8' })
        .filter((path) => /^(@[^/]+\/)?[^/@.][^/]*\/package\.json$/.test(path))
        .map((path) => join(inner, path, '..'));
    });
    expect(brought.length).toBeGreaterThan(0);
    expect(notAllowed([...folders, ...brought].map(packageIn))).toEqual([]);
  });

  test.each([
    'GPL-2.0-only',
    'GPL-3.0-or-later',
    'AGPL-3.0-only',
    'LGPL-2.1-or-later',
    'SSPL-1.0',
    'EUPL-1.2',
    'MPL-2.0',
    'MIT AND GPL-3.0-only',
    'SEE LICENSE IN LICENSE.md',
    'UNLICENSED',
    '',
  ])('%p does not', (licence) => {
    expect(notAllowed([package_({ licence })])).toEqual([`left-pad@1.0.0: ${licence || 'no licence'}`]);
  });

  test('of a choice one is enough', () => {
    expect(notAllowed([package_({ licence: '(MIT OR GPL-3.0-only)' })])).toEqual([]);
  });
});

describe('notices', () => {
  test('have each package that is bundled, with the texts that it brings', () => {
    const notices = noticesOf(BUNDLED);
    for (const { name, version, texts } of BUNDLED) {
      expect(notices).toContain(`${name}@${version} (`);
      for (const text of Object.values(texts)) expect(notices).toContain(text);
    }
  });

  test('are what is shipped', () => {
    expect(readFileSync(join(ROOT, 'THIRD_PARTY_NOTICES'), 'utf8')).toBe(noticesOf(BUNDLED));
    expect(manifest.files).toContain('THIRD_PARTY_NOTICES');
  });

  test('have a text once, however many packages have it', () => {
    const notices = noticesOf([package_({}), package_({ name: 'right-pad' })]);
    expect(notices).toMatch(/left-pad@1\.0\.0 \(MIT\)\nright-pad@1\.0\.0 \(MIT\)/);
    expect(notices.split('The MIT License')).toHaveLength(2);
  });

  test('are refused of a package that has no text to pass on', () => {
    expect(() => noticesOf([package_({ texts: {} })])).toThrow('left-pad@1.0.0 has no text');
  });
});

describe('bill of materials', () => {
  const flags = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  const everything = JSON.parse(
    execFileSync('npm', flags, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }),
  );

  test('lists what is bundled, and nothing else', () => {
    const { components, dependencies } = sbomOf(BUNDLED, everything);
    const ids = BUNDLED.map(({ name, version }) => `${name}@${version}`);
    expect(components.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(ids);
    expect(dependencies).toHaveLength(ids.length + 1);
    for (const component of components) {
      expect(component).toMatchObject({
        purl: expect.stringMatching(/^pkg:npm\//),
        hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
        scope: 'required',
      });
    }
  });

  test('is the same each time, of this package, without time and number of the run', () => {
    const again = { ...everything, serialNumber: 'urn:uuid:0', metadata: { ...everything.metadata, timestamp: 'now' } };
    const sbom = sbomOf(BUNDLED, again);
    expect(JSON.stringify(sbom)).toBe(JSON.stringify(sbomOf(BUNDLED, everything)));
    expect(sbom.metadata.component.name).toBe('cdk-kinesis-video');
    expect(sbom.metadata.timestamp).toBeUndefined();
  });

  test('fails if something is bundled that the lockfile does not know', () => {
    expect(() => sbomOf([package_({})], everything)).toThrow('Bundled, but not in the lockfile: left-pad@1.0.0');
  });
});
