import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { checkRange, lit } from '../private/validation';

/**
 * How many calls a second the functions of a fleet make together, of each kind: more than 0. AWS's quotas are those of
 * the account in the region, and also those of everybody else there.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/service-quotas.html
 */
export interface ApiRates {
  /**
   * CreateStream. AWS's quota is 50 calls a second.
   * @default 48
   */
  readonly createStream?: number;

  /**
   * CreateSignalingChannel. AWS's quota is 50 calls a second.
   * @default 48
   */
  readonly createSignalingChannel?: number;

  /**
   * CreateThing of AWS IoT a second, when things are made ahead of their first boot: 1 or more. AWS's quotas differ by
   * account and region.
   * @default 15
   */
  readonly createThing?: number;

  /**
   * DescribeStream, DescribeSignalingChannel and GetDataEndpoint, each. AWS's quota is 300 calls a second, but devices call
   * them too, all at once after an outage.
   * @default 150
   */
  readonly describe?: number;

  /**
   * Every other call that reads (tags and settings), each. AWS's quota is 50 calls a second.
   * @default 40
   */
  readonly read?: number;

  /**
   * Every other call that changes something (settings, tags, deletion), each. AWS's quota is 50 calls a second.
   * @default 48
   */
  readonly update?: number;
}

/**
 * Properties of `ApiPacer`.
 */
export interface ApiPacerProps {
  /**
   * Calls a second.
   * @default - AWS's quotas, less what others in the account may need
   */
  readonly rates?: ApiRates;

  /**
   * The key that encrypts the table.
   * @default - a key that DynamoDB owns
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Keeps what the functions of a fleet call of Kinesis Video Streams below a rate, all of them together: each call takes
 * its turn from a table. Fleets that share an account and region share its quotas, and should share a pacer.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/limits.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * // Both share the rate that AWS allows the account.
 * const pacer = new ApiPacer(stack, 'Pacer');
 * const identity = new DeviceIdentity(stack, 'Identity');
 * new MediaProvisioner(stack, 'Media', { fleetName: 'delivery', identity, pacer });
 * new ContinuousArchive(stack, 'Archive', { fleetName: 'delivery', identity, pacer });
 */
export class ApiPacer extends Construct {
  private readonly table: dynamodb.Table;
  private readonly encryptionKey?: kms.IKey;
  private readonly rates: Record<string, number>;

  /**
   * @throws ValidationError `ApiRate`
   */
  constructor(scope: Construct, id: string, props: ApiPacerProps = {}) {
    super(scope, id);
    const {
      createStream = 48,
      createSignalingChannel = 48,
      createThing = 15,
      describe = 150,
      read = 40,
      update = 48,
    } = props.rates ?? {};
    for (const [name, rate] of Object.entries({
      createStream,
      createSignalingChannel,
      createThing,
      describe,
      read,
      update,
    })) {
      const remedy = 'Calls without pace are throttled by AWS.';
      checkRange(this, lit`ApiRate`, `rates.${name}`, rate, { min: 0.1, max: 10_000, whole: false, remedy });
    }
    this.rates = {
      CreateStream: createStream,
      CreateSignalingChannel: createSignalingChannel,
      CreateThing: createThing,
      DescribeStream: describe,
      DescribeSignalingChannel: describe,
      GetDataEndpoint: describe,
      DescribeImageGenerationConfiguration: read,
      DescribeStreamStorageConfiguration: read,
      ListTagsForResource: read,
      ListTagsForStream: read,
      DeleteSignalingChannel: update,
      DeleteStream: update,
      TagResource: update,
      TagStream: update,
      UpdateDataRetention: update,
      UpdateImageGenerationConfiguration: update,
      UpdateSignalingChannel: update,
      UpdateStream: update,
      UpdateStreamStorageConfiguration: update,
    };
    this.encryptionKey = props.encryptionKey;
    this.table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: 'operation', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryptionKey: props.encryptionKey,
      // It remembers the next fraction of a second.
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /**
   * Makes one of this package's functions take turns.
   * @internal
   */
  public _connect(fn: lambda.Function): void {
    this.table.grants.actions(fn, 'dynamodb:UpdateItem');
    this.encryptionKey?.grantEncryptDecrypt(fn);
    const settings = { tableName: this.table.tableName, rates: this.rates };
    fn.addEnvironment('PACER', Stack.of(fn).toJsonString(settings));
  }
}
