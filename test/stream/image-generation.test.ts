import { CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import {
  ImageFormat,
  ImageGeneration,
  ImageSelector,
  VideoStream,
  VideoStreamImageGeneration,
  type ImageGenerationOptions,
} from '../../lib';
import { Match, Template, testStack, warningIds } from '../support/template';

const TYPE = 'Custom::KinesisVideoImageGeneration';
const STREAM = { Ref: Match.stringLikeRegexp('^Camera') };
const BUCKET = { Ref: Match.stringLikeRegexp('^Bucket') };

/** Images of a stream, in the bucket of the stack unless told otherwise. */
function images(stack: Stack, options: Partial<ImageGenerationOptions> = {}): ImageGeneration {
  return new ImageGeneration(stack, 'Images', {
    stream: new VideoStream(stack, 'Camera'),
    bucket: options.bucket ?? new s3.Bucket(stack, 'Bucket'),
    ...options,
  });
}

/** The configuration, with what only a deployment knows left as it is in the template. */
function configuration(stack: Stack): Record<string, unknown> {
  const [setting, ...more] = Object.values(Template.fromStack(stack).findResources(TYPE));
  expect(more).toEqual([]);
  return setting.Properties.ImageGenerationConfiguration;
}

test('defaults: a JPEG every three seconds, by the clock of the device, in the size of the video', () => {
  const stack = testStack();
  images(stack);
  Template.fromStack(stack).hasResourceProperties(TYPE, { StreamName: STREAM });
  expect(configuration(stack)).toEqual({
    Status: 'ENABLED',
    ImageSelectorType: 'PRODUCER_TIMESTAMP',
    DestinationConfig: {
      Uri: { 'Fn::Join': ['', ['s3://', { Ref: expect.stringMatching(/^Bucket/) }]] },
      DestinationRegion: 'eu-west-1',
    },
    SamplingInterval: 3000,
    Format: 'JPEG',
    FormatConfig: { JPEGQuality: '80' },
  });
  expect(warningIds(stack)).toEqual([]);
});

test('passes all properties on', () => {
  const stack = testStack();
  images(stack, {
    bucket: s3.Bucket.fromBucketName(stack, 'Imported', 'images'),
    prefix: 'fleet/drone-1',
    samplingInterval: Duration.millis(200),
    jpegQuality: 95,
    width: 1280,
    height: 720,
    selector: ImageSelector.SERVER_TIMESTAMP,
  });
  expect(configuration(stack)).toEqual({
    Status: 'ENABLED',
    ImageSelectorType: 'SERVER_TIMESTAMP',
    DestinationConfig: { Uri: 's3://images/fleet/drone-1', DestinationRegion: 'eu-west-1' },
    SamplingInterval: 200,
    Format: 'JPEG',
    FormatConfig: { JPEGQuality: '95' },
    WidthPixels: 1280,
    HeightPixels: 720,
  });
});

test('a PNG has no quality', () => {
  const stack = testStack();
  images(stack, { format: ImageFormat.PNG });
  const { Format, FormatConfig } = configuration(stack);
  expect(Format).toBe('PNG');
  expect(FormatConfig).toBeUndefined();
});

test('comes after the permission to set it', () => {
  const stack = testStack();
  images(stack);
  const template = Template.fromStack(stack);
  const [policy] = Object.keys(
    template.findResources('AWS::IAM::Policy', {
      Properties: {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Action: Match.arrayWith(['kinesisvideo:UpdateImageGenerationConfiguration']),
              Resource: { 'Fn::GetAtt': [STREAM.Ref, 'Arn'] },
            }),
          ]),
        },
      },
    }),
  );
  template.hasResource(TYPE, { DependsOn: [policy] });
});

test('one function makes the settings of all streams', () => {
  const stack = testStack();
  const bucket = new s3.Bucket(stack, 'Bucket');
  for (const id of ['One', 'Two', 'Three']) {
    new VideoStream(stack, id).with(new VideoStreamImageGeneration({ bucket }));
  }
  const template = Template.fromStack(stack);
  template.resourceCountIs(TYPE, 3);
  template.resourceCountIs('AWS::Lambda::Function', 2);
});

describe('bad input', () => {
  const nameOf255 = `s3://images/${'p'.repeat(243)}`;

  test.each<[string, Partial<ImageGenerationOptions>, string, RegExp]>([
    [
      'too short an interval',
      { samplingInterval: Duration.millis(199) },
      'ImageInterval',
      /`samplingInterval` is 199 milliseconds.*between 200 and \d+ milliseconds/,
    ],
    [
      'half a millisecond',
      { samplingInterval: Duration.millis(200.5) },
      'ImageInterval',
      /`samplingInterval` is 200.5 milliseconds; it must be a whole number/,
    ],
    ['quality 0', { jpegQuality: 0 }, 'ImageQuality', /`jpegQuality` is 0; .* between 1 and 100/],
    ['quality 101', { jpegQuality: 101 }, 'ImageQuality', /`jpegQuality` is 101/],
    ['half a quality', { jpegQuality: 1.5 }, 'ImageQuality', /`jpegQuality` is 1.5/],
    ['the quality of a PNG', { format: ImageFormat.PNG, jpegQuality: 80 }, 'ImageQuality', /no meaning for PNG/],
    ['width 0', { width: 0 }, 'ImageSize', /`width` is 0 pixels; .* between 1 and 3840 pixels/],
    ['width 3841', { width: 3841 }, 'ImageSize', /`width` is 3841 pixels/],
    ['height 0', { height: 0 }, 'ImageSize', /`height` is 0 pixels; .* between 1 and 2160 pixels/],
    ['height 2161', { height: 2161 }, 'ImageSize', /`height` is 2161 pixels/],
    [
      'too long a URI',
      { prefix: 'p'.repeat(244) },
      'ImageDestination',
      /The URI 's3:\/\/images\/p+' has 256 characters; 255 are allowed. Shorten `prefix`/,
    ],
    ['an asterisk, which the service refuses', { prefix: 'drone-*' }, 'ImageDestination', /`prefix` is 'drone-\*'/],
    [
      'a slash at the end, which the URI has anyway',
      { prefix: 'drone-1/' },
      'ImageDestination',
      /`prefix` is 'drone-1\/'/,
    ],
  ])('%s names path, value and range', (_what, options, code, message) => {
    const stack = testStack();
    const bucket = s3.Bucket.fromBucketName(stack, 'Imported', 'images');
    expect(() => images(stack, { bucket, ...options })).toThrow(
      expect.objectContaining({
        name: code,
        type: 'validation',
        constructPath: 'Test/Images',
        message: expect.stringMatching(message),
      }),
    );
  });

  test.each<[string, Partial<ImageGenerationOptions>, object]>([
    ['the lowest', { jpegQuality: 1, width: 1, height: 1 }, { FormatConfig: { JPEGQuality: '1' }, WidthPixels: 1 }],
    ['the highest', { jpegQuality: 100, width: 3840, height: 2160 }, { WidthPixels: 3840, HeightPixels: 2160 }],
    [
      'the longest',
      { prefix: 'p'.repeat(243) },
      { DestinationConfig: { Uri: nameOf255, DestinationRegion: 'eu-west-1' } },
    ],
  ])('%s values pass', (_what, options, expected) => {
    const stack = testStack();
    images(stack, { bucket: s3.Bucket.fromBucketName(stack, 'Imported', 'images'), ...options });
    expect(configuration(stack)).toMatchObject(expected);
  });

  test('tokens pass', () => {
    const stack = testStack();
    const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
    images(stack, {
      prefix: new CfnParameter(stack, 'Prefix').valueAsString,
      samplingInterval: Duration.millis(number('Interval')),
      jpegQuality: number('Quality'),
      width: number('Width'),
      height: number('Height'),
    });
    expect(configuration(stack)).toMatchObject({
      DestinationConfig: {
        Uri: { 'Fn::Join': ['', ['s3://', { Ref: expect.stringMatching(/^Bucket/) }, '/', { Ref: 'Prefix' }]] },
      },
      SamplingInterval: { Ref: 'Interval' },
      FormatConfig: { JPEGQuality: { Ref: 'Quality' } },
      WidthPixels: { Ref: 'Width' },
      HeightPixels: { Ref: 'Height' },
    });
  });

  test.each<[string, (stack: Stack) => refs.IStreamRef]>([
    ['a live-only stream', (stack) => new VideoStream(stack, 'Camera', { liveOnly: true })],
    ['a CfnStream of retention 0', (stack) => new CfnStream(stack, 'Camera', { dataRetentionInHours: 0 })],
    // 0 is also what CloudFormation takes where nothing is said.
    ['a CfnStream of no retention', (stack) => new CfnStream(stack, 'Camera', {})],
  ])('a stream that keeps no media, for which the service says NoDataRetentionException: %s', (_what, streamIn) => {
    const stack = testStack();
    const props = { stream: streamIn(stack), bucket: new s3.Bucket(stack, 'Bucket') };
    expect(() => new ImageGeneration(stack, 'Images', props)).toThrow(
      expect.objectContaining({
        constructPath: 'Test/Images',
        message: expect.stringMatching(/The stream 'Test\/Camera' keeps no media/),
      }),
    );
  });
});

describe('another region', () => {
  const elsewhere = 'arn:aws:kinesisvideo:us-west-2:111122223333:stream/drone-1/1700000000000';

  test.each<[string, (stack: Stack) => { stream: refs.IStreamRef; bucket: s3.IBucket }]>([
    [
      'stream',
      (stack) => ({
        stream: VideoStream.fromStreamArn(stack, 'Camera', elsewhere),
        bucket: new s3.Bucket(stack, 'Bucket'),
      }),
    ],
    [
      'bucket',
      (stack) => ({
        stream: new VideoStream(stack, 'Camera'),
        bucket: s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'images', region: 'us-west-2' }),
      }),
    ],
  ])('of the %s is refused', (what, propsIn) => {
    const stack = testStack();
    expect(() => new ImageGeneration(stack, 'Images', propsIn(stack))).toThrow(
      expect.objectContaining({
        name: 'OtherRegion',
        constructPath: 'Test/Images',
        message: expect.stringContaining(`The ${what} is in us-west-2, but the stack in eu-west-1`),
      }),
    );
  });

  test('is unknown, and passes, where the stack has none', () => {
    const stack = new Stack(undefined, 'Anywhere');
    const stream = VideoStream.fromStreamArn(stack, 'Camera', elsewhere);
    new ImageGeneration(stack, 'Images', { stream, bucket: new s3.Bucket(stack, 'Bucket') });
    expect(configuration(stack)).toMatchObject({ DestinationConfig: { DestinationRegion: { Ref: 'AWS::Region' } } });
  });
});

describe('as a mixin', () => {
  test.each<[string, (stack: Stack) => VideoStream | CfnStream]>([
    ['a CfnStream', (stack) => new CfnStream(stack, 'Camera', { dataRetentionInHours: 24 })],
    ['a VideoStream', (stack) => new VideoStream(stack, 'Camera')],
  ])('sets it on %s', (_what, streamIn) => {
    const stack = testStack();
    const bucket = new s3.Bucket(stack, 'Bucket');
    streamIn(stack).with(new VideoStreamImageGeneration({ bucket, width: 1280 }));
    Template.fromStack(stack).resourcePropertiesCountIs(
      TYPE,
      {
        StreamName: STREAM,
        ImageGenerationConfiguration: {
          DestinationConfig: { Uri: { 'Fn::Join': ['', ['s3://', BUCKET]] } },
          WidthPixels: 1280,
        },
      },
      1,
    );
  });

  test('checks its options where it is applied', () => {
    const stack = testStack();
    const mixin = new VideoStreamImageGeneration({ bucket: new s3.Bucket(stack, 'Bucket'), width: 0 });
    expect(() => new VideoStream(stack, 'Camera').with(mixin)).toThrow(/`width` is 0 pixels/);
  });

  test('is for streams only', () => {
    const stack = testStack();
    const bucket = new s3.Bucket(stack, 'Bucket');
    bucket.with(new VideoStreamImageGeneration({ bucket }));
    Template.fromStack(stack).resourceCountIs(TYPE, 0);
  });
});
