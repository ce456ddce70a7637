import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { HandlerFunction } from '../private/handler-function';
import { keptTable } from '../private/kept-table';
import { checkDuration, lit } from '../private/validation';

/**
 * Properties of `AlertAcknowledgements`.
 */
export interface AlertAcknowledgementsProps {
  /**
   * How long it is kept who acknowledged what: 7 to 3650 days.
   * @default Duration.days(90)
   */
  readonly retention?: Duration;

  /**
   * The key that encrypts the table.
   * @default - a key that DynamoDB owns
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What becomes of the table when it leaves the stack. Unless it is DESTROY, DynamoDB refuses its deletion too.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Who acknowledged which alert, when: a table, and a URL at which it is told, signed with the credentials of IAM.
 *
 * `POST` takes `{"detectionId": "…", "acknowledgedBy": "…", "note": "…"}`, of which only the first is needed. The first
 * acknowledgement of an alert counts; whoever comes later gets that one as the answer. It is recorded who signed the
 * request; `acknowledgedBy` is for a person on whose behalf an application signs. `GET` with `?detectionId=…` looks up
 * whether an alert is acknowledged.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
 *
 * const acknowledgements = new AlertAcknowledgements(stack, 'Acknowledgements', { retention: Duration.days(90) });
 * acknowledgements.grantAcknowledge(new Role(stack, 'Pilots', { assumedBy: new AccountRootPrincipal() }));
 */
export class AlertAcknowledgements extends Construct {
  /** The table, with the key `detectionId`. */
  public readonly table: dynamodb.ITable;

  /** The function behind the URL. */
  public readonly handler: lambda.IFunction;

  /** Where alerts are acknowledged. */
  public readonly url: string;

  /** How long it is kept who acknowledged what. */
  public readonly retention: Duration;

  /** The key that encrypts the table. */
  public readonly encryptionKey?: kms.IKey;

  /**
   * @throws ValidationError `AcknowledgementRetention`
   */
  constructor(scope: Construct, id: string, props: AlertAcknowledgementsProps = {}) {
    super(scope, id);
    const { encryptionKey, retention = Duration.days(90), removalPolicy = RemovalPolicy.RETAIN } = props;
    this.retention = retention;
    this.encryptionKey = encryptionKey;
    // Longer than an escalation may take: one that looks after it was forgotten would go on.
    const range = { min: 7, max: 3650, unit: 'days' } as const;
    const days = checkDuration(this, lit`AcknowledgementRetention`, 'retention', retention, range);

    this.table = keptTable(this, 'Table', { partitionKey: 'detectionId', expires: true, encryptionKey, removalPolicy });
    const handler = new HandlerFunction(this, 'Handler', {
      handler: 'alert-acknowledgement',
      description: 'Takes acknowledgements of alerts, and says which ones there are',
      timeout: Duration.seconds(10),
      environment: { ACKNOWLEDGEMENT_TABLE: this.table.tableName, RETENTION_DAYS: String(days) },
    });
    this.table.grant(handler, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    encryptionKey?.grantEncryptDecrypt(handler);
    this.handler = handler;
    this.url = handler.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM }).url;
  }

  /**
   * Lets somebody acknowledge alerts, and look up whether they are acknowledged.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
   */
  public grantAcknowledge(grantee: iam.IGrantable): iam.Grant {
    return this.handler.grantInvokeUrl(grantee);
  }
}
