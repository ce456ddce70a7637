import { Duration, type Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as kms from 'aws-cdk-lib/aws-kms';
import {
  DeviceIdentity,
  FrameRegion,
  FrameStore,
  QueueMonitor,
  type QueueMonitorProps,
  type QueueRegister,
} from '../../lib';
import { codedError, deployed, environments } from '../support/fleet';
import { Template, testStack } from '../support/template';

const REGISTERS: QueueRegister[] = [{ name: 'till-1' }, { name: 'till-2', device: 'camera-7' }];

function monitorIn(stack: Stack, props: Partial<QueueMonitorProps> = {}): QueueMonitor {
  return new QueueMonitor(stack, 'Lines', {
    fleetName: 'store-7',
    registers: REGISTERS,
    identity: props.frames ? undefined : new DeviceIdentity(stack, 'Identity'),
    ...props,
  });
}

const settingsOf = (stack: Stack) => JSON.parse(environments(stack)['queue-monitor'].MONITOR);

describe('counted on devices', () => {
  const stack = testStack();
  const monitor = monitorIn(stack);
  const template = Template.fromStack(stack);

  test('a rule brings what devices publish to the queue, as it is', () => {
    template.hasResourceProperties('AWS::IoT::TopicRule', {
      TopicRulePayload: {
        Sql: "SELECT topic(2) AS device, encode(*, 'base64') AS content FROM 'devices/+/counts'",
        Actions: [{ Sqs: { QueueUrl: stack.resolve(monitor.queue.queueUrl) } }],
        ErrorAction: { Sqs: { QueueUrl: stack.resolve(monitor.deadLetterQueue.queueUrl) } },
      },
    });
  });

  test('the handler knows the registers, the limits and where everything is', () => {
    const [table] = deployed('AWS::DynamoDB::Table', stack);
    expect(settingsOf(stack)).toEqual({
      fleet: 'store-7',
      registers: [
        { name: 'till-1', device: 'till-1' },
        { name: 'till-2', device: 'camera-7' },
      ],
      openAbove: 4,
      openAfterSeconds: 120,
      closeBelow: 1,
      closeAfterSeconds: 600,
      staleAfterSeconds: 60,
      tableName: table.attribute('Ref'),
      eventBusName: 'default',
    });
  });

  test('signals are brought to the topic as a text, and what can not be delivered to the dead-letter queue', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventBusName: 'default',
      EventPattern: {
        source: ['cdk-kinesis-video.queue-monitor'],
        'detail-type': ['Staffing Signal'],
        detail: { fleet: ['store-7'] },
      },
      Targets: [
        {
          Arn: stack.resolve(monitor.topic.topicArn),
          DeadLetterConfig: { Arn: stack.resolve(monitor.deadLetterQueue.queueArn) },
          InputTransformer: {
            InputTemplate:
              '"<detail-change> a register of store-7: <detail-waiting> people wait at <detail-openRegisters> open registers."',
          },
        },
      ],
    });
  });

  test('everything is encrypted with one key, which is rotated', () => {
    const [key] = deployed('AWS::KMS::Key', stack);
    expect(key.get('EnableKeyRotation')).toBe(true);
    const [topic] = deployed('AWS::SNS::Topic', stack);
    expect([topic.get('KmsMasterKeyId')]).toEqual([key.arn]);
    for (const queue of deployed('AWS::SQS::Queue', stack)) expect(queue.get('KmsMasterKeyId')).toBe(key.arn);
    template.hasResourceProperties('AWS::DynamoDB::Table', { SSESpecification: { SSEType: 'KMS' } });
  });

  test('an alarm goes off while a register is not counted, or nothing is', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'KinesisVideoFleet',
      MetricName: 'RegistersMissing',
      Dimensions: [
        { Name: 'fleet', Value: 'store-7' },
        { Name: 'service', Value: 'queue-monitor' },
      ],
      Period: 300,
      EvaluationPeriods: 3,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'breaching',
    });
    expect(monitor.alarms).toHaveLength(3);
  });

  test('metrics have the dimensions of what the handler writes', () => {
    expect(monitor.metricPeopleWaiting('till-2').dimensions).toEqual({
      service: 'queue-monitor',
      fleet: 'store-7',
      register: 'till-2',
    });
    expect(monitor.metricPeoplePerOpenRegister()).toMatchObject({
      namespace: 'KinesisVideoFleet',
      dimensions: { service: 'queue-monitor', fleet: 'store-7' },
      statistic: 'Maximum',
    });
    expect(() => monitor.metricPeopleWaiting('till-3')).toThrow(codedError('QueueRegisters', /'till-3' is none/));
  });
});

describe('counted in frames', () => {
  const stack = testStack();
  const frames = new FrameStore(stack, 'Frames', { encryptionKey: new kms.Key(stack, 'FramesKey') });
  const monitor = monitorIn(stack, {
    frames,
    frameCounts: { minimumConfidence: 60, callsPerSecond: 20 },
    registers: [
      {
        name: 'till-1',
        camera: 'front',
        line: new FrameRegion({ left: 0, top: 0, width: 0.5, height: 1 }),
        cashier: new FrameRegion({ left: 0.5, top: 0, width: 0.5, height: 0.2 }),
      },
    ],
  });

  test('the handler reads the queue of the store and knows the regions', () => {
    expect(monitor.queue).toBe(frames.queue);
    expect(deployed('AWS::SQS::Queue', stack)).toHaveLength(2);
    expect(settingsOf(stack)).toMatchObject({
      registers: [
        {
          name: 'till-1',
          device: 'till-1',
          camera: 'front',
          line: { left: 0, top: 0, width: 0.5, height: 1 },
          cashier: { left: 0.5, top: 0, width: 0.5, height: 0.2 },
        },
      ],
      frames: { minimumConfidence: 60, callsPerSecond: 20, maxConcurrency: 2 },
    });
  });

  test('the key of the frames is that of everything, and devices publish nothing', () => {
    expect(deployed('AWS::KMS::Key', stack)).toHaveLength(1);
    Template.fromStack(stack).resourceCountIs('AWS::IoT::TopicRule', 0);
  });
});

test('passes all properties on', () => {
  const stack = testStack();
  monitorIn(stack, {
    openAbove: 6.5,
    openAfter: Duration.seconds(10),
    closeBelow: 0,
    closeAfter: Duration.hours(4),
    staleAfter: Duration.minutes(10),
    eventBus: new events.EventBus(stack, 'Bus', { eventBusName: 'stores' }),
  });
  expect(settingsOf(stack)).toMatchObject({
    openAbove: 6.5,
    openAfterSeconds: 10,
    closeBelow: 0,
    closeAfterSeconds: 14_400,
    staleAfterSeconds: 600,
    eventBusName: 'stores',
  });
});

const many = (count: number, name: (index: number) => string) =>
  Array.from({ length: count }, (_each, index) => ({ name: name(index) }));
const region = new FrameRegion({ left: 0, top: 0, width: 1, height: 1 });

test.each<[string, Partial<QueueMonitorProps>, string, RegExp]>([
  ['a fleet name with a space', { fleetName: 'a b' }, 'FleetName', /`fleetName` is 'a b'/],
  ['nobody who counts', { identity: undefined }, 'QueueCounts', /give one of `identity` and `frames`/],
  ['no registers', { registers: [] }, 'QueueRegisters', /`registers.length` is 0; .* between 1 and 100/],
  ['101 registers', { registers: many(101, String) }, 'QueueRegisters', /`registers.length` is 101/],
  ['one twice', { registers: [{ name: 'a' }, { name: 'a' }] }, 'QueueRegisters', /called 'a'/],
  ['a name with a space', { registers: [{ name: 'a b' }] }, 'QueueRegisters', /`name` is 'a b'/],
  ['a name that begins with _', { registers: [{ name: '__proto__' }] }, 'QueueRegisters', /`name` is '__proto__'/],
  ['long names', { registers: many(50, (index) => `${index}`.padEnd(64, 'x')) }, 'QueueRegisters', /2800 are allowed/],
  ['a region without frames', { registers: [{ name: 'a', line: region }] }, 'QueueRegisters', /'a' has a camera/],
  ['less than one each', { openAbove: 0 }, 'QueueStaffing', /`openAbove` is 0/],
  ['no hysteresis', { openAbove: 2, closeBelow: 2 }, 'QueueStaffing', /must be less/],
  ['no time to open', { openAfter: Duration.seconds(9) }, 'QueueStaffing', /`openAfter` is 9 seconds/],
  ['too long to close', { closeAfter: Duration.hours(5) }, 'QueueStaffing', /`closeAfter` is 18000 seconds/],
  ['old counts', { staleAfter: Duration.minutes(11) }, 'QueueStale', /`staleAfter` is 660 seconds/],
])('%s names path, value and range', (_what, props, code, message) => {
  expect(() => monitorIn(testStack(), props)).toThrow(codedError(code, message, 'Test/Lines'));
});

test.each<[string, QueueMonitorProps['frameCounts'], RegExp]>([
  ['surer than sure', { minimumConfidence: 101 }, /`minimumConfidence` is 101 percent/],
  ['no calls', { callsPerSecond: 0 }, /`callsPerSecond` is 0/],
])('%s names path, value and range', (_what, frameCounts, message) => {
  const stack = testStack();
  const frames = new FrameStore(stack, 'Frames');
  expect(() => monitorIn(stack, { frames, frameCounts })).toThrow(codedError('QueueFrames', message, 'Test/Lines'));
});

test('both ways at once are none', () => {
  const stack = testStack();
  const identity = new DeviceIdentity(stack, 'Identity');
  const frames = new FrameStore(stack, 'Frames');
  expect(() => monitorIn(stack, { frames, identity })).toThrow(codedError('QueueCounts', /give one/, 'Test/Lines'));
});
