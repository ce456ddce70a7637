import type { Stack } from 'aws-cdk-lib';
import { telehealth } from '../../bin/telehealth';
import { deployed, environments } from '../support/fleet';
import { appWith } from '../support/reference-app';
import { Match, Template } from '../support/template';

const clinicOf = (clinic?: object | string): Stack => telehealth(appWith({ clinic }));
const issuer = { url: 'https://login.example.com', audience: ['consultations'] };

test('without configuration people sign in to a user pool with a second factor, and schedulers are a group', () => {
  const template = Template.fromStack(clinicOf());
  template.hasResourceProperties('AWS::Cognito::UserPool', { MfaConfiguration: 'ON' });
  expect(deployed('AWS::Cognito::UserPoolGroup', clinicOf()).map((group) => group.get('GroupName'))).toEqual([
    'scheduler',
  ]);
});

test('with an issuer there is no user pool', () => {
  const stack = clinicOf({
    issuer,
    rolesClaim: 'roles',
    schedulerRole: 'desk',
    application: 'https://clinic.example.com/app',
  });
  expect(deployed('AWS::Cognito::UserPool', stack)).toEqual([]);
  Template.fromStack(stack).hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
    JwtConfiguration: { Issuer: issuer.url, Audience: issuer.audience },
  });
  Template.fromStack(stack).hasResourceProperties('AWS::ApiGatewayV2::Api', {
    CorsConfiguration: Match.objectLike({ AllowOrigins: ['https://clinic.example.com'] }),
  });
  expect(environments(stack).consultations).toMatchObject({ ROLES_CLAIM: 'roles', SCHEDULER_ROLE: 'desk' });
});

test('nothing of an appointment is in the template, neither channels nor streams', () => {
  for (const type of ['AWS::KinesisVideo::SignalingChannel', 'AWS::KinesisVideo::Stream']) {
    expect(deployed(type, clinicOf())).toEqual([]);
  }
});

test('times are those of the configuration', () => {
  const stack = clinicOf({ earlyEntryMinutes: 5, recordingRetentionDays: 90, recordRetentionDays: 3653 });
  expect(environments(stack).consultations).toMatchObject({ EARLY_SECONDS: '300', RECORD_DAYS: '3653' });
  expect(JSON.parse(environments(stack).consultations.ROOMS)).toMatchObject({ recordingHours: 2160 });
});

test('each alarm tells somebody', () => {
  const alarms = deployed('AWS::CloudWatch::Alarm', clinicOf({ alarmEmails: ['operator@example.com'] }));
  expect(alarms.length).toBeGreaterThan(3);
  for (const alarm of alarms) expect(alarm.get('AlarmActions')).toHaveLength(1);
});

test('what has to be kept is kept: table, key, user pool, records and logs', () => {
  const resources = Object.values(Template.fromStack(clinicOf()).toJSON().Resources) as Record<string, unknown>[];
  for (const type of ['AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::Cognito::UserPool', 'AWS::S3::Bucket']) {
    const found = resources.filter(({ Type }) => Type === type);
    expect(found.length).toBeGreaterThan(0);
    for (const resource of found)
      expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  }
});

test.each<[string, object | string, RegExp]>([
  ['a field that there is not', { rooms: 3 }, /wrong:\n.*rooms/],
  ['a wrong issuer', { issuer: { url: 'login', audience: ['a'] } }, /issuer\.url/],
  ['an issuer for everybody', { issuer: { ...issuer, audience: [] } }, /`audience` is empty/],
  ['a retention of no hours', { recordingRetentionDays: 0 }, /recordingRetention/],
  ['a room that is open for hours before', { earlyEntryMinutes: 61 }, /earlyEntry/],
  ['a file that is not there', 'no-clinic.json', /no-clinic\.json can't be read/],
])('%s is named', (_what, clinic, message) => {
  expect(() => clinicOf(clinic)).toThrow(message);
});
