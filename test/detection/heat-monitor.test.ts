import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { DeviceIdentity, FrameRegion, HeatMonitor, type HeatAsset, type HeatMonitorProps } from '../../lib';
import { codedError, deployed, environments } from '../support/fleet';
import { Template, testStack } from '../support/template';

const ASSETS: HeatAsset[] = [
  { name: 'pump' },
  { name: 'motor', device: 'camera-7', camera: 'left', maximumCelsius: 90 },
];

function monitorIn(stack: Stack, props: Partial<HeatMonitorProps> = {}): HeatMonitor {
  const identity = new DeviceIdentity(stack, 'Identity');
  return new HeatMonitor(stack, 'Heat', { fleetName: 'plant-1', assets: ASSETS, identity, ...props });
}

const settingsOf = (stack: Stack) => JSON.parse(environments(stack)['heat-monitor'].HEAT);

describe('a plant', () => {
  const stack = testStack();
  const monitor = monitorIn(stack);
  const template = Template.fromStack(stack);

  test('a rule brings what devices publish to the queue, as it is', () => {
    template.hasResourceProperties('AWS::IoT::TopicRule', {
      TopicRulePayload: {
        Sql: "SELECT topic(2) AS device, encode(*, 'base64') AS content FROM 'devices/+/heat'",
        Actions: [{ Sqs: { QueueUrl: stack.resolve(monitor.queue.queueUrl) } }],
        ErrorAction: { Sqs: { QueueUrl: stack.resolve(monitor.deadLetterQueue.queueUrl) } },
      },
    });
  });

  test('both functions know the assets, what is abnormal and where all of it is', () => {
    const settings = settingsOf(stack);
    expect(settings).toEqual({
      fleet: 'plant-1',
      assets: [
        { name: 'pump', device: 'pump' },
        { name: 'motor', device: 'camera-7', camera: 'left', limit: 90 },
      ],
      needsAmbient: true,
      learnForSeconds: 86_400,
      adaptOverSeconds: 172_800,
      watchAbove: 4,
      alarmAbove: 12,
      driftAbove: 5,
      alarmAfterSeconds: 300,
      calmAfterSeconds: 900,
      watchForSeconds: 86_400,
      silentAfterSeconds: 900,
      tableName: deployed('AWS::DynamoDB::Table', stack)[0].attribute('Ref'),
    });
    expect(JSON.parse(environments(stack)['heat-monitor-command'].HEAT)).toEqual(settings);
    expect(environments(stack)['heat-monitor'].EVENT_BUS).toBe('default');
  });

  test('each minute the queue is told that time has passed', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 minute)',
      Target: { Arn: stack.resolve(monitor.queue.queueArn), Input: '{"kind":"TICK"}' },
    });
  });

  test('work orders are brought to the topic as a text, and what can not be delivered to the dead-letter queue', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventBusName: 'default',
      EventPattern: {
        source: ['cdk-kinesis-video.heat-monitor'],
        'detail-type': ['Maintenance Work Order'],
        detail: { fleet: ['plant-1'] },
      },
      Targets: [
        {
          Arn: stack.resolve(monitor.topic.topicArn),
          DeadLetterConfig: { Arn: stack.resolve(monitor.deadLetterQueue.queueArn) },
          InputTransformer: {
            InputTemplate: '"<detail-reason> at <detail-asset> in plant-1, since <detail-since>. Alarm <detail-id>"',
          },
        },
      ],
    });
  });

  test('what is known stays, and nothing of it expires', () => {
    const [table] = deployed('AWS::DynamoDB::Table', stack);
    expect(table.get('TimeToLiveSpecification')).toBeUndefined();
    expect(table.get('DeletionProtectionEnabled')).toBe(true);
    template.hasResource('AWS::DynamoDB::Table', { DeletionPolicy: 'Retain' });
  });

  test('everything is encrypted with one key, which is rotated', () => {
    const [key] = deployed('AWS::KMS::Key', stack);
    expect(key.get('EnableKeyRotation')).toBe(true);
    const [topic] = deployed('AWS::SNS::Topic', stack);
    expect([topic.get('KmsMasterKeyId')]).toEqual([key.arn]);
    for (const queue of deployed('AWS::SQS::Queue', stack)) expect(queue.get('KmsMasterKeyId')).toBe(key.arn);
    template.hasResourceProperties('AWS::DynamoDB::Table', { SSESpecification: { SSEType: 'KMS' } });
  });

  test('commands have to be signed, and who gave them is kept for a year', () => {
    template.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'AWS_IAM' });
    template.hasResource('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 365 }, DeletionPolicy: 'Retain' });
  });

  test('an alarm goes off while a sensor is silent, or nobody looks', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'KinesisVideoFleet',
      MetricName: 'AssetsSilent',
      Dimensions: [
        { Name: 'fleet', Value: 'plant-1' },
        { Name: 'service', Value: 'heat-monitor' },
      ],
      Period: 300,
      EvaluationPeriods: 2,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'breaching',
    });
    expect(monitor.alarms).toHaveLength(3);
  });

  test('metrics have the dimensions of what the handler writes', () => {
    const own = { service: 'heat-monitor', fleet: 'plant-1' };
    expect(monitor.metricAssetTemperature('motor').dimensions).toEqual({ ...own, asset: 'motor' });
    expect(monitor.metricAssetsInAlarm()).toMatchObject({ metricName: 'AssetsInAlarm', dimensions: own });
    expect(monitor.metricAssetsLearning()).toMatchObject({ metricName: 'AssetsLearning', statistic: 'Maximum' });
    expect(() => monitor.metricAssetTemperature('fan')).toThrow(codedError('HeatAssets', /'fan' is none/));
  });
});

test('passes all properties on', () => {
  const stack = testStack();
  monitorIn(stack, {
    assets: [{ name: 'pump', region: new FrameRegion({ left: 0, top: 0.5, width: 0.5, height: 0.5 }) }],
    ambientCompensation: false,
    learnFor: Duration.minutes(10),
    adaptOver: Duration.days(90),
    watchAbove: 0.5,
    alarmAbove: 1,
    driftAbove: 0.5,
    alarmAfter: Duration.seconds(0),
    calmAfter: Duration.hours(24),
    watchFor: Duration.days(30),
    silentAfter: Duration.minutes(1),
    eventBus: new events.EventBus(stack, 'Bus', { eventBusName: 'maintenance' }),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  expect(settingsOf(stack)).toMatchObject({
    assets: [{ name: 'pump', device: 'pump', region: { left: 0, top: 0.5, width: 0.5, height: 0.5 } }],
    needsAmbient: false,
    learnForSeconds: 600,
    adaptOverSeconds: 7_776_000,
    watchAbove: 0.5,
    alarmAbove: 1,
    driftAbove: 0.5,
    alarmAfterSeconds: 0,
    calmAfterSeconds: 86_400,
    watchForSeconds: 2_592_000,
    silentAfterSeconds: 60,
  });
  Template.fromStack(stack).hasResource('AWS::DynamoDB::Table', { DeletionPolicy: 'Delete' });
  Template.fromStack(stack).hasResource('AWS::SNS::Topic', { DeletionPolicy: 'Delete' });
});

const many = (count: number, name: (index: number) => string) =>
  Array.from({ length: count }, (_each, index) => ({ name: name(index) }));

test.each<[string, Partial<HeatMonitorProps>, string, RegExp]>([
  ['a fleet name with a space', { fleetName: 'a b' }, 'FleetName', /`fleetName` is 'a b'/],
  ['no assets', { assets: [] }, 'HeatAssets', /`assets.length` is 0; .* between 1 and 100/],
  ['101 assets', { assets: many(101, String) }, 'HeatAssets', /`assets.length` is 101/],
  ['one twice', { assets: [{ name: 'a' }, { name: 'a' }] }, 'HeatAssets', /called 'a'/],
  ['a name with a space', { assets: [{ name: 'a b' }] }, 'HeatAssets', /`name` is 'a b'/],
  ['a device with a slash', { assets: [{ name: 'a', device: 'a/b' }] }, 'HeatAssets', /`device` is 'a\/b'/],
  ['hotter than is measured', { assets: [{ name: 'a', maximumCelsius: 2001 }] }, 'HeatAssets', /is 2001 °C/],
  ['long names', { assets: many(50, (index) => `${index}`.padEnd(64, 'x')) }, 'HeatAssets', /2800 are allowed/],
  ['nothing to watch', { watchAbove: 0 }, 'HeatLimits', /`watchAbove` is 0 K/],
  ['a fault before it is watched', { watchAbove: 5, alarmAbove: 5 }, 'HeatLimits', /more than `watchAbove`/],
  ['no drift', { driftAbove: 201 }, 'HeatLimits', /`driftAbove` is 201 K/],
  ['no time to learn', { learnFor: Duration.minutes(9) }, 'HeatTimes', /`learnFor` is 540 seconds/],
  ['too patient', { silentAfter: Duration.hours(25) }, 'HeatTimes', /`silentAfter` is 90000 seconds/],
])('%s names path, value and range', (_what, props, code, message) => {
  expect(() => monitorIn(testStack(), props)).toThrow(codedError(code, message, 'Test/Heat'));
});
