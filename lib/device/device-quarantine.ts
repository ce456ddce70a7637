import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnPolicy } from 'aws-cdk-lib/aws-iot';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { QUARANTINE_TAG } from '../private/device-permissions';
import { mediaArn } from '../private/fleet-tag';
import { HandlerFunction } from '../private/handler-function';
import { iotArn } from '../private/topic-rule';
import type { DeviceAllowList } from './device-allow-list';
import type { DeviceIdentity } from './device-identity';

/**
 * Properties of `DeviceQuarantine`.
 */
export interface DeviceQuarantineProps {
  /**
   * What the devices are.
   */
  readonly identity: DeviceIdentity;

  /**
   * The serial numbers that may register.
   */
  readonly allowList: DeviceAllowList;
}

/**
 * Shuts a device out at once: it is blocked from registering, its certificates get a policy that denies everything, its
 * streams and channels a tag that keeps it from them with the credentials that it has already, and its connection is
 * dropped. Its recordings stay, and may be watched.
 *
 * The operators' tool is the function itself, invoked with an order like
 * `{"thingName": "drone-1", "action": "QUARANTINE", "reason": "stolen"}`. `RELEASE` undoes it, `REVOKE` also revokes the
 * certificates, which nothing undoes. An order that failed half-way is given again.
 *
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/iot-policies.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
 *
 * const quarantine = new DeviceQuarantine(stack, 'Quarantine', {
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   allowList: new DeviceAllowList(stack, 'AllowList'),
 * });
 * quarantine.grantOrder(new Role(stack, 'Operators', { assumedBy: new AccountRootPrincipal() }));
 */
export class DeviceQuarantine extends Construct {
  /** The function that carries orders out. */
  public readonly handler: lambda.IFunction;

  /** The name of the IoT policy that denies everything. */
  public readonly policyName: string;

  constructor(scope: Construct, id: string, props: DeviceQuarantineProps) {
    super(scope, id);
    const { identity, allowList } = props;

    const deny = new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ['iot:*'], resources: ['*'] });
    const policyDocument = new iam.PolicyDocument({ statements: [deny] });
    this.policyName = new CfnPolicy(this, 'Policy', { policyDocument }).ref;

    const handler = new HandlerFunction(this, 'Handler', {
      handler: 'device-quarantine',
      description: 'Shuts a device out, or lets it in again, by order of an operator',
      timeout: Duration.minutes(1),
      environment: {
        ALLOW_LIST_TABLE: allowList.table.tableName,
        QUARANTINE_POLICY: this.policyName,
        THING_TYPE: identity.thingTypeName,
        CAMERAS: JSON.stringify(identity.cameras),
      },
    });
    allowList.table.grant(handler, 'dynamodb:UpdateItem');
    allowList.table.encryptionKey?.grantEncryptDecrypt(handler);

    const media = [mediaArn(this, 'stream'), mediaArn(this, 'channel')];
    const add = (
      actions: string[],
      resources: string[],
      conditions?: Record<string, Record<string, string | string[]>>,
    ) => handler.addToRolePolicy(new iam.PolicyStatement({ actions, resources, conditions }));
    add(['iot:DescribeThing', 'iot:ListThingPrincipals'], [iotArn(this, 'thing', '*')]);
    add(['iot:AttachPolicy', 'iot:DetachPolicy', 'iot:UpdateCertificate'], [iotArn(this, 'cert', '*')]);
    add(['iot:DeleteConnection'], [iotArn(this, 'client', '*')]);
    add(['kinesisvideo:DescribeSignalingChannel', 'kinesisvideo:DescribeStream'], media);
    // No other tag of any stream or channel.
    add(['kinesisvideo:TagResource', 'kinesisvideo:UntagResource'], media, {
      'ForAllValues:StringEquals': { 'aws:TagKeys': [QUARANTINE_TAG] },
      Null: { 'aws:TagKeys': 'false' },
    });
    this.handler = handler;
  }

  /** Lets somebody give orders. */
  public grantOrder(grantee: iam.IGrantable): iam.Grant {
    return this.handler.grantInvoke(grantee);
  }
}
