import { App, CfnOutput, Duration, Stack, Tags, Validations } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData, type AlarmBase } from 'aws-cdk-lib/aws-cloudwatch';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import * as kvs from '../lib';
import { acknowledgeFindings } from './acknowledgements';
import { endpointOf } from './model';
import { paceOf, playsOf, readStadium, signInOf } from './sports/configuration';

/** A model predicts the play from how players move, and coaches hear of it while it is on. */
export function sportsCoaching(app: App): Stack {
  const stadium = readStadium(app);
  Validations.of(app).addPlugins(new kvs.KinesisVideoChecks());
  const stack = new Stack(app, stadium.name, { env: stadium.env, terminationProtection: true });
  stack.templateOptions.description = 'Coaching: what the movement of players is going to be, for coaches, with clips';
  Tags.of(stack).add('fleet', stadium.name);

  const encryptionKey = new kvs.FleetKey(stack, 'Key');
  const allowList = new kvs.DeviceAllowList(stack, 'AllowList', { encryptionKey });
  const [retention, clipDays] = [Duration.days(1), Duration.days(stadium.clipDays)];
  const frames = new kvs.FrameStore(stack, 'Frames', { encryptionKey, retention, evidenceRetention: clipDays });
  const identity = new kvs.DeviceIdentity(stack, 'Identity', { signaling: false, images: frames, encryptionKey });
  const provisioning = new kvs.FleetProvisioning(stack, 'Provisioning', { identity, allowList });
  const alarmTopic = new kvs.AlarmTopic(stack, 'Alarms', { encryptionKey });
  const alarmActions = [alarmTopic.action];
  const common = { fleetName: stadium.name, identity, encryptionKey, alarmActions };
  const imageGeneration = { samplingInterval: Duration.millis(Math.ceil(1000 / stadium.imagesPerSecond)), width: 1280 };
  const media = new kvs.MediaProvisioner(stack, 'Media', { ...common, media: { retention, imageGeneration } });

  const alerts = new kvs.AlertTopic(stack, 'Predictions', { encryptionKey });
  const detector = new kvs.ImageDetector(stack, 'Plays', {
    ...{ fleetName: stadium.name, frames, alerts, obstacles: playsOf(stadium) },
    analyser: kvs.FrameAnalyser.movement({ endpoint: endpointOf(stack, stadium.model, encryptionKey) }),
    ...paceOf(stadium),
  });
  const slow = detector.metric('PredictionLatency').createAlarm(stack, 'Slow', {
    alarmDescription: 'Predictions take more than a second from the image on',
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    threshold: 1000,
    evaluationPeriods: 3,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });

  // Coaches hear of the cameras of their groups, and nobody of others.
  const feed = new kvs.AlertFeed(stack, 'Feed', { ...common, alerts });
  const viewing = new kvs.ViewingApi(stack, 'Viewing', { ...common, alerts: feed, signIn: signInOf(stadium) });
  const { url, authorizerName } = new kvs.ViewerMessages(stack, 'Messages', { viewing, alarmActions });
  new kvs.ClipArchive(stack, 'Clips', { ...common, alerts, feed, storage: { expireAfter: clipDays } });

  const others = [slow, frames.deadLetterAlarm, alerts.deadLetterAlarm, alerts.deliveryAlarm, ...media.alarms];
  for (const alarm of others) (alarm as AlarmBase).addAlarmAction(...alarmActions);
  for (const email of stadium.alarmEmails) alarmTopic.topic.addSubscription(new EmailSubscription(email));
  new CfnOutput(stack, 'Coaches', { value: stack.toJsonString({ url, authorizerName }) });
  new CfnOutput(stack, 'AllowListTable', { value: allowList.table.tableName });
  new CfnOutput(stack, 'ProvisioningTemplate', { value: provisioning.templateName });
  acknowledgeFindings(stack);
  return stack;
}

if (require.main === module) sportsCoaching(new App());
