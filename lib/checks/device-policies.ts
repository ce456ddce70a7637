import { policyStatements } from './policies';
import type { Resource } from './template';

/** Variables of IoT policies that stand for the device that asks, and that it can't choose. */
export function ownName(arn: string): boolean {
  return /\$\{iot:(Connection\.Thing\.|Certificate\.)/.test(arn);
}

/**
 * Whether certificates with the policy ask for one of their own: what they may do has to do with provisioning, and with no
 * thing, because they have none yet.
 */
export function isClaimPolicy(policy: Resource): boolean {
  const resources = policyStatements(policy).flatMap((statement) => statement.resources);
  return resources.some((arn) => arn.includes('$aws/provisioning-templates/')) && !resources.some(ownName);
}
