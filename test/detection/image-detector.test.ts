import { CfnParameter, type Stack } from 'aws-cdk-lib';
import { AlertTopic, FrameStore, ImageDetector, ObstacleClass, type ImageDetectorProps } from '../../lib';
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
});

test.each([2, 1000])('a concurrency of %i reaches the queue', (MaximumConcurrency) => {
  const stack = testStack();
  detectorIn(stack, { maxConcurrency: MaximumConcurrency });
  Template.fromStack(stack).hasResourceProperties(MAPPING, { ScalingConfig: { MaximumConcurrency } });
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
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties(MAPPING, { ScalingConfig: { MaximumConcurrency: { Ref: 'Concurrency' } } });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ FLEET_NAME: { Ref: 'Fleet' } }) },
    });
  });
});

test('with as many obstacles as are allowed, the environment is within the 4 KB of Lambda', () => {
  const stack = testStack({ stackName: 's'.repeat(80) });
  detectorIn(stack, { fleetName: 'f'.repeat(64), obstacles: obstaclesOf(2500) });
  const variables = environments(stack)['image-detector'];
  expect(variables.OBSTACLES).toHaveLength(2500);
  // CloudFormation appends 13 characters to each of the names of topic, table and queue.
  const bytes = Object.entries(variables).flat().join('').length + 3 * 13;
  expect(bytes).toBeLessThanOrEqual(4096);
});
