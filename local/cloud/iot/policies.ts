import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import type { PolicyDocument } from '../principals';

/** Whether an action such as `iot:Publish` is allowed on a resource such as `topic/devices/drone-1/detections`. */
export type May = (action: string, resource: string) => boolean;

/** The policy variables and keys of conditions of a connection. */
export type Context = Readonly<Record<string, string>>;

export interface Identity {
  /** As in `arn:aws:iot:eu-west-1:111122223333`. */
  readonly arn: string;
  readonly documents: readonly PolicyDocument[];
  readonly context?: Context;
}

/** As many as one connection asks for again and again, and a client that asks for others makes no more of. */
const MAX_KNOWN = 1000;

/**
 * What policies of AWS IoT allow. They are evaluated as those of IAM are; only their variables are others.
 *
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-policies.html
 */
export function allowedBy({ arn, documents, context = {} }: Identity): May {
  const known = new Map<string, boolean>();
  const identityPolicies = documents.map((policy, index) => ({ name: String(index), policy }));
  return (action, resource) => {
    const key = `${action} ${resource}`;
    const decided = known.get(key);
    if (decided !== undefined) return decided;
    const result = runUnsafeSimulation(
      {
        request: {
          // Whoever it is: policies of AWS IoT name no principals.
          principal: `${arn}:cert/any`,
          action,
          resource: { resource: `${arn}:${resource}`, accountId: arn.split(':')[4] },
          contextVariables: { ...context },
        },
        identityPolicies,
        serviceControlPolicies: [],
        resourceControlPolicies: [],
      },
      {},
    );
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(key, result === 'Allowed');
    return result === 'Allowed';
  };
}
