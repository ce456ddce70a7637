import type { Stack } from 'aws-cdk-lib';
import { smartCity } from '../../bin/smart-city';
import { deployed, environments } from '../support/fleet';
import { appWith } from '../support/reference-app';
import { Template } from '../support/template';

const cityOf = (city?: object | string): Stack => smartCity(appWith({ city }));
const settingsOf = (stack: Stack) => JSON.parse(environments(stack)['shot-detector'].SHOTS);

test('somebody has two minutes to look, and then it is dispatched', () => {
  const stack = cityOf();
  expect(settingsOf(stack)).toMatchObject({ confirmation: { withinSeconds: 120, otherwise: 'DISPATCH' } });
  expect(JSON.parse(environments(stack)['shot-decision'].ACKNOWLEDGEMENTS)).toMatchObject({ retentionDays: 90 });
});

test('it is dispatched at once where that is configured', () => {
  expect(settingsOf(cityOf({ dispatch: 'automatic' })).confirmation).toBeUndefined();
});

test('the whole configuration reaches the function', () => {
  const stack = cityOf({
    dispatchUrl: 'https://cad.example.org/v1',
    confirmation: { withinSeconds: 60, otherwise: 'DISMISS' },
    shots: {
      minimumSensors: 4,
      minimumConfidence: 70,
      rangeMeters: 800,
      speedOfSound: 331,
      clockJitterMilliseconds: 2,
      settleAfterSeconds: 3,
      nearestCameras: 2,
      cameraRangeMeters: 200,
    },
  });
  expect(settingsOf(stack)).toMatchObject({
    minimumSensors: 4,
    minimumConfidence: 70,
    rangeMeters: 800,
    speedOfSound: 331,
    jitterMilliseconds: 2,
    settleSeconds: 3,
    cameras: { most: 2, rangeMeters: 200 },
    confirmation: { withinSeconds: 60, otherwise: 'DISMISS' },
  });
  expect(environments(stack)['signed-webhook'].WEBHOOK_URL).toBe('https://cad.example.org/v1');
});

test('the secret is in no template: it is made when it is deployed, and has a key', () => {
  const [secret] = deployed('AWS::SecretsManager::Secret', cityOf());
  expect(secret.get('SecretString')).toBeUndefined();
  expect(secret.get('KmsKeyId')).toBeDefined();
});

test('each alarm tells somebody', () => {
  const alarms = deployed('AWS::CloudWatch::Alarm', cityOf({ alarmEmails: ['operator@example.com'] }));
  expect(alarms.length).toBeGreaterThan(10);
  for (const alarm of alarms)
    expect([alarm.path, alarm.get('AlarmActions')]).toEqual([alarm.path, [expect.anything()]]);
});

test('no sensor and no camera is in the template', () => {
  expect(deployed('AWS::KinesisVideo::Stream', cityOf())).toEqual([]);
  expect(JSON.stringify(Template.fromStack(cityOf()))).not.toMatch(/latitude/);
});

test.each<[string, object | string, RegExp]>([
  ['a field that there is not', { sensors: 3 }, /wrong:\n.*sensors/],
  ['another way of dispatch', { dispatch: 'perhaps' }, /dispatch/],
  ['an address without TLS', { dispatchUrl: 'http://cad.example.org' }, /must begin with https/],
  ['too few sensors', { shots: { minimumSensors: 1 } }, /`minimumSensors` is 1/],
  ['a file that is not there', 'no-city.json', /no-city\.json can't be read/],
])('%s is named', (_what, city, message) => {
  expect(() => cityOf(city)).toThrow(message);
});
