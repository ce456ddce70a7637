import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Assembly, isClassType, isInterfaceType, loadAssemblyFromPath } from '@jsii/spec';
import { Documentation, Language } from 'jsii-docgen';
import { REPOSITORY } from './links';
import { CONSTRUCTS } from './navigation';
import { type Described, type Reference, introduction, members } from './render';
import { type SourcedType, referencePages } from './reference';

const ROOT = join(__dirname, '..', '..');

/** Writes the pages of the reference, a page for each construct, from the assembly that `npm run compile` leaves. */
async function main(): Promise<void> {
  if (!existsSync(join(ROOT, '.jsii'))) throw new Error('There is no assembly yet; run `npm run compile` first.');
  const assembly = loadAssemblyFromPath(ROOT);
  const documentation = await Documentation.forProject(ROOT);
  const { apiReference } = (await documentation.toJson({ language: Language.TYPESCRIPT })).content;
  const { constructs, classes, structs, interfaces, enums } = apiReference!;

  const isConstruct = new Set(constructs.map(({ displayName }) => displayName));
  const all: Described[] = [...constructs, ...structs, ...classes, ...interfaces, ...enums];
  const sourced = all.map(({ displayName: name }): SourcedType => {
    const file = assembly.types![`${assembly.name}.${name}`]!.locationInModule!.filename;
    return { name, file, isConstruct: isConstruct.has(name) };
  });
  const pages = referencePages(sourced);
  const reference: Reference = { pages, members: (type) => declaredMembers(`${assembly.name}.${type}`, assembly) };

  const folder = join(ROOT, 'docs', CONSTRUCTS);
  rmSync(folder, { recursive: true, force: true });
  for (const page of new Set(Object.values(pages))) {
    const types = all.filter(({ displayName }) => pages[displayName] === page);
    const main = types.find(({ displayName }) => isConstruct.has(displayName));
    const file = join(ROOT, 'docs', `${page}.md`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, pageOf(page, main, types, sourced, reference).join('\n'));
  }
  writeFileSync(join(folder, 'pages.json'), JSON.stringify(pages));
}

function pageOf(
  page: string,
  main: Described | undefined,
  types: readonly Described[],
  sourced: readonly SourcedType[],
  reference: Reference,
): string[] {
  const sourceOf = ({ displayName }: Described) => sourced.find(({ name }) => name === displayName)!.file;
  const props = types.find(({ displayName }) => displayName === `${main?.displayName}Props`);
  const section = (type: Described) => [
    `## ${type.displayName} {#${type.displayName}}`,
    '',
    ...introduction(type),
    ...members(type, 3, reference),
  ];
  const title = main ? main.displayName : `Other types of ${page.split('/')[1]}`;
  return [
    '---',
    'editLink: false',
    '---',
    '',
    `# ${title}`,
    '',
    ...(main ? introduction(main) : []),
    ...(props ? section(props) : []),
    ...(main ? members(main, 2, reference) : []),
    ...types.filter((type) => type !== main && type !== props).flatMap(section),
    ...(main ? [`Source: [\`${sourceOf(main)}\`](${REPOSITORY}/blob/main/${sourceOf(main)})`, ''] : []),
  ];
}

function declaredMembers(fqn: string, assembly: Assembly): Set<string> {
  const type = assembly.types?.[fqn];
  if (!type || !(isClassType(type) || isInterfaceType(type))) return new Set();
  const members = [...(type.properties ?? []), ...(type.methods ?? [])].map(({ name }) => name);
  const bases = [...(isClassType(type) && type.base ? [type.base] : []), ...(type.interfaces ?? [])];
  const inherited = bases.flatMap((base) => [...declaredMembers(base, assembly)]);
  return new Set([...members, ...inherited].filter((name) => name !== 'PROPERTY_INJECTION_ID'));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
