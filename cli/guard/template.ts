/** A resource, as a template has it. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly Metadata?: Record<string, unknown>;
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** What is read of a template. */
export interface Template {
  readonly Resources: Record<string, TemplateResource>;
  readonly Outputs?: Record<string, { readonly Value?: unknown; readonly Export?: { readonly Name?: unknown } }>;
}

/** A stack, or a nested one. */
export interface TemplateStack {
  /** The name that CloudFormation knows it by; of a nested stack, that of its parent and its own logical id. */
  readonly name: string;
  /** Account and region as `aws://…`, if they are known. */
  readonly environment?: string;
  readonly terminationProtection: boolean;
  readonly template: Template;
  /** The construct paths that the assembly has, by logical id. */
  readonly paths: Readonly<Record<string, string>>;
  readonly isNested?: boolean;
}

/** The path of the construct, or else the logical id. */
export function constructPath({ paths, template }: TemplateStack, logicalId: string): string {
  const path = template.Resources[logicalId].Metadata?.['aws:cdk:path'] ?? paths[logicalId];
  return typeof path === 'string' ? path.replace(/^\//, '') : logicalId;
}

/** The property, or one within it: `A` or `A.B`. */
export function property(resource: TemplateResource, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], resource.Properties);
}

/** Whether it is the same in JSON. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
