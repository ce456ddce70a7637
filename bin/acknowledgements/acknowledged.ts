import { Stack } from 'aws-cdk-lib';
import type { CfnResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A finding of cdk-nag that is as it should be. */
export interface Acknowledged {
  /** The packs that have the rule. */
  readonly packs: ('AwsSolutions' | 'HIPAA.Security' | 'NIST.800.53.R5')[];
  /** The rule, with what the finding is about in brackets. It may depend on the construct that the resource is of. */
  readonly rules: string[] | ((owner: IConstruct) => string[]);
  /**
   * The class of the construct that the resource is of, and its path in there: `FleetReconciler/Bucket`. What is of no
   * construct of this package has its path in `Stack`.
   */
  readonly at: RegExp;
  /** @default - resources of all types */
  readonly type?: string;
  /** @default - all of them */
  readonly only?: (resource: CfnResource) => boolean;
  readonly reason: string;
}

export const SOLUTIONS: Acknowledged['packs'] = ['AwsSolutions'];
export const HIPAA_AND_NIST: Acknowledged['packs'] = ['HIPAA.Security', 'NIST.800.53.R5'];

/** Where the fleet is, as cdk-nag writes it. */
export const HERE = '<AWS::Region>:<AWS::AccountId>';

export function onArns(...arns: string[]): string[] {
  return arns.map((arn) => `IAM5[Resource::${arn}]`);
}

/** The logical id of what a construct has at a path. */
export function idOf(owner: IConstruct, ...path: string[]): string {
  const found = path.reduce((construct, id) => construct.node.findChild(id), owner);
  const resource = (found.node.defaultChild ?? found) as CfnResource;
  return Stack.of(resource).resolve(resource.logicalId);
}

/** All constructs of a class in the app of another one. */
export function inAppOf<T extends IConstruct>(construct: IConstruct, type: abstract new (...args: never[]) => T): T[] {
  return construct.node.root.node.findAll().filter((each): each is T => each instanceof type);
}
