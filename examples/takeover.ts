import { App, Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AlarmTopic, DeviceIdentity, LapseAction, Takeover } from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Pilots');
const takeover = new Takeover(stack, 'Takeover', {
  fleetName: 'delivery',
  identity: new DeviceIdentity(stack, 'Identity'),
  commands: ['HOVER', 'RETURN', 'LAND'],
  // A drone whose pilot is gone for this long flies home.
  leaseLength: Duration.seconds(10),
  onLapse: LapseAction.RETURN,
});

// What authenticates pilots asks in their names.
takeover.grants.invoke(new Role(stack, 'Api', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));

takeover
  .metricCommandLatency()
  .createAlarm(stack, 'SlowCommands', { threshold: 1000, evaluationPeriods: 3 })
  .addAlarmAction(new AlarmTopic(stack, 'Alarms').action);
