import { CfnResource, Stack, Token, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import * as library from '../../lib';
import type { Acknowledged } from './acknowledged';
import { ON_POLICIES } from './policies';
import { ON_RESOURCES } from './resources';

export type { Acknowledged } from './acknowledged';

/**
 * Whoever looks at the constructs of this package with cdk-nag finds these, and what is to be said to each.
 * `docs/security.md` counts them.
 */
export const ACKNOWLEDGED: Acknowledged[] = [...ON_POLICIES, ...ON_RESOURCES];

/** Acknowledges them, each at the resource that it is about, wherever the constructs of this package are in a scope. */
export function acknowledgeFindings(scope: IConstruct, entries = ACKNOWLEDGED): void {
  for (const resource of scope.node.findAll().filter((construct) => CfnResource.isCfnResource(construct))) {
    const { owner, place } = placeOf(resource);
    for (const { packs, rules, at, type, only, reason } of entries) {
      if (!at.test(place) || (type ?? resource.cfnResourceType) !== resource.cfnResourceType) continue;
      if (only?.(resource) === false) continue;
      const ids = typeof rules === 'function' ? rules(owner) : rules;
      for (const rule of packs.flatMap((pack) => ids.map((id) => `${pack}-${id}`))) {
        Validations.of(resource).acknowledge({ id: deployedAs(rule, Stack.of(resource)), reason });
      }
    }
  }
}

const OURS = new Set<unknown>(Object.values(library));

/** Of which construct of this package a resource is, and where it is in there. */
function placeOf(resource: CfnResource): { owner: IConstruct; place: string } {
  const owner = resource.node.scopes
    .reverse()
    .find((scope) => Stack.isStack(scope) || (scope !== resource && OURS.has(scope.constructor)))!;
  const path = resource.node.path.slice(owner.node.path.length + 1).replace(/\/Resource$/, '');
  return { owner, place: `${Stack.isStack(owner) ? 'Stack' : owner.constructor.name}/${path}` };
}

/** In a stack whose environment is known, ARNs have it in the place of intrinsics; those of managed policies do not. */
function deployedAs(id: string, { partition, region, account }: Stack): string {
  if (!id.includes('IAM5[')) return id;
  const known = { '<AWS::Partition>': partition, '<AWS::Region>': region, '<AWS::AccountId>': account };
  return Object.entries(known).reduce(
    (text, [intrinsic, value]) => (Token.isUnresolved(value) ? text : text.replaceAll(intrinsic, value)),
    id,
  );
}
