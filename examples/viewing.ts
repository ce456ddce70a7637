import { App, Duration, Stack } from 'aws-cdk-lib';
import { AlarmTopic, DeviceIdentity, MediaProvisioner, ViewingApi } from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Drones');
const identity = new DeviceIdentity(stack, 'Identity');
new MediaProvisioner(stack, 'Media', { fleetName: 'delivery', identity });

// People sign in, and watch the devices of their groups in sessions of 10 minutes.
new ViewingApi(stack, 'Viewing', {
  fleetName: 'delivery',
  identity,
  signIn: {
    callbackUrls: ['https://console.example.com/signed-in'],
    logoutUrls: ['https://console.example.com'],
    domainPrefix: 'delivery-viewers',
  },
  allowedOrigins: ['https://console.example.com'],
  sessionLength: Duration.minutes(10),
  alarmActions: [new AlarmTopic(stack, 'Alarms').action],
});
