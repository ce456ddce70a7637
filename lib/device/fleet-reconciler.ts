import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { failedRuns, overdueAlarm } from '../private/alarms';
import { FleetLister } from '../private/fleet-lister';
import { HandlerFunction, handlerMetric } from '../private/handler-function';
import { privateBucket } from '../private/private-bucket';
import { ReconciliationFlow } from '../private/reconciliation-flow';
import { checkDuration, lit } from '../private/validation';
import type { DeviceIdentity } from './device-identity';
import type { MediaProvisioner } from './media-provisioner';

/**
 * Properties of `FleetReconciler`.
 */
export interface FleetReconcilerProps {
  /**
   * What gives the devices their media: the reconciler has its configuration, permissions and pace.
   */
  readonly provisioner: MediaProvisioner;

  /**
   * When a run starts. One that starts while another one still runs ends at once.
   * @default - every day at 02:17 UTC
   */
  readonly schedule?: scheduler.ScheduleExpression;

  /**
   * How long after the start of a run it is ended if it still goes on, and the alarm goes off if no other one has begun:
   * two periods of the schedule. Whole hours, from 2 to 168 (a week).
   * @default Duration.hours(48)
   */
  readonly overdueAfter?: Duration;

  /**
   * The key that encrypts the bucket.
   * @default - a key that S3 manages
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What becomes of the bucket of reports when it leaves the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Brings the media of a whole fleet to where it should be, on a schedule: creates what is missing, repairs settings that
 * differ from the configuration, and removes or reports what devices that are gone have left behind. So a configuration
 * that has changed reaches every stream, with no deployment that would touch them.
 *
 * Calls are paced together with those of `MediaProvisioner`, so that devices that register meanwhile wait for some seconds
 * longer. What doesn't carry the fleet's tag stays as it is.
 *
 * The output of an execution has the counts, and `reports` says where the lists of orphans and failures are. To start one
 * by hand, start an execution of the `stateMachine` without input.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const identity = new DeviceIdentity(stack, 'Identity');
 * const provisioner = new MediaProvisioner(stack, 'Media', { fleetName: 'delivery', identity });
 * const reconciler = new FleetReconciler(stack, 'Reconciler', { provisioner });
 * reconciler.overdueAlarm.addAlarmAction(new AlarmTopic(stack, 'Alarms').action);
 */
export class FleetReconciler extends Construct {
  /** What a run is an execution of. */
  public readonly stateMachine: sfn.IStateMachine;

  /** Where reports are, in `reports/<name of the execution>/`, for 30 days. */
  public readonly bucket: s3.IBucket;

  /** The function that works pages of names off. */
  public readonly handler: lambda.IFunction;

  /** Goes off when a run failed, or was ended because it took too long. */
  public readonly runAlarm: cloudwatch.Alarm;

  /** Goes off when no run has begun for too long; before the first run, too. */
  public readonly overdueAlarm: cloudwatch.Alarm;

  /** Goes off when the media of a device could not be brought to order. */
  public readonly failureAlarm: cloudwatch.Alarm;

  /** All alarms. */
  public readonly alarms: cloudwatch.Alarm[];

  /**
   * @throws ValidationError `ReconcilerOverdue`
   */
  constructor(scope: Construct, id: string, props: FleetReconcilerProps) {
    super(scope, id);
    const { provisioner, overdueAfter = Duration.hours(48), encryptionKey } = props;
    const { identity } = provisioner;
    const range = { min: 2, max: 168, unit: 'hours' } as const;
    const hours = checkDuration(this, lit`ReconcilerOverdue`, 'overdueAfter', overdueAfter, range);

    this.bucket = privateBucket(this, 'Bucket', {
      encryptionKey,
      lifecycleRules: [
        { prefix: 'runs/', expiration: Duration.days(7) },
        { prefix: 'reports/', expiration: Duration.days(30) },
      ],
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
    const reconciler = new HandlerFunction(this, 'Handler', {
      handler: 'fleet-reconciler',
      description: 'Brings the media of things to where it should be, page by page',
      timeout: Duration.minutes(15),
      memorySize: 512,
    });
    provisioner._connect(reconciler);
    this.handler = reconciler;
    const { stateMachine } = new ReconciliationFlow(this, 'Flow', {
      lister: this.makeLister(identity),
      reconciler,
      bucket: this.bucket,
      kinds: ['things', 'streams', ...(identity.signaling ? ['channels'] : [])],
      timeout: overdueAfter,
    });
    this.stateMachine = stateMachine;
    new scheduler.Schedule(this, 'Schedule', {
      description: 'Starts the reconciliation of a fleet',
      // Not at the full hour, when everybody else's runs start.
      schedule: props.schedule ?? scheduler.ScheduleExpression.cron({ hour: '2', minute: '17' }),
      target: new StepFunctionsStartExecution(stateMachine, {}),
    });

    this.runAlarm = failedRuns(stateMachine, { label: 'Runs that failed' }).createAlarm(this, 'RunAlarm', {
      alarmDescription: 'Reconciliation: a run failed, or was ended because it took too long',
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    this.overdueAlarm = overdueAlarm(this, this.metricDevicesRegistered(), 'Reconciliation', hours);
    this.failureAlarm = this.metric('ReconcileFailed', { statistic: cloudwatch.Stats.SUM }).createAlarm(
      this,
      'FailureAlarm',
      {
        alarmDescription: 'Reconciliation: the media of a device could not be brought to order',
        threshold: 1,
        evaluationPeriods: 1,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      },
    );
    this.alarms = [this.runAlarm, this.overdueAlarm, this.failureAlarm];
  }

  /**
   * A metric of the function that works pages off, in the namespace `KinesisVideoFleet`: `MediaCreated`, `MediaRepaired`,
   * `MediaRemoved`, `MediaOrphaned`, `ReconcileFailed`, `ApiThrottled`.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOf('fleet-reconciler', metricName, props);
  }

  /**
   * How many things of the fleet's type the registry has, once for each run.
   * @default - maximum over 5 minutes
   */
  public metricDevicesRegistered(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOf('fleet-lister', 'DevicesRegistered', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  private metricOf(handler: string, metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, handler, metricName, props);
  }

  private makeLister(identity: DeviceIdentity): lambda.IFunction {
    const actions = ['kinesisvideo:ListStreams'];
    if (identity.signaling) actions.push('kinesisvideo:ListSignalingChannels');
    return new FleetLister(this, 'Lister', {
      identity,
      description: 'Lists the things of a fleet, and the streams and channels of the account',
      actions,
    });
  }
}
