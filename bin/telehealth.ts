import { App, CfnOutput, Stack, Tags, Validations } from 'aws-cdk-lib';
import type { AlarmBase } from 'aws-cdk-lib/aws-cloudwatch';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import * as kvs from '../lib';
import { acknowledgeFindings } from './acknowledgements';
import { consultationsOf, readClinic } from './telehealth/configuration';

/** Video consultations: two people in an appointment, recorded only while the patient consents. */
export function telehealth(app: App): Stack {
  const clinic = readClinic(app);
  Validations.of(app).addPlugins(new kvs.KinesisVideoChecks());
  const stack = new Stack(app, clinic.name, { env: clinic.env, terminationProtection: true });
  stack.templateOptions.description = 'Video consultations, recorded only while the patient consents';
  Tags.of(stack).add('fleet', clinic.name);

  const encryptionKey = new kvs.FleetKey(stack, 'Key');
  const consultations = new kvs.Consultations(stack, 'Consultations', {
    fleetName: clinic.name,
    ...consultationsOf(clinic),
    encryptionKey,
  });
  // Who was let in is in the function's log; who came, and who reads a recording, only AWS can tell.
  const audit = new kvs.MediaAuditTrail(stack, 'Audit', {
    readers: [consultations.clinicianRole],
    auditLogs: [consultations.auditLogGroup],
    logRetention: RetentionDays.THREE_MONTHS,
    encryptionKey,
  });

  const alarmTopic = new kvs.AlarmTopic(stack, 'Alarms', { encryptionKey });
  for (const alarm of [...consultations.alarms, audit.changeAlarm]) {
    (alarm as AlarmBase).addAlarmAction(alarmTopic.action);
  }
  for (const email of clinic.alarmEmails) alarmTopic.topic.addSubscription(new EmailSubscription(email));
  new CfnOutput(stack, 'ApiUrl', { value: consultations.url });
  const { participants } = consultations;
  if (participants) new CfnOutput(stack, 'UserPool', { value: participants.userPool.userPoolId });
  if (participants) new CfnOutput(stack, 'Application', { value: participants.client.userPoolClientId });
  acknowledgeFindings(stack);
  return stack;
}

if (require.main === module) {
  const app = new App();
  telehealth(app);
  app.synth();
}
