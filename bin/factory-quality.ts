import { App, CfnOutput, Duration, Stack, Tags, Validations } from 'aws-cdk-lib';
import type { AlarmBase } from 'aws-cdk-lib/aws-cloudwatch';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import * as kvs from '../lib';
import { acknowledgeFindings } from './acknowledgements';
import { defectsOf, linesOf, readPlant } from './factory/configuration';
import { endpointOf } from './model';

/** Pieces on production lines are inspected by a model, and lines are told which to reject. */
export function factoryQuality(app: App): Stack {
  const plant = readPlant(app);
  Validations.of(app).addPlugins(new kvs.KinesisVideoChecks());
  const stack = new Stack(app, plant.name, { env: plant.env, terminationProtection: true });
  stack.templateOptions.description = 'Quality control: a model inspects what cameras see, and lines reject the rest';
  Tags.of(stack).add('fleet', plant.name);

  const encryptionKey = new kvs.FleetKey(stack, 'Key');
  const allowList = new kvs.DeviceAllowList(stack, 'AllowList', { encryptionKey });
  const [retention, evidenceRetention] = [Duration.days(1), Duration.days(plant.evidenceDays)];
  const inCloud = plant.inspection === 'cloud';
  const frames = inCloud
    ? new kvs.FrameStore(stack, 'Frames', { encryptionKey, evidenceRetention, retention })
    : undefined;
  const identity = new kvs.DeviceIdentity(stack, 'Identity', { signaling: false, images: frames, encryptionKey });
  const provisioning = new kvs.FleetProvisioning(stack, 'Provisioning', { identity, allowList });
  const common = { fleetName: plant.name, identity, encryptionKey };
  const imageGeneration = frames && {
    samplingInterval: Duration.millis(1000 * plant.imageIntervalSeconds),
    width: 1280,
  };
  const media = new kvs.MediaProvisioner(stack, 'Media', { ...common, media: { retention, imageGeneration } });

  // A device that inspects rejects by itself. The cloud keeps a clip of what it found.
  const alerts = inCloud ? undefined : new kvs.AlertTopic(stack, 'Alerts', { encryptionKey });
  const storage = { expireAfter: evidenceRetention };
  const clips = alerts || plant.clips ? new kvs.ClipArchive(stack, 'Clips', { ...common, alerts, storage }) : undefined;
  const obstacles = defectsOf(plant);
  const found = alerts && new kvs.OnDeviceDetections(stack, 'Found', { ...common, alerts, obstacles });
  const inspector =
    frames &&
    new kvs.QualityInspector(stack, 'Inspector', {
      ...{ ...common, ...linesOf(plant), frames, clips, defects: obstacles },
      endpoint: endpointOf(stack, plant.model, encryptionKey),
    });

  const deliveries = alerts && found ? [found.deadLetterAlarm, alerts.deadLetterAlarm, alerts.deliveryAlarm] : [];
  const alarms = [media, clips, inspector].flatMap((each) => each?.alarms ?? []).concat(deliveries);
  const alarmTopic = new kvs.AlarmTopic(stack, 'Alarms', { encryptionKey });
  for (const alarm of alarms) (alarm as AlarmBase).addAlarmAction(alarmTopic.action);
  for (const email of plant.alarmEmails) alarmTopic.topic.addSubscription(new EmailSubscription(email));
  new CfnOutput(stack, 'AllowListTable', { value: allowList.table.tableName });
  new CfnOutput(stack, 'ProvisioningTemplate', { value: provisioning.templateName });
  acknowledgeFindings(stack);
  return stack;
}

if (require.main === module) factoryQuality(new App());
