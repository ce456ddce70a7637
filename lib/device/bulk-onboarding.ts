import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { HandlerFunction, handlerMetric } from '../private/handler-function';
import { OnboardingFlow } from '../private/onboarding-flow';
import { privateBucket } from '../private/private-bucket';
import { checkProvisioningNames } from '../private/provisioning';
import { iotArn } from '../private/topic-rule';
import { checkDuration, checkRange, lit } from '../private/validation';
import { ApiPacer } from './api-pacer';
import type { DeviceAllowList } from './device-allow-list';
import type { DeviceIdentity } from './device-identity';
import { checkCell, type CellMembership } from './fleet-provisioning';

/**
 * Properties of `BulkOnboarding`.
 */
export interface BulkOnboardingProps {
  /**
   * The list that serial numbers are put on.
   */
  readonly allowList: DeviceAllowList;

  /**
   * What the devices are.
   */
  readonly identity: DeviceIdentity;

  /**
   * Whether each device gets its thing ahead of its first boot, and so, from `MediaProvisioner`, its streams and channels
   * too.
   * @default false
   */
  readonly things?: boolean;

  /**
   * What stands before the serial number in the thing's name: as in `FleetProvisioning`.
   * @default - nothing; the thing's name is the serial number
   */
  readonly thingNamePrefix?: string;

  /**
   * Attributes of each thing beside its serial number and those in the list: as in `FleetProvisioning`, and with the
   * `fleet` that `DroneFleet` adds there.
   * @default - none
   */
  readonly attributes?: { [key: string]: string };

  /**
   * The cell whose devices are onboarded: as in `FleetProvisioning`. Rows of other cells are counted and left alone.
   * @default - there are no cells, and all devices are onboarded here
   */
  readonly cell?: CellMembership;

  /**
   * What paces the creation of things. Fleets of one account and region should share it.
   * @default - a new one, if there are `things`
   */
  readonly pacer?: ApiPacer;

  /**
   * How many batches of 500 rows are worked on at once: 1 to 100. More of them make things no sooner than the pacer lets
   * them.
   * @default 5
   */
  readonly maxConcurrency?: number;

  /**
   * Where lists and reports are, in the folders `lists/` and `reports/`. It must be in the stack's account and region.
   * @default - a new bucket
   */
  readonly bucket?: s3.IBucket;

  /**
   * The key that encrypts the new bucket and the new pacer.
   * @default - keys that S3 and DynamoDB manage
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * How long reports are kept in the new bucket: whole days, 1 or more.
   * @default Duration.days(90)
   */
  readonly reportRetention?: Duration;

  /**
   * What becomes of the new bucket when it leaves the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Puts the serial numbers of a list in S3 on the allow list and, if so wished, makes their things ahead of their first
 * boot.
 *
 * Each execution of the state machine reads one list, a CSV file with a header: `{"key": "lists/2026-01.csv"}`. Rows that
 * fail hold no other back; they are in the report with their reasons, and the output says how many they are and where it
 * is. An execution that fails can be redriven, and another one over the same list changes nothing.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const onboarding = new BulkOnboarding(stack, 'Onboarding', {
 *   allowList: new DeviceAllowList(stack, 'AllowList'),
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   thingNamePrefix: 'drone-',
 * });
 * new CfnOutput(stack, 'Lists', { value: onboarding.bucket.bucketName });
 */
export class BulkOnboarding extends Construct {
  /** Where lists and reports are. */
  public readonly bucket: s3.IBucket;

  /** What is started with the key of a list. */
  public readonly stateMachine: sfn.IStateMachine;

  /** The function that works batches of rows off. */
  public readonly handler: lambda.IFunction;

  /** Goes off when an execution fails. */
  public readonly failureAlarm: cloudwatch.Alarm;

  /**
   * @throws ValidationError with one of the codes `ThingNamePrefix`, `Cell`, `OnboardingConcurrency` and
   * `ReportRetention`
   */
  constructor(scope: Construct, id: string, props: BulkOnboardingProps) {
    super(scope, id);
    const { cell, thingNamePrefix, maxConcurrency = 5 } = props;
    checkProvisioningNames(this, { thingNamePrefix });
    if (cell) checkCell(this, cell);
    checkRange(this, lit`OnboardingConcurrency`, 'maxConcurrency', maxConcurrency, { min: 1, max: 100 });

    this.bucket = props.bucket ?? this.makeBucket(props);
    this.handler = this.makeHandler(props);
    const { handler, bucket } = this;
    const { stateMachine } = new OnboardingFlow(this, 'Flow', { handler, bucket, maxConcurrency });
    this.stateMachine = stateMachine;
    this.failureAlarm = stateMachine.metricFailed().createAlarm(this, 'FailureAlarm', {
      alarmDescription: 'Onboarding: an execution failed, and waits to be redriven',
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  }

  /**
   * A metric of the function, in the namespace `KinesisVideoFleet`: `DeviceListed`, `ThingCreated`, `RowRejected`,
   * `ApiThrottled`.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, 'bulk-onboarding', metricName, props);
  }

  private makeBucket({
    encryptionKey,
    reportRetention = Duration.days(90),
    removalPolicy,
  }: BulkOnboardingProps): s3.Bucket {
    const range = { min: 24, max: 876_000, unit: 'hours' } as const;
    checkDuration(this, lit`ReportRetention`, 'reportRetention', reportRetention, range);
    return privateBucket(this, 'Bucket', {
      encryptionKey,
      lifecycleRules: [
        { prefix: 'reports/', expiration: reportRetention },
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN,
    });
  }

  private makeHandler(props: BulkOnboardingProps): lambda.IFunction {
    const { allowList, identity, things = false, attributes = {} } = props;
    const handler = new HandlerFunction(this, 'Handler', {
      handler: 'bulk-onboarding',
      description: 'Puts devices on the allow list, and makes their things',
      // The longest there is, because creations of things take turns.
      timeout: Duration.minutes(15),
      memorySize: 512,
      environment: {
        ALLOW_LIST_TABLE: allowList.table.tableName,
        THING_NAME_PREFIX: props.thingNamePrefix ?? '',
        THINGS: Stack.of(this).toJsonString(things ? { thingTypeName: identity.thingTypeName, attributes } : null),
        CELL: JSON.stringify(props.cell ?? null),
      },
    });
    allowList.table.grant(handler, 'dynamodb:UpdateItem');
    allowList.table.encryptionKey?.grantEncryptDecrypt(handler);
    if (!things) return handler;
    const pacer = props.pacer ?? new ApiPacer(this, 'Pacer', { encryptionKey: props.encryptionKey });
    pacer._connect(handler);
    // There is no condition that would limit creation to a type of things.
    handler.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['iot:CreateThing', 'iot:DescribeThing'],
        resources: [iotArn(this, 'thing', `${props.thingNamePrefix ?? ''}*`)],
      }),
    );
    return handler;
  }
}
