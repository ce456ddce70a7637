import { RemovalPolicy } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { keptTable } from '../private/kept-table';

/**
 * Properties of `DeviceAllowList`.
 */
export interface DeviceAllowListProps {
  /**
   * The key that encrypts the list.
   * @default - a key that DynamoDB owns
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What becomes of the list when it leaves the stack. Unless it is DESTROY, DynamoDB refuses its deletion too.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The serial numbers that may register: a table with the key `serialNumber`.
 *
 * An entry is put there before the device boots for the first time; nothing but its key is needed. Registration adds
 * `certificateId` and `registeredAt`. `blocked: true` keeps a serial number out, and removing `certificateId` lets a
 * device register again where it may do so once only.
 *
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/pre-provisioning-hook.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const allowList = new DeviceAllowList(stack, 'AllowList');
 * new FleetProvisioning(stack, 'Provisioning', { identity: new DeviceIdentity(stack, 'Identity'), allowList });
 */
export class DeviceAllowList extends Construct {
  /** The table. */
  public readonly table: dynamodb.ITable;

  constructor(scope: Construct, id: string, props: DeviceAllowListProps = {}) {
    super(scope, id);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    this.table = keptTable(this, 'Table', {
      partitionKey: 'serialNumber',
      encryptionKey: props.encryptionKey,
      removalPolicy,
    });
  }
}
