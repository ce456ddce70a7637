import type { Template, TemplateResource } from './assembly';

/**
 * The resources of a template, those first that others refer to.
 *
 * @throws Error if some refer to one another
 */
export function inOrder({ Resources = {} }: Template): [logicalId: string, resource: TemplateResource][] {
  const ordered: [string, TemplateResource][] = [];
  const states = new Map<string, 'visiting' | 'done'>();
  const visit = (logicalId: string, path: readonly string[]): void => {
    const resource = Resources[logicalId];
    if (!resource || states.get(logicalId) === 'done') return;
    if (states.get(logicalId) === 'visiting') {
      throw new Error(`Resources refer to one another: ${[...path, logicalId].join(' → ')}.`);
    }
    states.set(logicalId, 'visiting');
    const needed = [...[resource.DependsOn ?? []].flat(), ...references(resource.Properties)];
    for (const other of needed) visit(other, [...path, logicalId]);
    states.set(logicalId, 'done');
    ordered.push([logicalId, resource]);
  };
  for (const logicalId of Object.keys(Resources)) visit(logicalId, []);
  return ordered;
}

/** The names that a value refers to; among them some that are no resources. */
function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    if (key === 'Ref') return [part as string];
    if (key === 'Fn::GetAtt') return [String([part].flat()[0]).split('.')[0]];
    const inText = key === 'Fn::Sub' ? namesIn(String([part].flat()[0])) : [];
    return [...inText, ...references(part)];
  });
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/\$\{([^!}.]+)[^}]*\}/g)].map(([, name]) => name);
}
