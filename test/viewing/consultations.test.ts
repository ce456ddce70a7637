import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Consultations, type ConsultationsProps } from '../../lib';
import { deployed, environments } from '../support/fleet';
import { stateOf, type AlarmProperties } from '../support/monitoring/alarms';
import { Match, Template, testStack } from '../support/template';

const issuer = { issuerUrl: 'https://login.example.com', audience: ['consultations'] };

function meetingsIn(props: Partial<ConsultationsProps> = {}) {
  const stack = testStack();
  const meetings = new Consultations(stack, 'Meetings', { fleetName: 'clinic', issuer, ...props });
  return { stack, meetings, template: Template.fromStack(stack) };
}

test('nothing but its routes is reached, and none without a token', () => {
  const { stack } = meetingsIn();
  const routes = deployed('AWS::ApiGatewayV2::Route', stack);
  expect(routes.map((route) => route.get('RouteKey')).sort()).toEqual([
    'DELETE /v1/appointments/{id}',
    'GET /v1/appointments/{id}',
    'POST /v1/appointments/{id}/recording',
    'POST /v1/appointments/{id}/session',
    'PUT /v1/appointments/{id}',
    'PUT /v1/appointments/{id}/consent',
  ]);
  for (const route of routes) expect(route.get('AuthorizationType')).toBe('JWT');
});

test('browsers of the given origins call all methods that there are', () => {
  meetingsIn({ allowedOrigins: ['https://clinic.example.com'] }).template.hasResourceProperties(
    'AWS::ApiGatewayV2::Api',
    {
      CorsConfiguration: {
        AllowOrigins: ['https://clinic.example.com'],
        AllowMethods: ['GET', 'PUT', 'DELETE', 'POST'],
        AllowHeaders: ['authorization', 'content-type'],
      },
    },
  );
});

test('the table is kept, encrypted with the key, restored to any second, and forgets in time', () => {
  const { template } = meetingsIn();
  template.hasResource('AWS::DynamoDB::Table', {
    DeletionPolicy: 'Retain',
    Properties: {
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      SSESpecification: Match.objectLike({ SSEType: 'KMS', KMSMasterKeyId: Match.anyValue() }),
      DeletionProtectionEnabled: true,
    },
  });
  template.hasResource('AWS::KMS::Key', { DeletionPolicy: 'Retain', Properties: { EnableKeyRotation: true } });
});

test('a key that is given is that of the recordings', () => {
  const stack = testStack();
  const encryptionKey = new kms.Key(stack, 'ClinicKey');
  new Consultations(stack, 'Meetings', { fleetName: 'clinic', issuer, encryptionKey });
  const { consultations, 'consultation-rooms': rooms } = environments(stack);
  expect(JSON.parse(consultations.ROOMS)).toEqual({
    fleetName: 'clinic',
    recordingHours: 720,
    keyArn: expect.stringMatching(/^arn:aws:kms:/),
  });
  expect(rooms.ROOMS).toBe(consultations.ROOMS);
  Template.fromStack(stack).resourceCountIs('AWS::KMS::Key', 1);
});

test('who was let in is on record for a year', () => {
  const { meetings, template, stack } = meetingsIn();
  expect(stack.resolve(meetings.auditLogGroup.logGroupName)).toEqual({ Ref: expect.stringContaining('HandlerLogs') });
  template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 365 });
});

test('without anything to keep, all of it goes with the stack', () => {
  const { template } = meetingsIn({ removalPolicy: RemovalPolicy.DESTROY });
  template.allResources('AWS::DynamoDB::Table', { DeletionPolicy: 'Delete' });
  template.allResources('AWS::KMS::Key', { DeletionPolicy: 'Delete' });
});

describe('alarms', () => {
  const { stack } = meetingsIn();
  const alarm = (end: string): AlarmProperties => {
    const found = deployed('AWS::CloudWatch::Alarm', stack).find(({ logicalId }) =>
      logicalId.startsWith(`Meetings${end}`),
    )!;
    return Object.fromEntries(Object.keys(found.properties).map((name) => [name, found.get(name)])) as never;
  };

  test.each([
    ['ServerErrorAlarm', { '5xx': 5 }, { '5xx': 4 }],
    ['ClosingAlarm', { Errors: 1 }, { Errors: [1, 1, 0] }],
    ['ClosingAlarm', {}, { Errors: 0 }],
    ['ConsentAlarm', { RecordingStoppedLate: 1 }, {}],
  ])('%s goes off at %j, and not at %j', (end, fires, silent) => {
    expect(stateOf(alarm(end), fires as never)).toBe('ALARM');
    expect(stateOf(alarm(end), silent as never)).not.toBe('ALARM');
  });

  test('are all among `alarms`', () => {
    expect(meetingsIn().meetings.alarms).toHaveLength(deployed('AWS::CloudWatch::Alarm', stack).length);
  });
});

test('metrics carry the name of the function that emits them', () => {
  const { meetings } = meetingsIn();
  expect(meetings.metric('ConsentWithdrawn')).toMatchObject({
    ...{ namespace: 'KinesisVideoFleet', metricName: 'ConsentWithdrawn', statistic: 'Sum' },
    dimensions: { service: 'consultations' },
  });
  expect(meetings.metricRoomsOpen()).toMatchObject({
    ...{ metricName: 'RoomsOpen', statistic: 'Maximum' },
    dimensions: { service: 'consultation-rooms' },
  });
});

test.each<[string, Partial<ConsultationsProps>, RegExp]>([
  ['a name', { fleetName: 'no spaces' }, /fleetName/],
  ['two ways to sign in', { signIn: { callbackUrls: ['https://clinic.example.com'] } }, /Either `signIn` or `issuer`/],
  ['no way to sign in', { issuer: undefined }, /Either `signIn` or `issuer`/],
  ['an issuer without TLS', { issuer: { ...issuer, issuerUrl: 'http://login.example.com' } }, /issuerUrl/],
  ['an entry too early', { earlyEntry: Duration.minutes(61) }, /earlyEntry/],
  ['a retention that streams do not have', { recordingRetention: Duration.hours(87_601) }, /recordingRetention/],
  ['a record that is not kept', { recordRetention: Duration.days(0) }, /recordRetention/],
  ['a role of two words', { schedulerRole: 'front desk' }, /schedulerRole/],
  ['an origin with a path', { allowedOrigins: ['https://clinic.example.com/app'] }, /allowedOrigins/],
])('%s is refused', (_what, props, message) => {
  expect(() => meetingsIn(props)).toThrow(message);
});
