import { App, Stack } from 'aws-cdk-lib';
import { GraphWidget, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import {
  AlarmTopic,
  DeviceConnectivity,
  DroneFleet,
  FleetMonitoring,
  ObstacleClass,
  ProducerTelemetry,
} from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Drones');
const fleet = new DroneFleet(stack, 'Fleet', {
  fleetName: 'delivery',
  obstacles: [new ObstacleClass({ name: 'bird', labels: ['Bird'] })],
});
const { identity, encryptionKey } = fleet;

const monitoring = new FleetMonitoring(stack, 'Monitoring', {
  fleetName: 'delivery',
  devices: 10_000,
  telemetry: new ProducerTelemetry(stack, 'Telemetry', { identity, encryptionKey }),
  connectivity: new DeviceConnectivity(stack, 'Connectivity', { identity }),
  provisioning: fleet.provisioning,
  mediaProvisioner: fleet.mediaProvisioner,
  reconciler: fleet.reconciler,
  onboarding: fleet.onboarding,
  certificates: fleet.certificates,
  frames: fleet.frames,
  imageDetector: fleet.imageDetector,
  onDeviceDetections: fleet.onDeviceDetections,
  motionGate: fleet.motionGate,
  alerts: fleet.alerts,
  alarmActions: [new AlarmTopic(stack, 'Alarms').action],
});

// What else there is to see, with alarms that page too.
const delivered = new Metric({ namespace: 'Parcels', metricName: 'Delivered', statistic: 'Sum' });
const lost = new Metric({ namespace: 'Parcels', metricName: 'Lost', statistic: 'Sum' });
const anyLost = lost.createAlarm(stack, 'ParcelLost', { threshold: 1, evaluationPeriods: 1 });
monitoring.addSection('Parcels', [new GraphWidget({ title: 'Parcels', left: [delivered, lost] })], [anyLost]);
