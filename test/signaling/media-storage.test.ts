import { CfnParameter, Duration, Stack, Validations } from 'aws-cdk-lib';
import { CfnSignalingChannel, CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import { MediaStorage, SignalingChannel, SignalingChannelMediaStorage, VideoStream } from '../../lib';
import { Match, Template, testStack, warningIds } from '../support/template';

const TYPE = 'Custom::KinesisVideoMediaStorage';
const CHANNEL = { Ref: Match.stringLikeRegexp('^Channel') };
const STREAM = { Ref: Match.stringLikeRegexp('^Archive') };

function storage(stack: Stack): MediaStorage {
  return new MediaStorage(stack, 'Storage', {
    channel: new SignalingChannel(stack, 'Channel'),
    stream: new VideoStream(stack, 'Archive'),
  });
}

test('stores the sessions of the channel in the stream', () => {
  const stack = testStack();
  storage(stack);
  Template.fromStack(stack).hasResourceProperties(TYPE, { ChannelName: CHANNEL, StreamName: STREAM });
});

test('comes after the permission to set it', () => {
  const stack = testStack();
  storage(stack);
  const template = Template.fromStack(stack);
  const [policy] = Object.keys(
    template.findResources('AWS::IAM::Policy', {
      Properties: {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Action: Match.arrayWith(['kinesisvideo:UpdateMediaStorageConfiguration']),
              Resource: { 'Fn::GetAtt': [CHANNEL.Ref, 'Arn'] },
            }),
          ]),
        },
      },
    }),
  );
  template.hasResource(TYPE, { DependsOn: [policy] });
});

test('one function makes the settings of all channels, and their tags', () => {
  const stack = testStack();
  const stream = new VideoStream(stack, 'Archive');
  for (const id of ['One', 'Two']) {
    new MediaStorage(stack, `${id}Storage`, { channel: new SignalingChannel(stack, id), stream });
  }
  const template = Template.fromStack(stack);
  template.resourceCountIs(TYPE, 2);
  template.resourceCountIs('Custom::KinesisVideoChannelTags', 2);
  template.resourceCountIs('AWS::Lambda::Function', 2);
});

describe('warns that peer-to-peer is off', () => {
  test('for each channel', () => {
    const stack = testStack();
    storage(stack);
    expect(warningIds(stack)).toEqual(['cdk-kinesis-video:mediaStorageDisablesPeerToPeer']);
  });

  test('until it is acknowledged where the choice is made', () => {
    const stack = testStack();
    const id = 'Annotation::cdk-kinesis-video:mediaStorageDisablesPeerToPeer';
    Validations.of(storage(stack)).acknowledge({ id, reason: 'Nobody pilots a doorbell.' });
    expect(warningIds(stack)).toEqual([]);
  });
});

describe('a stream that keeps no media', () => {
  test.each<[string, (stack: Stack) => refs.IStreamRef]>([
    ['a live-only stream', (stack) => new VideoStream(stack, 'Archive', { liveOnly: true })],
    ['a CfnStream of retention 0', (stack) => new CfnStream(stack, 'Archive', { dataRetentionInHours: 0 })],
    // 0 is also what CloudFormation takes where nothing is said.
    ['a CfnStream of no retention', (stack) => new CfnStream(stack, 'Archive', {})],
  ])('is refused: %s', (_what, streamIn) => {
    const stack = testStack();
    const stream = streamIn(stack);
    const channel = new SignalingChannel(stack, 'Channel');
    expect(() => new MediaStorage(stack, 'Storage', { channel, stream })).toThrow(
      expect.objectContaining({
        name: 'StreamKeepsNoMedia',
        constructPath: 'Test/Storage',
        message: expect.stringMatching(/The stream 'Test\/Archive' keeps no media; .* at least 1 hour/),
      }),
    );
  });

  test.each<[string, (stack: Stack) => refs.IStreamRef]>([
    ['that keeps it for an hour', (stack) => new VideoStream(stack, 'Archive', { retention: Duration.hours(1) })],
    ['that is raw and keeps it for an hour', (stack) => new CfnStream(stack, 'Archive', { dataRetentionInHours: 1 })],
    [
      'whose retention is a token',
      (stack) => {
        const hours = new CfnParameter(stack, 'Hours', { type: 'Number' }).valueAsNumber;
        return new CfnStream(stack, 'Archive', { dataRetentionInHours: hours });
      },
    ],
    ['that is imported', (stack) => VideoStream.fromStreamAttributes(stack, 'Archive', { streamName: 'archive' })],
  ])('is not one %s', (_what, streamIn) => {
    const stack = testStack();
    new MediaStorage(stack, 'Storage', { channel: new SignalingChannel(stack, 'Channel'), stream: streamIn(stack) });
    Template.fromStack(stack).resourceCountIs(TYPE, 1);
  });
});

describe('another region', () => {
  const arn = (resource: string) => `arn:aws:kinesisvideo:us-west-2:111122223333:${resource}/drone-1/1700000000000`;

  test.each<[string, (stack: Stack) => { channel: refs.ISignalingChannelRef; stream: refs.IStreamRef }]>([
    [
      'channel',
      (stack) => ({
        channel: SignalingChannel.fromChannelArn(stack, 'Channel', arn('channel')),
        stream: new VideoStream(stack, 'Archive'),
      }),
    ],
    [
      'stream',
      (stack) => ({
        channel: new SignalingChannel(stack, 'Channel'),
        stream: VideoStream.fromStreamArn(stack, 'Archive', arn('stream')),
      }),
    ],
  ])('of the %s is refused', (what, propsIn) => {
    const stack = testStack();
    expect(() => new MediaStorage(stack, 'Storage', propsIn(stack))).toThrow(
      expect.objectContaining({
        name: 'OtherRegion',
        constructPath: 'Test/Storage',
        message: expect.stringContaining(`The ${what} is in us-west-2, but the stack in eu-west-1`),
      }),
    );
  });

  test('is unknown, and passes, where the stack has none', () => {
    const stack = new Stack(undefined, 'Anywhere');
    new MediaStorage(stack, 'Storage', {
      channel: SignalingChannel.fromChannelArn(stack, 'Channel', arn('channel')),
      stream: new VideoStream(stack, 'Archive'),
    });
    Template.fromStack(stack).hasResourceProperties(TYPE, { ChannelName: 'drone-1' });
  });
});

describe('as a mixin', () => {
  test.each<[string, (stack: Stack) => SignalingChannel | CfnSignalingChannel]>([
    ['a CfnSignalingChannel', (stack) => new CfnSignalingChannel(stack, 'Channel', { type: 'SINGLE_MASTER' })],
    ['a SignalingChannel', (stack) => new SignalingChannel(stack, 'Channel')],
  ])('sets it on %s, and warns', (_what, channelIn) => {
    const stack = testStack();
    const stream = new VideoStream(stack, 'Archive');
    channelIn(stack).with(new SignalingChannelMediaStorage(stream));
    const template = Template.fromStack(stack);
    template.resourcePropertiesCountIs(TYPE, { ChannelName: CHANNEL, StreamName: STREAM }, 1);
    expect(warningIds(stack)).toEqual(['cdk-kinesis-video:mediaStorageDisablesPeerToPeer']);
  });

  test('is for channels only', () => {
    const stack = testStack();
    const stream = new VideoStream(stack, 'Archive');
    stream.with(new SignalingChannelMediaStorage(stream));
    Template.fromStack(stack).resourceCountIs(TYPE, 0);
  });
});
