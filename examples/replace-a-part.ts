import { App, Duration, Stack } from 'aws-cdk-lib';
import {
  AlertTopic,
  DeviceIdentity,
  DroneFleet,
  FleetKey,
  FrameStore,
  ObstacleClass,
  Registration,
  VideoVpcEndpoints,
} from 'cdk-kinesis-video';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';

const app = new App();

// What holds state lives in a stack of its own, which is protected from deletion.
const state = new Stack(app, 'State', { terminationProtection: true });
const encryptionKey = new FleetKey(state, 'Key');
const frames = new FrameStore(state, 'Frames', { encryptionKey, retention: Duration.days(30) });
const alerts = new AlertTopic(state, 'Alerts', { encryptionKey, repeatAfter: Duration.seconds(10) });
const identity = new DeviceIdentity(state, 'Identity', { encryptionKey, images: frames, cameras: ['front', 'down'] });

const stack = new Stack(app, 'Fleet');
new DroneFleet(stack, 'Fleet', {
  fleetName: 'survey',
  obstacles: [new ObstacleClass({ name: 'crane', labels: ['Construction Crane'], minimumConfidence: 90 })],
  encryptionKey,
  identity,
  frames,
  alerts,
  provisioning: { registration: Registration.REUSABLE, thingNamePrefix: 'survey-' },
  media: { retention: Duration.days(30), imageGeneration: { samplingInterval: Duration.seconds(1) } },
});

// Clients in a VPC that has no way to the internet reach the services privately.
const vpc = new Vpc(stack, 'Vpc', {
  maxAzs: 2,
  subnetConfiguration: [{ name: 'clients', subnetType: SubnetType.PRIVATE_ISOLATED }],
  flowLogs: { all: {} },
});
new VideoVpcEndpoints(stack, 'Endpoints', { vpc });
