import { App, CfnOutput, Duration, Stack, Tags, Validations } from 'aws-cdk-lib';
import type { AlarmBase } from 'aws-cdk-lib/aws-cloudwatch';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import * as kvs from '../lib';
import { acknowledgeFindings } from './acknowledgements';
import { readStore, registersOf, staffingOf, type Store } from './retail/configuration';

/** People in line in a store, and a signal when another register is needed. */
export function retailQueue(app: App): Stack {
  const store = readStore(app);
  Validations.of(app).addPlugins(new kvs.KinesisVideoChecks());
  const stack = new Stack(app, store.name, { env: store.env, terminationProtection: true });
  stack.templateOptions.description = 'People in line: how many wait at each register, and when another one is needed';
  Tags.of(stack).add('fleet', store.name);

  const encryptionKey = new kvs.FleetKey(stack, 'Key');
  const allowList = new kvs.DeviceAllowList(stack, 'AllowList', { encryptionKey });
  // Each frame is deleted when it is counted, and what is left over a day later.
  const frames =
    store.counting === 'cloud'
      ? new kvs.FrameStore(stack, 'Frames', { encryptionKey, retention: Duration.days(1) })
      : undefined;
  const identity = new kvs.DeviceIdentity(stack, 'Identity', { signaling: false, images: frames, encryptionKey });
  const provisioning = new kvs.FleetProvisioning(stack, 'Provisioning', { identity, allowList });
  const monitor = new kvs.QueueMonitor(stack, 'Lines', {
    fleetName: store.name,
    registers: registersOf(store),
    ...staffingOf(store),
    ...(frames ? { frames } : { identity }),
    encryptionKey,
  });
  const alarms = [...monitor.alarms, ...(frames ? mediaOf(stack, store, identity, encryptionKey).alarms : [])];

  const alarmTopic = new kvs.AlarmTopic(stack, 'Alarms', { encryptionKey });
  for (const alarm of alarms) (alarm as AlarmBase).addAlarmAction(alarmTopic.action);
  for (const email of store.signalEmails) monitor.topic.addSubscription(new EmailSubscription(email));
  for (const email of store.alarmEmails) alarmTopic.topic.addSubscription(new EmailSubscription(email));
  new CfnOutput(stack, 'AllowListTable', { value: allowList.table.tableName });
  new CfnOutput(stack, 'ProvisioningTemplate', { value: provisioning.templateName });
  acknowledgeFindings(stack);
  return stack;
}

/** Streams only if people are counted in the cloud: kept for an hour, the least of which images are made. */
function mediaOf(stack: Stack, store: Store, identity: kvs.DeviceIdentity, encryptionKey: kvs.FleetKey) {
  const samplingInterval = Duration.seconds(store.imageIntervalSeconds);
  return new kvs.MediaProvisioner(stack, 'Media', {
    fleetName: store.name,
    identity,
    media: { retention: Duration.hours(1), imageGeneration: { samplingInterval, width: 640 } },
    removal: kvs.MediaRemoval.DELETE,
    encryptionKey,
  });
}

if (require.main === module) {
  const app = new App();
  retailQueue(app);
  app.synth();
}
