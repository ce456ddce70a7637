import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import type { Policy } from '../../lambda/viewer-messages/policies';

const IOT = 'arn:aws:iot:eu-west-1:111122223333';

/** Whether a connection that has these policies may do something. */
export function allows(policies: Policy[], action: string, resource: string): boolean {
  const result = runUnsafeSimulation(
    {
      request: {
        principal: `${IOT}:cert/0123456789abcdef`,
        action: `iot:${action}`,
        resource: { resource: `${IOT}:${resource}`, accountId: '111122223333' },
        contextVariables: {},
      },
      identityPolicies: policies.map((policy, index) => ({ name: String(index), policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  return result === 'Allowed';
}
