import { CfnParameter, Duration, type Stack } from 'aws-cdk-lib';
import {
  AlertTopic,
  DeviceIdentity,
  FrameAnalyser,
  FrameStore,
  ImageDetector,
  ModelEndpoint,
  MotionGate,
  ObstacleClass,
  type ImageDetectorProps,
} from '../../lib';
import { BIRDS, codedError, deployed, environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

const MAPPING = 'AWS::Lambda::EventSourceMapping';

function detectorIn(stack: Stack, props: Partial<ImageDetectorProps> = {}): ImageDetector {
  return new ImageDetector(stack, 'Detector', {
    fleetName: 'delivery',
    frames: new FrameStore(stack, 'Frames'),
    obstacles: BIRDS,
    alerts: new AlertTopic(stack, 'Alerts'),
    ...props,
  });
}

/** What the function is told of frames. */
function settingsIn(stack: Stack): Record<string, unknown> {
  return JSON.parse(environments(stack)['image-detector'].FRAMES);
}

describe('defaults', () => {
  const stack = testStack();
  const detector = detectorIn(stack);
  const template = Template.fromStack(stack);

  test('works off the queue of the frames, ten at a time and five times at once, and reports each for itself', () => {
    const [queue] = Object.keys(template.findResources('AWS::SQS::Queue', { Properties: { VisibilityTimeout: 180 } }));
    template.hasResourceProperties(MAPPING, {
      EventSourceArn: { 'Fn::GetAtt': [queue, 'Arn'] },
      FunctionName: stack.resolve(detector.handler.functionName),
      BatchSize: 10,
      ScalingConfig: { MaximumConcurrency: 5 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('knows the fleet, the obstacles, where alerts go, and where what it can not use goes', () => {
    const [deadLetterQueue] = deployed('AWS::SQS::Queue', stack).filter(({ logicalId }) =>
      /^FramesWorkDead/.test(logicalId),
    );
    const { FLEET_NAME, OBSTACLES, ALERTS, QUEUE_URL, DEAD_LETTER_QUEUE_URL } = environments(stack)['image-detector'];
    expect(FLEET_NAME).toBe('delivery');
    expect(JSON.parse(OBSTACLES)).toEqual([
      { name: 'bird', labels: ['Bird'], minimumConfidence: 80, severity: 'WARNING' },
    ]);
    expect(JSON.parse(ALERTS)).toMatchObject({ topicArn: deployed('AWS::SNS::Topic', stack)[0].arn });
    const [queue] = deployed('AWS::SQS::Queue', stack).filter(({ logicalId }) => /^FramesWorkQueue/.test(logicalId));
    expect(QUEUE_URL).toBe(queue.attribute('QueueUrl'));
    expect(DEAD_LETTER_QUEUE_URL).toBe(deadLetterQueue.attribute('QueueUrl'));
  });

  test('asks DetectLabels five times a second at most, for frames of the last minute, and keeps evidence', () => {
    expect(settingsIn(stack)).toEqual({
      analyser: { kind: 'labels' },
      callsPerSecond: 5,
      maxConcurrency: 5,
      maximumAgeSeconds: 60,
      linkSeconds: 900,
      evidencePrefix: 'evidence',
    });
  });
});

test.each([2, 1000])('a concurrency of %i reaches the queue', (MaximumConcurrency) => {
  const stack = testStack();
  detectorIn(stack, { maxConcurrency: MaximumConcurrency, callsPerSecond: 500 });
  Template.fromStack(stack).hasResourceProperties(MAPPING, { ScalingConfig: { MaximumConcurrency } });
});

test('passes all that is said of frames on', () => {
  const stack = testStack();
  detectorIn(stack, {
    analyser: FrameAnalyser.thermal({ coldest: -20, hottest: 120, hotspotAbove: 80 }),
    callsPerSecond: 2.5,
    maximumAge: Duration.hours(24),
    keepEvidence: false,
    linkValidity: Duration.hours(1),
  });
  expect(settingsIn(stack)).toEqual({
    analyser: { kind: 'thermal', coldest: -20, hottest: 120, hotspotAbove: 80 },
    callsPerSecond: 2.5,
    maxConcurrency: 5,
    maximumAgeSeconds: 86_400,
    linkSeconds: 3600,
  });
});

describe('with a gate', () => {
  const gateIn = (stack: Stack) =>
    new MotionGate(stack, 'Gate', {
      fleetName: 'delivery',
      identity: new DeviceIdentity(stack, 'Identity'),
      fleetLimitPerDay: Duration.hours(1),
    });

  test('knows the gate, and what counts as motion', () => {
    const stack = testStack();
    detectorIn(stack, { gate: gateIn(stack), motionShare: 0.01 });
    const { GATE } = environments(stack)['image-detector'];
    expect(GATE).toBe(environments(stack)['motion-gate'].GATE);
    expect(settingsIn(stack).motionShare).toBe(0.01);
  });

  test('knows none by default', () => {
    const stack = testStack();
    detectorIn(stack);
    expect(environments(stack)['image-detector'].GATE).toBeUndefined();
    expect(settingsIn(stack).motionShare).toBeUndefined();
  });

  test.each([
    ['nothing', 0],
    ['more than all', 1.1],
  ])('%s can not be what changes', (_what, motionShare) => {
    const stack = testStack();
    const props = { gate: gateIn(stack), motionShare };
    expect(() => detectorIn(stack, props)).toThrow(
      codedError('DetectorMotion', /`motionShare` is .*; it must be between 0.001 and 1/, 'Test/Detector'),
    );
  });

  test('motion in frames needs one', () => {
    expect(() => detectorIn(testStack(), { motionShare: 0.1 })).toThrow(
      codedError('DetectorMotion', /it needs `gate`/, 'Test/Detector'),
    );
  });
});

test('an analyser without a quota is not paced, unless it is said', () => {
  const [unpaced, paced] = [testStack(), testStack()];
  const analyser = FrameAnalyser.thermal({ coldest: 0, hottest: 100, hotspotAbove: 50 });
  detectorIn(unpaced, { analyser, maxConcurrency: 1000 });
  detectorIn(paced, { analyser, callsPerSecond: 3 });
  expect([settingsIn(unpaced).callsPerSecond, settingsIn(paced).callsPerSecond]).toEqual([undefined, 3]);
});

/** Classes that have so many characters as JSON, of which a label of one letter takes four. */
function obstaclesOf(characters: number): ObstacleClass[] {
  const missing = characters - JSON.stringify(BIRDS.map((birds) => birds._render())).length;
  const labels = ['Bird'.padEnd(4 + (missing % 4), 'd'), ...Array.from({ length: missing / 4 }, () => 'l')];
  return [new ObstacleClass({ name: 'bird', labels })];
}

describe('bad input', () => {
  const name = /`fleetName` is '.*'; it must be 1 to 64 of a-z A-Z 0-9 _ -/;
  const concurrency = /`maxConcurrency` is .*; it must be a whole number between 2 and 1000/;
  test.each<[string, Partial<ImageDetectorProps>, string, RegExp]>([
    ['a fleet name with a slash', { fleetName: 'a/b' }, 'FleetName', name],
    ['a fleet name of 65 characters', { fleetName: 'f'.repeat(65) }, 'FleetName', name],
    ['no obstacles', { obstacles: [] }, 'Obstacles', /`obstacles` is empty; it needs at least one class/],
    ['an obstacle twice', { obstacles: [...BIRDS, ...BIRDS] }, 'Obstacles', /two classes of one name: bird, bird/],
    [
      'more obstacles than fit into the environment',
      { obstacles: obstaclesOf(2501) },
      'Obstacles',
      /`obstacles` has 2501 bytes as JSON; 2500 are allowed. Use fewer labels/,
    ],
    [
      'labels that take more bytes than characters',
      { obstacles: [new ObstacleClass({ name: 'wire', labels: Array.from({ length: 10 }, () => '線'.repeat(128)) })] },
      'Obstacles',
      /`obstacles` has 39\d\d bytes/,
    ],
    [
      'obstacles that leave no room for the rest',
      {
        obstacles: obstaclesOf(2500),
        analyser: FrameAnalyser.endpoint({
          endpoint: ModelEndpoint.fromEndpointName(testStack(), 'Endpoint', 'model'),
          labels: ['l'.repeat(64)],
        }),
      },
      'DetectorSettings',
      /`obstacles` and `analyser` have 26\d\d bytes as JSON; 2600 are allowed. Use fewer labels/,
    ],
    [
      'no call a second',
      { callsPerSecond: 0 },
      'DetectorRate',
      /`callsPerSecond` is 0; it must be between 1 and 10000/,
    ],
    [
      'more at once than get a turn in time',
      { callsPerSecond: 10, maxConcurrency: 21 },
      'DetectorRate',
      /`maxConcurrency` is 21 with 10 calls a second; it must be at most twice as many/,
    ],
    [
      'more at once than get a turn in time by default',
      { maxConcurrency: 11 },
      'DetectorRate',
      /`maxConcurrency` is 11 with 5 calls a second/,
    ],
    [
      'an age of half a second',
      { maximumAge: Duration.millis(500) },
      'DetectorMaximumAge',
      /`maximumAge` is 0.5 seconds; it must be a whole number between 1 and 86400 seconds/,
    ],
    ['an age of two days', { maximumAge: Duration.days(2) }, 'DetectorMaximumAge', /`maximumAge` is 172800 seconds/],
    [
      'a link for four minutes',
      { linkValidity: Duration.minutes(4) },
      'DetectorLink',
      /`linkValidity` is 240 seconds; it must be a whole number between 300 and 3600 seconds/,
    ],
    ['a link for two hours', { linkValidity: Duration.hours(2) }, 'DetectorLink', /`linkValidity` is 7200 seconds/],
    ['one at once, which Lambda refuses', { maxConcurrency: 1 }, 'DetectorConcurrency', concurrency],
    ['over a thousand at once', { maxConcurrency: 1001 }, 'DetectorConcurrency', concurrency],
    ['two and a half at once', { maxConcurrency: 2.5 }, 'DetectorConcurrency', concurrency],
  ])('%s names path, value and range', (_what, props, code, message) => {
    expect(() => detectorIn(testStack(), props)).toThrow(codedError(code, message, 'Test/Detector'));
  });

  test('tokens pass', () => {
    const stack = testStack();
    detectorIn(stack, {
      fleetName: new CfnParameter(stack, 'Fleet').valueAsString,
      maxConcurrency: new CfnParameter(stack, 'Concurrency', { type: 'Number' }).valueAsNumber,
      callsPerSecond: new CfnParameter(stack, 'Calls', { type: 'Number' }).valueAsNumber,
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties(MAPPING, { ScalingConfig: { MaximumConcurrency: { Ref: 'Concurrency' } } });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ FLEET_NAME: { Ref: 'Fleet' } }) },
    });
    expect(JSON.stringify(template.findResources('AWS::Lambda::Function'))).toContain(
      String.raw`,\"callsPerSecond\":",{"Ref":"Calls"},",\"maxConcurrency\":",{"Ref":"Concurrency"},",`,
    );
  });
});

test('with as many obstacles as are allowed, the environment is within the 4 KB of Lambda', () => {
  const stack = testStack({ stackName: 's'.repeat(80) });
  detectorIn(stack, { fleetName: 'f'.repeat(64), obstacles: obstaclesOf(2500), callsPerSecond: 1234.5 });
  const variables = environments(stack)['image-detector'];
  expect(variables.OBSTACLES).toHaveLength(2500);
  // CloudFormation appends 13 characters to each of the names of topic, table and queue.
  const bytes = Object.entries(variables).flat().join('').length + 3 * 13;
  expect(bytes).toBeLessThanOrEqual(4096);
});
