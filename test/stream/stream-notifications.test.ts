import { Stack } from 'aws-cdk-lib';
import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import { StreamNotifications, VideoStream, VideoStreamNotifications } from '../../lib';
import { Match, Template, testStack, warningIds } from '../support/template';

const TYPE = 'Custom::KinesisVideoNotifications';
const STREAM = { Ref: Match.stringLikeRegexp('^Camera') };
const TOPIC = { Ref: Match.stringLikeRegexp('^Topic') };

function notifications(stack: Stack): StreamNotifications {
  return new StreamNotifications(stack, 'Notifications', {
    stream: new VideoStream(stack, 'Camera'),
    topic: new sns.Topic(stack, 'Topic'),
  });
}

test('sends to the topic', () => {
  const stack = testStack();
  notifications(stack);
  Template.fromStack(stack).hasResourceProperties(TYPE, {
    StreamName: STREAM,
    NotificationConfiguration: { Status: 'ENABLED', DestinationConfig: { Uri: TOPIC } },
  });
  expect(warningIds(stack)).toEqual([]);
});

test('comes after the permission to set it', () => {
  const stack = testStack();
  notifications(stack);
  const template = Template.fromStack(stack);
  const [policy] = Object.keys(
    template.findResources('AWS::IAM::Policy', {
      Properties: {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Action: Match.arrayWith(['kinesisvideo:UpdateNotificationConfiguration']),
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
  const topic = new sns.Topic(stack, 'Topic');
  for (const id of ['One', 'Two', 'Three']) new VideoStream(stack, id).with(new VideoStreamNotifications(topic));
  const template = Template.fromStack(stack);
  template.resourceCountIs(TYPE, 3);
  template.resourceCountIs('AWS::Lambda::Function', 2);
});

describe('bad input', () => {
  test.each<[string, (stack: Stack) => sns.ITopic]>([
    ['a FIFO topic', (stack) => new sns.Topic(stack, 'Topic', { fifo: true })],
    [
      'an imported FIFO topic',
      (stack) => sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:111122223333:fragments.fifo'),
    ],
  ])('%s', (_what, topicIn) => {
    const stack = testStack();
    const props = { stream: new VideoStream(stack, 'Camera'), topic: topicIn(stack) };
    expect(() => new StreamNotifications(stack, 'Notifications', props)).toThrow(
      expect.objectContaining({
        name: 'NotificationTopic',
        type: 'validation',
        constructPath: 'Test/Notifications',
        message: expect.stringMatching(/need a standard topic; the one given is FIFO/),
      }),
    );
  });

  test.each<[string, (stack: Stack) => refs.IStreamRef]>([
    ['a live-only stream', (stack) => new VideoStream(stack, 'Camera', { liveOnly: true })],
    ['a CfnStream of retention 0', (stack) => new CfnStream(stack, 'Camera', { dataRetentionInHours: 0 })],
    // 0 is also what CloudFormation takes where nothing is said.
    ['a CfnStream of no retention', (stack) => new CfnStream(stack, 'Camera', {})],
  ])('a stream that keeps no media, for which the service says NoDataRetentionException: %s', (_what, streamIn) => {
    const stack = testStack();
    const props = { stream: streamIn(stack), topic: new sns.Topic(stack, 'Topic') };
    expect(() => new StreamNotifications(stack, 'Notifications', props)).toThrow(
      expect.objectContaining({
        constructPath: 'Test/Notifications',
        message: expect.stringMatching(/The stream 'Test\/Camera' keeps no media/),
      }),
    );
  });
});

describe('another region', () => {
  const streamArn = 'arn:aws:kinesisvideo:us-west-2:111122223333:stream/drone-1/1700000000000';
  const topicArn = 'arn:aws:sns:us-west-2:111122223333:fragments';

  test.each<[string, (stack: Stack) => { stream: refs.IStreamRef; topic: sns.ITopic }]>([
    [
      'stream',
      (stack) => ({
        stream: VideoStream.fromStreamArn(stack, 'Camera', streamArn),
        topic: new sns.Topic(stack, 'Topic'),
      }),
    ],
    [
      'topic',
      (stack) => ({
        stream: new VideoStream(stack, 'Camera'),
        topic: sns.Topic.fromTopicArn(stack, 'Topic', topicArn),
      }),
    ],
  ])('of the %s is refused', (what, propsIn) => {
    const stack = testStack();
    expect(() => new StreamNotifications(stack, 'Notifications', propsIn(stack))).toThrow(
      expect.objectContaining({
        name: 'OtherRegion',
        constructPath: 'Test/Notifications',
        message: expect.stringContaining(`The ${what} is in us-west-2, but the stack in eu-west-1`),
      }),
    );
  });

  test('is unknown, and passes, where the stack has none', () => {
    const stack = new Stack(undefined, 'Anywhere');
    const stream = VideoStream.fromStreamArn(stack, 'Camera', streamArn);
    const topic = sns.Topic.fromTopicArn(stack, 'Topic', topicArn);
    new StreamNotifications(stack, 'Notifications', { stream, topic });
    Template.fromStack(stack).hasResourceProperties(TYPE, {
      StreamName: 'drone-1',
      NotificationConfiguration: { DestinationConfig: { Uri: topicArn } },
    });
  });
});

test('imported streams and topics', () => {
  const stack = testStack();
  const topicArn = 'arn:aws:sns:eu-west-1:444455556666:fragments';
  new StreamNotifications(stack, 'Notifications', {
    stream: VideoStream.fromStreamAttributes(stack, 'Camera', { streamName: 'drone-1' }),
    topic: sns.Topic.fromTopicArn(stack, 'Topic', topicArn),
  });
  Template.fromStack(stack).hasResourceProperties(TYPE, {
    StreamName: 'drone-1',
    NotificationConfiguration: { DestinationConfig: { Uri: topicArn } },
  });
});

describe('as a mixin', () => {
  test.each<[string, (stack: Stack) => VideoStream | CfnStream]>([
    ['a CfnStream', (stack) => new CfnStream(stack, 'Camera', { dataRetentionInHours: 24 })],
    ['a VideoStream', (stack) => new VideoStream(stack, 'Camera')],
  ])('sets it on %s', (_what, streamIn) => {
    const stack = testStack();
    streamIn(stack).with(new VideoStreamNotifications(new sns.Topic(stack, 'Topic')));
    Template.fromStack(stack).resourcePropertiesCountIs(
      TYPE,
      { StreamName: STREAM, NotificationConfiguration: { DestinationConfig: { Uri: TOPIC } } },
      1,
    );
  });

  test('is for streams only', () => {
    const stack = testStack();
    const topic = new sns.Topic(stack, 'Topic');
    topic.with(new VideoStreamNotifications(topic));
    Template.fromStack(stack).resourceCountIs(TYPE, 0);
  });
});
