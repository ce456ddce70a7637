import { CfnWaitConditionHandle, Duration, Stack, type App } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import * as library from '../../lib';

/** Makes the least of a construct in a stack; what it needs is made beside it. */
export type Factory = (stack: Stack, id: string) => Construct;

const fleetName = 'drones';
const obstacles = [new library.ObstacleClass({ name: 'bird', labels: ['Bird'] })];

const signIn = { callbackUrls: ['https://console.example.com'], domainPrefix: 'drones-viewers' };

const identity = (stack: Stack) => new library.DeviceIdentity(stack, 'Identity');
const allowList = (stack: Stack) => new library.DeviceAllowList(stack, 'Allowed');
const alerts = (stack: Stack) => new library.AlertTopic(stack, 'Topic');
const stream = (stack: Stack) => new library.VideoStream(stack, 'Video');
const channel = (stack: Stack) => new library.SignalingChannel(stack, 'Meeting');
const bucket = (stack: Stack) => new s3.Bucket(stack, 'Store');
const provisioner = (stack: Stack) =>
  new library.MediaProvisioner(stack, 'Media', { fleetName, identity: identity(stack) });

const viewing = (stack: Stack) =>
  new library.ViewingApi(stack, 'Api', { fleetName, identity: identity(stack), signIn });

/**
 * A factory for each construct that the package exports. Whoever exports another one adds a line here, and has its
 * logical ids recorded and guarded with that.
 */
export const CONSTRUCTS: Record<string, Factory> = {
  AlarmTopic: (stack, id) => new library.AlarmTopic(stack, id),
  AlertAcknowledgements: (stack, id) => new library.AlertAcknowledgements(stack, id),
  AlertEscalation: (stack, id) =>
    new library.AlertEscalation(stack, id, {
      alerts: alerts(stack),
      tiers: [{ name: 'pilots', acknowledgeWithin: Duration.minutes(2) }],
    }),
  AlertFeed: (stack, id) => new library.AlertFeed(stack, id, { alerts: alerts(stack), identity: identity(stack) }),
  AlertTopic: (stack, id) => new library.AlertTopic(stack, id),
  ApiPacer: (stack, id) => new library.ApiPacer(stack, id),
  BulkOnboarding: (stack, id) =>
    new library.BulkOnboarding(stack, id, { allowList: allowList(stack), identity: identity(stack) }),
  Canary: (stack, id) => new library.Canary(stack, id),
  CertificateRotation: (stack, id) =>
    new library.CertificateRotation(stack, id, { allowList: allowList(stack), identity: identity(stack) }),
  ClipArchive: (stack, id) => new library.ClipArchive(stack, id, { fleetName, identity: identity(stack) }),
  Consultations: (stack, id) => new library.Consultations(stack, id, { fleetName, signIn }),
  ContinuousArchive: (stack, id) => new library.ContinuousArchive(stack, id, { fleetName, identity: identity(stack) }),
  DeviceAllowList: (stack, id) => new library.DeviceAllowList(stack, id),
  DeviceConnectivity: (stack, id) => new library.DeviceConnectivity(stack, id, { identity: identity(stack) }),
  DeviceIdentity: (stack, id) => new library.DeviceIdentity(stack, id),
  DeviceQuarantine: (stack, id) =>
    new library.DeviceQuarantine(stack, id, { allowList: allowList(stack), identity: identity(stack) }),
  DroneFleet: (stack, id) => new library.DroneFleet(stack, id, { fleetName, obstacles }),
  DroneFleetCell: (stack, id) => new library.DroneFleetCell(stack, id, { fleetName, obstacles }),
  DroneFleetMonitoringStack: (stack, id) => {
    const state = new library.DroneFleetStateStack(stack, 'State');
    const fleet = new library.DroneFleetStack(stack, 'Fleet', { fleetName, obstacles, state });
    return new library.DroneFleetMonitoringStack(stack, id, { fleetName, devices: 1, state, fleet });
  },
  DroneFleetPilotsStack: (stack, id) =>
    new library.DroneFleetPilotsStack(stack, id, {
      fleetName,
      viewing: { signIn },
      state: new library.DroneFleetStateStack(stack, 'State'),
    }),
  DroneFleetStack: (stack, id) =>
    new library.DroneFleetStack(stack, id, {
      fleetName,
      obstacles,
      state: new library.DroneFleetStateStack(stack, 'State'),
    }),
  DroneFleetStateStack: (stack, id) => new library.DroneFleetStateStack(stack, id),
  EscalationTier: (stack, id) =>
    new library.EscalationTier(stack, id, {
      name: 'pilots',
      acknowledgeWithin: Duration.minutes(2),
      deadLetterQueue: new sqs.Queue(stack, 'Failed'),
    }),
  FaceCollection: (stack, id) => new library.FaceCollection(stack, id),
  FaceDetections: (stack, id) => new library.FaceDetections(stack, id, { fleetName, obstacles, alerts: alerts(stack) }),
  FaceSearch: (stack, id) =>
    new library.FaceSearch(stack, id, {
      stream: stream(stack),
      collection: new library.FaceCollection(stack, 'Known'),
      dataStream: new kinesis.Stream(stack, 'Found'),
    }),
  FieldWatch: (stack, id) =>
    new library.FieldWatch(stack, id, {
      ...{ fleetName, identity: identity(stack), alerts: alerts(stack), obstacles },
      areas: [
        new library.ClosedArea('north', [
          { latitude: 0, longitude: 0 },
          { latitude: 0, longitude: 1 },
          { latitude: 1, longitude: 0 },
        ]),
      ],
    }),
  FleetKey: (stack, id) => new library.FleetKey(stack, id),
  FleetPlanReport: (stack, id) =>
    new library.FleetPlanReport(stack, id, { plan: new library.FleetPlan({ devices: 1 }) }),
  FleetMonitoring: (stack, id) => new library.FleetMonitoring(stack, id, { fleetName, devices: 100 }),
  FleetProvisioning: (stack, id) =>
    new library.FleetProvisioning(stack, id, { identity: identity(stack), allowList: allowList(stack) }),
  FleetReconciler: (stack, id) => new library.FleetReconciler(stack, id, { provisioner: provisioner(stack) }),
  FrameStore: (stack, id) => new library.FrameStore(stack, id),
  HeatMonitor: (stack, id) =>
    new library.HeatMonitor(stack, id, { fleetName, identity: identity(stack), assets: [{ name: 'pump' }] }),
  ImageDetector: (stack, id) =>
    new library.ImageDetector(stack, id, {
      fleetName,
      obstacles,
      frames: new library.FrameStore(stack, 'Frames'),
      alerts: alerts(stack),
    }),
  ImageGeneration: (stack, id) =>
    new library.ImageGeneration(stack, id, { stream: stream(stack), bucket: bucket(stack) }),
  LabelDetections: (stack, id) =>
    new library.LabelDetections(stack, id, { fleetName, obstacles, alerts: alerts(stack) }),
  LabelDetector: (stack, id) =>
    new library.LabelDetector(stack, id, {
      stream: stream(stack),
      labels: [library.ConnectedHomeLabel.PERSON],
      bucket: bucket(stack),
      topic: new sns.Topic(stack, 'Seen'),
    }),
  MediaAuditTrail: (stack, id) => new library.MediaAuditTrail(stack, id),
  MediaErasure: (stack, id) =>
    new library.MediaErasure(stack, id, {
      provisioner: provisioner(stack),
      folders: [{ bucket: bucket(stack), prefix: 'frames' }],
    }),
  MediaProvisioner: (stack, id) => new library.MediaProvisioner(stack, id, { fleetName, identity: identity(stack) }),
  MediaStorage: (stack, id) => new library.MediaStorage(stack, id, { channel: channel(stack), stream: stream(stack) }),
  ModelEndpoint: (stack, id) =>
    new library.ModelEndpoint(stack, id, {
      repository: ecr.Repository.fromRepositoryName(stack, 'Images', 'quality'),
      imageTag: 'v1',
    }),
  MotionGate: (stack, id) =>
    new library.MotionGate(stack, id, {
      fleetName,
      identity: identity(stack),
      fleetLimitPerDay: Duration.hours(10),
    }),
  OnDeviceDetections: (stack, id) =>
    new library.OnDeviceDetections(stack, id, {
      fleetName,
      obstacles,
      identity: identity(stack),
      alerts: alerts(stack),
    }),
  PilotConsole: (stack, id) => new library.PilotConsole(stack, id, { viewing: viewing(stack) }),
  ProducerTelemetry: (stack, id) => new library.ProducerTelemetry(stack, id, { identity: identity(stack) }),
  QualityInspector: (stack, id) =>
    new library.QualityInspector(stack, id, {
      fleetName,
      identity: identity(stack),
      lines: ['line-1'],
      frames: new library.FrameStore(stack, 'Frames'),
      endpoint: library.ModelEndpoint.fromEndpointName(stack, 'Model', 'quality'),
      defects: obstacles,
      rejectWithin: Duration.seconds(20),
    }),
  QueueMonitor: (stack, id) =>
    new library.QueueMonitor(stack, id, { fleetName, identity: identity(stack), registers: [{ name: 'till-1' }] }),
  ShotDetector: (stack, id) =>
    new library.ShotDetector(stack, id, {
      fleetName,
      identity: identity(stack),
      alerts: alerts(stack),
      dispatch: new library.SignedWebhook(stack, 'Dispatch', {
        url: 'https://dispatch.example.com',
        secret: new secretsmanager.Secret(stack, 'Secret'),
      }),
    }),
  SignalingChannel: (stack, id) => new library.SignalingChannel(stack, id),
  SignedWebhook: (stack, id) =>
    new library.SignedWebhook(stack, id, {
      url: 'https://example.com',
      secret: new secretsmanager.Secret(stack, 'Shared'),
    }),
  StreamNotifications: (stack, id) =>
    new library.StreamNotifications(stack, id, { stream: stream(stack), topic: new sns.Topic(stack, 'Told') }),
  Takeover: (stack, id) => new library.Takeover(stack, id, { fleetName, identity: identity(stack) }),
  VideoStream: (stack, id) => new library.VideoStream(stack, id),
  VideoVpcEndpoints: (stack, id) => new library.VideoVpcEndpoints(stack, id, { vpc: new ec2.Vpc(stack, 'Network') }),
  ViewerMessages: (stack, id) => new library.ViewerMessages(stack, id, { viewing: viewing(stack) }),
  ViewerPool: (stack, id) => new library.ViewerPool(stack, id, signIn),
  ViewingApi: (stack, id) =>
    new library.ViewingApi(stack, id, {
      fleetName,
      identity: identity(stack),
      signIn,
    }),
};

/** Makes all of them, each in a stack of its own, by the name of the class. */
export function allConstructs(app: App, id: string): void {
  for (const [name, make] of Object.entries(CONSTRUCTS)) {
    const stack = new Stack(app, name, { env: { account: '111122223333', region: 'eu-west-1' } });
    // A stack must not be empty, and some of them are stacks themselves.
    new CfnWaitConditionHandle(stack, 'Nothing');
    make(stack, id);
  }
}

/** The constructs that the package exports and that can be made. */
export function exportedConstructs(): string[] {
  return Object.entries<unknown>({ ...library })
    .filter(([name, value]) => typeof value === 'function' && value.prototype instanceof Construct && !(name in BASES))
    .map(([name]) => name)
    .sort();
}

/** Classes that only others extend, and by whom they are in the table. */
const BASES = { StreamProcessor: ['FaceSearch', 'LabelDetector'] };
