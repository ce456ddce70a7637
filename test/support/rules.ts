import type { Finding } from '../../lib/checks/rule';
import { RULES } from '../../lib/checks/rules';
import { CheckedTemplate } from '../../lib/checks/template';

/** Resources as a template has them. */
export type Resources = Record<string, { Type: string; Properties?: Record<string, unknown>; DeletionPolicy?: string }>;

/** What a rule finds in a template, of a region if that is known. */
export function findingsBy(id: string, resources: Resources, region?: string): Finding[] {
  const rule = RULES.find((one) => one.id === id)!;
  return [...rule.check(new CheckedTemplate({ Resources: resources }, region))];
}

/** The same, in short: the resource, and the detail that it tells. */
export function found(id: string, resources: Resources, region?: string): string[] {
  return findingsBy(id, resources, region).map(({ resource, detail }) => `${resource.logicalId}: ${detail ?? ''}`);
}
