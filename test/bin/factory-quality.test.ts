import { factoryQuality } from '../../bin/factory-quality';
import { deployed, environments } from '../support/fleet';
import { appWith } from '../support/reference-app';
import { Template } from '../support/template';

const plantOf = (plant?: object | string) => factoryQuality(appWith({ plant }));

test('without configuration, a serverless model inspects one line, and faulty images are kept for a year', () => {
  const template = Template.fromStack(plantOf());
  template.resourceCountIs('AWS::SageMaker::Endpoint', 1);
  template.hasResourceProperties('AWS::S3::Bucket', {
    LifecycleConfiguration: {
      Rules: [{ Prefix: 'frames/', ExpirationInDays: 1 }, { Prefix: 'evidence/', ExpirationInDays: 365 }, {}],
    },
  });
  template.resourceCountIs('AWS::S3::Bucket', 1);
  const settings = JSON.parse(environments(plantOf())['quality-inspector'].INSPECTOR);
  expect(settings).toMatchObject({ lines: ['line-1'], rejectWithinSeconds: 20, signalUnknown: true });
  expect(settings).not.toHaveProperty('clipQueueUrl');
});

test('an endpoint that is there already is asked, and none is made', () => {
  const stack = plantOf({ model: { endpointName: 'quality' } });
  Template.fromStack(stack).resourceCountIs('AWS::SageMaker::Endpoint', 0);
  expect(JSON.parse(environments(stack)['quality-inspector'].INSPECTOR)).toMatchObject({ endpointName: 'quality' });
});

test('the image may be of another account and region', () => {
  const image = '444455556666.dkr.ecr.us-east-1.amazonaws.com/models/quality:v7';
  const stack = plantOf({ model: { image, capacity: { instanceType: 'ml.c7i.large', instanceCount: 1 } } });
  const [model] = deployed('AWS::SageMaker::Model', stack);
  expect(model.get('PrimaryContainer')).toEqual({ Image: image });
});

test('where devices inspect, no image leaves them, and what they find is kept as a clip', () => {
  const stack = plantOf({ inspection: 'device' });
  expect(JSON.stringify(Template.fromStack(stack))).not.toMatch(/sagemaker|frames\//i);
  expect(Object.keys(environments(stack))).toEqual(expect.arrayContaining(['on-device-detections', 'clip-archive']));
});

test('clips of faulty pieces are asked for if they are wanted', () => {
  const stack = plantOf({ clips: true });
  expect(JSON.parse(environments(stack)['quality-inspector'].INSPECTOR).clipQueueUrl).toMatch(/^https:.*Clips/i);
});

test('each alarm tells somebody', () => {
  for (const inspection of ['cloud', 'device']) {
    const alarms = deployed('AWS::CloudWatch::Alarm', plantOf({ inspection }));
    expect(alarms.length).toBeGreaterThan(2);
    for (const alarm of alarms) expect(alarm.get('AlarmActions')).toHaveLength(1);
  }
});

test('the size does not depend on how many lines there are', () => {
  const lines = Array.from({ length: 25 }, (_each, index) => `line-${String(index).padStart(59, '0')}`);
  const count = (plant?: object) => Object.keys(Template.fromStack(plantOf(plant)).toJSON().Resources).length;
  expect(count({ lines })).toBe(count());
});

test.each<[string, object | string, RegExp]>([
  ['a field that there is not', { line: 'line-1' }, /wrong:\n.*line/],
  ['a wrong way of inspecting', { inspection: 'guess' }, /inspection: /],
  ['an image without tag', { model: { image: 'quality' } }, /model\.image: must be the URI/],
  ['a file that is not there', 'no-plant.json', /no-plant\.json can't be read/],
  ['no lines', { lines: [] }, /`lines.length` is 0/],
])('%s is named', (_what, plant, message) => {
  expect(() => plantOf(plant)).toThrow(message);
});
