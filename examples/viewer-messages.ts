import { App, Stack } from 'aws-cdk-lib';
import { AlarmTopic, AlertFeed, AlertTopic, DeviceIdentity, ViewerMessages, ViewingApi } from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Drones');
const identity = new DeviceIdentity(stack, 'Identity');
const alarmActions = [new AlarmTopic(stack, 'Alarms').action];

const viewing = new ViewingApi(stack, 'Viewing', {
  fleetName: 'delivery',
  identity,
  signIn: { callbackUrls: ['https://console.example.com/signed-in'] },
  allowedOrigins: ['https://console.example.com'],
  alarmActions,
});

// Who may see a device in the API hears of its detections and alerts, too.
new ViewerMessages(stack, 'Messages', { viewing, alarmActions });

// Detectors raise their alerts here; each is kept and published to whoever watches the device.
const alerts = new AlertTopic(stack, 'Alerts');
new AlertFeed(stack, 'Feed', { alerts, identity, alarmActions });
