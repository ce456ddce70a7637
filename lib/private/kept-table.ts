import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

export interface KeptTableProps {
  readonly partitionKey: string;
  /** @default - none */
  readonly sortKey?: string;
  /** Whether items have a time at which they expire, `expiresAt`. @default false */
  readonly expires?: boolean;
  /** @default - a key that DynamoDB owns */
  readonly encryptionKey?: kms.IKey;
  readonly removalPolicy: RemovalPolicy;
}

/** A table of what has to be kept: restored to any second of the last 35 days, and protected from deletion. */
export function keptTable(scope: Construct, id: string, props: KeptTableProps): dynamodb.Table {
  const { partitionKey, sortKey, removalPolicy } = props;
  const key = (name: string) => ({ name, type: dynamodb.AttributeType.STRING });
  // TableV2 can't have a key of the account's own in a stack that isn't bound to a region.
  // eslint-disable-next-line awscdk/require-passing-this, awscdk/no-variable-construct-id -- both are the caller's
  return new dynamodb.Table(scope, id, {
    partitionKey: key(partitionKey),
    sortKey: sortKey === undefined ? undefined : key(sortKey),
    timeToLiveAttribute: props.expires ? 'expiresAt' : undefined,
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    encryptionKey: props.encryptionKey,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
    removalPolicy,
  });
}
