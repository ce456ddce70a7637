import type { Stack } from 'aws-cdk-lib';
import { wildlife } from '../../bin/wildlife';
import { deployed, environments } from '../support/fleet';
import { appWith } from '../support/reference-app';
import { Template } from '../support/template';

const reserveOf = (reserve?: object | string): Stack => wildlife(appWith({ reserve }));
const settingsOf = (reserve?: object) => JSON.parse(environments(reserveOf(reserve))['field-watch'].WATCH);

test('no video leaves the cameras: there are no streams, no channels, and no model in the cloud', () => {
  const stack = reserveOf();
  for (const type of ['AWS::KinesisVideo::Stream', 'AWS::KinesisVideo::SignalingChannel']) {
    expect(deployed(type, stack)).toEqual([]);
  }
  expect(JSON.stringify(Template.fromStack(stack))).not.toMatch(/rekognition|CreateStream/);
});

test('night is that of the sun at the first area, of hours, or always', () => {
  expect(settingsOf().night).toEqual({ by: 'sun', latitude: -0.05, longitude: -0.05, degreesBelow: 6 });
  const hours = { start: '18:30', end: '06:00', timeZone: 'Africa/Nairobi' };
  expect(settingsOf({ night: hours }).night).toMatchObject({ by: 'hours', ...hours });
  expect(settingsOf({ night: 'always' }).night).toBeUndefined();
});

test('times and areas are those of the configuration', () => {
  const corners = [
    { latitude: 1, longitude: 2 },
    { latitude: 1, longitude: 2.1 },
    { latitude: 1.1, longitude: 2 },
  ];
  const given = {
    areas: [{ name: 'river', corners }],
    lateAfterMinutes: 5,
    recordOnlyAfterMinutes: 60,
    incidentGapMinutes: 10,
  };
  expect(settingsOf(given)).toMatchObject({
    ...{
      areas: [
        {
          name: 'river',
          corners: [
            [1, 2],
            [1, 2.1],
            [1.1, 2],
          ],
        },
      ],
    },
    ...{ lateAfterSeconds: 300, recordOnlyAfterSeconds: 3600, gapSeconds: 600, recordDays: 90 },
  });
});

test('rangers get texts and mails, and operators hear of each alarm', () => {
  const stack = reserveOf({
    rangerPhones: ['+15555550100'],
    rangerEmails: ['ranger@example.com'],
    alarmEmails: ['operator@example.com'],
  });
  const protocols = deployed('AWS::SNS::Subscription', stack).map((subscription) => subscription.get('Protocol'));
  expect(protocols.sort()).toEqual(['email', 'email', 'sms']);
  const alarms = deployed('AWS::CloudWatch::Alarm', stack);
  expect(alarms.length).toBeGreaterThan(3);
  for (const alarm of alarms) expect(alarm.get('AlarmActions')).toHaveLength(1);
});

test.each<[string, object | string, RegExp]>([
  ['a field that there is not', { herds: 3 }, /wrong:\n.*herds/],
  ['a phone that is none', { rangerPhones: ['123'] }, /rangerPhones\[0\]/],
  ['an area of two corners', { areas: [{ name: 'a', corners: [{ latitude: 0, longitude: 0 }] }] }, /`corners`/],
  ['no area', { areas: [] }, /`areas` is empty/],
  [
    'a night of a time zone that there is not',
    { night: { start: '18:00', end: '06:00', timeZone: 'Moon' } },
    /timeZone/,
  ],
  ['an age below the other', { lateAfterMinutes: 60, recordOnlyAfterMinutes: 30 }, /recordOnlyAfter/],
  ['a file that is not there', 'no-reserve.json', /no-reserve\.json can't be read/],
])('%s is named', (_what, reserve, message) => {
  expect(() => reserveOf(reserve)).toThrow(message);
});
