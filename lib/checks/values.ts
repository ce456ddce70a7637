/**
 * The text of a value, as far as a template tells it: what is known at deployment only is written `<…>`, like `<Bucket.Arn>`
 * and `<Region>`.
 */
export function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  const [[name, argument] = ['', undefined]] = Object.entries(value);
  if (name === 'Ref') return placeholder(String(argument));
  if (name === 'Fn::GetAtt') return placeholder([argument].flat().map(textOf).join('.'));
  if (name === 'Fn::Sub') return substitute(argument);
  if (name === 'Fn::Join' && Array.isArray(argument) && Array.isArray(argument[1])) {
    return argument[1].map(textOf).join(textOf(argument[0]));
  }
  return placeholder(name);
}

/** Texts of a value that may be one or many. */
export function textsOf(value: unknown): string[] {
  return value === undefined ? [] : [value].flat().map(textOf);
}

/** Whether a value is known before deployment, all of it. */
export function isKnown(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, item]) => key !== 'Ref' && !key.startsWith('Fn::') && isKnown(item));
}

/** The logical IDs that a value refers to, anywhere in it. */
export function idsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (key === 'Ref') return [String(item)];
    if (key === 'Fn::GetAtt') return [String([item].flat()[0]).split('.')[0]];
    const [text, variables] = key === 'Fn::Sub' ? [item].flat() : [];
    const named = [...String(text ?? '').matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name]) => name.split('.')[0]);
    return [...named, ...idsIn(text === undefined ? item : variables)];
  });
}

/** Texts as they are written below a value, intrinsics resolved as far as that goes. */
export function textsBelow(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return textsOf(value ?? undefined);
  const [name] = Object.keys(value);
  return name === 'Ref' || name?.startsWith('Fn::') ? [textOf(value)] : Object.values(value).flatMap(textsBelow);
}

function placeholder(name: string): string {
  // Colons would look like those of an ARN.
  return `<${name.replace(/^(AWS|Fn)::/, '')}>`;
}

function substitute(argument: unknown): string {
  const [text, variables = {}] = [argument].flat() as [string, Record<string, unknown>?];
  return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_all, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    return name in variables ? textOf(variables[name]) : placeholder(name);
  });
}
