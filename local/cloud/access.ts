import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import type { PolicyDocument, Principal } from './principals';
import { ServiceError } from './service';

const VERSION = '2012-10-17';

/** What an action is about, with its tags. */
export interface Resource {
  /** Or `*`, of an action that knows no resources. */
  readonly arn: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * Lets a principal do what its policies allow. Those of resources, boundaries and organizations aren't looked at.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * @throws ServiceError AccessDeniedException
 */
export function checkAccess(principal: Principal, action: string, { arn, tags = {} }: Resource): void {
  // A service of AWS has no policies: what it may do is written on the other side.
  if (!principal.roleArn) return;
  const account = arn.split(':')[4] || principal.roleArn.split(':')[4];
  const verdict = runUnsafeSimulation(
    {
      request: {
        principal: principal.arn,
        action,
        // The simulator takes any ARN for a request for `*`, which only a policy for `*` allows.
        resource: { resource: arn === '*' ? 'arn:none:none:::none' : arn, accountId: account },
        contextVariables: {
          'aws:CurrentTime': new Date().toISOString(),
          'aws:SecureTransport': 'true',
          'aws:PrincipalArn': principal.roleArn,
          'aws:PrincipalAccount': principal.roleArn.split(':')[4],
          'aws:ResourceAccount': account,
          ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value])),
          ...(principal.thingName && { 'credentials-iot:ThingName': principal.thingName }),
        },
      },
      identityPolicies: [
        { name: 'identity', policy: { Version: VERSION, Statement: statementsOf(principal.policies) } },
      ],
      // It knows no policies of sessions, but those of boundaries are combined in the same way.
      permissionBoundaryPolicies: principal.sessionPolicy && [{ name: 'session', policy: principal.sessionPolicy }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (verdict === 'Allowed') return;
  const why =
    verdict === 'ExplicitlyDenied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  throw new ServiceError(
    'AccessDeniedException',
    `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${arn} ${why}`,
    403,
  );
}

function statementsOf(policies: readonly PolicyDocument[]): object[] {
  return policies.flatMap(({ Statement }) => [Statement].flat());
}
