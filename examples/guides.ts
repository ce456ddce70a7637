import { App, Duration, Stack, Validations } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import {
  AlarmTopic,
  AlertAcknowledgements,
  AlertFeed,
  AlertSeverity,
  AlertTopic,
  BulkOnboarding,
  Canary,
  CertificateRotation,
  ClipArchive,
  ContinuousArchive,
  DayOfWeek,
  DroneFleet,
  FaceCollection,
  FleetKey,
  FrameStore,
  DeviceIdentity,
  KinesisVideoChecks,
  MediaErasure,
  ObstacleClass,
  QuietWindow,
  Takeover,
  VideoStream,
  ViewingApi,
} from 'cdk-kinesis-video';

// What the guides quote, each part by itself, and all of them in one stack.
const app = new App();
const stack = new Stack(app, 'Guides', { env: { region: 'eu-west-1' } });
const fleetName = 'delivery';
const encryptionKey = new FleetKey(stack, 'Key');
const alarms = new AlarmTopic(stack, 'Alarms', { encryptionKey });
const alarmActions = [alarms.action];
const frames = new FrameStore(stack, 'Frames', { encryptionKey });
const identity = new DeviceIdentity(stack, 'Identity', { images: frames, encryptionKey });
const auditor = new Role(stack, 'ProofReader', { assumedBy: new AccountRootPrincipal() });

// docs/canary.md
const canaryObstacle = new ObstacleClass({
  name: 'canary',
  labels: ['Canary'],
  severity: AlertSeverity.INFO,
  repeatAfter: Duration.minutes(1),
});

const alerts = new AlertTopic(stack, 'Alerts', { encryptionKey, trialDevices: ['canary'] });

new Canary(stack, 'Canary', {
  encryptionKey,
  frames,
  alerts: { topic: alerts, identity, label: 'Canary' },
  alarmActions: [alarms.action],
});

// docs/alerts.md
alerts.subscribe(new EmailSubscription('pilots@example.com'), {
  devices: ['drone-0001', 'drone-0002'],
  severities: [AlertSeverity.CRITICAL],
});

new AlertTopic(stack, 'QuietAlerts', {
  quietWindows: [
    new QuietWindow({ start: '22:00', end: '06:00', timeZone: 'Europe/Berlin' }),
    new QuietWindow({
      start: '00:00',
      end: '24:00',
      timeZone: 'Europe/Berlin',
      days: [DayOfWeek.SATURDAY, DayOfWeek.SUNDAY],
      severities: [AlertSeverity.INFO],
    }),
  ],
});

const fleet = new DroneFleet(stack, 'Fleet', {
  fleetName,
  obstacles: [canaryObstacle],
  encryptionKey,
  frames,
  identity,
  alerts,
  alarmActions,
});
const { mediaProvisioner, provisioning } = fleet;
const allowList = provisioning.allowList!;

// docs/archive.md
const recordings = new ContinuousArchive(stack, 'Continuous', {
  fleetName: 'delivery',
  identity,
  encryptionKey,
  alarmActions: [alarms.action],
});

// docs/certificates.md
const rotation = new CertificateRotation(stack, 'Rotation', { identity, allowList });

for (const alarm of rotation.alarms) alarm.addAlarmAction(alarms.action);

// docs/onboarding.md
new BulkOnboarding(stack, 'Onboarding', {
  allowList,
  identity,
  things: true,
  attributes: { fleet: 'delivery' },
  encryptionKey,
  pacer: mediaProvisioner.pacer,
});

// docs/privacy.md
const acknowledgements = new AlertAcknowledgements(stack, 'Acknowledgements', { encryptionKey });
const feed = new AlertFeed(stack, 'Feed', { alerts, identity, encryptionKey, alarmActions });
const archive = new ClipArchive(stack, 'Clips', { fleetName, identity, feed, encryptionKey, alarmActions });
const takeover = new Takeover(stack, 'Takeover', { fleetName, identity, encryptionKey, alarmActions });
const viewing = new ViewingApi(stack, 'Viewing', {
  fleetName,
  identity,
  signIn: { domainPrefix: 'delivery-guides', callbackUrls: ['https://console.example.com/signed-in'] },
  encryptionKey,
  alarmActions,
});
const faces = new FaceCollection(stack, 'Faces');
const privacyOfficer = new Role(stack, 'PrivacyOfficer', { assumedBy: new AccountRootPrincipal() });

const erasure = new MediaErasure(stack, 'Erasure', {
  provisioner: fleet.mediaProvisioner,
  folders: [
    { bucket: frames.bucket, prefix: frames.prefix },
    { bucket: frames.bucket, prefix: frames.evidencePrefix },
    { bucket: viewing.clipBucket, prefix: 'clips' },
    { bucket: recordings.bucket, prefix: 'continuous' },
  ],
  archive,
  alerts: feed,
  acknowledgements,
  takeover,
  faces,
  encryptionKey,
  alarmActions: [alarms.action],
});
erasure.grants.requestErasure(privacyOfficer);
erasure.grants.readProofs(auditor);

// docs/migration.md
const key = encryptionKey;
const streamArn = stack.formatArn({ service: 'kinesisvideo', resource: 'stream', resourceName: 'lobby/1700000000000' });
const reviewer = auditor;

const stream = new VideoStream(stack, 'Yard', { streamName: 'yard', encryptionKey: key });
(stream.node.defaultChild as CfnStream).overrideLogicalId('Yard');

const lobby = VideoStream.fromStreamAttributes(stack, 'Lobby', { streamArn, encryptionKey });
lobby.grants.hlsPlayback(reviewer);

// docs/security.md
Validations.of(app).addPlugins(new KinesisVideoChecks());
Validations.of(stream).acknowledge({ id: 'KinesisVideoChecks::StreamKey', reason: 'Shows the street only.' });
