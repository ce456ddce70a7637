import { identityStatements, type Statement } from './policies';
import { idsIn } from './values';

/** A resource of a template. Whatever its properties are, they come from JSON. */
export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- each rule knows the properties of its own types
  readonly properties: Record<string, any>;
  readonly deletionPolicy?: string;
  readonly updateReplacePolicy?: string;
}

interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Resource['properties'];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** A synthesized template, the way rules look at it. */
export class CheckedTemplate {
  public readonly resources: Resource[];
  /** What the IAM policies of the template say. */
  public readonly statements: Statement[];
  private readonly byId: Map<string, Resource>;

  /** @param region where it is deployed, if that is known */
  constructor(
    { Resources = {} }: { readonly Resources?: Record<string, TemplateResource> },
    public readonly region?: string,
  ) {
    this.resources = Object.entries(Resources).map(([logicalId, resource]) => ({
      logicalId,
      type: resource.Type,
      properties: resource.Properties ?? {},
      deletionPolicy: resource.DeletionPolicy,
      updateReplacePolicy: resource.UpdateReplacePolicy,
    }));
    this.byId = new Map(this.resources.map((resource) => [resource.logicalId, resource]));
    this.statements = this.resources.flatMap(identityStatements);
  }

  public all(...types: string[]): Resource[] {
    return this.resources.filter(({ type }) => types.includes(type));
  }

  /** The resources of a type that a value refers to. */
  public referred(value: unknown, type: string): Resource[] {
    const found = idsIn(value).map((id) => this.byId.get(id));
    return [...new Set(found)].filter((resource): resource is Resource => resource?.type === type);
  }

  /** What a role is allowed by policies of this template. */
  public allowedTo(role: Resource): Statement[] {
    return this.statements.filter(({ effect, roles }) => effect === 'Allow' && roles.includes(role.logicalId));
  }
}
