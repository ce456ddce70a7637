import { App, Stack } from 'aws-cdk-lib';
import {
  AlarmTopic,
  AlertAcknowledgements,
  AlertFeed,
  AlertTopic,
  DeviceIdentity,
  LapseAction,
  PilotConsole,
  Takeover,
  ViewerMessages,
  ViewingApi,
} from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Pilots');
const fleetName = 'delivery';
const identity = new DeviceIdentity(stack, 'Identity');
const alarmActions = [new AlarmTopic(stack, 'Alarms').action];

const viewing = new ViewingApi(stack, 'Viewing', {
  fleetName,
  identity,
  signIn: { domainPrefix: 'delivery-pilots' },
  takeover: new Takeover(stack, 'Takeover', {
    fleetName,
    identity,
    commands: ['HOVER', 'RETURN', 'LAND'],
    onLapse: LapseAction.RETURN,
    alarmActions,
  }),
  alerts: new AlertFeed(stack, 'Feed', { identity, alerts: new AlertTopic(stack, 'Alerts'), alarmActions }),
  acknowledgements: new AlertAcknowledgements(stack, 'Acknowledgements'),
  alarmActions,
});

// The console has what the API has, and alerts as they happen.
new PilotConsole(stack, 'Console', {
  viewing,
  messages: new ViewerMessages(stack, 'Messages', { viewing, alarmActions }),
});
