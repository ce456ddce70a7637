import { App, CfnOutput, Stack, Tags, Validations } from 'aws-cdk-lib';
import type { AlarmBase } from 'aws-cdk-lib/aws-cloudwatch';
import { EmailSubscription, SmsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import * as kvs from '../lib';
import { acknowledgeFindings } from './acknowledgements';
import { readReserve, watchOf } from './wildlife/configuration';

/** People and vehicles in closed areas at night, seen by thermal cameras that have a link now and then. */
export function wildlife(app: App): Stack {
  const reserve = readReserve(app);
  Validations.of(app).addPlugins(new kvs.KinesisVideoChecks());
  const stack = new Stack(app, reserve.name, { env: reserve.env, terminationProtection: true });
  stack.templateOptions.description = 'People and vehicles in closed areas at night, told to rangers';
  Tags.of(stack).add('fleet', reserve.name);

  const encryptionKey = new kvs.FleetKey(stack, 'Key');
  const allowList = new kvs.DeviceAllowList(stack, 'AllowList', { encryptionKey });
  // Pictures of events come with the messages: there are no streams and no channels.
  const identity = new kvs.DeviceIdentity(stack, 'Identity', { signaling: false, encryptionKey });
  const provisioning = new kvs.FleetProvisioning(stack, 'Provisioning', { identity, allowList });
  const alerts = new kvs.AlertTopic(stack, 'Alerts', { encryptionKey, displayName: reserve.name });
  const watch = new kvs.FieldWatch(stack, 'Watch', {
    fleetName: reserve.name,
    identity,
    alerts,
    ...watchOf(reserve),
    encryptionKey,
  });

  for (const phone of reserve.rangerPhones) alerts.subscribe(new SmsSubscription(phone));
  for (const email of reserve.rangerEmails) alerts.subscribe(new EmailSubscription(email));
  const alarmTopic = new kvs.AlarmTopic(stack, 'Alarms', { encryptionKey });
  for (const alarm of [...watch.alarms, alerts.deadLetterAlarm, alerts.deliveryAlarm]) {
    (alarm as AlarmBase).addAlarmAction(alarmTopic.action);
  }
  for (const email of reserve.alarmEmails) alarmTopic.topic.addSubscription(new EmailSubscription(email));
  new CfnOutput(stack, 'AllowListTable', { value: allowList.table.tableName });
  new CfnOutput(stack, 'ProvisioningTemplate', { value: provisioning.templateName });
  acknowledgeFindings(stack);
  return stack;
}

if (require.main === module) {
  const app = new App();
  wildlife(app);
  app.synth();
}
