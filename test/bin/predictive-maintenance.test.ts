import type { Stack } from 'aws-cdk-lib';
import { predictiveMaintenance } from '../../bin/predictive-maintenance';
import { deployed, environments } from '../support/fleet';
import { appWith } from '../support/reference-app';
import { Template } from '../support/template';

const plantOf = (plant?: object | string): Stack => predictiveMaintenance(appWith({ plant }));

test('nothing of the video reaches the cloud: there is no stream, and nobody makes one', () => {
  const stack = plantOf();
  for (const type of ['AWS::S3::Bucket', 'AWS::KinesisVideo::Stream']) expect(deployed(type, stack)).toEqual([]);
  expect(JSON.stringify(Template.fromStack(stack))).not.toMatch(/CreateStream|rekognition/);
});

test('work orders have a bus of their own, and are kept to be replayed', () => {
  const stack = plantOf({ name: 'mill' });
  expect(environments(stack)['heat-monitor'].EVENT_BUS).toBe(
    deployed('AWS::Events::EventBus', stack)[0].attribute('Ref'),
  );
  Template.fromStack(stack).hasResourceProperties('AWS::Events::EventBus', { Name: 'mill-maintenance' });
  Template.fromStack(stack).hasResourceProperties('AWS::Events::Archive', { RetentionDays: 90 });
});

test('each alarm tells somebody', () => {
  const alarms = deployed('AWS::CloudWatch::Alarm', plantOf({ alarmEmails: ['operator@example.com'] }));
  expect(alarms).toHaveLength(3);
  for (const alarm of alarms) expect(alarm.get('AlarmActions')).toHaveLength(1);
});

test('the whole configuration reaches the function', () => {
  const region = { left: 0, top: 0, width: 0.5, height: 1 };
  const stack = plantOf({
    assets: [{ name: 'pump', device: 'camera-1', camera: 'left', region, maximumCelsius: 90 }],
    heat: {
      ambientCompensation: false,
      watchAbove: 3,
      alarmAbove: 10,
      driftAbove: 4,
      learnForSeconds: 3600,
      adaptOverSeconds: 7200,
      alarmAfterSeconds: 60,
      calmAfterSeconds: 120,
      watchForSeconds: 1800,
      silentAfterSeconds: 300,
    },
  });
  expect(JSON.parse(environments(stack)['heat-monitor'].HEAT)).toMatchObject({
    assets: [{ name: 'pump', device: 'camera-1', camera: 'left', region, limit: 90 }],
    needsAmbient: false,
    watchAbove: 3,
    alarmAbove: 10,
    driftAbove: 4,
    learnForSeconds: 3600,
    adaptOverSeconds: 7200,
    alarmAfterSeconds: 60,
    calmAfterSeconds: 120,
    watchForSeconds: 1800,
    silentAfterSeconds: 300,
  });
});

test('the size does not depend on how many cameras there are', () => {
  const assets = Array.from({ length: 50 }, (_each, index) => ({ name: `pump-${index}` }));
  const count = (stack: Stack) => Object.keys(Template.fromStack(stack).toJSON().Resources).length;
  expect(count(plantOf({ assets }))).toBe(count(plantOf()));
});

test.each<[string, object | string, RegExp]>([
  ['a field that there is not', { pumps: 3 }, /wrong:\n.*pumps/],
  [
    'a region outside',
    { assets: [{ name: 'a', region: { left: 2, top: 0, width: 1, height: 1 } }] },
    /assets\[0\]\.region\.left/,
  ],
  ['a file that is not there', 'no-plant.json', /no-plant\.json can't be read/],
  ['no assets', { assets: [] }, /`assets.length` is 0/],
])('%s is named', (_what, plant, message) => {
  expect(() => plantOf(plant)).toThrow(message);
});
