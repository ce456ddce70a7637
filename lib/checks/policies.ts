import type { Resource } from './template';
import { idsIn, textOf, textsBelow, textsOf } from './values';

/** A statement of a policy. */
export interface Statement {
  /** What the statement is written in, and where in it. */
  readonly resource: Resource;
  readonly location: string;
  /** The logical IDs of the roles that have it. */
  readonly roles: string[];
  readonly effect: 'Allow' | 'Deny';
  readonly actions: string[];
  /** Texts, as of `textOf`. Empty for `NotResource`, of which rules say nothing. */
  readonly resources: string[];
  /** What `resources` was made of. */
  readonly rawResources: unknown;
  readonly conditions: Record<string, Record<string, unknown>>;
  /** Who is meant, in policies of resources: `*`, or services, accounts and ARNs. */
  readonly principals: string[];
}

interface JsonStatement {
  readonly Effect?: string;
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly Condition?: Statement['conditions'];
  readonly Principal?: unknown;
}

/** The statements of a document, if it is known. */
export function statementsOf(resource: Resource, location: string, document: unknown, roles: string[] = []) {
  const { Statement: statements } = (document ?? {}) as { Statement?: JsonStatement | JsonStatement[] };
  return [statements ?? []].flat().flatMap((statement): Statement[] => {
    const { Effect: effect } = statement;
    // Something else is an intrinsic, and known at deployment only.
    if (effect !== 'Allow' && effect !== 'Deny') return [];
    return [
      {
        resource,
        location,
        roles,
        effect,
        actions: textsOf(statement.Action),
        resources: textsOf(statement.Resource),
        rawResources: statement.Resource,
        conditions: statement.Condition ?? {},
        principals: textsBelow(statement.Principal),
      },
    ];
  });
}

/** What a resource of IAM allows to roles, users and groups. */
export function identityStatements(resource: Resource): Statement[] {
  const { type, properties } = resource;
  if (!type.startsWith('AWS::IAM::')) return [];
  const inline = [properties.Policies ?? []].flat() as { PolicyDocument?: unknown }[];
  const roles = type === 'AWS::IAM::Role' ? [resource.logicalId] : idsIn(properties.Roles ?? properties.RoleName);
  return [
    ...inline.flatMap((policy) => statementsOf(resource, 'Properties.Policies', policy?.PolicyDocument, roles)),
    ...statementsOf(resource, 'Properties.PolicyDocument', properties.PolicyDocument, roles),
  ];
}

/** What a resource of AWS IoT or a policy of a bucket, topic or queue says. */
export function policyStatements(resource: Resource): Statement[] {
  return statementsOf(resource, 'Properties.PolicyDocument', resource.properties.PolicyDocument);
}

/** The statements by which a role lets a service in. */
export function trustOf(role: Resource, service: string): Statement[] {
  const location = 'Properties.AssumeRolePolicyDocument';
  return statementsOf(role, location, role.properties.AssumeRolePolicyDocument).filter(
    ({ effect, principals }) => effect === 'Allow' && principals.includes(service),
  );
}

/** Whether a statement applies to the action, which has no wildcards itself. */
export function covers({ actions }: Statement, action: string): boolean {
  return actions.some((pattern) => {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*');
    return new RegExp(`^${escaped.replace(/\?/g, '.')}$`, 'i').test(action);
  });
}

/** Whether a condition has one of the keys, which are written in any case. */
export function hasCondition({ conditions }: Statement, ...keys: string[]): boolean {
  const given = Object.values(conditions).flatMap((condition) => Object.keys(condition ?? {}));
  return given.some((key) => keys.some((wanted) => wanted.toLowerCase() === key.toLowerCase()));
}

/** Whether everybody is meant, and nothing narrows that down. */
export function isOpen({ effect, principals, conditions }: Statement): boolean {
  return effect === 'Allow' && principals.includes('*') && Object.keys(conditions).length === 0;
}

/** Whether what doesn't come by TLS is refused. */
export function refusesPlainText({ effect, conditions }: Statement): boolean {
  return effect === 'Deny' && textOf(conditions.Bool?.['aws:SecureTransport']) === 'false';
}
