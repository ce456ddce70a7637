import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  AlertTopic,
  ClipArchive,
  DeviceIdentity,
  ShotDetector,
  SignedWebhook,
  UnconfirmedShot,
  type ShotDetectorProps,
} from '../../lib';
import { codedError, deployed, environments } from '../support/fleet';
import { Template, testStack } from '../support/template';

function detectorIn(stack: Stack, props: Partial<ShotDetectorProps> = {}) {
  const identity = new DeviceIdentity(stack, 'Identity');
  const alerts = new AlertTopic(stack, 'Alerts');
  const dispatch = new SignedWebhook(stack, 'Dispatch', {
    url: 'https://dispatch.example.com',
    secret: new Secret(stack, 'Secret'),
  });
  return new ShotDetector(stack, 'Shots', { fleetName: 'city-1', identity, alerts, dispatch, ...props });
}

const settingsOf = (stack: Stack) => JSON.parse(environments(stack)['shot-detector'].SHOTS);

const tablesOf = (stack: Stack) =>
  deployed('AWS::DynamoDB::Table', stack).filter(({ logicalId }) => logicalId.startsWith('Shots'));

describe('by default', () => {
  const stack = testStack();
  const detector = detectorIn(stack);
  const template = Template.fromStack(stack);

  test('a rule brings what sensors publish to the queue, as it is', () => {
    template.hasResourceProperties('AWS::IoT::TopicRule', {
      TopicRulePayload: {
        Sql: "SELECT topic(2) AS device, encode(*, 'base64') AS content FROM 'devices/+/shots'",
        Actions: [{ Sqs: { QueueUrl: stack.resolve(detector.queue.queueUrl) } }],
        ErrorAction: { Sqs: { QueueUrl: stack.resolve(detector.deadLetterQueue.queueUrl) } },
      },
    });
  });

  test('both functions know what a shot is, and where all of it goes; it is dispatched at once', () => {
    const settings = settingsOf(stack);
    expect(settings).toMatchObject({
      fleet: 'city-1',
      minimumSensors: 3,
      minimumConfidence: 50,
      rangeMeters: 1000,
      speedOfSound: 343,
      jitterMilliseconds: 10,
      settleSeconds: 5,
      cameras: { most: 4, rangeMeters: 300, beforeSeconds: 30, afterSeconds: 120 },
      retentionDays: 365,
    });
    expect(settings.confirmation).toBeUndefined();
    expect(settings.clipQueueUrl).toBeUndefined();
    expect(JSON.parse(environments(stack)['shot-decision'].SHOTS)).toEqual(settings);
    expect(environments(stack)['shot-decision'].ACKNOWLEDGEMENTS).toBeUndefined();
  });

  test('incidents and cameras stay, and decisions have to be signed', () => {
    expect(tablesOf(stack).map((table) => table.get('DeletionProtectionEnabled'))).toEqual([true, true]);
    template.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'AWS_IAM' });
    template.hasResource('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 365 }, DeletionPolicy: 'Retain' });
  });

  test('an alarm goes off when something was not looked at', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'HearingDropped',
      Dimensions: [{ Name: 'service', Value: 'shot-detector' }],
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
    expect(detector.alarms).toHaveLength(2);
    expect(detector.metric('ShotLatency')).toMatchObject({ statistic: 'p90' });
    expect(detector.metric('ShotIncident')).toMatchObject({ statistic: 'Sum' });
  });
});

test('passes all properties on', () => {
  const stack = testStack();
  const clips = new ClipArchive(stack, 'Clips', {
    fleetName: 'city-1',
    identity: new DeviceIdentity(stack, 'Cameras'),
  });
  detectorIn(stack, {
    minimumSensors: 2,
    minimumConfidence: 0,
    rangeMeters: 3000,
    speedOfSound: 300,
    clockJitter: Duration.millis(1),
    settleAfter: Duration.minutes(1),
    nearestCameras: 0,
    cameraRangeMeters: 500,
    before: Duration.seconds(0),
    after: Duration.minutes(30),
    retention: Duration.days(7),
    confirmation: { within: Duration.minutes(15), otherwise: UnconfirmedShot.DISMISS },
    clips,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const [queue] = deployed('AWS::SQS::Queue', stack).filter(({ logicalId }) => logicalId.startsWith('ClipsWorkQueue'));
  expect(settingsOf(stack)).toMatchObject({
    minimumSensors: 2,
    minimumConfidence: 0,
    rangeMeters: 3000,
    speedOfSound: 300,
    jitterMilliseconds: 1,
    settleSeconds: 60,
    cameras: { most: 0, rangeMeters: 500, beforeSeconds: 0, afterSeconds: 1800 },
    retentionDays: 7,
    confirmation: { withinSeconds: 900, otherwise: 'DISMISS' },
    clipQueueUrl: queue.attribute('Ref'),
  });
  expect(tablesOf(stack).map((table) => table.get('DeletionProtectionEnabled'))).toEqual([false, false]);
});

test.each<[string, Partial<ShotDetectorProps>, string, RegExp]>([
  ['a fleet name with a space', { fleetName: 'a b' }, 'FleetName', /`fleetName` is 'a b'/],
  ['one sensor', { minimumSensors: 1 }, 'ShotLimits', /`minimumSensors` is 1; .* between 2 and 10/],
  ['surer than sure', { minimumConfidence: 101 }, 'ShotLimits', /`minimumConfidence` is 101 percent/],
  ['heard too far', { rangeMeters: 3001 }, 'ShotLimits', /`rangeMeters` is 3001 m/],
  ['light', { speedOfSound: 299_792_458 }, 'ShotLimits', /`speedOfSound`/],
  ['clocks of no use', { clockJitter: Duration.millis(101) }, 'ShotTimes', /`clockJitter` is 101 milliseconds/],
  ['no patience', { settleAfter: Duration.millis(500) }, 'ShotTimes', /`settleAfter` is 0.5 seconds/],
  ['too many cameras', { nearestCameras: 21 }, 'ShotCameras', /`nearestCameras` is 21/],
  ['cameras too far', { cameraRangeMeters: 501 }, 'ShotCameras', /`cameraRangeMeters` is 501 m/],
  ['a day to decide', { confirmation: { within: Duration.days(1) } }, 'ShotConfirmation', /`within` is 86400 seconds/],
])('%s names path, value and range', (_what, props, code, message) => {
  expect(() => detectorIn(testStack(), props)).toThrow(codedError(code, message, 'Test/Shots'));
});
