import { App, CfnParameter, Duration, Fn, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { AlertTopic, FrameAnalyser, FrameStore, ImageDetector, ModelEndpoint } from '../../lib';
import { BIRDS, codedError, environments } from '../support/fleet';
import { Template, testStack } from '../support/template';

// Who may do what is the subject of test/policies.

const MODEL = 'arn:aws:rekognition:eu-west-1:111122223333:project/wires/version/wires.2026/1795514400000';

const endpointOf = (name: string) => ModelEndpoint.fromEndpointName(testStack(), 'Endpoint', name);

function bound(analyser: FrameAnalyser, stack = testStack()): Record<string, unknown> {
  new ImageDetector(stack, 'Detector', {
    fleetName: 'delivery',
    frames: new FrameStore(stack, 'Frames'),
    obstacles: BIRDS,
    alerts: new AlertTopic(stack, 'Alerts'),
    analyser,
  });
  const { analyser: settings, callsPerSecond } = JSON.parse(environments(stack)['image-detector'].FRAMES);
  return { ...settings, callsPerSecond };
}

test.each<[string, FrameAnalyser, object]>([
  ['labels', FrameAnalyser.labels(), { kind: 'labels', callsPerSecond: 5 }],
  ['few labels', FrameAnalyser.labels({ maxLabels: 10 }), { kind: 'labels', maxLabels: 10, callsPerSecond: 5 }],
  [
    'custom labels',
    FrameAnalyser.customLabels({ projectVersionArn: MODEL }),
    { kind: 'custom-labels', projectVersionArn: MODEL, callsPerSecond: 5 },
  ],
  [
    'an endpoint',
    FrameAnalyser.endpoint({ endpoint: endpointOf('Wires-1'), labels: ['wire', 'pole'] }),
    { kind: 'endpoint', endpointName: 'Wires-1', labels: ['wire', 'pole'] },
  ],
  [
    'movement',
    FrameAnalyser.movement({ endpoint: endpointOf('plays'), moments: 4, within: Duration.seconds(10) }),
    {
      kind: 'movement',
      endpointName: 'plays',
      tableName: expect.stringMatching(/positions/i),
      moments: 4,
      withinSeconds: 10,
      callsPerSecond: 5,
    },
  ],
  [
    'thermal frames',
    FrameAnalyser.thermal({ coldest: -20, hottest: 120.5, hotspotAbove: 80 }),
    { kind: 'thermal', coldest: -20, hottest: 120.5, hotspotAbove: 80 },
  ],
])('%s: the function knows what to ask', (_what, analyser, settings) => {
  expect(bound(analyser)).toEqual(settings);
});

test("a function of one's own is known by its ARN", () => {
  const stack = testStack();
  const fn = lambda.Function.fromFunctionArn(stack, 'Own', 'arn:aws:lambda:eu-west-1:111122223333:function:own');
  expect(bound(FrameAnalyser.function(fn), stack)).toEqual({
    kind: 'function',
    functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:own',
  });
});

describe('bad input', () => {
  const arn = /`projectVersionArn` is '.*'; it must be the ARN of a project version/;
  const thermal = (coldest: number, hottest: number, hotspotAbove: number) => () =>
    FrameAnalyser.thermal({ coldest, hottest, hotspotAbove });
  test.each<[string, () => FrameAnalyser, string, RegExp]>([
    ['no label', () => FrameAnalyser.labels({ maxLabels: 0 }), 'AnalyserLabels', /`maxLabels` is 0; .* 1 and 1000/],
    ['a name', () => FrameAnalyser.customLabels({ projectVersionArn: 'wires' }), 'AnalyserModel', arn],
    [
      'a project',
      () => FrameAnalyser.customLabels({ projectVersionArn: MODEL.replace(/\/version.*/, '/1795514400000') }),
      'AnalyserModel',
      arn,
    ],
    ['an ARN and more', () => FrameAnalyser.customLabels({ projectVersionArn: `${MODEL}/*` }), 'AnalyserModel', arn],
    [
      'no names of classes',
      () => FrameAnalyser.endpoint({ endpoint: endpointOf('wires'), labels: [] }),
      'AnalyserLabels',
      /`labels` is 0 names; it must be a whole number between 1 and 100 names/,
    ],
    [
      'a class without name',
      () => FrameAnalyser.endpoint({ endpoint: endpointOf('wires'), labels: ['wire', ''] }),
      'AnalyserLabels',
      /`labels` is ''; it must be 1 to 128 characters/,
    ],
    [
      'one moment',
      () => FrameAnalyser.movement({ endpoint: endpointOf('plays'), moments: 1 }),
      'AnalyserMovement',
      /`moments` is 1; it must be a whole number between 2 and 20/,
    ],
    [
      'a match',
      () => FrameAnalyser.movement({ endpoint: endpointOf('plays'), within: Duration.minutes(90) }),
      'AnalyserMovement',
      /`within` is 5400 seconds; .* 1 and 60 seconds/,
    ],
    ['below absolute zero', thermal(-274, 100, 50), 'AnalyserTemperature', /`coldest` is -274 °C/],
    ['hotter than a star', thermal(0, 10_001, 50), 'AnalyserTemperature', /`hottest` is 10001 °C/],
    ['no range', thermal(20, 20, 20), 'AnalyserTemperature', /`hottest` is 20 °C; it must be more than `coldest`/],
    ['nothing hot', thermal(0, 100, 100.5), 'AnalyserTemperature', /`hotspotAbove` is 100.5 °C; .* 0 and 100 °C/],
    ['everything hot', thermal(0, 100, -1), 'AnalyserTemperature', /`hotspotAbove` is -1 °C/],
  ])('%s is refused', (_what, make, code, message) => {
    expect(make).toThrow(codedError(code, message));
  });

  test('a model of another region is refused, where that is known', () => {
    const other = FrameAnalyser.customLabels({ projectVersionArn: MODEL.replace('eu-west-1', 'us-east-1') });
    const message = /the model must be in eu-west-1, as the detector/;
    expect(() => bound(other)).toThrow(codedError('AnalyserModel', message, 'Test/Detector/Handler'));
    expect(bound(FrameAnalyser.customLabels({ projectVersionArn: MODEL }))).toMatchObject({ projectVersionArn: MODEL });
    const anywhere = new Stack(new App(), 'Test');
    new ImageDetector(anywhere, 'Detector', {
      fleetName: 'delivery',
      frames: new FrameStore(anywhere, 'Frames'),
      obstacles: BIRDS,
      alerts: new AlertTopic(anywhere, 'Alerts'),
      analyser: other,
    });
    Template.fromStack(anywhere).resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('tokens pass', () => {
    const stack = testStack();
    const projectVersionArn = new CfnParameter(stack, 'Model').valueAsString;
    new ImageDetector(stack, 'Detector', {
      fleetName: 'delivery',
      frames: new FrameStore(stack, 'Frames'),
      obstacles: BIRDS,
      alerts: new AlertTopic(stack, 'Alerts'),
      analyser: FrameAnalyser.customLabels({ projectVersionArn }),
    });
    const functions = JSON.stringify(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
    expect(functions).toContain('{"Ref":"Model"}');
    expect(bound(FrameAnalyser.endpoint({ endpoint: endpointOf(Fn.join('-', ['a', 'b'])) }))).toMatchObject({
      endpointName: 'a-b',
    });
  });
});
