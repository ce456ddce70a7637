import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { schemaVersion } from '../detection-event';
import { logger } from '../observability';
import { ACTIONS, decide, reachesAllGroups, rolesAllowing, type Action, type Decision } from './authorize';
import type { Caller } from './caller';
import { Problem } from './problem';

const name = z.string().min(1).max(128);

/** About how many devices a function is asked at once. */
export const MAX_DEVICES = 25;

const version = schemaVersion.describe('1.0 here. Fields are added under the same major version, never changed.');

/** What a function is asked that decides instead of this package. */
export const authorizationRequest = z
  .object({
    schemaVersion: version,
    action: z.enum(ACTIONS).describe('What is to be done with each of the devices.'),
    caller: z.object({
      sub: z.string().min(1).describe('Who asks: `sub` of the token.'),
      claims: z.record(z.string(), z.unknown()).describe('All claims of the token, as API Gateway hands them on.'),
    }),
    devices: z
      .array(z.object({ name, groups: z.array(name).describe('The thing groups that the device is in itself.') }))
      .min(1)
      .max(MAX_DEVICES),
  })
  .meta({ title: 'Question of the viewing API', description: 'Who wants to do what with which devices.' });

/** What that function answers. */
export const authorization = z
  .object({
    schemaVersion: version,
    decisions: z
      .array(
        z.object({
          device: name,
          allow: z.boolean(),
          reason: z.string().min(1).max(256).describe('Why, for the log; the caller is not told.'),
        }),
      )
      .describe('A device that is not mentioned is denied, and one that is mentioned twice too.'),
  })
  .meta({ title: 'Answer to the viewing API', description: 'Who may do it with which devices.' });

export interface Device {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Who decides. */
export interface Authorizer {
  /** Why the caller may do this with no device at all, if that is so: then nobody needs to look at the device. */
  refusal(caller: Caller, action: Action): string | undefined;
  /** The groups that a list of devices has to look into. */
  reach(caller: Caller): readonly string[] | 'all';
  /** A decision for each of the devices. */
  decide(caller: Caller, action: Action, devices: readonly Device[]): Promise<Decision[]>;
}

/** By roles and groups of the token. */
export const BUILT_IN: Authorizer = {
  refusal: ({ roles }, action) => (rolesAllowing(roles, action).length === 0 ? `no role allows ${action}` : undefined),
  reach: ({ roles, groups }) => (reachesAllGroups(roles) ? 'all' : groups),
  decide: async ({ roles, groups }, action, devices) =>
    devices.map((device) => decide({ roles, groups, device, action })),
};

/** By a function of the user's own. What it doesn't allow in so many words is denied. */
export function functionAuthorizer(lambda: LambdaClient, functionName: string): Authorizer {
  return {
    refusal: () => undefined,
    reach: () => 'all',
    async decide({ sub, claims }, action, devices) {
      const request = authorizationRequest.parse({ schemaVersion: '1.0', action, caller: { sub, claims }, devices });
      const answer = await ask(lambda, functionName, request);
      return devices.map(({ name }) => {
        const [decision, ...others] = answer.decisions.filter(({ device }) => device === name);
        if (!decision || others.length > 0) return { allow: false, reason: 'no single decision' };
        return { allow: decision.allow, reason: decision.reason };
      });
    },
  };
}

/** @throws Problem 502 when there is no answer, whatever the cause: that the function is missing says nothing of a device */
async function ask(
  lambda: LambdaClient,
  functionName: string,
  request: z.infer<typeof authorizationRequest>,
): Promise<z.infer<typeof authorization>> {
  try {
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(request) }),
    );
    if (FunctionError) throw new Error(`The authorizer failed: ${FunctionError}`);
    return authorization.parse(JSON.parse(Buffer.from(Payload ?? []).toString('utf8')));
  } catch (error) {
    logger.error('The authorizer gave no answer', { error: error as Error });
    throw new Problem(502, 'No decision', 'It could not be decided whether this is allowed.');
  }
}
