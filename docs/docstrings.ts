import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as spec from '@jsii/spec';

/**
 * What public docstrings lack, by type and member: what it is for, the default of what may be left out, units and ranges of
 * numbers and durations, errors by their codes, and for constructs the AWS document that they follow and an example.
 */
export function docstringProblems(root: string): string[] {
  const assembly = spec.loadAssemblyFromPath(root);
  return [...Object.values(assembly.types ?? {}).flatMap((type) => problemsOf(type, assembly)), ...untoldErrors(root)];
}

type Type = NonNullable<spec.Assembly['types']>[string];

/** Stacks and stages follow what is in them. */
const BASES = ['constructs.Construct', 'aws-cdk-lib.Resource'];

const QUANTITIES = ['aws-cdk-lib.Duration', 'aws-cdk-lib.Size'];

/** Either a range, or what is counted: a docstring that has neither leaves the reader to guess. */
const UNIT =
  /\d|°C|US dollars|[Ss]hare|percent|seconds|[Hh]ow many|\bdays\b|pixels|unit of the price|what `name` counts|in the unit/;

function problemsOf(type: Type, assembly: spec.Assembly): string[] {
  const problems: string[] = [];
  const tell = (member: string | undefined, what: string) =>
    problems.push(`${[type.name, member].filter(Boolean).join('.')} ${what}`);
  if (!type.docs?.summary) tell(undefined, 'does not say what it is for');
  if (spec.isEnumType(type)) {
    for (const member of type.members) if (!member.docs?.summary) tell(member.name, 'does not say what it means');
    return problems;
  }
  if (isConstruct(type, assembly) && !/https:\/\//.test(JSON.stringify(type.docs))) {
    tell(undefined, 'names no document of AWS that it follows');
  }
  if (isConstruct(type, assembly) && !type.docs?.example) tell(undefined, 'has no @example');
  const isStruct = spec.isInterfaceType(type) && type.datatype;
  for (const { name, docs, optional, overrides, type: of } of type.properties ?? []) {
    if (overrides) continue;
    if (!docs?.summary) tell(name, 'does not say what it is for');
    if (!isStruct) continue;
    if (optional && docs?.default === undefined) tell(name, 'has no @default');
    const isNumber = spec.isPrimitiveTypeReference(of) && of.primitive === spec.PrimitiveType.Number;
    const isQuantity = spec.isNamedTypeReference(of) && QUANTITIES.includes(of.fqn);
    const text = `${docs?.summary ?? ''} ${docs?.remarks ?? ''}`;
    if (isNumber && !UNIT.test(text)) tell(name, 'has neither unit nor range');
    if (isQuantity && !/\d/.test(text)) tell(name, 'has no range');
  }
  for (const { name, docs, overrides } of type.methods ?? []) {
    if (!overrides && !docs?.summary) tell(name, 'does not say what it does');
  }
  return problems;
}

function isConstruct(type: Type, { types = {} }: spec.Assembly): boolean {
  if (!spec.isClassType(type) || type.abstract) return false;
  const { base } = type;
  if (!base) return false;
  const own = types[base];
  return own ? isConstruct(own, { types } as spec.Assembly) : BASES.includes(base);
}

/** Codes of errors that no docstring names. Those of `private` are told by whoever is called by users. */
function untoldErrors(root: string): string[] {
  const files = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const sources = files.map((file) => readFileSync(join(root, 'lib', file), 'utf8'));
  const told = sources
    .flatMap((source) => source.match(/\/\*\*.*?\*\//gs) ?? [])
    .filter((text) => text.includes('@throws'));
  const codes = new Set(sources.flatMap((source) => [...source.matchAll(/lit`(\w+)`/g)].map(([, code]) => code)));
  return [...codes]
    .filter((code) => !told.some((text) => text.includes(`\`${code}\``)))
    .map((code) => `the error ${code} is in no @throws`);
}
