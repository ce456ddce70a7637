import { App, Duration, Stack } from 'aws-cdk-lib';
import cdkJson from '../../../cdk.json';
import {
  AlertEscalation,
  Canary,
  ClipArchive,
  ContinuousArchive,
  DeviceConnectivity,
  DroneFleetCell,
  FleetMonitoring,
  ProducerTelemetry,
  type FleetMonitoringProps,
} from '../../../lib';
import { BIRDS, DEPLOYED_ENDPOINTS } from '../fleet';
import { DeployedStack, type DeployedResource } from '../cloudformation-resolver';

/** A cell of the reference fleet with all that it can have, and a stack that watches it. */
export class MonitoredFleet {
  readonly cell: DroneFleetCell;
  readonly stack: Stack;
  readonly monitoring: FleetMonitoring;
  /** The name of the metric of devices that are connected. */
  readonly connectedMetric: string;
  private deployed?: DeployedStack[];

  constructor(props: Partial<FleetMonitoringProps> = {}) {
    this.cell = new DroneFleetCell(new App({ context: cdkJson.context }), 'Cell', {
      env: { account: '111122223333', region: 'eu-west-1' },
      fleetName: 'delivery',
      obstacles: BIRDS,
      motionGate: { fleetLimitPerDay: Duration.hours(100) },
      pilots: { viewing: { signIn: { callbackUrls: ['https://console.example.com'], domainPrefix: 'delivery' } } },
    });
    const { state, fleet, pilots } = this.cell;
    const { identity, encryptionKey } = state;
    this.stack = new Stack(this.cell, 'Monitoring');
    const connectivity = new DeviceConnectivity(this.stack, 'Connectivity', { identity });
    this.connectedMetric = connectivity.metricName;
    const escalation = new AlertEscalation(fleet, 'Escalation', {
      alerts: state.alerts,
      tiers: [{ name: 'pilots', acknowledgeWithin: Duration.minutes(5) }],
    });
    const archive = { fleetName: 'delivery', identity, encryptionKey };
    this.monitoring = new FleetMonitoring(this.stack, 'Fleet', {
      fleetName: 'delivery',
      devices: 10_000,
      telemetry: new ProducerTelemetry(this.stack, 'Telemetry', { identity, encryptionKey }),
      connectivity,
      provisioning: fleet.fleet.provisioning,
      mediaProvisioner: fleet.fleet.mediaProvisioner,
      reconciler: fleet.fleet.reconciler,
      onboarding: fleet.fleet.onboarding,
      certificates: fleet.fleet.certificates,
      frames: state.frames,
      imageDetector: fleet.fleet.imageDetector,
      onDeviceDetections: fleet.fleet.onDeviceDetections,
      motionGate: fleet.fleet.motionGate,
      alerts: state.alerts,
      escalation,
      viewing: pilots!.viewing,
      viewerMessages: pilots!.messages,
      takeover: pilots!.takeover,
      alertFeed: pilots!.feed,
      clips: new ClipArchive(this.stack, 'Clips', { ...archive, alerts: state.alerts }),
      recordings: new ContinuousArchive(this.stack, 'Continuous', archive),
      canary: new Canary(this.stack, 'Canary', {
        encryptionKey,
        frames: state.frames,
        alerts: { topic: state.alerts, identity, label: 'Bird' },
      }),
      alarmOnStreams: true,
      alarmActions: [state.alarms.action],
      monthlyBudget: { limitInDollars: 1000, emails: ['operators@example.com'] },
      ...props,
    });
  }

  /** The resources of a type in all of the stacks, as if they were deployed. */
  resources(...types: string[]): DeployedResource[] {
    if (!this.deployed) {
      const { state, fleet, pilots } = this.cell;
      const all: DeployedStack[] = [];
      for (const stack of [state, fleet, pilots!, this.stack]) {
        all.push(new DeployedStack(stack, all, DEPLOYED_ENDPOINTS));
      }
      this.deployed = all;
    }
    return this.deployed.flatMap(({ resources }) => resources).filter(({ type }) => types.includes(type));
  }

  /** The name of an alarm in tests: its logical id without the hash at its end. */
  static idOf({ logicalId }: DeployedResource): string {
    return logicalId.replace(/[0-9A-F]{8}$/, '');
  }
}
