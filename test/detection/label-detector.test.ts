import { App, CfnParameter, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  ConnectedHomeLabel,
  FramePolygon,
  FrameRegion,
  LabelDetector,
  VideoStream,
  type LabelDetectorProps,
} from '../../lib';
import { codedError } from '../support/fleet';
import { Match, Template, testStack, warningIds } from '../support/template';

// Who may do what is the subject of test/policies.

const TYPE = 'AWS::Rekognition::StreamProcessor';
const BOX = new FrameRegion({ left: 0.25, top: 0, width: 0.5, height: 0.75 });
const TRIANGLE = new FramePolygon([
  { x: 0, y: 0 },
  { x: 1, y: 0 },
  { x: 0.5, y: 1 },
]);

function detectorIn(stack: Stack, props: Partial<LabelDetectorProps> = {}): LabelDetector {
  return new LabelDetector(stack, 'Detector', {
    stream: props.stream ?? new VideoStream(stack, 'Camera'),
    labels: [ConnectedHomeLabel.PERSON],
    bucket: props.bucket ?? new s3.Bucket(stack, 'Results'),
    topic: props.topic ?? new sns.Topic(stack, 'Topic'),
    ...props,
  });
}

describe('defaults', () => {
  const stack = testStack();
  const detector = detectorIn(stack);
  const template = Template.fromStack(stack);

  test('the processor watches the stream for what it is told, and shares nothing', () => {
    const [properties] = Object.values(template.findResources(TYPE)).map((resource) => resource.Properties);
    expect(properties).toEqual({
      ConnectedHomeSettings: { Labels: ['PERSON'] },
      DataSharingPreference: { OptIn: false },
      KinesisVideoStream: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^Camera/), 'Arn'] } },
      NotificationChannel: { Arn: { Ref: expect.stringMatching(/^Topic/) } },
      RoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^DetectorRole/), 'Arn'] },
      S3Destination: { BucketName: { Ref: expect.stringMatching(/^Results/) } },
    });
  });

  test('its name is left to CloudFormation, so that nothing stands in the way of a successor', () => {
    template.hasResourceProperties(TYPE, { Name: Match.absent() });
  });

  test('its role has its permissions before it is there', () => {
    const [policy] = Object.keys(template.findResources('AWS::IAM::Policy'));
    template.hasResource(TYPE, { DependsOn: Match.arrayWith([policy]) });
  });

  test('its attributes are those of the resource', () => {
    const [id] = Object.keys(template.findResources(TYPE));
    expect(stack.resolve(detector.streamProcessorName)).toEqual({ Ref: id });
    expect(stack.resolve(detector.streamProcessorArn)).toEqual({ 'Fn::GetAtt': [id, 'Arn'] });
    expect(stack.resolve(detector.streamProcessorStatus)).toEqual({ 'Fn::GetAtt': [id, 'Status'] });
    expect(stack.resolve(detector.streamProcessorStatusMessage)).toEqual({ 'Fn::GetAtt': [id, 'StatusMessage'] });
    expect(stack.resolve(detector.streamProcessorRef)).toEqual({
      streamProcessorName: { Ref: id },
      streamProcessorArn: { 'Fn::GetAtt': [id, 'Arn'] },
    });
  });

  test('warns that AWS takes no new customers', () => {
    expect(warningIds(stack)).toEqual(['cdk-kinesis-video:streamProcessorAvailability']);
  });
});

test('the warning can be acknowledged', () => {
  const stack = testStack();
  Validations.of(detectorIn(stack)).acknowledge({
    id: 'cdk-kinesis-video:streamProcessorAvailability',
    reason: 'The account has used stream processors before.',
  });
  expect(warningIds(stack)).toEqual([]);
});

test('passes all properties on', () => {
  const stack = testStack();
  const key = new kms.Key(stack, 'Key');
  const role = new iam.Role(stack, 'Own', { assumedBy: new iam.ServicePrincipal('rekognition.amazonaws.com') });
  const detector = detectorIn(stack, {
    labels: [ConnectedHomeLabel.PET, ConnectedHomeLabel.PACKAGE],
    minimumConfidence: 72.5,
    prefix: 'labels/porch',
    encryptionKey: key,
    regions: [BOX],
    polygons: [TRIANGLE],
    shareDataWithAws: true,
    role,
    tags: { fleet: 'delivery' },
  });
  expect(detector.role).toBe(role);
  Template.fromStack(stack).hasResourceProperties(TYPE, {
    ConnectedHomeSettings: { Labels: ['PET', 'PACKAGE'], MinConfidence: 72.5 },
    S3Destination: { ObjectKeyPrefix: 'labels/porch' },
    KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
    BoundingBoxRegionsOfInterest: [{ Left: 0.25, Top: 0, Width: 0.5, Height: 0.75 }],
    PolygonRegionsOfInterest: [
      [
        { X: 0, Y: 0 },
        { X: 1, Y: 0 },
        { X: 0.5, Y: 1 },
      ],
    ],
    DataSharingPreference: { OptIn: true },
    RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Own'), 'Arn'] },
    Tags: [{ Key: 'fleet', Value: 'delivery' }],
  });
});

test('each property of CloudFormation but the name has one here', () => {
  const stack = testStack();
  detectorIn(stack, {
    minimumConfidence: 50,
    encryptionKey: new kms.Key(stack, 'Key'),
    regions: [BOX],
    polygons: [TRIANGLE],
    tags: { a: 'b' },
  });
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources(TYPE));
  const ofFaceSearch = ['FaceSearchSettings', 'KinesisDataStream'];
  expect([...Object.keys(Properties), ...ofFaceSearch, 'Name'].sort()).toEqual([
    'BoundingBoxRegionsOfInterest',
    'ConnectedHomeSettings',
    'DataSharingPreference',
    'FaceSearchSettings',
    'KinesisDataStream',
    'KinesisVideoStream',
    'KmsKeyId',
    'Name',
    'NotificationChannel',
    'PolygonRegionsOfInterest',
    'RoleArn',
    'S3Destination',
    'Tags',
  ]);
});

describe('bad input', () => {
  const { PERSON, PET, ALL } = ConnectedHomeLabel;
  const elsewhere = { environmentFromArn: 'arn:aws:sns:us-east-1:111122223333:topic' };

  test.each<[string, (stack: Stack) => Partial<LabelDetectorProps>, string, RegExp]>([
    ['no labels', () => ({ labels: [] }), 'LabelDetectorLabels', /`labels` is empty/],
    ['a label twice', () => ({ labels: [PET, PERSON, PET] }), 'LabelDetectorLabels', /one twice: PET, PERSON, PET/],
    ['ALL and others', () => ({ labels: [PERSON, ALL] }), 'LabelDetectorLabels', /ALL includes them/],
    ['less than nothing', () => ({ minimumConfidence: -0.1 }), 'LabelDetectorConfidence', /between 0 and 100 percent/],
    ['too sure', () => ({ minimumConfidence: 100.1 }), 'LabelDetectorConfidence', /is 100.1 percent/],
    ['an empty prefix', () => ({ prefix: '' }), 'LabelDetectorPrefix', /`prefix` is ''/],
    ['a prefix with a slash at its start', () => ({ prefix: '/a' }), 'LabelDetectorPrefix', /slash at start and end/],
    ['a prefix with a slash at its end', () => ({ prefix: 'a/' }), 'LabelDetectorPrefix', /slash at start and end/],
    ['a prefix that is too long', () => ({ prefix: 'a'.repeat(257) }), 'LabelDetectorPrefix', /1 to 256 characters/],
    [
      'eleven regions',
      () => ({ regions: Array(6).fill(BOX), polygons: Array(5).fill(TRIANGLE) }),
      'LabelDetectorRegions',
      /are 11 together; 10 are allowed/,
    ],
    [
      'a FIFO topic',
      (stack) => ({ topic: new sns.Topic(stack, 'Fifo', { fifo: true }) }),
      'NotificationTopic',
      /standard topic/,
    ],
    [
      'a stream without its whole ARN',
      (stack) => ({ stream: VideoStream.fromStreamAttributes(stack, 'Known', { streamName: 'drone-1' }) }),
      'StreamProcessorStream',
      /import the stream by its ARN/,
    ],
    [
      'a stream of another region',
      (stack) => ({
        stream: VideoStream.fromStreamArn(
          stack,
          'Far',
          'arn:aws:kinesisvideo:us-east-1:111122223333:stream/a/1700000000000',
        ),
      }),
      'OtherRegion',
      /The stream is in us-east-1/,
    ],
    [
      'a topic of another region',
      (stack) => ({ topic: sns.Topic.fromTopicArn(stack, 'Far', elsewhere.environmentFromArn) }),
      'OtherRegion',
      /The topic is in us-east-1/,
    ],
    [
      'a bucket of another region',
      (stack) => ({ bucket: s3.Bucket.fromBucketAttributes(stack, 'Far', { bucketName: 'far', region: 'us-east-1' }) }),
      'OtherRegion',
      /The bucket is in us-east-1/,
    ],
  ])('%s names path, value and remedy', (_what, props, code, message) => {
    const stack = testStack();
    expect(() => detectorIn(stack, props(stack))).toThrow(codedError(code, message, 'Test/Detector'));
  });

  test('bounds are allowed', () => {
    for (const minimumConfidence of [0, 100]) detectorIn(testStack(), { minimumConfidence });
    detectorIn(testStack(), { prefix: 'a'.repeat(256) });
    detectorIn(testStack(), { regions: Array(10).fill(BOX) });
    detectorIn(testStack(), { labels: [ALL] });
  });

  test('tokens pass', () => {
    const stack = testStack();
    const minimumConfidence = new CfnParameter(stack, 'Confidence', { type: 'Number' }).valueAsNumber;
    detectorIn(stack, { minimumConfidence, prefix: new CfnParameter(stack, 'Prefix').valueAsString });
    Template.fromStack(stack).hasResourceProperties(TYPE, {
      ConnectedHomeSettings: { MinConfidence: { Ref: 'Confidence' } },
      S3Destination: { ObjectKeyPrefix: { Ref: 'Prefix' } },
    });
  });
});

describe('regions', () => {
  test.each(['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-south-1', 'ap-northeast-1'])(
    '%s has stream processors',
    (region) => {
      const stack = testStack({ env: { account: '111122223333', region } });
      detectorIn(stack);
      Template.fromStack(stack).resourceCountIs(TYPE, 1);
    },
  );

  test.each(['eu-west-2', 'us-west-1', 'ap-southeast-2', 'us-gov-west-1'])('%s has none', (region) => {
    const stack = testStack({ env: { account: '111122223333', region } });
    const message = new RegExp(`no stream processors in ${region}.*eu-west-1`);
    expect(() => detectorIn(stack)).toThrow(codedError('StreamProcessorRegion', message, 'Test/Detector'));
  });

  test('one that is not known at synth passes', () => {
    const stack = new Stack(new App(), 'Anywhere');
    detectorIn(stack);
    Template.fromStack(stack).resourceCountIs(TYPE, 1);
  });
});
