import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { DeviceIdentity } from '../device/device-identity';
import { HandlerFunction } from './handler-function';

export interface FleetListerProps {
  readonly identity: DeviceIdentity;
  readonly description: string;
  /** What else than things it lists. */
  readonly actions?: string[];
  /** How many things a page has at most. @default 1000 */
  readonly pageSize?: number;
  /** The metric that says how many things there are. @default 'DevicesRegistered' */
  readonly countAs?: string;
}

/** The function that lists what is in the account, page by page. */
export class FleetLister extends HandlerFunction {
  constructor(scope: Construct, id: string, { identity, actions = [], ...props }: FleetListerProps) {
    super(scope, id, {
      handler: 'fleet-lister',
      description: props.description,
      timeout: Duration.minutes(2),
      environment: {
        THING_TYPE: identity.thingTypeName,
        ...(props.pageSize && { PAGE_SIZE: String(props.pageSize) }),
        ...(props.countAs && { COUNT_AS: props.countAs }),
      },
    });
    // What is listed has no resource to name: it is all that there is in the account.
    this.addToRolePolicy(new iam.PolicyStatement({ actions: ['iot:ListThings', ...actions], resources: ['*'] }));
  }
}
