import { Duration, type Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  ConnectedHomeLabel,
  DeviceIdentity,
  LabelDetector,
  MotionGate,
  VideoStream,
  type MotionGateProps,
} from '../../lib';
import { codedError, deployed, environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

function gateIn(stack: Stack, props: Partial<MotionGateProps> = {}): MotionGate {
  return new MotionGate(stack, 'Gate', {
    fleetName: 'delivery',
    identity: props.identity ?? new DeviceIdentity(stack, 'Identity'),
    fleetLimitPerDay: Duration.hours(100),
    ...props,
  });
}

describe('defaults', () => {
  const stack = testStack();
  const gate = gateIn(stack);
  const template = Template.fromStack(stack);

  test('a rule brings what devices publish to the queue, as it is', () => {
    template.hasResourceProperties('AWS::IoT::TopicRule', {
      TopicRulePayload: {
        Sql: "SELECT topic(2) AS device, encode(*, 'base64') AS content FROM 'devices/+/motion'",
        Actions: [{ Sqs: { QueueUrl: stack.resolve(gate.queue.queueUrl) } }],
        ErrorAction: { Sqs: { QueueUrl: stack.resolve(gate.deadLetterQueue.queueUrl) } },
      },
    });
  });

  test('a gate is open for half a minute, four hours a day, and the fleet for as long as it is told', () => {
    const { GATE } = environments(stack)['motion-gate'];
    const [table] = deployed('AWS::DynamoDB::Table', stack).filter(({ logicalId }) => logicalId.startsWith('Gate'));
    expect(JSON.parse(GATE)).toEqual({
      tableName: table.attribute('Ref'),
      openForSeconds: 30,
      streamSecondsPerDay: 14_400,
      fleetSecondsPerDay: 360_000,
    });
  });

  test.each([
    ['FleetBudgetExhausted', /the fleet has been analysed for as long as it may be/, () => gate.fleetLimitAlarm],
    ['StreamBudgetExhausted', /a stream has been analysed for as long as it may be/, () => gate.streamLimitAlarm],
  ])('an alarm goes off at the first %s', (MetricName, description, alarm) => {
    const found = template.findResources('AWS::CloudWatch::Alarm', {
      Properties: {
        MetricName,
        Namespace: 'KinesisVideoFleet',
        Dimensions: [{ Name: 'service', Value: 'motion-gate' }],
        Statistic: 'Sum',
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
      },
    });
    const [[id, { Properties }]] = Object.entries(found);
    expect(Properties.AlarmDescription).toMatch(description);
    expect(stack.resolve(alarm().alarmArn)).toEqual({ 'Fn::GetAtt': [id, 'Arn'] });
  });
});

test('passes all properties on', () => {
  const stack = testStack();
  gateIn(stack, {
    identity: new DeviceIdentity(stack, 'Identity', { topicPrefix: 'fleet-7' }),
    openFor: Duration.seconds(4),
    streamLimitPerDay: Duration.hours(24),
    fleetLimitPerDay: Duration.days(1000),
    encryptionKey: new kms.Key(stack, 'Key'),
  });
  expect(JSON.parse(environments(stack)['motion-gate'].GATE)).toMatchObject({
    openForSeconds: 4,
    streamSecondsPerDay: 86_400,
    fleetSecondsPerDay: 86_400_000,
  });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IoT::TopicRule', {
    TopicRulePayload: { Sql: Match.stringLikeRegexp("FROM 'fleet-7/\\+/motion'$") },
  });
  const [key] = deployed('AWS::KMS::Key', stack);
  const queues = deployed('AWS::SQS::Queue', stack).filter(({ logicalId }) => logicalId.startsWith('GateWork'));
  expect(queues.map((queue) => queue.get('KmsMasterKeyId'))).toEqual([key.arn, key.arn]);
  template.hasResourceProperties('AWS::DynamoDB::Table', { SSESpecification: { SSEType: 'KMS' } });
});

const seconds = (amount: number) => Duration.seconds(amount);

test.each<[string, Partial<MotionGateProps>, string, RegExp]>([
  ['a fleet name with a space', { fleetName: 'a b' }, 'FleetName', /`fleetName` is 'a b'/],
  ['3 seconds', { openFor: seconds(3) }, 'MotionOpenFor', /`openFor` is 3 seconds; .* between 4 and 3600/],
  ['over an hour', { openFor: seconds(3601) }, 'MotionOpenFor', /`openFor` is 3601 seconds/],
  ['over a day', { streamLimitPerDay: seconds(86_401) }, 'MotionStreamLimit', /`streamLimitPerDay` is 86401 seconds/],
  ['a stream that never opens', { streamLimitPerDay: seconds(29) }, 'MotionStreamLimit', /shorter than `openFor`/],
  ['a fleet that never opens', { fleetLimitPerDay: seconds(29) }, 'MotionFleetLimit', /shorter than `openFor`/],
  ['no fleet at all', { fleetLimitPerDay: seconds(0) }, 'MotionFleetLimit', /`fleetLimitPerDay` is 0 seconds/],
])('%s names path, value and range', (_what, props, code, message) => {
  expect(() => gateIn(testStack(), props)).toThrow(codedError(code, message, 'Test/Gate'));
});

describe('label detectors', () => {
  const stack = testStack({ env: { account: '111122223333', region: 'eu-west-1' } });
  const stream = new VideoStream(stack, 'Camera', { streamName: 'front-door' });
  const other = new VideoStream(stack, 'Other', { streamName: 'yard' });
  const topic = new sns.Topic(stack, 'Labels');
  const make = (id: string, of: VideoStream) =>
    new LabelDetector(stack, id, {
      stream: of,
      labels: [ConnectedHomeLabel.PERSON],
      topic,
      bucket: new s3.Bucket(stack, `${id}Bucket`),
    });
  const [front, yard] = [make('Front', stream), make('Yard', other)];
  const gate = gateIn(stack, {
    labelDetectors: [
      { detector: front, stream, topic },
      { detector: yard, stream: other, topic },
    ],
  });
  const template = Template.fromStack(stack);

  test('are known to the handler by their streams', () => {
    const [fn] = Object.values(
      template.findResources('AWS::Lambda::Function', {
        Properties: { Environment: { Variables: { POWERTOOLS_SERVICE_NAME: 'motion-gate' } } },
      }),
    );
    const { PROCESSORS } = fn.Properties.Environment.Variables;
    const text = (PROCESSORS['Fn::Join'][1] as (string | object)[])
      .map((part) => (typeof part === 'string' ? part : Object.values(part).flat()[0]))
      .join('');
    expect(JSON.parse(text)).toEqual([
      { stream: expect.stringMatching(/^Camera/), processor: expect.stringMatching(/^Front/) },
      { stream: expect.stringMatching(/^Other/), processor: expect.stringMatching(/^Yard/) },
    ]);
  });

  test('may be started by the handler, and nothing else', () => {
    const arns = [front, yard].map(({ streamProcessorArn }) => stack.resolve(streamProcessorArn));
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([{ Action: 'rekognition:StartStreamProcessor', Effect: 'Allow', Resource: arns }]),
      },
      Roles: [{ Ref: Match.stringLikeRegexp('^GateHandler') }],
    });
  });

  test('tell the handler when a run is over, once for each topic', () => {
    template.resourcePropertiesCountIs(
      'AWS::SNS::Subscription',
      {
        TopicArn: stack.resolve(topic.topicArn),
        Endpoint: stack.resolve(gate.queue.queueArn),
        RawMessageDelivery: true,
        FilterPolicyScope: 'MessageBody',
        FilterPolicy: { eventNamespace: { type: ['STREAM_PROCESSING_COMPLETE'] } },
        RedrivePolicy: { deadLetterTargetArn: stack.resolve(gate.deadLetterQueue.queueArn) },
      },
      1,
    );
  });
});
