import { sportsCoaching } from '../../bin/sports-coaching';
import { deployed, environments } from '../support/fleet';
import { appWith } from '../support/reference-app';
import { Template } from '../support/template';

const stadiumOf = (stadium?: object | string) => sportsCoaching(appWith({ stadium }));

test('without configuration, two images a second are looked at, by a model on one instance', () => {
  const stack = stadiumOf();
  const { FRAMES, OBSTACLES } = environments(stack)['image-detector'];
  expect(JSON.parse(FRAMES)).toMatchObject({
    analyser: { kind: 'movement', moments: 8, withinSeconds: 5 },
    callsPerSecond: 50,
    maximumAgeSeconds: 5,
  });
  expect(JSON.parse(OBSTACLES).map(({ name }: { name: string }) => name)).toEqual([
    'counter-attack',
    'press',
    'wide-attack',
  ]);
  expect(JSON.parse(environments(stack)['media-provisioner'].MEDIA).imageGeneration).toMatchObject({
    SamplingInterval: 500,
  });
  Template.fromStack(stack).resourceCountIs('AWS::SageMaker::Endpoint', 1);
});

test('the pace is that of the quota of the account', () => {
  const { FRAMES } = environments(stadiumOf({ detectLabelsPerSecond: 5 }))['image-detector'];
  expect(JSON.parse(FRAMES)).toMatchObject({ callsPerSecond: 5 });
});

test('predictions that take longer than a second are an alarm, and each alarm tells somebody', () => {
  const alarms = deployed('AWS::CloudWatch::Alarm', stadiumOf());
  for (const alarm of alarms) expect(alarm.get('AlarmActions')).toHaveLength(1);
  expect(alarms.map((alarm) => [alarm.get('MetricName'), alarm.get('Threshold')])).toContainEqual([
    'PredictionLatency',
    1000,
  ]);
});

test.each<[string, object | string, RegExp]>([
  ['a field that there is not', { camera: 1 }, /wrong:\n.*camera/],
  ['more images than are made', { imagesPerSecond: 6 }, /imagesPerSecond: /],
  ['a file that is not there', 'no-stadium.json', /no-stadium\.json can't be read/],
  ['no plays', { plays: [] }, /`obstacles` is empty/],
])('%s is named', (_what, stadium, message) => {
  expect(() => stadiumOf(stadium)).toThrow(message);
});
