import { App, CfnParameter, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { StorageTier, VideoStream, VideoStreamEncryption } from '../../lib';
import { Match, Template, testStack, warningIds } from '../support/template';

const TYPE = 'AWS::KinesisVideo::Stream';

describe('defaults', () => {
  const stack = testStack();
  new VideoStream(stack, 'Camera');
  const template = Template.fromStack(stack);

  test('keeps media for a day, hot, under a rotated key of its own', () => {
    template.hasResourceProperties(TYPE, {
      DataRetentionInHours: 24,
      MediaType: 'video/h264',
      StreamStorageConfiguration: { DefaultStorageTier: 'HOT' },
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('CameraKey'), 'Arn'] },
    });
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  test('survives the stack, and so does its key', () => {
    template.hasResource(TYPE, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    template.hasResource('AWS::KMS::Key', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });
});

test('passes all properties on', () => {
  const stack = testStack();
  const encryptionKey = new kms.Key(stack, 'Shared');
  new VideoStream(stack, 'Camera', {
    streamName: 'drone-1',
    retention: Duration.days(60),
    storageTier: StorageTier.WARM,
    mediaType: 'video/h265,audio/aac',
    deviceName: 'drone-1',
    encryptionKey,
    tags: { fleet: 'delivery' },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::KMS::Key', 1);
  template.hasResource(TYPE, {
    DeletionPolicy: 'Delete',
    Properties: {
      Name: 'drone-1',
      DataRetentionInHours: 1440,
      MediaType: 'video/h265,audio/aac',
      DeviceName: 'drone-1',
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('Shared'), 'Arn'] },
      StreamStorageConfiguration: { DefaultStorageTier: 'WARM' },
      Tags: [{ Key: 'fleet', Value: 'delivery' }],
    },
  });
  expect(warningIds(stack)).toEqual([]);
});

test('a live-only stream is asked for by name', () => {
  const stack = testStack();
  new VideoStream(stack, 'Camera', { liveOnly: true });
  Template.fromStack(stack).hasResourceProperties(TYPE, { DataRetentionInHours: 0 });
});

test("AWS's own key is an explicit choice", () => {
  const stack = testStack();
  const stream = new VideoStream(stack, 'Camera', { encryption: VideoStreamEncryption.AWS_MANAGED });
  expect(stream.encryptionKey).toBeUndefined();
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::KMS::Key', 0);
  template.hasResourceProperties(TYPE, { KmsKeyId: Match.absent() });
});

test('warns when WARM costs more than it saves', () => {
  const stack = testStack();
  new VideoStream(stack, 'Camera', { storageTier: StorageTier.WARM, retention: Duration.days(29) });
  expect(warningIds(stack)).toEqual(['cdk-kinesis-video:warmStorageMinimum']);
});

describe('bad input', () => {
  test.each([
    ['no retention', { retention: Duration.hours(0) }, /`retention` is 0 hours.*between 1 and 87600 hours.*liveOnly/],
    ['half an hour', { retention: Duration.minutes(90) }, /`retention` is 1.5 hours/],
    ['over ten years', { retention: Duration.days(3651) }, /`retention` is 87624 hours/],
    ['retention of a live stream', { retention: Duration.hours(1), liveOnly: true }, /`liveOnly` keeps no media/],
    ['a name with a space', { streamName: 'drone 1' }, /`streamName` is 'drone 1'/],
    ['a device name with a slash', { deviceName: 'a/b' }, /`deviceName` is 'a\/b'/],
    ['a media type without subtype', { mediaType: 'video' }, /`mediaType` is 'video'/],
  ])('%s names path, value, range and remedy', (_what, props, message) => {
    const stack = testStack();
    expect(() => new VideoStream(stack, 'Camera', props)).toThrow(message);
    try {
      new VideoStream(stack, 'Again', props);
    } catch (error) {
      expect(error).toMatchObject({ constructPath: 'Test/Again', type: 'validation' });
    }
  });

  test('a key together with the choice to have none', () => {
    const stack = testStack();
    const encryptionKey = new kms.Key(stack, 'Key');
    const props = { encryptionKey, encryption: VideoStreamEncryption.AWS_MANAGED };
    expect(() => new VideoStream(stack, 'Camera', props)).toThrow(/leave one of them out/);
  });

  test('tokens pass', () => {
    const stack = testStack();
    new VideoStream(stack, 'Camera', {
      streamName: new CfnParameter(stack, 'Name').valueAsString,
      retention: Duration.hours(new CfnParameter(stack, 'Hours', { type: 'Number' }).valueAsNumber),
      mediaType: new CfnParameter(stack, 'MediaType').valueAsString,
    });
    Template.fromStack(stack).hasResourceProperties(TYPE, {
      Name: { Ref: 'Name' },
      DataRetentionInHours: { Ref: 'Hours' },
    });
  });
});

describe('imports', () => {
  const arn = 'arn:aws:kinesisvideo:us-west-2:444455556666:stream/drone-1/1700000000000';

  test('by ARN: name and environment are those of the ARN', () => {
    const stream = VideoStream.fromStreamArn(testStack(), 'Camera', arn);
    expect(stream.streamName).toBe('drone-1');
    expect(stream.env).toMatchObject({ account: '444455556666', region: 'us-west-2' });
    expect(stream.streamRef).toEqual({ streamArn: arn, streamName: 'drone-1' });
  });

  test('by name: the time of creation, which nobody knows, is a wildcard', () => {
    const stack = testStack();
    const stream = VideoStream.fromStreamAttributes(stack, 'Camera', { streamName: 'drone-1' });
    expect(stack.resolve(stream.streamArn)).toBe('arn:aws:kinesisvideo:eu-west-1:111122223333:stream/drone-1/*');
  });

  test('by a token', () => {
    const stack = testStack();
    const stream = VideoStream.fromStreamArn(stack, 'Camera', Token.asString({ Ref: 'StreamArn' }));
    expect(stack.resolve(stream.streamName)).toEqual({
      'Fn::Select': [1, { 'Fn::Split': ['/', { Ref: 'StreamArn' }] }],
    });
  });

  test('by nothing fails', () => {
    expect(() => VideoStream.fromStreamAttributes(testStack(), 'Camera', {})).toThrow(/`streamArn` or a `streamName`/);
  });
});

test('another environment sees the ARN with a wildcard in place of the time of creation', () => {
  const app = new App();
  const there = new Stack(app, 'There', { env: { account: '111122223333', region: 'eu-west-1' } });
  const here = new Stack(app, 'Here', { env: { account: '111122223333', region: 'us-east-1' } });
  const stream = new VideoStream(there, 'Camera', { streamName: 'drone-1' });
  expect(JSON.stringify(here.resolve(stream.streamArn))).toContain(
    ':kinesisvideo:eu-west-1:111122223333:stream/drone-1/*',
  );
});

describe('metrics', () => {
  const stream = VideoStream.fromStreamAttributes(testStack(), 'Camera', { streamName: 'drone-1' });

  test.each([
    ['PutMedia.IncomingBytes', 'Sum', stream.metricPutMediaIncomingBytes()],
    ['PutMedia.IncomingFrames', 'Sum', stream.metricPutMediaIncomingFrames()],
    ['PutMedia.ActiveConnections', 'Maximum', stream.metricPutMediaActiveConnections()],
    ['PutMedia.ConnectionErrors', 'Sum', stream.metricPutMediaConnectionErrors()],
    ['PutMedia.ErrorAckCount', 'Sum', stream.metricPutMediaErrorAckCount()],
    ['PutMedia.FragmentIngestionLatency', 'p99', stream.metricPutMediaFragmentIngestionLatency()],
    ['PutMedia.FragmentPersistLatency', 'p99', stream.metricPutMediaFragmentPersistLatency()],
    ['GetMedia.MillisBehindNow', 'Maximum', stream.metricGetMediaMillisBehindNow()],
    ['GetMedia.Success', 'Average', stream.metricGetMediaSuccess()],
    ['GetClip.Latency', 'p90', stream.metric('GetClip.Latency', { statistic: 'p90' })],
  ])('%s is a %s', (metricName, statistic, metric) => {
    expect(metric).toMatchObject({
      namespace: 'AWS/KinesisVideo',
      metricName,
      statistic,
      dimensions: { StreamName: 'drone-1' },
    });
  });

  test('of all streams have no dimension', () => {
    expect(VideoStream.metricAll('PutMedia.Success').dimensions).toBeUndefined();
  });
});
