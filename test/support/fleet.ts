import { App, type Stack } from 'aws-cdk-lib';
import { droneFleet } from '../../bin/drone-fleet';
import cdkJson from '../../cdk.json';
import { DroneFleetCell, ObstacleClass, type DroneFleetCellProps } from '../../lib';
import { DeployedStack, type DeployedResource } from './cloudformation-resolver';
import { CloudModel } from './policy-simulator';

/** What the fleets of tests look for. */
export const BIRDS = [new ObstacleClass({ name: 'bird', labels: ['Bird'] })];

/** The cells of the reference app under the flags of cdk.json, configured as with `-c fleet=…`. */
export function referenceFleet(fleet?: object | string, outdir?: string): DroneFleetCell[] {
  return droneFleet(new App({ outdir, context: { ...cdkJson.context, fleet } }));
}

/** The error of the code, with what its message must say; at a construct, unless it is of a value class. */
export function codedError(code: string, message: RegExp, constructPath?: string): Error {
  return expect.objectContaining({
    name: code,
    type: 'validation',
    message: expect.stringMatching(message),
    ...(constructPath && { constructPath }),
  });
}

/** What only a deployment knows. */
export const DEPLOYED_ENDPOINTS = {
  'CdkKinesisVideoIotEndpointsB065DDD9.CredentialEndpoint': 'c0123456789abc.credentials.iot.eu-west-1.amazonaws.com',
  'CdkKinesisVideoIotEndpointsB065DDD9.DataEndpoint': 'a0123456789abc-ats.iot.eu-west-1.amazonaws.com',
};

/** The resources of a type in the last of the stacks, as if they were deployed. */
export function deployed(type: string, ...stacks: Stack[]): DeployedResource[] {
  const all: DeployedStack[] = [];
  for (const stack of stacks) all.push(new DeployedStack(stack, all, DEPLOYED_ENDPOINTS));
  return all[stacks.length - 1].resources.filter((resource) => resource.type === type);
}

/** The environments of the handlers in the last of the stacks, by the folder of the handler. */
export function environments(...stacks: Stack[]): Record<string, Record<string, string>> {
  const all = deployed('AWS::Lambda::Function', ...stacks).flatMap((fn) => {
    const { Variables = {} } = fn.get<{ Variables?: Record<string, string> }>('Environment') ?? {};
    // What the CDK adds is no handler of this package.
    return Variables.POWERTOOLS_SERVICE_NAME ? [[Variables.POWERTOOLS_SERVICE_NAME, Variables]] : [];
  });
  return Object.fromEntries(all);
}

/** A cell in the documentation's account, as it would be in the cloud. */
export function cloudOfCell(props: Partial<DroneFleetCellProps> = {}): CloudModel {
  const cell = new DroneFleetCell(new App({ context: cdkJson.context }), 'Cell', {
    env: { account: '111122223333', region: 'eu-west-1' },
    fleetName: 'delivery',
    obstacles: BIRDS,
    ...props,
  });
  return CloudModel.of(cell.state, cell.fleet);
}
