import { App, Stack } from 'aws-cdk-lib';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { AlertSeverity, DroneFleet, ObstacleClass } from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Drones');
const fleet = new DroneFleet(stack, 'Fleet', {
  fleetName: 'delivery',
  obstacles: [new ObstacleClass({ name: 'bird', labels: ['Bird'], severity: AlertSeverity.CRITICAL })],
});
fleet.alerts.subscribe(new EmailSubscription('pilots@example.com'), { severities: [AlertSeverity.CRITICAL] });
