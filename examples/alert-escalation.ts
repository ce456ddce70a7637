import { App, Duration, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { EmailSubscription, SmsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { AlarmTopic, AlertEscalation, AlertTopic, QuietWindow } from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Alerts');
const alerts = new AlertTopic(stack, 'Alerts', {
  quietWindows: [new QuietWindow({ from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' })],
});

// Hears of everything, but at night of what is critical only.
alerts.subscribe(new EmailSubscription('pilots@example.com'), { duringQuietWindows: false });

// What is critical has to be acknowledged, or others are told.
const escalation = new AlertEscalation(stack, 'Escalation', {
  alerts,
  tiers: [
    { name: 'pilots', acknowledgeWithin: Duration.minutes(2) },
    { name: 'chief', acknowledgeWithin: Duration.minutes(10) },
  ],
});
const [pilots, chief] = escalation.tiers;
pilots.subscribe(new SmsSubscription('+15555550100'));
chief.subscribe(new SmsSubscription('+15555550101'));

// Whoever has this role acknowledges.
const console = new Role(stack, 'Console', { assumedBy: new AccountRootPrincipal() });
escalation.grantAcknowledge(console);

// And those who run the system hear if nobody did.
const alarms = new AlarmTopic(stack, 'Alarms');
for (const alarm of [alerts.deadLetterAlarm, alerts.deliveryAlarm, ...escalation.alarms]) {
  alarm.addAlarmAction(alarms.action);
}
