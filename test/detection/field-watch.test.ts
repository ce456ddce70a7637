import { Duration } from 'aws-cdk-lib';
import {
  AlertTopic,
  ClosedArea,
  DeviceIdentity,
  FieldWatch,
  NightTime,
  ObstacleClass,
  type FieldWatchProps,
} from '../../lib';
import { deployed, environments } from '../support/fleet';
import { stateOf, type AlarmProperties } from '../support/monitoring/alarms';
import { Match, Template, testStack } from '../support/template';

const at = (latitude: number, longitude: number) => ({ latitude, longitude });
const TRIANGLE = [at(0, 0), at(0, 1), at(1, 0)];
const NORTH = new ClosedArea('north', TRIANGLE);
const PERSON = new ObstacleClass({ name: 'person', labels: ['Person'] });

function watchIn(props: Partial<FieldWatchProps> = {}) {
  const stack = testStack();
  const identity = new DeviceIdentity(stack, 'Identity', { signaling: false });
  const alerts = new AlertTopic(stack, 'Alerts');
  const watch = new FieldWatch(stack, 'Watch', {
    ...{ fleetName: 'reserve', identity, alerts, obstacles: [PERSON], areas: [NORTH] },
    ...props,
  });
  return { stack, watch, template: Template.fromStack(stack) };
}

test('the function knows where, when and what', () => {
  const { stack } = watchIn({ night: NightTime.sun(at(-2, 35)) });
  const { WATCH, OBSTACLES, FLEET_NAME } = environments(stack)['field-watch'];
  expect(JSON.parse(WATCH)).toEqual({
    gapSeconds: 1800,
    lateAfterSeconds: 900,
    recordOnlyAfterSeconds: 43_200,
    recordDays: 90,
    linkSeconds: 3600,
    tableName: expect.any(String),
    snapshotBucket: expect.any(String),
    areas: [
      {
        name: 'north',
        corners: [
          [0, 0],
          [0, 1],
          [1, 0],
        ],
      },
    ],
    night: { by: 'sun', latitude: -2, longitude: 35, degreesBelow: 6 },
  });
  expect(JSON.parse(OBSTACLES)).toMatchObject([{ name: 'person' }]);
  expect(FLEET_NAME).toBe('reserve');
});

test('what was seen is kept for as long as is said, and so are pictures', () => {
  const { template } = watchIn({ recordRetention: Duration.days(7) });
  template.hasResource('AWS::DynamoDB::Table', {
    DeletionPolicy: 'Retain',
    Properties: Match.objectLike({
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      DeletionProtectionEnabled: true,
    }),
  });
  template.hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Retain',
    Properties: Match.objectLike({ LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 7 })] } }),
  });
});

test('messages that are no JSON reach the function too', () => {
  watchIn().template.hasResourceProperties('AWS::IoT::TopicRule', {
    TopicRulePayload: {
      Sql: "SELECT topic(2) AS device, encode(*, 'base64') AS content FROM 'devices/+/sightings'",
      ErrorAction: { Sqs: Match.anyValue() },
    },
  });
});

test('sightings that come too late for anybody are an alarm', () => {
  const { stack, watch } = watchIn();
  const alarm = deployed('AWS::CloudWatch::Alarm', stack).find(({ logicalId }) => logicalId.startsWith('WatchTooOld'))!;
  const properties = Object.fromEntries(Object.keys(alarm.properties).map((name) => [name, alarm.get(name)]));
  expect(stateOf(properties as unknown as AlarmProperties, { SightingTooOld: 1 })).toBe('ALARM');
  expect(stateOf(properties as unknown as AlarmProperties, {})).toBe('OK');
  expect(watch.alarms).toHaveLength(2);
  expect(watch.metric('AlertLate')).toMatchObject({ dimensions: { service: 'field-watch' }, statistic: 'Sum' });
});

test('night by the clock goes over midnight', () => {
  const { stack } = watchIn({ night: NightTime.hours('18:30', '06:00', 'Africa/Nairobi') });
  expect(JSON.parse(environments(stack)['field-watch'].WATCH).night).toMatchObject({
    ...{ by: 'hours', start: '18:30', end: '06:00', timeZone: 'Africa/Nairobi', days: [0, 1, 2, 3, 4, 5, 6] },
  });
});

const many = Array.from({ length: 50 }, (_each, index) => at(index / 1000, Math.sin(index)));

test.each<[string, () => unknown, RegExp]>([
  ['a name of no phone', () => new ClosedArea('nørd', TRIANGLE), /name/],
  ['two corners', () => new ClosedArea('a', TRIANGLE.slice(1)), /2 `corners`/],
  ['a corner twice', () => new ClosedArea('a', [...TRIANGLE, at(0, 0)]), /the same/],
  ['a corner beyond the pole', () => new ClosedArea('a', [...TRIANGLE, at(91, 0)]), /latitude/],
  ['a night of the day', () => NightTime.sun(at(0, 0), -1), /degreesBelow/],
  ['a place that there is not', () => NightTime.sun(at(0, 181)), /longitude/],
  ['no hours', () => NightTime.hours('25:00', '06:00', 'Africa/Nairobi'), /start/],
  ['no areas', () => watchIn({ areas: [] }), /`areas` is empty/],
  ['two areas of one name', () => watchIn({ areas: [NORTH, new ClosedArea('north', many)] }), /called 'north'/],
  ['areas that no function can hold', () => watchIn({ areas: [NORTH, new ClosedArea('b', many)] }), /bytes as JSON/],
  ['no classes', () => watchIn({ obstacles: [] }), /`obstacles` is empty/],
  [
    'a class with more than counts here',
    () => watchIn({ obstacles: [new ObstacleClass({ name: 'person', labels: ['Person'], minimumCount: 2 })] }),
    /has minimumCount/,
  ],
  ['a gap of nothing', () => watchIn({ incidentGap: Duration.minutes(4) }), /incidentGap/],
  ['nothing in time', () => watchIn({ recordOnlyAfter: Duration.minutes(15) }), /recordOnlyAfter/],
  ['a link for longer than there is a role', () => watchIn({ linkLifetime: Duration.hours(13) }), /linkLifetime/],
])('%s is refused', (_what, make, message) => {
  expect(make).toThrow(message);
});
