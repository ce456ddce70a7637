import { Names, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnPolicy, CfnProvisioningTemplate } from 'aws-cdk-lib/aws-iot';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import {
  ProvisioningHook,
  ProvisioningRole,
  checkAttributes,
  checkProvisioningNames,
  provisioningStatements,
} from '../private/provisioning';
import { iotArn } from '../private/topic-rule';
import { checkPattern, fail, lit } from '../private/validation';
import { DeviceAllowList } from './device-allow-list';
import type { DeviceIdentity } from './device-identity';

/**
 * How a device proves that it may register.
 */
export enum ProvisioningMethod {
  /**
   * By a claim certificate that many devices share, and a serial number that is on the allow list. Each device gets a
   * certificate of its own.
   */
  CLAIM = 'CLAIM',

  /**
   * By a certificate that was signed by a registered CA (just-in-time provisioning); the common name of its subject is
   * the serial number. AWS IoT asks no hook here: whoever holds a certificate of that CA gets in.
   */
  JITP = 'JITP',
}

/**
 * How often a serial number may register.
 */
export enum Registration {
  /** Once. Another certificate for the same serial number is refused until an operator removes the first one's ID. */
  ONCE = 'ONCE',

  /** As often as it wants: for devices that lose their certificate when they are reset. */
  REUSABLE = 'REUSABLE',
}

/**
 * A cell among the cells of a fleet. Which one a device belongs to follows from its serial number and the names alone: a
 * new cell takes its share from all others, and no other device changes its cell.
 */
export interface CellMembership {
  /**
   * The name of this cell.
   */
  readonly name: string;

  /**
   * The names of all cells of the fleet, this one's included, in any order.
   */
  readonly cells: string[];
}

/**
 * How devices register.
 */
export interface FleetProvisioningOptions {
  /**
   * How a device proves that it may register.
   * @default ProvisioningMethod.CLAIM
   */
  readonly method?: ProvisioningMethod;

  /**
   * The serial numbers that may register. Of no use with JITP.
   * @default - a new, empty list
   */
  readonly allowList?: DeviceAllowList;

  /**
   * How often a serial number may register. Of no use with JITP.
   * @default Registration.ONCE
   */
  readonly registration?: Registration;

  /**
   * The name of the provisioning template, which devices know: 1 to 36 of `a-z A-Z 0-9 _ -`.
   * @default - generated
   */
  readonly templateName?: string;

  /**
   * What stands before the serial number in the thing's name: up to 64 of `a-z A-Z 0-9 _ -`.
   * @default - nothing; the thing's name is the serial number
   */
  readonly thingNamePrefix?: string;

  /**
   * Attributes of each thing beside its serial number, such as fleet and cell.
   * @default - none
   */
  readonly attributes?: { [key: string]: string };

  /**
   * The cell that devices register with: the hook refuses those of another. Of no use with JITP.
   * @default - there are no cells, and all devices may register here
   */
  readonly cell?: CellMembership;
}

/**
 * Properties of `FleetProvisioning`.
 */
export interface FleetProvisioningProps extends FleetProvisioningOptions {
  /**
   * What the devices are.
   */
  readonly identity: DeviceIdentity;
}

/**
 * Registers devices at their first boot: each gets a thing of the identity's type, a certificate of its own and the
 * identity's policy, and is told the identity's configuration in the answer (`deviceConfiguration`).
 *
 * Before a claim succeeds, a function looks the serial number up in the allow list. It denies on any doubt, errors of
 * its own included, and answers well within the five seconds that AWS IoT waits.
 *
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/provision-wo-cert.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const provisioning = new FleetProvisioning(stack, 'Provisioning', {
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   thingNamePrefix: 'drone-',
 * });
 */
export class FleetProvisioning extends Construct {
  /**
   * What the client ID of a device starts with while it holds the claim certificate: that certificate must not be able
   * to take over the connection of a device.
   */
  public static readonly CLAIM_CLIENT_ID_PREFIX = 'claim-';

  /** The name of the provisioning template. */
  public readonly templateName: string;

  /** The serial numbers that may register; none with JITP. */
  public readonly allowList?: DeviceAllowList;

  /** The name of the IoT policy for the claim certificate; none with JITP. */
  public readonly claimPolicyName?: string;

  /** The function that decides about a registration; none with JITP. */
  public readonly hook?: lambda.IFunction;

  /**
   * @throws ValidationError with one of the codes `ProvisioningTemplateName`, `ThingNamePrefix`, `ThingAttributes`,
   * `Cell` and
   * `JitpHasNoHook`
   */
  constructor(scope: Construct, id: string, props: FleetProvisioningProps) {
    super(scope, id);

    checkProvisioningNames(this, props);
    checkAttributes(this, props.attributes);
    const { templateName } = props;
    const jitp = props.method === ProvisioningMethod.JITP;
    if (jitp && (props.allowList || props.registration || props.cell)) {
      fail(
        this,
        lit`JitpHasNoHook`,
        '`allowList`, `registration` and `cell` need the hook, which AWS IoT does not call with JITP; leave them out, or use ProvisioningMethod.CLAIM.',
      );
    }
    if (props.cell) checkCell(this, props.cell);
    // Known before deployment, because the permission of the hook must be there before the template.
    this.templateName = templateName ?? Names.uniqueResourceName(this, { maxLength: 36, separator: '-' });

    const role = new ProvisioningRole(this, 'Role', {
      identity: props.identity,
      templateName: this.templateName,
      description: 'Lets AWS IoT register devices',
      createsThings: true,
    });
    const template = new CfnProvisioningTemplate(this, 'Template', {
      templateName: this.templateName,
      description: 'Registers cameras that stream to Kinesis Video Streams',
      enabled: true,
      templateType: jitp ? 'JITP' : 'FLEET_PROVISIONING',
      provisioningRoleArn: role.roleArn,
      templateBody: Stack.of(this).toJsonString(this.templateBody(props, jitp)),
    });
    template.node.addDependency(role);
    if (jitp) return;

    this.allowList = props.allowList ?? new DeviceAllowList(this, 'AllowList');
    this.hook = new ProvisioningHook(this, 'Hook', {
      template,
      templateName: this.templateName,
      handler: 'fleet-provisioning',
      description: 'Decides whether a device may register',
      allowList: this.allowList,
      environment: {
        REGISTRATION: props.registration ?? Registration.ONCE,
        THING_NAME_PREFIX: props.thingNamePrefix ?? '',
        CELL: JSON.stringify(props.cell ?? null),
      },
    });
    this.claimPolicyName = this.claimPolicy();
  }

  /** What the claim certificate may do: ask for a certificate and register with this template. */
  private claimPolicy(): string {
    const document = new iam.PolicyDocument({
      statements: [
        new iam.PolicyStatement({
          actions: ['iot:Connect'],
          resources: [iotArn(this, 'client', `${FleetProvisioning.CLAIM_CLIENT_ID_PREFIX}*`)],
        }),
        ...provisioningStatements(this, this.templateName, 'create', 'create-from-csr'),
      ],
    });
    return new CfnPolicy(this, 'ClaimPolicy', { policyDocument: document }).ref;
  }

  private templateBody(props: FleetProvisioningProps, jitp: boolean): object {
    const { identity, thingNamePrefix = '' } = props;
    const certificateId = 'AWS::IoT::Certificate::Id';
    const serialNumber = jitp ? 'AWS::IoT::Certificate::CommonName' : 'SerialNumber';
    const serialNumberRef = { Ref: serialNumber };
    return {
      Parameters: {
        [serialNumber]: { Type: 'String' },
        [certificateId]: { Type: 'String' },
      },
      Resources: {
        thing: {
          Type: 'AWS::IoT::Thing',
          Properties: {
            ThingName: thingNamePrefix ? { 'Fn::Join': ['', [thingNamePrefix, serialNumberRef]] } : serialNumberRef,
            ThingTypeName: identity.thingTypeName,
            AttributePayload: { ...props.attributes, serialNumber: serialNumberRef },
          },
          OverrideSettings: { AttributePayload: 'MERGE', ThingTypeName: 'REPLACE', ThingGroups: 'DO_NOTHING' },
        },
        certificate: {
          Type: 'AWS::IoT::Certificate',
          Properties: { CertificateId: { Ref: certificateId }, Status: jitp ? 'ACTIVE' : 'Active' },
        },
        policy: {
          Type: 'AWS::IoT::Policy',
          Properties: { PolicyName: identity.policyName },
        },
      },
      // Only a claim is answered over MQTT; JITP has no answer to put this in.
      ...(jitp ? {} : { DeviceConfiguration: identity.configuration(this) }),
    };
  }
}

/**
 * Checks that a cell is one of its fleet.
 *
 * @internal
 */
export function checkCell(scope: Construct, { name, cells }: CellMembership): void {
  for (const cell of cells) {
    checkPattern(scope, lit`Cell`, 'cell.cells', cell, /^[a-zA-Z0-9_-]{1,64}$/, 'names of 1 to 64 of a-z A-Z 0-9 _ -');
  }
  if (new Set(cells).size < cells.length)
    fail(scope, lit`Cell`, `\`cell.cells\` names one twice: ${cells.join(', ')}.`);
  if (!cells.includes(name))
    fail(scope, lit`Cell`, `\`cell.cells\` is ${cells.join(', ')}; it must include '${name}'.`);
}
