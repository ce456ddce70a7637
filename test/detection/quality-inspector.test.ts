import { Duration, Lazy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import {
  ClipArchive,
  DeviceIdentity,
  FrameStore,
  ModelEndpoint,
  ObstacleClass,
  QualityInspector,
  type QualityInspectorProps,
} from '../../lib';
import { inspectorSettings } from '../../lambda/quality-inspector/settings';
import { codedError, environments } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

// Who may do what is the subject of test/policies.

const scratch = new ObstacleClass({ name: 'scratch', labels: ['scratch'] });

function inspectorIn(stack = testStack(), props: Partial<QualityInspectorProps> = {}): QualityInspector {
  return new QualityInspector(stack, 'Inspector', {
    fleetName: 'plant-3',
    identity: new DeviceIdentity(stack, 'Identity', { topicPrefix: 'lines' }),
    lines: ['line-1', 'line-2'],
    frames: new FrameStore(stack, 'Frames'),
    endpoint: ModelEndpoint.fromEndpointName(stack, 'Model', 'Quality'),
    defects: [scratch],
    rejectWithin: Duration.seconds(20),
    ...props,
  });
}

function settingsOf(props: Partial<QualityInspectorProps> = {}, stack = testStack()) {
  inspectorIn(stack, props);
  return inspectorSettings.strict().parse(JSON.parse(environments(stack)['quality-inspector'].INSPECTOR));
}

test('the function knows what it needs, as it checks it itself', () => {
  expect(settingsOf()).toEqual({
    fleet: 'plant-3',
    lines: ['line-1', 'line-2'],
    tableName: expect.stringMatching(/table/i),
    topicPrefix: 'lines',
    endpointName: 'Quality',
    defects: [{ name: 'scratch', labels: ['scratch'], minimumConfidence: 80, severity: 'WARNING' }],
    rejectWithinSeconds: 20,
    signalUnknown: true,
    evidencePrefix: 'evidence',
  });
});

test('clips, labels and silence are as they are told', () => {
  const stack = testStack();
  const clips = new ClipArchive(stack, 'Clips', { fleetName: 'plant-3', identity: new DeviceIdentity(stack, 'Lines') });
  expect(settingsOf({ clips, labels: ['good', 'scratch'], signalUnknown: false }, stack)).toMatchObject({
    clipQueueUrl: expect.stringMatching(/ClipsWork/i),
    labels: ['good', 'scratch'],
    signalUnknown: false,
  });
});

test('the table has the key of the frames, and what is in it expires', () => {
  const stack = testStack();
  const frames = new FrameStore(stack, 'Own', { encryptionKey: new kms.Key(stack, 'Key') });
  inspectorIn(stack, { frames });
  Template.fromStack(stack).hasResourceProperties('AWS::DynamoDB::Table', {
    SSESpecification: { SSEEnabled: true, KMSMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } },
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  });
});

test('a piece that comes too late is an alarm', () => {
  const stack = testStack();
  expect(inspectorIn(stack).alarms).toHaveLength(2);
  Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'PieceLate',
    Namespace: 'KinesisVideoFleet',
    Dimensions: [{ Name: 'service', Value: 'quality-inspector' }],
    Statistic: 'Sum',
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
  });
});

test('metrics are of a line, or of all', () => {
  const inspector = inspectorIn();
  for (const metric of [inspector.metricInspected('line-2'), inspector.metricFaulty('line-2')]) {
    expect(metric).toMatchObject({
      statistic: 'Sum',
      dimensions: { service: 'quality-inspector', fleet: 'plant-3', line: 'line-2' },
    });
  }
  expect(inspector.metricVerdictLatency()).toMatchObject({ metricName: 'VerdictLatency', statistic: 'p90' });
  expect(() => inspector.metricFaulty('line-3')).toThrow(
    codedError('InspectorLines', /'line-3' is none of the lines: line-1, line-2/, 'Test/Inspector'),
  );
});

describe('bad input', () => {
  const lines = (...names: string[]) => ({ lines: names });
  test.each<[string, Partial<QualityInspectorProps>, string, RegExp]>([
    ['no lines', lines(), 'InspectorLines', /`lines.length` is 0; .* 1 and 25/],
    ['too many lines', { lines: Array.from({ length: 26 }, (_e, i) => `l${i}`) }, 'InspectorLines', /is 26/],
    ['a line that is many', lines('line-*'), 'InspectorLines', /`lines` is 'line-\*'; it must be 1 to 64/],
    ['a line of two levels', lines('line/1'), 'InspectorLines', /`lines` is 'line\/1'/],
    ['a line twice', lines('a', 'b', 'a'), 'InspectorLines', /Two of the `lines` are called 'a'/],
    ['a token', lines(Lazy.string({ produce: () => 'line' })), 'InspectorLines', /is a token/],
    ['no time', { rejectWithin: Duration.seconds(0) }, 'InspectorTime', /`rejectWithin` is 0 seconds; .* 1 and 600/],
    ['too much time', { rejectWithin: Duration.minutes(11) }, 'InspectorTime', /`rejectWithin` is 660 seconds/],
    ['no defects', { defects: [] }, 'Obstacles', /is empty/],
    ['no names of classes', { labels: [] }, 'InspectorLabels', /`labels` is 0 names/],
    ['one at a time', { maxConcurrency: 1 }, 'InspectorConcurrency', /`maxConcurrency` is 1; .* 2 and 1000/],
    ['a name of a fleet with a slash', { fleetName: 'a/b' }, 'FleetName', /`fleetName` is 'a\/b'/],
    [
      'more than fits into an environment',
      { labels: Array.from({ length: 100 }, (_e, i) => `a label that is quite long ${i}`) },
      'InspectorSettings',
      /have 3\d\d\d bytes; 2800 are allowed/,
    ],
  ])('%s is refused', (_what, props, code, message) => {
    expect(() => inspectorIn(testStack(), props)).toThrow(codedError(code, message, 'Test/Inspector'));
  });
});
