import { App, CfnParameter, Duration, RemovalPolicy, Stack, Tags, Token } from 'aws-cdk-lib';
import { SignalingChannel, SignalingOperation } from '../../lib';
import { Match, Template, testStack, warningIds } from '../support/template';

const TYPE = 'AWS::KinesisVideo::SignalingChannel';
const TAGS = 'Custom::KinesisVideoChannelTags';

describe('defaults', () => {
  const stack = testStack();
  new SignalingChannel(stack, 'Channel');
  const template = Template.fromStack(stack);

  test('has a generated name, one master, and messages that wait a minute', () => {
    template.hasResourceProperties(TYPE, { Name: Match.absent(), Type: 'SINGLE_MASTER', MessageTtlSeconds: 60 });
  });

  test('goes with the stack', () => {
    template.hasResource(TYPE, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  });

  test('warns of nothing', () => {
    expect(warningIds(stack)).toEqual([]);
  });
});

test('passes all properties on', () => {
  const stack = testStack();
  new SignalingChannel(stack, 'Channel', {
    channelName: 'drone-1',
    messageTtl: Duration.minutes(2),
    tags: { fleet: 'delivery' },
    removalPolicy: RemovalPolicy.RETAIN,
  });
  Template.fromStack(stack).hasResource(TYPE, {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      Name: 'drone-1',
      MessageTtlSeconds: 120,
      Type: 'SINGLE_MASTER',
      Tags: [{ Key: 'fleet', Value: 'delivery' }],
    },
  });
});

describe('tags', () => {
  const arn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Channel'), 'Arn'] };

  test('are put on by the API too, those of stack and app among them, however late they come', () => {
    const stack = testStack();
    new SignalingChannel(stack, 'Channel', { tags: { fleet: 'delivery' } });
    Tags.of(stack).add('stage', 'test');
    Tags.of(stack.node.root).add('owner', 'flight');
    const expected = [
      { Key: 'fleet', Value: 'delivery' },
      { Key: 'owner', Value: 'flight' },
      { Key: 'stage', Value: 'test' },
    ];
    const template = Template.fromStack(stack);
    template.hasResourceProperties(TYPE, { Tags: expected });
    template.hasResourceProperties(TAGS, { ChannelArn: arn, Tags: expected });
  });

  test('may be none', () => {
    const stack = testStack();
    new SignalingChannel(stack, 'Channel');
    Template.fromStack(stack).hasResourceProperties(TAGS, { ChannelArn: arn, Tags: [] });
  });

  test.each([
    [RemovalPolicy.DESTROY, 'Delete'],
    [RemovalPolicy.RETAIN, 'Retain'],
  ])('stay as long as the channel: %s', (removalPolicy, DeletionPolicy) => {
    const stack = testStack();
    new SignalingChannel(stack, 'Channel', { removalPolicy });
    Template.fromStack(stack).hasResource(TAGS, { DeletionPolicy });
  });

  test('come after the permission to put them on', () => {
    const stack = testStack();
    new SignalingChannel(stack, 'Channel');
    const template = Template.fromStack(stack);
    const [policy] = Object.keys(
      template.findResources('AWS::IAM::Policy', {
        Properties: {
          PolicyDocument: {
            Statement: Match.arrayWith([
              Match.objectLike({ Action: ['kinesisvideo:TagResource', 'kinesisvideo:UntagResource'], Resource: arn }),
            ]),
          },
        },
      }),
    );
    template.hasResource(TAGS, { DependsOn: [policy] });
  });

  test('of all channels of a stack are put on by one function', () => {
    const stack = testStack();
    const other = new Stack(stack.node.root as App, 'Other');
    for (const id of ['One', 'Two', 'Three']) new SignalingChannel(stack, id);
    new SignalingChannel(other, 'Four');
    for (const [where, channels] of [
      [stack, 3],
      [other, 1],
    ] as const) {
      const template = Template.fromStack(where);
      template.resourceCountIs(TAGS, channels);
      // The handler, and what invokes it on behalf of CloudFormation.
      template.resourceCountIs('AWS::Lambda::Function', 2);
      const tokens = Object.values(template.findResources(TAGS)).map(({ Properties }) => Properties.ServiceToken);
      expect(new Set(tokens.map((token) => JSON.stringify(token))).size).toBe(1);
    }
  });
});

describe('bad input', () => {
  test.each([
    ['a name with a space', { channelName: 'drone 1' }, 'ChannelName', /`channelName` is 'drone 1'.*1 to 256 of a-z/],
    ['no name', { channelName: '' }, 'ChannelName', /`channelName` is ''/],
    ['a name too long', { channelName: 'd'.repeat(257) }, 'ChannelName', /1 to 256/],
    [
      'too short a time',
      { messageTtl: Duration.seconds(4) },
      'ChannelMessageTtl',
      /`messageTtl` is 4 seconds.*between 5 and 120 seconds/,
    ],
    ['too long a time', { messageTtl: Duration.seconds(121) }, 'ChannelMessageTtl', /`messageTtl` is 121 seconds/],
    ['half a second', { messageTtl: Duration.millis(5500) }, 'ChannelMessageTtl', /`messageTtl` is 5.5 seconds/],
  ])('%s names path, value and range', (_what, props, code, message) => {
    const stack = testStack();
    expect(() => new SignalingChannel(stack, 'Channel', props)).toThrow(
      expect.objectContaining({
        name: code,
        type: 'validation',
        constructPath: 'Test/Channel',
        message: expect.stringMatching(message),
      }),
    );
  });

  test.each([
    ['the shortest', { channelName: 'd', messageTtl: Duration.seconds(5) }],
    ['the longest', { channelName: 'd'.repeat(256), messageTtl: Duration.seconds(120) }],
  ])('%s pass', (_what, props) => {
    const stack = testStack();
    new SignalingChannel(stack, 'Channel', props);
    Template.fromStack(stack).hasResourceProperties(TYPE, {
      Name: props.channelName,
      MessageTtlSeconds: props.messageTtl.toSeconds(),
    });
  });

  test('tokens pass', () => {
    const stack = testStack();
    new SignalingChannel(stack, 'Channel', {
      channelName: new CfnParameter(stack, 'Name').valueAsString,
      messageTtl: Duration.seconds(new CfnParameter(stack, 'Ttl', { type: 'Number' }).valueAsNumber),
      tags: { fleet: new CfnParameter(stack, 'Fleet').valueAsString },
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties(TYPE, { Name: { Ref: 'Name' }, MessageTtlSeconds: { Ref: 'Ttl' } });
    template.hasResourceProperties(TAGS, { Tags: [{ Key: 'fleet', Value: { Ref: 'Fleet' } }] });
  });
});

describe('imports', () => {
  const arn = 'arn:aws:kinesisvideo:us-west-2:444455556666:channel/drone-1/1700000000000';

  test('by ARN: name and environment are those of the ARN', () => {
    const channel = SignalingChannel.fromChannelArn(testStack(), 'Channel', arn);
    expect(channel.channelName).toBe('drone-1');
    expect(channel.env).toMatchObject({ account: '444455556666', region: 'us-west-2' });
    expect(channel.signalingChannelRef).toEqual({ signalingChannelArn: arn, signalingChannelName: 'drone-1' });
  });

  test('by name: the time of creation, which nobody knows, is a wildcard', () => {
    const stack = testStack();
    const channel = SignalingChannel.fromChannelAttributes(stack, 'Channel', { channelName: 'drone-1' });
    expect(stack.resolve(channel.channelArn)).toBe('arn:aws:kinesisvideo:eu-west-1:111122223333:channel/drone-1/*');
    expect(channel.channelName).toBe('drone-1');
  });

  test('by a token', () => {
    const stack = testStack();
    const channel = SignalingChannel.fromChannelArn(stack, 'Channel', Token.asString({ Ref: 'ChannelArn' }));
    expect(stack.resolve(channel.channelName)).toEqual({
      'Fn::Select': [1, { 'Fn::Split': ['/', { Ref: 'ChannelArn' }] }],
    });
  });

  test('by nothing fails', () => {
    expect(() => SignalingChannel.fromChannelAttributes(testStack(), 'Channel', {})).toThrow(
      /The channel 'Channel' needs a `channelArn` or a `channelName`/,
    );
  });
});

test('its reference is that of the resource', () => {
  const stack = testStack();
  const channel = new SignalingChannel(stack, 'Channel', { channelName: 'drone-1' });
  const logicalId = stack.getLogicalId(channel.node.defaultChild as never);
  expect(stack.resolve(channel.signalingChannelRef)).toEqual({
    signalingChannelArn: { 'Fn::GetAtt': [logicalId, 'Arn'] },
    signalingChannelName: { Ref: logicalId },
  });
});

test('another environment sees the ARN with a wildcard in place of the time of creation', () => {
  const app = new App();
  const there = new Stack(app, 'There', { env: { account: '111122223333', region: 'eu-west-1' } });
  const here = new Stack(app, 'Here', { env: { account: '111122223333', region: 'us-east-1' } });
  const channel = new SignalingChannel(there, 'Channel', { channelName: 'drone-1' });
  expect(JSON.stringify(here.resolve(channel.channelArn))).toContain(
    ':kinesisvideo:eu-west-1:111122223333:channel/drone-1/*',
  );
});

describe('metrics', () => {
  const channel = SignalingChannel.fromChannelAttributes(testStack(), 'Channel', { channelName: 'drone-1' });

  test.each([
    ['MessagesTransferred.Count', 'Sum', channel.metricMessagesTransferred()],
    ['TURNConnectedMinutes', 'Sum', channel.metricTurnConnectedMinutes()],
    ['Success', 'Average', channel.metric('Success')],
    ['Success', 'Sum', channel.metric('Success', { statistic: 'Sum' })],
  ])('%s is a %s', (metricName, statistic, metric) => {
    expect(metric).toMatchObject({
      namespace: 'AWS/KinesisVideo',
      metricName,
      statistic,
      period: Duration.minutes(5),
      dimensions: { SignalingChannelName: 'drone-1' },
    });
  });

  test.each([
    ['Failure', 'Sum', channel.metricFailure(SignalingOperation.CONNECT_AS_MASTER)],
    ['Latency', 'p99', channel.metricLatency(SignalingOperation.CONNECT_AS_MASTER)],
    ['Latency', 'p50', channel.metricLatency(SignalingOperation.CONNECT_AS_MASTER, { statistic: 'p50' })],
  ])('%s is a %s of an operation, without which AWS has none', (metricName, statistic, metric) => {
    expect(metric).toMatchObject({
      metricName,
      statistic,
      dimensions: { SignalingChannelName: 'drone-1', Operation: 'ConnectAsMaster' },
    });
  });

  test('of all channels have no dimension', () => {
    const metric = SignalingChannel.metricAll('Failure', { statistic: 'Sum' });
    expect(metric).toMatchObject({ namespace: 'AWS/KinesisVideo', metricName: 'Failure', statistic: 'Sum' });
    expect(metric.dimensions).toBeUndefined();
  });
});
