import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLANNED, singleCamera } from '../../bin/single-camera';
import { FleetPlan } from '../../lib';
import { appWith, describeFindings } from '../support/reference-app';
import { snapshotOf } from '../support/snapshot';
import { Match, Template, warningIds } from '../support/template';

const app = appWith({ camera: 'yard', email: 'owner@example.com' });
const stack = singleCamera(app);
const template = Template.fromStack(stack);

test('the camera is as it was', () => {
  expect(snapshotOf(stack)).toMatchSnapshot();
});

test('without context it is one at a gate, of which nobody is told', () => {
  const gate = Template.fromStack(singleCamera(appWith()));
  gate.hasResourceProperties('AWS::IoT::Thing', { ThingName: 'gate' });
  gate.resourceCountIs('AWS::SNS::Subscription', 0);
});

test('thing, stream, channel and folder of images have one name, since the certificate gets at no other', () => {
  template.hasResourceProperties('AWS::IoT::Thing', { ThingName: 'yard' });
  template.hasResourceProperties('AWS::KinesisVideo::Stream', { Name: 'yard', DataRetentionInHours: 24 });
  template.hasResourceProperties('AWS::KinesisVideo::SignalingChannel', { Name: 'yard' });
  template.hasResourceProperties('Custom::KinesisVideoImageGeneration', {
    ImageGenerationConfiguration: {
      DestinationConfig: { Uri: { 'Fn::Join': ['', Match.arrayWith(['s3://', '/frames/yard'])] } },
      SamplingInterval: 5000,
    },
  });
});

test('a name that can not be that of a stack is refused, with the name', () => {
  expect(() => singleCamera(appWith({ camera: 'yard.front' }))).toThrow(/must match.*camera-yard\.front/);
});

test('both kinds of mail go to the address, and each alarm is one of them', () => {
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
  const [alarmTopic] = Object.keys(template.findResources('AWS::SNS::Topic')).filter((id) => id.startsWith('Alarms'));
  expect(alarms.map(({ Properties }) => Properties.AlarmActions)).toEqual(
    Array(alarms.length).fill([{ Ref: alarmTopic }]),
  );
  expect(
    Object.values(template.findResources('AWS::SNS::Subscription')).map(({ Properties }) => Properties.Endpoint),
  ).toEqual(['owner@example.com', 'owner@example.com']);
});

test('a camera that sends nothing is an alarm, also when CloudWatch has no data of it', () => {
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'PutMedia.IncomingBytes',
    Dimensions: [{ Name: 'StreamName', Value: { Ref: Match.stringLikeRegexp('^Stream') } }],
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 1,
    TreatMissingData: 'breaching',
  });
});

test('recordings, frames, key and what the camera holds on to stay when the stack goes', () => {
  expect(stack.terminationProtection).toBe(true);
  for (const type of [
    'KinesisVideo::Stream',
    'KMS::Key',
    'S3::Bucket',
    'IoT::Thing',
    'IoT::Policy',
    'IoT::RoleAlias',
  ]) {
    const found = Object.values(template.findResources(`AWS::${type}`));
    expect([type, found.map(({ DeletionPolicy }) => DeletionPolicy)]).toEqual([type, ['Retain']]);
  }
});

test('nothing warns', () => {
  expect(warningIds(stack)).toEqual([]);
});

test('its plan is beside the template', () => {
  const { directory } = app.synth();
  expect(readFileSync(join(directory, 'plan.json'), 'utf8')).toBe(new FleetPlan(PLANNED).toJson());
});

describeFindings(singleCamera, { camera: 'yard', email: 'owner@example.com' });
