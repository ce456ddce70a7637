import { App, CfnOutput, Duration, Stack, Tags, Validations } from 'aws-cdk-lib';
import type { AlarmBase } from 'aws-cdk-lib/aws-cloudwatch';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import * as kvs from '../lib';
import { acknowledgeFindings } from './acknowledgements';
import { confirmationOf, readCity, shotsOf } from './city/configuration';

/** Shots that sensors of a city hear, the nearest cameras, and one dispatch for each. */
export function smartCity(app: App): Stack {
  const city = readCity(app);
  Validations.of(app).addPlugins(new kvs.KinesisVideoChecks());
  const stack = new Stack(app, city.name, { env: city.env, terminationProtection: true });
  stack.templateOptions.description = 'Shots that several sensors have heard: where they were, and their dispatch';
  Tags.of(stack).add('fleet', city.name);

  // Sensors and cameras are devices of one fleet; a camera has its stream when it is registered.
  const encryptionKey = new kvs.FleetKey(stack, 'Key');
  const common = { fleetName: city.name, encryptionKey };
  const allowList = new kvs.DeviceAllowList(stack, 'AllowList', { encryptionKey });
  const identity = new kvs.DeviceIdentity(stack, 'Identity', { signaling: false, encryptionKey });
  const provisioning = new kvs.FleetProvisioning(stack, 'Provisioning', { identity, allowList });
  const retention = Duration.hours(city.retentionHours);
  const media = new kvs.MediaProvisioner(stack, 'Media', { ...common, identity, media: { retention } });
  const clips = new kvs.ClipArchive(stack, 'Clips', { ...common, identity, pacer: media.pacer });

  const alerts = new kvs.AlertTopic(stack, 'Alerts', { encryptionKey });
  const acknowledgeWithin = Duration.seconds(city.confirmation.supervisorsAfterSeconds);
  const tiers = ['operators', 'supervisors'].map((name) => ({ name, acknowledgeWithin }));
  const escalation = new kvs.AlertEscalation(stack, 'Escalation', { alerts, tiers, encryptionKey });
  const secret = new Secret(stack, 'DispatchSecret', {
    description: 'What signs dispatches; the receiver has it too',
    encryptionKey,
    generateSecretString: { passwordLength: 64, excludePunctuation: true },
  });
  const dispatch = new kvs.SignedWebhook(stack, 'Dispatch', { url: city.dispatchUrl, secret, encryptionKey });
  const confirmation = confirmationOf(city, escalation.acknowledgements);
  const parts = { ...shotsOf(city), identity, alerts, dispatch, clips, confirmation };
  const detector = new kvs.ShotDetector(stack, 'Shots', { ...common, ...parts });

  const alarmTopic = new kvs.AlarmTopic(stack, 'Alarms', { encryptionKey });
  const own = [detector, escalation, clips, media].flatMap(({ alarms }) => alarms);
  const alarms = [...own, dispatch.deadLetterAlarm, alerts.deadLetterAlarm, alerts.deliveryAlarm];
  for (const alarm of alarms) (alarm as AlarmBase).addAlarmAction(alarmTopic.action);
  for (const email of city.operatorEmails) escalation.tiers[0].subscribe(new EmailSubscription(email));
  for (const email of city.supervisorEmails) escalation.tiers[1].subscribe(new EmailSubscription(email));
  for (const email of city.alarmEmails) alarmTopic.topic.addSubscription(new EmailSubscription(email));
  const outputs = { AllowListTable: allowList.table.tableName, ProvisioningTemplate: provisioning.templateName };
  const places = { CameraTable: detector.cameraTable.tableName, DecisionUrl: detector.url, Secret: secret.secretArn };
  for (const [id, value] of Object.entries({ ...outputs, ...places })) new CfnOutput(stack, id, { value });
  acknowledgeFindings(stack);
  return stack;
}

if (require.main === module) {
  const app = new App();
  smartCity(app);
  app.synth();
}
