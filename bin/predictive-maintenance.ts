import { App, CfnOutput, Duration, Stack, Tags, Validations } from 'aws-cdk-lib';
import type { AlarmBase } from 'aws-cdk-lib/aws-cloudwatch';
import { Archive, EventBus } from 'aws-cdk-lib/aws-events';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import * as kvs from '../lib';
import { acknowledgeFindings } from './acknowledgements';
import { assetsOf, heatOf, readPlant } from './maintenance/configuration';

/** Thermal cameras in a plant, and a work order when an asset is abnormally hot. */
export function predictiveMaintenance(app: App): Stack {
  const plant = readPlant(app);
  Validations.of(app).addPlugins(new kvs.KinesisVideoChecks());
  const stack = new Stack(app, plant.name, { env: plant.env, terminationProtection: true });
  stack.templateOptions.description = 'Heat of assets: what is normal is learned, and what is not becomes a work order';
  Tags.of(stack).add('fleet', plant.name);

  const encryptionKey = new kvs.FleetKey(stack, 'Key');
  const allowList = new kvs.DeviceAllowList(stack, 'AllowList', { encryptionKey });
  const identity = new kvs.DeviceIdentity(stack, 'Identity', { signaling: false, encryptionKey });
  const provisioning = new kvs.FleetProvisioning(stack, 'Provisioning', { identity, allowList });

  // Of its own, so that whoever maintains the assets gets its work orders and nothing else.
  const eventBus = new EventBus(stack, 'Maintenance', { eventBusName: `${plant.name}-maintenance` });
  new Archive(stack, 'OrdersArchive', {
    sourceEventBus: eventBus,
    description: 'Work orders, to be replayed when what takes them was away',
    eventPattern: { source: ['cdk-kinesis-video.heat-monitor'] },
    retention: Duration.days(90),
  });
  const monitor = new kvs.HeatMonitor(stack, 'Heat', {
    fleetName: plant.name,
    assets: assetsOf(plant),
    ...heatOf(plant),
    identity,
    eventBus,
    encryptionKey,
  });

  const alarmTopic = new kvs.AlarmTopic(stack, 'Alarms', { encryptionKey });
  for (const alarm of monitor.alarms) (alarm as AlarmBase).addAlarmAction(alarmTopic.action);
  for (const email of plant.maintenanceEmails) monitor.topic.addSubscription(new EmailSubscription(email));
  for (const email of plant.alarmEmails) alarmTopic.topic.addSubscription(new EmailSubscription(email));
  new CfnOutput(stack, 'AllowListTable', { value: allowList.table.tableName });
  new CfnOutput(stack, 'ProvisioningTemplate', { value: provisioning.templateName });
  new CfnOutput(stack, 'EventBus', { value: eventBus.eventBusName });
  new CfnOutput(stack, 'CommandUrl', { value: monitor.url });
  acknowledgeFindings(stack);
  return stack;
}

if (require.main === module) {
  const app = new App();
  predictiveMaintenance(app);
  app.synth();
}
