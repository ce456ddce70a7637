import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { buildConsole } from '../../console/build';
import { docstringProblems } from '../../docs/docstrings';
import { checkApiReference } from '../../docs/generate';
import { translateExamples } from '../../docs/languages';
import manifest from '../../package.json';
import { CONFIGURATION } from '../device-kit/support';
import { compile, install, pack, root, run, synth, synthFromSources, typeErrors, type Tarball } from './steps';

/** What the package has beside the library and the handlers. */
const DOCUMENTS = [
  '.jsii',
  'API.md',
  'CHANGELOG.md',
  'device/edge.py',
  'LICENSE',
  'README.md',
  'THIRD_PARTY_NOTICES',
  'package.json',
];

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'package-test-')));
const project = join(folder, 'project');
const installed = join(project, 'node_modules', manifest.name);
const output = join(folder, 'cdk.out');
const sourceOutput = join(folder, 'cdk.out.sources');

let passed = 0;
let failed = 0;

/** The package as its users get it: compiled, packed, and installed in a project that has nothing else but the peers. */
async function testPackage(): Promise<void> {
  const sourcesSynthesized = ahead(synthFromSources(sourceOutput));
  await required('compiles for the languages of jsii, without a warning', compile);
  const translated = ahead(translateExamples(join(folder, 'tablet.json')));
  await test('says of everything public what it is for, its default, units and errors', () =>
    none(docstringProblems(root), 'wrong'));
  await test('has a fresh API.md', checkApiReference);
  await required('is synthesized from its sources', () => sourcesSynthesized);

  const tarball = await required('is packed', () => pack(folder));
  await testContent(tarball);

  await required('is installed beside its peers', () => install(join(folder, tarball.filename), project));
  const synthesized = ahead(synth(project, output));
  await test('has a `handler` in each bundle, and no sources in its map', () => hasSoundBundles(tarball));
  await test('names no folder of the machine that built it', () => namesNoLocalFolder(tarball));
  await test('needs nothing but its peers, in CommonJS and in ES modules', needsNothingElse);
  await test('has sound type declarations', () => none(typeErrors(project), 'wrong'));
  await required('is synthesized from the installation', () => synthesized);
  await test('makes the template that its sources make', () =>
    assert.deepEqual(templateIn(output), templateIn(sourceOutput)));
  await test('deploys the handlers that it ships', deploysItsHandlers);
  await test('has examples that compile, and are translated for the other languages', () => translated);
  await test('has a command that guards state', guardsState);
  await test('its command makes the kit of a device', makesDeviceKits);
}

async function testContent({ filename, size, unpackedSize, files }: Tarball): Promise<void> {
  const paths = files.map(({ path }) => path);
  const compiled = (path: string, ...extensions: string[]) =>
    extensions.map((extension) => `build/${path.replace(/\.ts$/, extension)}`);
  const handlers = filesBelow('lambda').filter((path) => path.endsWith('/index.ts'));
  const expected = [
    ...filesBelow('lib').flatMap((path) => compiled(path, '.js', '.d.ts')),
    ...handlers.flatMap((path) => compiled(path, '.js', '.js.map')),
    ...compiled('cli/index.ts', '.js'),
    ...consoleFiles(),
    ...filesBelow('schemas'),
    // What examples of docstrings are completed by, where they are translated.
    ...filesBelow('rosetta'),
    ...DOCUMENTS,
  ];

  console.log(`    ${filename}: ${paths.length} files, ${megabytes(size)}, unpacked ${megabytes(unpackedSize)}`);
  await test('has the library, every handler, the command, the console and the documents', () =>
    none(except(expected, paths), 'missing'));
  await test('has no source, no test, and nothing left of an earlier build', () =>
    none(except(paths, expected), 'unexpected'));
}

function hasSoundBundles(tarball: Tarball): void {
  // For Node.js, esbuild lists the exports in this form, which is never executed.
  const handler = /0&&\(module\.exports=\{[^}]*\bhandler\b/;
  none(
    shipped(tarball, /^build\/lambda\/.*\.js$/, (text) => !handler.test(text)),
    'without a handler',
  );
  none(
    shipped(tarball, /\.map$/, (text) => JSON.parse(text).sourcesContent),
    'with sources',
  );
}

function namesNoLocalFolder(tarball: Tarball): void {
  const local = ['cli', 'console', 'lambda', 'lib', 'node_modules'].map((name) => join(root, name, sep));
  none(
    shipped(tarball, /./, (text) => local.some((name) => text.includes(name))),
    'naming one',
  );
}

async function needsNothingElse(): Promise<void> {
  const { resolve } = createRequire(join(installed, 'package.json'));
  for (const peer of Object.keys(manifest.peerDependencies)) resolve(peer);
  // Without this the package could well find them: they are beside the peers.
  for (const name of Object.keys(manifest.devDependencies).filter((name) => !(name in manifest.peerDependencies))) {
    assert.throws(() => resolve(`${name}/package.json`), { code: 'MODULE_NOT_FOUND' }, `${name} is within reach`);
  }

  const script = `
    const names = Object.keys(require('${manifest.name}'));
    import('${manifest.name}').then((module) => console.log(JSON.stringify([names, Object.keys(module)])));
  `;
  const [names, imported] = JSON.parse(await run(process.execPath, ['-e', script], project));
  assert.ok(names.includes('VideoStream'), `the exports are ${names}`);
  none(except(names, imported), 'not exported to ES modules');
}

function deploysItsHandlers(): void {
  const functions = Object.values(templateIn(output).Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  const own = functions.filter(({ Properties }) => Properties.Environment?.Variables.POWERTOOLS_SERVICE_NAME);
  assert.ok(own.length > 0, 'there is none');
  for (const { Properties } of own) {
    const asset = join(output, `asset.${Properties.Code.S3Key.replace(/\.zip$/, '')}`);
    const bundle = join(installed, 'build', 'lambda', Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME);
    for (const file of readdirSync(bundle)) {
      assert.ok(readFileSync(join(asset, file)).equals(readFileSync(join(bundle, file))), join(bundle, file));
    }
  }
}

async function makesDeviceKits(): Promise<void> {
  const command = join(project, 'node_modules', '.bin', manifest.name);
  const configuration = join(project, 'configuration.json');
  writeFileSync(configuration, JSON.stringify(CONFIGURATION));
  const kit = join(project, 'kit');
  await run(command, ['device-kit', configuration, 'drone-1', kit], project);
  assert.ok(readFileSync(join(kit, 'edge.py')).equals(readFileSync(join(installed, 'device', 'edge.py'))));
  assert.match(readFileSync(join(kit, 'record-drone-1.sh'), 'utf8'), /kvssink .*stream-name=drone-1/);
}

async function guardsState(): Promise<void> {
  const command = join(project, 'node_modules', '.bin', manifest.name);
  assert.match(await run(command, ['guard', output, output], project), /^Nothing that holds state would be lost/);

  const changed = join(folder, 'cdk.out.changed');
  cpSync(output, changed, { recursive: true });
  writeFileSync(join(changed, 'Consumer.template.json'), JSON.stringify({ Resources: {} }));
  await assert.rejects(run(command, ['guard', output, changed], project), /AWS::KinesisVideo::Stream/);
}

interface Resource {
  readonly Type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- as in a template: each type has others
  readonly Properties: any;
}

function templateIn(assembly: string): { Resources: Record<string, Resource> } {
  return JSON.parse(readFileSync(join(assembly, 'Consumer.template.json'), 'utf8'));
}

/** What a build of the console makes, whose names change with what is in the files. */
function consoleFiles(): string[] {
  const built = join(folder, 'console');
  buildConsole(built);
  return filesBelow('.', built).map((path) => `build/console/${path}`);
}

/** The paths of the files below a folder of the repository, as they are in a tarball. */
function filesBelow(name: string, base = root): string[] {
  return readdirSync(join(base, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(base, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
}

/** The installed files that match, by path and by text. */
function shipped({ files }: Tarball, pattern: RegExp, matches: (text: string) => boolean): string[] {
  const paths = files.map(({ path }) => path).filter((path) => pattern.test(path));
  return paths.filter((path) => matches(readFileSync(join(installed, path), 'utf8')));
}

function except(all: string[], known: string[]): string[] {
  return all.filter((item) => !known.includes(item));
}

function none(found: string[], kind: string): void {
  assert.ok(found.length === 0, `${kind}: ${found.join(', ')}`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

const begun: Promise<unknown>[] = [];

/** For what goes on beside other tests until one awaits it, and may fail before. */
function ahead<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  begun.push(promise);
  return promise;
}

async function test<T>(name: string, body: () => T): Promise<Awaited<T> | undefined> {
  const start = performance.now();
  try {
    const result = await body();
    passed++;
    console.log(`  ✓ ${name} (${Math.round(performance.now() - start)} ms)`);
    return result;
  } catch (error) {
    failed++;
    const reason = error instanceof Error ? error.message : String(error);
    console.log(`  ✗ ${name}\n${reason.trim().replace(/^/gm, '      ')}`);
    return undefined;
  }
}

class EndOfRun extends Error {}

/** A test without which the later ones can't be made. */
async function required<T>(name: string, body: () => T): Promise<Awaited<T>> {
  const before = failed;
  const result = await test(name, body);
  if (failed > before) throw new EndOfRun();
  return result as Awaited<T>;
}

async function main(): Promise<void> {
  try {
    await testPackage();
  } catch (error) {
    if (!(error instanceof EndOfRun)) throw error;
  } finally {
    await Promise.allSettled(begun);
    rmSync(folder, { recursive: true, force: true });
    // As jest has it.
    console.log(`\nTests:       ${passed} passed, ${failed} failed, ${passed + failed} total`);
    if (failed > 0) process.exitCode = 1;
  }
}

void main();
