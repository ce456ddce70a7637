import { App, Duration, Stack } from 'aws-cdk-lib';
import {
  AlarmTopic,
  AlertAcknowledgements,
  AlertEscalation,
  AlertFeed,
  AlertTopic,
  DeviceIdentity,
  MediaProvisioner,
  Takeover,
  ViewingApi,
} from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Drones');
const identity = new DeviceIdentity(stack, 'Identity');
new MediaProvisioner(stack, 'Media', { fleetName: 'delivery', identity });

const alerts = new AlertTopic(stack, 'Alerts');
const acknowledgements = new AlertAcknowledgements(stack, 'Acknowledgements');
// What a pilot acknowledges goes to nobody else.
new AlertEscalation(stack, 'Escalation', {
  alerts,
  acknowledgements,
  tiers: [{ name: 'chief', acknowledgeWithin: Duration.minutes(5) }],
});

// People sign in, and watch the devices of their groups in sessions of 10 minutes. Pilots take control of them.
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
  takeover: new Takeover(stack, 'Takeover', { fleetName: 'delivery', identity }),
  alerts: new AlertFeed(stack, 'Feed', { alerts, identity }),
  acknowledgements,
  alarmActions: [new AlarmTopic(stack, 'Alarms').action],
});
