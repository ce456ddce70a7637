import { CfnOutput, Stack, type Duration, type StackProps } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { Canary } from '../monitoring/canary';
import { DeviceConnectivity } from '../monitoring/device-connectivity';
import { FleetMonitoring } from '../monitoring/fleet-monitoring';
import type { MonitoringThresholds, MonthlyBudget } from '../monitoring/fleet-monitoring-props';
import { ProducerTelemetry } from '../monitoring/producer-telemetry';
import type { DroneFleetPilotsStack } from './drone-fleet-pilots-stack';
import type { DroneFleetStack } from './drone-fleet-stack';
import type { DroneFleetStateStack } from './drone-fleet-state-stack';

/**
 * What may be chosen of `DroneFleetMonitoringStack`.
 */
export interface DroneFleetMonitoringStackOptions {
  /**
   * How often a device reports what its producer does: 30 seconds to 15 minutes.
   * @default Duration.minutes(1)
   */
  readonly telemetryInterval?: Duration;

  /**
   * A label by which a canary causes alerts: of a class of obstacles that alerts at the first sighting. With it, there is a
   * canary, and nobody but it is told of its alerts.
   * @default - no canary
   */
  readonly canaryLabel?: string;

  /**
   * Whether there are alarms of the metrics that AWS has for each stream, which are paid for by the stream.
   * @default false
   */
  readonly alarmOnStreams?: boolean;

  /**
   * What is too much, where it depends on the fleet.
   * @default - as each says
   */
  readonly thresholds?: MonitoringThresholds;

  /**
   * What a month may cost.
   * @default - no budget
   */
  readonly monthlyBudget?: MonthlyBudget;

  /**
   * Where the runbook is that alarms refer to.
   * @default - that of this package
   */
  readonly runbookUrl?: string;

  /**
   * What happens when `fleetAlarm` goes off. The alarms of the parts notify the topic of the state by themselves.
   * @default - the topic of the state is notified
   */
  readonly alarmActions?: cloudwatch.IAlarmAction[];
}

/**
 * Properties of `DroneFleetMonitoringStack`.
 */
export interface DroneFleetMonitoringStackProps extends StackProps, DroneFleetMonitoringStackOptions {
  /**
   * The name of the fleet: 1 to 64 of `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * How many devices the fleet is to have: what is many depends on it.
   */
  readonly devices: number;

  /**
   * The account's quota of streams in the region: 1 or more.
   * @default 10000
   */
  readonly streamQuota?: number;

  /**
   * What the fleet works on.
   */
  readonly state: DroneFleetStateStack;

  /**
   * What works on it.
   */
  readonly fleet: DroneFleetStack;

  /**
   * By which people watch and take control.
   * @default - they don't
   */
  readonly pilots?: DroneFleetPilotsStack;
}

/**
 * What watches a fleet: the dashboard, the alarm that pages, what devices report of themselves, and a canary. Nothing is lost
 * with it.
 *
 * @exampleMetadata fixture=stack
 * @example
 * const app = new App();
 * const fleetName = 'delivery';
 * const obstacles = [new ObstacleClass({ name: 'bird', labels: ['Bird'] })];
 * const state = new DroneFleetStateStack(app, 'State');
 * const fleet = new DroneFleetStack(app, 'Fleet', { state, fleetName, obstacles });
 * new DroneFleetMonitoringStack(app, 'Monitoring', { state, fleet, fleetName, devices: 10_000 });
 */
export class DroneFleetMonitoringStack extends Stack {
  /** The dashboard and the alarms. */
  public readonly monitoring: FleetMonitoring;

  /** What devices say of their producers. */
  public readonly telemetry: ProducerTelemetry;

  /** How many devices are connected. */
  public readonly connectivity: DeviceConnectivity;

  /** The camera that isn't there, if it is wanted. */
  public readonly canary?: Canary;

  constructor(scope: Construct, id: string, props: DroneFleetMonitoringStackProps) {
    super(scope, id, { description: 'Video fleet: monitoring', ...props });
    const { fleetName, state, pilots, canaryLabel } = props;
    const { identity, encryptionKey, alerts, frames } = state;
    const { fleet } = props.fleet;

    this.telemetry = new ProducerTelemetry(this, 'Telemetry', {
      identity,
      encryptionKey,
      interval: props.telemetryInterval,
    });
    this.connectivity = new DeviceConnectivity(this, 'Connectivity', { identity });
    if (canaryLabel !== undefined) {
      this.canary = new Canary(this, 'Canary', {
        encryptionKey,
        frames,
        alerts: fleet.onDeviceDetections && { topic: alerts, identity, label: canaryLabel },
      });
    }
    this.monitoring = new FleetMonitoring(this, 'Monitoring', {
      fleetName,
      devices: props.devices,
      streamQuota: props.streamQuota,
      telemetry: this.telemetry,
      connectivity: this.connectivity,
      provisioning: fleet.provisioning,
      mediaProvisioner: fleet.mediaProvisioner,
      reconciler: fleet.reconciler,
      onboarding: fleet.onboarding,
      certificates: fleet.certificates,
      frames,
      imageDetector: fleet.imageDetector,
      onDeviceDetections: fleet.onDeviceDetections,
      motionGate: fleet.motionGate,
      alerts,
      viewing: pilots?.viewing,
      viewerMessages: pilots?.messages,
      takeover: pilots?.takeover,
      alertFeed: pilots?.feed,
      canary: this.canary,
      alarmOnStreams: props.alarmOnStreams,
      thresholds: props.thresholds,
      monthlyBudget: props.monthlyBudget,
      runbookUrl: props.runbookUrl,
      alarmActions: props.alarmActions ?? [state.alarms.action],
    });
    new CfnOutput(this, 'TelemetryTopic', {
      description: 'The topic to which a device reports, {thing} being its name',
      value: this.telemetry.topic,
    });
    new CfnOutput(this, 'DashboardName', {
      description: 'The dashboard in CloudWatch',
      value: this.monitoring.dashboard.dashboardName,
    });
  }
}
