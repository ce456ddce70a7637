import type { NormalizedSchema } from '@smithy/core/schema';

/**
 * What a form of the Query protocol has in it: `Tags.member.1.Key=…`, `Attributes.entry.2.value=…`.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export function fromQuery(schema: NormalizedSchema, form: URLSearchParams): Record<string, unknown> {
  return (valueOf(schema, '', form) ?? {}) as Record<string, unknown>;
}

function valueOf(schema: NormalizedSchema, prefix: string, form: URLSearchParams): unknown {
  const keys = [...form.keys()];
  const at = (name: string) => (prefix ? `${prefix}.${name}` : name);
  const isThere = (path: string) => keys.some((key) => key === path || key.startsWith(`${path}.`));
  if (schema.isStructSchema()) {
    const members = [...schema.structIterator()].filter(([name]) => isThere(at(name)));
    return Object.fromEntries(members.map(([name, member]) => [name, valueOf(member, at(name), form)]));
  }
  if (schema.isListSchema()) {
    const traits = schema.getMergedTraits();
    const own = traits.xmlFlattened
      ? prefix
      : `${prefix}.${schema.getValueSchema().getMergedTraits().xmlName ?? 'member'}`;
    return counted((index) => `${own}.${index}`, isThere).map((path) => valueOf(schema.getValueSchema(), path, form));
  }
  if (schema.isMapSchema()) {
    const own = schema.getMergedTraits().xmlFlattened ? prefix : `${prefix}.entry`;
    const [key, value] = [schema.getKeySchema(), schema.getValueSchema()].map((part) => part.getMergedTraits().xmlName);
    return Object.fromEntries(
      counted((index) => `${own}.${index}`, isThere).map((path) => [
        form.get(`${path}.${key ?? 'key'}`)!,
        valueOf(schema.getValueSchema(), `${path}.${value ?? 'value'}`, form),
      ]),
    );
  }
  const text = form.get(prefix);
  if (text === null) return undefined;
  if (schema.isNumericSchema()) return Number(text);
  if (schema.isBooleanSchema()) return text === 'true';
  return schema.isBlobSchema() ? Buffer.from(text, 'base64') : text;
}

function counted(pathOf: (index: number) => string, isThere: (path: string) => boolean): string[] {
  const paths: string[] = [];
  for (let index = 1; isThere(pathOf(index)); index++) paths.push(pathOf(index));
  return paths;
}
