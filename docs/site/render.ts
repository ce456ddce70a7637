import type { ClassSchema, DocsSchema, EnumSchema, InterfaceSchema, StructSchema, TypeSchema } from 'jsii-docgen';
import { isOwnPage } from './links';

/** A type of the reference, as jsii-docgen has it. */
export type Described = ClassSchema | StructSchema | InterfaceSchema | EnumSchema;

/** Where types are, and what of them the package declares itself. */
export interface Reference {
  readonly pages: Readonly<Record<string, string>>;
  /** The members of a type that the package declares. What it inherits from the CDK is the CDK's to explain. */
  readonly members: (type: string) => ReadonlySet<string>;
}

interface Member {
  readonly displayName: string;
  readonly docs: DocsSchema;
  readonly type?: TypeSchema;
  readonly usage?: string;
  readonly optional?: boolean;
  readonly default?: string;
  readonly parameters?: readonly Member[];
}

const PACKAGE = 'cdk-kinesis-video';

/** What a type is for, and how it is made. */
export function introduction(type: Described): string[] {
  const usage = 'initializer' in type ? type.initializer?.usage : undefined;
  return [...explained(type.docs), ...(usage ? code(usage) : [])];
}

/** The members of a type, each with a heading. `level` is that of the first one. */
export function members(type: Described, level: number, reference: Reference): string[] {
  const own = reference.members(type.displayName);
  const of = (all: readonly Member[] | undefined) =>
    (all ?? []).filter(({ displayName }) => own.has(displayName)).sort(byName);
  const groups: [string, readonly Member[]][] = [
    ['Members', 'members' in type ? type.members : []],
    ['Properties', of('properties' in type ? type.properties : [])],
    ['Methods', of('instanceMethods' in type ? type.instanceMethods : [])],
    ['Static functions', of('staticMethods' in type ? type.staticMethods : [])],
    ['Constants', of('constants' in type ? type.constants : [])],
  ];
  const filled = groups.filter(([, all]) => all.length > 0);
  const alone = filled.length === 1;
  return filled.flatMap(([title, all]) => [
    ...(alone ? [] : [`${'#'.repeat(level)} ${title} {#${type.displayName}-${title.replace(' ', '-')}}`, '']),
    ...all.flatMap((each) => member(type.displayName, each, alone ? level : level + 1, reference)),
  ]);
}

function member(type: string, { displayName, ...of }: Member, level: number, reference: Reference): string[] {
  const parameters = (of.parameters ?? []).filter(({ docs }) => docs.summary);
  const facts = [
    ...(of.type ? [typeName(of.type, reference)] : []),
    ...(of.optional && !of.default ? ['optional'] : []),
    ...(of.default ? [`by default ${defaultValue(of.default)}`] : []),
  ];
  return [
    `${'#'.repeat(level)} ${displayName} {#${type}-${displayName}}`,
    '',
    ...(of.parameters && of.usage ? code(of.usage.replace(/^import .*\n+/, '')) : []),
    ...(facts.length > 0 ? [facts.join(', '), ''] : []),
    ...explained(of.docs),
    ...parameters.map(({ displayName: name, docs }) => `- \`${name}\`: ${sentences(docs).replace(/^- /, '')}`),
    ...(parameters.length > 0 ? [''] : []),
  ];
}

function explained(docs: DocsSchema): string[] {
  return [
    ...(docs.deprecated ? [`**Deprecated**: ${text(docs.deprecationReason ?? '')}`, ''] : []),
    ...(docs.summary ? [sentences(docs), ''] : []),
    ...(docs.links ?? []).flatMap((link) => [`See <${link}>`, '']),
    ...(docs.example ? code(docs.example) : []),
  ];
}

/** jsii takes the first sentence apart from the rest, at a full stop that may be within code. */
function sentences({ summary = '', remarks }: DocsSchema): string {
  const isCut = summary.split('`').length % 2 === 0;
  return text(remarks ? `${summary}${isCut ? '' : '\n\n'}${remarks}` : summary);
}

function typeName({ formattingPattern, types = [] }: TypeSchema, reference: Reference): string {
  const parts = formattingPattern.split('%');
  return parts
    .flatMap((part, index) => [part && `\`${part}\``, index < parts.length - 1 ? inner(types[index]!, reference) : ''])
    .join('');
}

function inner(type: NonNullable<TypeSchema['types']>[number], reference: Reference): string {
  if ('formattingPattern' in type) return typeName(type, reference);
  return `[\`${type.displayName}\`](${urlOf(type.fqn, reference)})`;
}

function urlOf(fqn: string, { pages }: Reference): string {
  const name = fqn.replace(`${PACKAGE}.`, '');
  const page = pages[name];
  if (page) return `/${page}${isOwnPage(page, name) ? '' : `#${name}`}`;
  return `https://docs.aws.amazon.com/cdk/api/v2/docs/${fqn}.html`;
}

function defaultValue(value: string): string {
  return value.startsWith('- ') ? text(value.slice(2)) : `\`${value.replaceAll('`', '')}\``;
}

/** Docstrings are Markdown, but what looks like a tag in them is none. */
function text(markdown: string): string {
  return markdown
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;').replaceAll('{{', '&#123;&#123;')))
    .join('');
}

function code(source: string): string[] {
  return ['```ts', source, '```', ''];
}

function byName(one: Member, other: Member): number {
  return (
    Number(one.optional ?? false) - Number(other.optional ?? false) || (one.displayName < other.displayName ? -1 : 1)
  );
}
