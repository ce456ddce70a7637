import { App, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { AlarmTopic, DeviceIdentity, MediaAuditTrail, MediaProvisioner, ViewingApi } from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Drones');
const identity = new DeviceIdentity(stack, 'Identity');
new MediaProvisioner(stack, 'Media', { fleetName: 'delivery', identity });
const viewing = new ViewingApi(stack, 'Viewing', {
  fleetName: 'delivery',
  identity,
  issuer: { issuerUrl: 'https://login.example.com', audience: ['console'] },
});

// Who watched and who sent is kept for six years, of which nobody deletes the first.
const trail = new MediaAuditTrail(stack, 'Audit', {
  viewing: [viewing],
  writeOnce: { retention: Duration.days(365) },
  logRetention: logs.RetentionDays.ONE_MONTH,
  alarmActions: [new AlarmTopic(stack, 'Alarms').action],
});

// Those who audit ask the questions that are kept, and read nothing else.
const auditor = new iam.Role(stack, 'Auditor', { assumedBy: new iam.AccountRootPrincipal() });
trail.grants.readRecords(auditor);
