import { isWildcardOnlyAction, runUnsafeSimulation, type anonymousPrincipal } from '@cloud-copilot/iam-simulate';
import type { Stack } from 'aws-cdk-lib';
import { DeployedStack, type DeployedResource } from './cloudformation-resolver';
import { POLICY_VERSION, RESOURCE_POLICIES, type PolicyDocument, type Statement } from './resource-policies';

/** A logical id, with or without the hash at its end, or an expression for `Stack/LogicalId`. One resource must match. */
export type LogicalId = string | RegExp;

export interface AccessRequest {
  /**
   * Who asks: a role, an IoT policy (meaning a device whose certificate has it), a service like `iot.amazonaws.com`, or
   * the number of an account (meaning an administrator there).
   */
  readonly principal: LogicalId;
  readonly action: string;
  /** An ARN, the logical id of something that has one, or `*` for an action that knows no resources. */
  readonly resource: LogicalId;
  /** Condition keys and policy variables, like `credentials-iot:ThingName` or `iot:Connection.Thing.ThingName`. */
  readonly context?: Record<string, string | string[]>;
  /** The policy of a resource that is in none of the stacks. */
  readonly resourcePolicy?: PolicyDocument;
}

type Policies = Record<string, PolicyDocument>;

/** Who asks, with what its own policies say. */
export interface Asking {
  readonly arn: string | typeof anonymousPrincipal;
  readonly statements: readonly Statement[];
  /** That of a session, which allows nothing by itself. */
  readonly session?: PolicyDocument;
  readonly context?: Record<string, string | string[]>;
}

/** What is asked for, with what the policy of its own says, if it has one. */
export interface Asked {
  readonly arn: string;
  readonly account: string;
  readonly statements?: readonly Statement[];
}

/**
 * The stacks of an app as they would be in the cloud, to ask who may do what.
 *
 * Policies are evaluated by `runUnsafeSimulation`: `runSimulation` drops the context keys that it doesn't know, like
 * `credentials-iot:ThingName`, so that it denies everything and negative tests pass for the wrong reason.
 */
export class CloudModel {
  static of(...stacks: Stack[]): CloudModel {
    return new CloudModel(stacks, {});
  }

  readonly resources: readonly DeployedResource[];
  private readonly documents = new Map<DeployedResource, PolicyDocument>();

  private constructor(
    private readonly source: Stack[],
    given: Record<string, string>,
  ) {
    const stacks: DeployedStack[] = [];
    for (const stack of source) stacks.push(new DeployedStack(stack, stacks, given));
    this.resources = stacks.flatMap((stack) => stack.resources);
  }

  /** Values that only a deployment knows: of parameters by name, of custom resources as `LogicalId.Attribute`. */
  given(values: Record<string, string>): CloudModel {
    return new CloudModel(this.source, values);
  }

  arn(resource: LogicalId): string {
    return this.find(resource).arn;
  }

  async simulate(request: AccessRequest): Promise<'allowed' | 'denied'> {
    return (await this.decide(request)).outcome;
  }

  expectAllowed(request: AccessRequest): Promise<void> {
    return this.expectOutcome('allowed', request, this.expectAllowed);
  }

  /** A denial proves little alone: pair it with a twin, as similar as can be, that is allowed. */
  expectDenied(request: AccessRequest): Promise<void> {
    return this.expectOutcome('denied', request, this.expectDenied);
  }

  /**
   * The policies of a role by name. The text of AWS's own ones isn't in the templates, so they take no part in
   * simulations, and are listed for tests to assert on.
   */
  identityPolicies(id: LogicalId): { policies: Policies; awsManaged: string[] } {
    const role = this.find(id, 'AWS::IAM::Role');
    if (role.get('PermissionsBoundary')) throw new Error(`${role.path} has a boundary, which isn't simulated.`);
    const inline = role.get<{ PolicyName: string; PolicyDocument: PolicyDocument }[]>('Policies') ?? [];
    const arns = role.get<string[]>('ManagedPolicyArns') ?? [];
    const isAttached = (policy: DeployedResource) => policy.get<string[]>('Roles')?.includes(role.attribute('Ref'));
    const managed = this.resources.filter(({ type }) => type === 'AWS::IAM::ManagedPolicy');
    const attached = [
      ...this.resources.filter((policy) => policy.type === 'AWS::IAM::Policy' && isAttached(policy)),
      ...managed.filter((policy) => arns.includes(policy.arn) || isAttached(policy)),
    ];
    const others = arns.filter((arn) => !managed.some((policy) => policy.arn === arn));
    const unknown = others.find((arn) => !arn.includes(':iam::aws:policy/'));
    if (unknown) throw new Error(`${role.path} has the policy ${unknown}, which is in none of the stacks.`);
    return {
      policies: Object.fromEntries([
        ...inline.map(({ PolicyName, PolicyDocument }) => [PolicyName, PolicyDocument]),
        ...attached.map((policy) => [policy.path, policy.get('PolicyDocument')]),
      ]),
      awsManaged: others.map((arn) => arn.replace(/^.*:policy\//, '')),
    };
  }

  /** The policies on the side of a resource, a role's trust included, by the resource that they are written in. */
  resourcePolicies(arn: string): Policies {
    const policies = this.resources.flatMap((resource) => {
      const policy = RESOURCE_POLICIES[resource.type];
      const applies = policy?.targets(resource).some((target) => arn === target || arn.startsWith(`${target}/`));
      if (!applies) return [];
      const document = this.documents.get(resource) ?? policy.document(resource);
      this.documents.set(resource, document);
      return [[resource.path, document]];
    });
    return Object.fromEntries(policies);
  }

  /** Whoever has the role or the IoT policy, or a service. */
  asking(id: LogicalId, context?: Asking['context']): Asking {
    const { policies, ...principal } = this.principal(id);
    const statements = statementsOf(policies).map(({ statement }) => statement);
    return { ...principal, statements, context: { ...principal.context, ...context } };
  }

  asked(resource: LogicalId): Asked {
    const target = this.target(resource);
    const statements = statementsOf(this.resourcePolicies(target.arn)).map(({ statement }) => statement);
    return { ...target, statements: statements.length > 0 ? statements : undefined };
  }

  private find(id: LogicalId, ...types: string[]): DeployedResource {
    const candidates = this.resources.filter(({ type }) => types.length === 0 || types.includes(type));
    const found = candidates.filter(({ logicalId, path }) =>
      typeof id === 'string' ? [logicalId, logicalId.replace(/[0-9A-F]{8}$/, '')].includes(id) : id.test(path),
    );
    if (found.length === 1) return found[0];
    const paths = (found.length > 0 ? found : candidates).map(({ path }) => path).join(', ');
    throw new Error(`${id} should match one resource, but matches ${found.length} of ${paths}.`);
  }

  private principal(id: LogicalId): { arn: string; policies: Policies; context?: Record<string, string> } {
    const identity = (arn: string, policies: Policies) => ({
      arn,
      policies,
      context: { 'aws:PrincipalArn': arn, 'aws:PrincipalAccount': arn.split(':')[4] },
    });
    if (typeof id === 'string' && id.endsWith('.amazonaws.com')) {
      return {
        arn: id,
        policies: {},
        context: { 'aws:PrincipalIsAWSService': 'true', 'aws:PrincipalServiceName': id },
      };
    }
    if (typeof id === 'string' && /^\d{12}$/.test(id)) {
      const everything = { Version: POLICY_VERSION, Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
      return identity(`arn:aws:iam::${id}:role/Administrator`, { Administrator: everything });
    }
    const holder = this.find(id, 'AWS::IAM::Role', 'AWS::IoT::Policy');
    if (holder.type === 'AWS::IAM::Role') return identity(holder.arn, this.identityPolicies(id).policies);
    // IoT policies are evaluated like those of IAM; only their variables are others.
    const certificate = holder.arn.replace(/:policy\/.*/, ':cert/0123456789abcdef');
    return { arn: certificate, policies: { [holder.path]: holder.get('PolicyDocument')! } };
  }

  private target(resource: LogicalId): { arn: string; account: string } {
    // An action that knows no resources is granted by `*` only, but the simulator takes any ARN for a request for `*`.
    if (resource === '*') return { arn: 'arn:none:none:::none', account: this.resources[0].stack.account };
    const given = typeof resource === 'string' && resource.startsWith('arn:') ? resource : this.arn(resource);
    // It also takes `drone-1` for a request for `drone-*`; here a wildcard stands for something that nobody named.
    const arn = given.replaceAll('*', 'anything');
    const bucket = this.resources.find((r) => r.type === 'AWS::S3::Bucket' && r.arn === arn.split('/')[0]);
    return { arn, account: arn.split(':')[4] || (bucket ?? this.resources[0]).stack.account };
  }

  private async decide({ principal, action, resource, context, resourcePolicy }: AccessRequest) {
    await checkAction(action, resource);
    const asking = this.principal(principal);
    const target = this.target(resource);
    const ownPolicies = resourcePolicy ? { resourcePolicy } : this.resourcePolicies(target.arn);
    const hasOwn = Object.keys(ownPolicies).length > 0;
    if (!hasOwn && /:(kms:.*:key|iam:.*:role)\//.test(target.arn) && /^(kms|sts):/.test(action)) {
      throw new Error(
        `${target.arn} is in none of the stacks, and ${action} depends on its policy: give resourcePolicy.`,
      );
    }

    const evaluate = (identity: Statement[], onResource?: Statement[]) =>
      simulate({ ...asking, statements: identity }, action, { ...target, statements: onResource }, context);

    const ofPrincipal = statementsOf(asking.policies);
    const ofResource = statementsOf(ownPolicies);
    const result = evaluate(
      ofPrincipal.map(({ statement }) => statement),
      hasOwn ? ofResource.map(({ statement }) => statement) : undefined,
    );
    // A statement applies if it would deny, were it a Deny: those decide whatever the other policies say.
    const asDeny = (statement: Statement) => [{ ...statement, Effect: 'Deny' }];
    return {
      outcome: result === 'Allowed' ? ('allowed' as const) : ('denied' as const),
      target: target.arn,
      // Asked for only where an outcome is to be explained, since each statement is a simulation of its own.
      applying: () => [
        ...ofPrincipal.filter(({ statement }) => evaluate(asDeny(statement)) === 'ExplicitlyDenied'),
        ...ofResource.filter(({ statement }) => evaluate([], asDeny(statement)) === 'ExplicitlyDenied'),
      ],
      all: [...ofPrincipal, ...ofResource],
    };
  }

  private async expectOutcome(
    expected: string,
    request: AccessRequest,
    caller: (request: AccessRequest) => Promise<void>,
  ) {
    // Points at the line of the test, which is no longer on the stack when the outcome is known.
    const error = new Error();
    Error.captureStackTrace(error, caller);
    const { outcome, target, all, ...rest } = await this.decide(request);
    if (outcome === expected) return;
    const applying = rest.applying();
    const denying = applying.filter(({ statement }) => statement.Effect === 'Deny');
    const [heading, shown] =
      outcome === 'allowed'
        ? ['These allow it:', applying]
        : denying.length > 0
          ? ['These deny it:', denying]
          : ['These together do not allow it:', all];
    error.message = [
      `${request.action} on ${target} should be ${expected} for ${request.principal}, but is ${outcome}. ${heading}`,
      ...shown.map(({ policy, statement }) => `  ${policy}: ${JSON.stringify(statement)}`),
    ].join('\n');
    throw error;
  }
}

/** What AWS would say. */
export function simulate(
  asking: Asking,
  action: string,
  asked: Asked,
  context: Record<string, string | string[]> = {},
): string {
  const { session } = asking;
  return runUnsafeSimulation(
    {
      request: {
        principal: asking.arn,
        action,
        resource: { resource: asked.arn, accountId: asked.account },
        contextVariables: {
          'aws:SecureTransport': 'true',
          'aws:ResourceAccount': asked.account,
          ...asking.context,
          ...context,
        },
      },
      identityPolicies: [{ name: 'identity', policy: { Version: POLICY_VERSION, Statement: asking.statements } }],
      // The simulator knows no policy of a session here, but those of a boundary are combined in the same way.
      permissionBoundaryPolicies: session && [{ name: 'session', policy: session }],
      resourcePolicy:
        asked.statements && named('resource', { Version: POLICY_VERSION, Statement: [...asked.statements] }),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
}

/** An action that doesn't exist, or not on resources, would be denied everywhere, whatever the policies say. */
export async function checkAction(action: string, resource: LogicalId): Promise<void> {
  // Known to the policies of IoT, but not to those of IAM.
  if (action === 'iot:AssumeRoleWithCertificate') return;
  const [service, name] = action.split(':');
  if ((await isWildcardOnlyAction(service, name)) && resource !== '*') {
    throw new Error(`${action} knows no resources: request it on '*' instead of ${resource}.`);
  }
}

/** A resource policy in the form that has a name: `runUnsafeSimulation` gives it none, and stumbles over that. */
function named(name: string, policyDocument: PolicyDocument) {
  return { __validated: true, policyDocument, metadata: { name }, errors: [] };
}

function statementsOf(policies: Policies): { policy: string; statement: Statement }[] {
  return Object.entries(policies).flatMap(([policy, { Version, Statement }]) => {
    // An older version, or none, takes policy variables for plain text.
    if (Version !== POLICY_VERSION) {
      throw new Error(`The policy ${policy} has the version ${Version} instead of ${POLICY_VERSION}.`);
    }
    const statements = [Statement].flat();
    // The simulator takes it for anything where an action knows no resources; IAM refuses it.
    if (statements.some(({ Resource }) => [Resource].flat().includes(''))) {
      throw new Error(`The policy ${policy} has an empty resource.`);
    }
    return statements.map((statement) => ({ policy, statement }));
  });
}
