import { App, CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData, type AlarmBase } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnThing } from 'aws-cdk-lib/aws-iot';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import * as video from '../lib';
import { acknowledgeFindings } from './acknowledgements';

const [RETENTION, INTERVAL, ANALYSED] = [Duration.hours(24), Duration.seconds(5), Duration.hours(2)];
const USE = { devices: 1, streamingPerDay: Duration.hours(24), analysedShare: 2 / 24, onDeviceDetection: false };

/** What the camera is used for at most: it films all day, and of that two hours are looked at. */
export const PLANNED: video.FleetWorkload = { ...USE, retention: RETENTION, imageInterval: INTERVAL, viewers: 1 };

/** A camera that stands still, at a gate say: `-c camera=<name>`, and `-c email=<address>` of whoever is told. */
export function singleCamera(app: App): Stack {
  const name: string = app.node.tryGetContext('camera') ?? 'gate';
  const email: string | undefined = app.node.tryGetContext('email');
  Validations.of(app).addPlugins(new video.KinesisVideoChecks());
  const stack = new Stack(app, `camera-${name}`, { terminationProtection: true });
  const encryptionKey = new video.FleetKey(stack, 'Key');

  // All of it has the name of the thing, and that is how far the camera's certificate gets.
  const stream = new video.VideoStream(stack, 'Stream', { streamName: name, retention: RETENTION, encryptionKey });
  new video.SignalingChannel(stack, 'Channel', { channelName: name });
  const frames = new video.FrameStore(stack, 'Frames', { encryptionKey });
  const images = { bucket: frames.bucket, prefix: `${frames.prefix}/${name}`, samplingInterval: INTERVAL, width: 1280 };
  new video.ImageGeneration(stack, 'Images', { stream, ...images });
  const identity = new video.DeviceIdentity(stack, 'Identity', { encryptionKey, images: frames });
  new CfnThing(stack, 'Thing', { thingName: name }).applyRemovalPolicy(RemovalPolicy.RETAIN);

  const alerts = new video.AlertTopic(stack, 'Alerts', { encryptionKey, repeatAfter: Duration.minutes(10) });
  const alarms = new video.AlarmTopic(stack, 'Alarms', { encryptionKey });
  if (email) alerts.subscribe(new EmailSubscription(email));
  if (email) alarms.topic.addSubscription(new EmailSubscription(email));

  // Only what moves is looked at, and no more than that on a day: it is what would cost the most.
  const limits = { fleetLimitPerDay: ANALYSED, streamLimitPerDay: ANALYSED };
  const gate = new video.MotionGate(stack, 'Motion', { fleetName: name, identity, encryptionKey, ...limits });
  const obstacles = [new video.ObstacleClass({ name: 'person', labels: ['Person'] })];
  new video.ImageDetector(stack, 'Persons', { fleetName: name, frames, alerts, obstacles, gate, motionShare: 0.01 });

  const silent = stream.metricPutMediaIncomingBytes().createAlarm(stack, 'Silent', {
    alarmDescription: `The camera ${name} has sent nothing for 15 minutes`,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: 1,
    evaluationPeriods: 3,
    treatMissingData: TreatMissingData.BREACHING,
  });
  const failures = [alerts.deadLetterAlarm, alerts.deliveryAlarm, frames.deadLetterAlarm, ...gate.alarms];
  for (const alarm of [silent, ...failures]) (alarm as AlarmBase).addAlarmAction(alarms.action);

  new video.FleetPlanReport(stack, 'Plan', { plan: new video.FleetPlan(PLANNED) });
  new CfnOutput(stack, 'CameraConfiguration', { value: stack.toJsonString(identity.configuration(stack)) });
  new CfnOutput(stack, 'CertificatePolicy', { value: identity.policyName });
  acknowledgeFindings(stack);
  return stack;
}

if (require.main === module) singleCamera(new App());
