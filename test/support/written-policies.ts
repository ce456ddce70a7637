import { POLICY_VERSION } from './resource-policies';

/** A statement, as a template has it. */
export function allow(Action: unknown, Resource: unknown, more: object = {}): object {
  return { Effect: 'Allow', Action, Resource, ...more };
}

/** Properties with a policy of these statements. */
export function documentOf(...Statement: unknown[]) {
  return { PolicyDocument: { Version: POLICY_VERSION, Statement } };
}

/** A role that a service gets, and what it may do. */
export function role(Service: string, ...statements: object[]) {
  const Properties: Record<string, unknown> = {
    AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } }] },
    Policies: [documentOf(...statements)],
  };
  return { Type: 'AWS::IAM::Role', Properties };
}

/** A role that devices get for their certificates. */
export function deviceRole(...statements: object[]) {
  return role('credentials.iot.amazonaws.com', ...statements);
}
