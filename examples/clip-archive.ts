import { App, Duration, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AlarmTopic, AlertSeverity, AlertTopic, ClipArchive, DeviceIdentity, FleetKey } from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Archive');
const archive = new ClipArchive(stack, 'Clips', {
  fleetName: 'delivery',
  identity: new DeviceIdentity(stack, 'Identity'),
  alerts: new AlertTopic(stack, 'Alerts'),
  // What somebody has to act on, from half a minute before to two minutes after.
  alertFilter: { severities: [AlertSeverity.CRITICAL] },
  before: Duration.seconds(30),
  after: Duration.minutes(2),
  // For seven years, of which nobody deletes the first.
  storage: { expireAfter: Duration.days(2555), writeOnce: { retention: Duration.days(365) } },
  encryptionKey: new FleetKey(stack, 'Key'),
  alarmActions: [new AlarmTopic(stack, 'Alarms').action],
});

// A button of the console has a clip made of what was seen just now.
archive.grants.requestClip(new Role(stack, 'Button', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));

// Who examines incidents reads them; another one says which of them nobody may delete.
archive.grants.read(new Role(stack, 'Examiner', { assumedBy: new AccountRootPrincipal() }));
archive.grants.holdClips(new Role(stack, 'Counsel', { assumedBy: new AccountRootPrincipal() }));
