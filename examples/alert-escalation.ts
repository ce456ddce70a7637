import { App, Duration, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { EmailSubscription, SmsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { AlarmTopic, AlertEscalation, AlertTopic, QuietWindow } from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Alerts');
const alerts = new AlertTopic(stack, 'Alerts', {
  quietWindows: [new QuietWindow({ start: '22:00', end: '06:00', timeZone: 'Europe/Berlin' })],
});

// Hears of everything, but at night of what is critical only.
alerts.subscribe(new EmailSubscription('pilots@example.com'), { duringQuietWindows: false });

// What is critical has to be acknowledged, or others are told, and in the end those who run the system.
const escalation = new AlertEscalation(stack, 'Escalation', {
  alerts,
  tiers: [
    { name: 'pilots', acknowledgeWithin: Duration.minutes(2) },
    { name: 'chief', acknowledgeWithin: Duration.minutes(10) },
  ],
  alarmActions: [new AlarmTopic(stack, 'Alarms').action],
});
const [pilots, chief] = escalation.tiers;
pilots.subscribe(new SmsSubscription('+15555550100'));
chief.subscribe(new SmsSubscription('+15555550101'));

// Whoever has this role acknowledges.
escalation.grantAcknowledge(new Role(stack, 'Console', { assumedBy: new AccountRootPrincipal() }));
