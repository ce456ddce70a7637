import type { Principals } from '../cloud/principals';

/** What a resource is known by once it is made. */
export interface Made {
  /** What `Ref` gives. */
  readonly ref: string;
  /** What `Fn::GetAtt` gives, by name: `Arn`, or `Endpoint.Address`. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export interface DeployContext {
  readonly logicalId: string;
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  /** The name of the stack and the logical one, the same each time. By default of at most 64 characters. */
  readonly physicalName: (maximumLength?: number) => string;
  readonly principals: Principals;
  /** Where all services of AWS are. */
  readonly gatewayUrl: string;
  /** A client of the service as CloudFormation has it, which may do everything: `new IoTClient(context.client)`. */
  readonly client: {
    readonly region: string;
    readonly endpoint: string;
    readonly credentials: {
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
    };
  };
}

/**
 * Makes a resource of one type.
 *
 * @param properties those of the template without any intrinsics
 */
export type Provisioner = (
  // Each type has its own, which CloudFormation's schema tells and no type of the CDK does.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  properties: any,
  context: DeployContext,
) => Promise<Made> | Made;

/** By the type of the resource. */
export type Provisioners = Readonly<Record<string, Provisioner>>;
