import { App, type Stack } from 'aws-cdk-lib';
import { retailQueue } from '../../bin/retail-queue';
import cdkJson from '../../cdk.json';
import { deployed, environments } from '../support/fleet';
import { Template } from '../support/template';

function storeOf(store?: object | string): Stack {
  return retailQueue(new App({ context: { ...cdkJson.context, store } }));
}

test('without configuration, cameras count: nothing of the video reaches the cloud', () => {
  const stack = storeOf();
  for (const type of ['AWS::S3::Bucket', 'AWS::KinesisVideo::Stream']) expect(deployed(type, stack)).toEqual([]);
  expect(JSON.stringify(Template.fromStack(stack))).not.toMatch(/rekognition|CreateStream|s3:/);
});

test('in the cloud, frames are gone after a day, and streams after an hour', () => {
  const stack = storeOf({ counting: 'cloud' });
  Template.fromStack(stack).hasResourceProperties('AWS::S3::Bucket', {
    LifecycleConfiguration: { Rules: [{ Prefix: 'frames/', ExpirationInDays: 1 }, {}, {}] },
  });
  expect(JSON.parse(environments(stack)['media-provisioner'].MEDIA)).toMatchObject({
    removal: 'DELETE',
    stream: { DataRetentionInHours: 1 },
  });
  expect(JSON.stringify(Template.fromStack(stack))).not.toMatch(/DetectFaces|SearchFaces|IndexFaces/);
});

test('each alarm tells somebody', () => {
  for (const counting of ['device', 'cloud']) {
    const alarms = deployed('AWS::CloudWatch::Alarm', storeOf({ counting, alarmEmails: ['operator@example.com'] }));
    expect(alarms.length).toBeGreaterThan(2);
    for (const alarm of alarms) expect(alarm.get('AlarmActions')).toHaveLength(1);
  }
});

test('the size does not depend on how many cameras there are', () => {
  const registers = Array.from({ length: 60 }, (_each, index) => ({ name: `till-${index}` }));
  const count = (stack: Stack) => Object.keys(Template.fromStack(stack).toJSON().Resources).length;
  expect(count(storeOf({ registers }))).toBe(count(storeOf()));
});

test.each<[string, object | string, RegExp]>([
  ['a field that there is not', { registers: [], tills: 3 }, /wrong:\n.*tills/],
  ['a wrong way of counting', { counting: 'guess' }, /counting: /],
  [
    'a region outside',
    { registers: [{ name: 'a', line: { left: 2, top: 0, width: 1, height: 1 } }] },
    /registers\[0\]\.line\.left/,
  ],
  ['a file that is not there', 'no-store.json', /no-store\.json can't be read/],
  ['no registers', { registers: [] }, /`registers.length` is 0/],
])('%s is named', (_what, store, message) => {
  expect(() => storeOf(store)).toThrow(message);
});
