import {
  AccessDeniedException,
  DescribeSignalingChannelCommand,
  DescribeStreamCommand,
  KinesisVideoClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis-video';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { CdkCustomResourceEvent, CdkCustomResourceResponse, Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { handler } from '../../../lambda/video-settings';
import { handle } from '../../../lambda/video-settings/handler';
import { SETTINGS } from '../../../lambda/video-settings/settings';
import {
  ImageFormat,
  ImageGeneration,
  ImageSelector,
  MediaStorage,
  SignalingChannel,
  StreamNotifications,
  VideoStream,
} from '../../../lib';
import { createEvent, deleteEvent, updateEvent, type Properties } from '../../events/custom-resource';
import { DeployedStack } from '../../support/cloudformation-resolver';
import { testStack } from '../../support/template';

const IMAGES = 'Custom::KinesisVideoImageGeneration';
const NOTIFICATIONS = 'Custom::KinesisVideoNotifications';
const MEDIA_STORAGE = 'Custom::KinesisVideoMediaStorage';
const CHANNEL_TAGS = 'Custom::KinesisVideoChannelTags';

function streamArn(name: string): string {
  return `arn:aws:kinesisvideo:eu-west-1:111122223333:stream/${name}/1700000000000`;
}

function channelArn(name: string): string {
  return `arn:aws:kinesisvideo:eu-west-1:111122223333:channel/${name}/1700000000000`;
}

function topicArn(name: string): string {
  return `arn:aws:sns:eu-west-1:111122223333:${name}`;
}

const client = new KinesisVideoClient({ region: 'eu-west-1' });
const kinesisVideo = mockClient(client);
const run = (event: CdkCustomResourceEvent) => handle(event, { kinesisVideo: client });

type Status = 'ACTIVE' | 'CREATING' | 'UPDATING';

function stream(StreamName: string, Status: Status) {
  return { StreamInfo: { StreamName, StreamARN: streamArn(StreamName), Status } };
}

function channel(ChannelName: string, ChannelStatus: Status) {
  return { ChannelInfo: { ChannelName, ChannelARN: channelArn(ChannelName), ChannelStatus } };
}

function everythingIsActive(): void {
  kinesisVideo.on(DescribeStreamCommand).callsFake(({ StreamName }) => stream(StreamName, 'ACTIVE'));
  kinesisVideo.on(DescribeSignalingChannelCommand).callsFake(({ ChannelName }) => channel(ChannelName, 'ACTIVE'));
}

function refuseEverything(error: Error): void {
  kinesisVideo.reset();
  kinesisVideo.onAnyCommand().rejects(error);
}

function refuseChanges(error: Error): void {
  refuseEverything(error);
  everythingIsActive();
}

const NOT_FOUND = new ResourceNotFoundException({ message: 'It is gone.', $metadata: {} });

beforeEach(() => {
  kinesisVideo.reset();
  everythingIsActive();
});

type Call = [name: string, input: object];

/** What was called since the last look, in its order. */
function calls(): Call[] {
  const made = kinesisVideo
    .calls()
    .map(({ args: [command] }): Call => [command.constructor.name.replace(/Command$/, ''), command.input]);
  kinesisVideo.resetHistory();
  return made;
}

/** The calls that change something, in the order of their names. */
function changes(): Call[] {
  return calls()
    .filter(([name]) => !name.startsWith('Describe'))
    .sort(([a], [b]) => a.localeCompare(b));
}

function images(StreamName: string, more: object = {}): Properties {
  const ImageGenerationConfiguration = {
    Status: 'ENABLED',
    ImageSelectorType: 'PRODUCER_TIMESTAMP',
    DestinationConfig: { Uri: `s3://images/${StreamName}`, DestinationRegion: 'eu-west-1' },
    SamplingInterval: 3000,
    Format: 'JPEG',
    FormatConfig: { JPEGQuality: '80' },
    WidthPixels: 1280,
    HeightPixels: 720,
    ...more,
  };
  return { StreamName, ImageGenerationConfiguration };
}

function notifications(StreamName: string, topic: string): Properties {
  const DestinationConfig = { Uri: topicArn(topic) };
  return { StreamName, NotificationConfiguration: { Status: 'ENABLED', DestinationConfig } };
}

function mediaStorage(channelName: string, streamName?: string): Call {
  const MediaStorageConfiguration = streamName
    ? { Status: 'ENABLED', StreamARN: streamArn(streamName) }
    : { Status: 'DISABLED' };
  return ['UpdateMediaStorageConfiguration', { ChannelARN: channelArn(channelName), MediaStorageConfiguration }];
}

function tags(channelName: string, tagged: Record<string, string>): Properties {
  return {
    ChannelArn: channelArn(channelName),
    Tags: Object.entries(tagged).map(([Key, Value]) => ({ Key, Value })),
  };
}

function tag(channelName: string, tagged: Record<string, string>): Call {
  const { ChannelArn, Tags } = tags(channelName, tagged);
  return ['TagResource', { ResourceARN: ChannelArn, Tags }];
}

function untag(channelName: string, ...TagKeyList: string[]): Call {
  return ['UntagResource', { ResourceARN: channelArn(channelName), TagKeyList }];
}

const updateImages = (properties: object): Call => ['UpdateImageGenerationConfiguration', properties];
const updateNotifications = (properties: object): Call => ['UpdateNotificationConfiguration', properties];

interface Example {
  readonly id: string;
  readonly properties: Properties;
  /** The calls of Create. */
  readonly made: Call[];
  /** The calls of Delete. */
  readonly takenAway: Call[];
  /** Another setting of the same target, the calls of the update to it, and those of the rollback from it. */
  readonly changed: { readonly properties: Properties; readonly made: Call[]; readonly back: Call[] };
  /** The same setting of another target, and the calls of the update to it. */
  readonly moved: { readonly id: string; readonly properties: Properties; readonly made: Call[] };
}

const png = images('drone-1', {
  SamplingInterval: 200,
  ImageSelectorType: 'SERVER_TIMESTAMP',
  Format: 'PNG',
  FormatConfig: undefined,
});
const EXAMPLES: Record<string, Example> = {
  [IMAGES]: {
    id: 'stream/drone-1',
    properties: images('drone-1'),
    made: [updateImages(images('drone-1'))],
    takenAway: [updateImages({ StreamName: 'drone-1' })],
    changed: { properties: png, made: [updateImages(png)], back: [updateImages(images('drone-1'))] },
    moved: { id: 'stream/drone-2', properties: images('drone-2'), made: [updateImages(images('drone-2'))] },
  },
  [NOTIFICATIONS]: {
    id: 'stream/drone-1',
    properties: notifications('drone-1', 'fragments'),
    made: [updateNotifications(notifications('drone-1', 'fragments'))],
    takenAway: [updateNotifications({ StreamName: 'drone-1' })],
    changed: {
      properties: notifications('drone-1', 'others'),
      made: [updateNotifications(notifications('drone-1', 'others'))],
      back: [updateNotifications(notifications('drone-1', 'fragments'))],
    },
    moved: {
      id: 'stream/drone-2',
      properties: notifications('drone-2', 'fragments'),
      made: [updateNotifications(notifications('drone-2', 'fragments'))],
    },
  },
  [MEDIA_STORAGE]: {
    id: 'channel/drone-1',
    properties: { ChannelName: 'drone-1', StreamName: 'archive' },
    made: [mediaStorage('drone-1', 'archive')],
    takenAway: [mediaStorage('drone-1')],
    changed: {
      properties: { ChannelName: 'drone-1', StreamName: 'others' },
      made: [mediaStorage('drone-1', 'others')],
      back: [mediaStorage('drone-1', 'archive')],
    },
    moved: {
      id: 'channel/drone-2',
      properties: { ChannelName: 'drone-2', StreamName: 'archive' },
      made: [mediaStorage('drone-2', 'archive')],
    },
  },
  [CHANNEL_TAGS]: {
    id: channelArn('drone-1'),
    properties: tags('drone-1', { fleet: 'delivery', owner: 'flight' }),
    made: [tag('drone-1', { fleet: 'delivery', owner: 'flight' })],
    takenAway: [untag('drone-1', 'fleet', 'owner')],
    changed: {
      properties: tags('drone-1', { fleet: 'rescue', stage: 'test' }),
      made: [tag('drone-1', { fleet: 'rescue', stage: 'test' }), untag('drone-1', 'owner')],
      back: [tag('drone-1', { fleet: 'delivery', owner: 'flight' }), untag('drone-1', 'stage')],
    },
    moved: {
      id: channelArn('drone-2'),
      properties: tags('drone-2', { fleet: 'delivery' }),
      made: [tag('drone-2', { fleet: 'delivery' })],
    },
  },
};

test('no setting is forgotten here', () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual(Object.keys(SETTINGS).sort());
});

describe.each(Object.entries(EXAMPLES))('%s', (type, { id, properties, made, takenAway, changed, moved }) => {
  test('is made', async () => {
    expect(await run(createEvent(type, properties))).toEqual({ PhysicalResourceId: id });
    expect(changes()).toEqual(made);
  });

  test('is changed in place, and back again by a rollback', async () => {
    expect(await run(updateEvent(type, id, properties, changed.properties))).toEqual({ PhysicalResourceId: id });
    expect(changes()).toEqual(changed.made);
    expect(await run(updateEvent(type, id, changed.properties, properties))).toEqual({ PhysicalResourceId: id });
    expect(changes()).toEqual(changed.back);
  });

  test('on another target is another setting, whose predecessor is then taken away', async () => {
    const response = await run(updateEvent(type, id, properties, moved.properties));
    expect(response).toEqual({ PhysicalResourceId: moved.id });
    expect(changes()).toEqual(moved.made);
    expect(await run(deleteEvent(type, id, properties))).toEqual({ PhysicalResourceId: id });
    expect(changes()).toEqual(takenAway);
  });

  test('comes back to its target when a rollback undoes the move', async () => {
    const response = await run(updateEvent(type, moved.id, moved.properties, properties));
    expect(response).toEqual({ PhysicalResourceId: id });
    expect(changes()).toEqual(made);
  });

  test('is rolled back from properties that were refused', async () => {
    const [required] = Object.keys(properties);
    const malformed = { ...properties, [required]: undefined };
    await expect(run(updateEvent(type, id, properties, malformed))).rejects.toMatchObject({
      issues: [{ path: [required] }],
    });
    expect(changes()).toEqual([]);
    expect(await run(updateEvent(type, id, malformed, properties))).toEqual({ PhysicalResourceId: id });
    expect(changes()).toEqual(made);
  });

  test('is taken away', async () => {
    expect(await run(deleteEvent(type, id, properties))).toEqual({ PhysicalResourceId: id });
    expect(changes()).toEqual(takenAway);
  });

  test('of what is gone counts as taken away', async () => {
    refuseEverything(NOT_FOUND);
    expect(await run(deleteEvent(type, id, properties))).toEqual({ PhysicalResourceId: id });
    expect(calls()).toHaveLength(1);
  });

  test('of what goes at that very moment counts as taken away', async () => {
    refuseChanges(NOT_FOUND);
    expect(await run(deleteEvent(type, id, properties))).toEqual({ PhysicalResourceId: id });
    expect(changes()).toEqual(takenAway);
  });

  test('of what is gone can not be made', async () => {
    refuseEverything(NOT_FOUND);
    await expect(run(createEvent(type, properties))).rejects.toThrow(/^(There is no (stream|channel) '|It is gone)/);
  });

  test('fails if the service refuses', async () => {
    refuseChanges(new AccessDeniedException({ message: 'You may not.', $metadata: {} }));
    for (const event of [
      createEvent(type, properties),
      updateEvent(type, id, properties, changed.properties),
      deleteEvent(type, id, properties),
    ]) {
      await expect(run(event)).rejects.toThrow('You may not.');
    }
  });
});

describe('tags', () => {
  test('a channel without tags, and without the list of them, is left alone', async () => {
    const ChannelArn = channelArn('drone-1');
    for (const properties of [{ ChannelArn }, tags('drone-1', {})]) {
      await run(createEvent(CHANNEL_TAGS, properties));
      await run(updateEvent(CHANNEL_TAGS, ChannelArn, properties, properties));
      await run(deleteEvent(CHANNEL_TAGS, ChannelArn, properties));
    }
    expect(calls()).toEqual([]);
  });

  test('the last tag is removed on update', async () => {
    await run(updateEvent(CHANNEL_TAGS, channelArn('drone-1'), tags('drone-1', { fleet: 'a' }), tags('drone-1', {})));
    expect(calls()).toEqual([untag('drone-1', 'fleet')]);
  });

  test('old ones make room for new ones, because a channel has 50 at most', async () => {
    const before = tags('drone-1', { owner: 'flight' });
    await run(updateEvent(CHANNEL_TAGS, channelArn('drone-1'), before, tags('drone-1', { fleet: 'delivery' })));
    expect(calls()).toEqual([untag('drone-1', 'owner'), tag('drone-1', { fleet: 'delivery' })]);
  });
});

describe('malformed properties are refused before anything is called', () => {
  const configuration = 'ImageGenerationConfiguration';

  test.each<[string, string, Properties, (string | number)[]]>([
    ['no stream', IMAGES, { ...images('drone-1'), StreamName: undefined }, ['StreamName']],
    ['no configuration', IMAGES, { StreamName: 'drone-1' }, [configuration]],
    ['unknown status', IMAGES, images('drone-1', { Status: 'ON' }), [configuration, 'Status']],
    [
      'no destination',
      IMAGES,
      images('drone-1', { DestinationConfig: undefined }),
      [configuration, 'DestinationConfig'],
    ],
    ['a word', IMAGES, images('drone-1', { SamplingInterval: 'often' }), [configuration, 'SamplingInterval']],
    ['a fraction', IMAGES, images('drone-1', { SamplingInterval: 200.5 }), [configuration, 'SamplingInterval']],
    ['unknown format', IMAGES, images('drone-1', { Format: 'GIF' }), [configuration, 'Format']],
    ['no topic', NOTIFICATIONS, { StreamName: 'drone-1' }, ['NotificationConfiguration']],
    ['no channel', MEDIA_STORAGE, { StreamName: 'archive' }, ['ChannelName']],
    ['no stream', MEDIA_STORAGE, { ChannelName: 'drone-1' }, ['StreamName']],
    ['no channel', CHANNEL_TAGS, { Tags: [] }, ['ChannelArn']],
    [
      'a tag without value',
      CHANNEL_TAGS,
      { ChannelArn: channelArn('drone-1'), Tags: [{ Key: 'fleet' }] },
      ['Tags', 0, 'Value'],
    ],
  ])('%s: %s', async (_what, type, properties, path) => {
    await expect(run(createEvent(type, properties))).rejects.toMatchObject({ issues: [{ path }] });
    expect(calls()).toEqual([]);
  });

  test('an unknown setting', async () => {
    const event = createEvent('Custom::KinesisVideoEdge', { StreamName: 'drone-1' });
    await expect(run(event)).rejects.toThrow("There is no setting 'Custom::KinesisVideoEdge'.");
    expect(calls()).toEqual([]);
  });
});

describe('what is not ACTIVE yet', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test.each([IMAGES, NOTIFICATIONS])('the stream is waited for: %s', async (type) => {
    const { properties, made } = EXAMPLES[type];
    kinesisVideo
      .on(DescribeStreamCommand)
      .resolvesOnce(stream('drone-1', 'CREATING'))
      .resolvesOnce(stream('drone-1', 'UPDATING'))
      .resolves(stream('drone-1', 'ACTIVE'));
    const [response] = await Promise.all([run(createEvent(type, properties)), jest.runAllTimersAsync()]);
    expect(response).toEqual({ PhysicalResourceId: 'stream/drone-1' });
    const looked: Call = ['DescribeStream', { StreamName: 'drone-1' }];
    expect(calls()).toEqual([looked, looked, looked, ...made]);
  });

  test.each([
    ['stream', ['UPDATING', 'UPDATING', 'ACTIVE'], ['ACTIVE']],
    ['channel', ['ACTIVE'], ['CREATING', 'UPDATING', 'ACTIVE']],
  ] as const)('media storage waits for the %s', async (_what, streamStates, channelStates) => {
    const { properties, made } = EXAMPLES[MEDIA_STORAGE];
    const ofStream = kinesisVideo.on(DescribeStreamCommand);
    for (const state of streamStates) ofStream.resolvesOnce(stream('archive', state));
    const ofChannel = kinesisVideo.on(DescribeSignalingChannelCommand);
    for (const state of channelStates) ofChannel.resolvesOnce(channel('drone-1', state));
    await Promise.all([run(createEvent(MEDIA_STORAGE, properties)), jest.runAllTimersAsync()]);
    const all = calls();
    expect(all).toHaveLength(5);
    expect(all.slice(-1)).toEqual(made);
  });

  test.each([IMAGES, NOTIFICATIONS, MEDIA_STORAGE])('after a minute it is an error: %s', async (type) => {
    const { properties } = EXAMPLES[type];
    kinesisVideo.on(DescribeStreamCommand).callsFake(({ StreamName }) => stream(StreamName, 'UPDATING'));
    const failure = expect(run(createEvent(type, properties))).rejects.toThrow(
      /stream '[^']+' is UPDATING for a minute/,
    );
    await jest.runAllTimersAsync();
    await failure;
    expect(changes()).toEqual([]);
  });
});

describe('what the constructs write is what the handler reads', () => {
  const stack = testStack();
  const camera = new VideoStream(stack, 'Camera', { streamName: 'drone-1' });
  const bucket = new s3.Bucket(stack, 'Bucket', { bucketName: 'images' });
  new ImageGeneration(stack, 'Images', {
    stream: camera,
    bucket,
    prefix: 'fleet/drone-1',
    selector: ImageSelector.SERVER_TIMESTAMP,
    jpegQuality: 95,
    width: 1280,
    height: 720,
  });
  const still = new VideoStream(stack, 'Still', { streamName: 'drone-2' });
  new ImageGeneration(stack, 'Pngs', { stream: still, bucket, format: ImageFormat.PNG });
  new StreamNotifications(stack, 'Notifications', {
    stream: camera,
    topic: new sns.Topic(stack, 'Topic', { topicName: 'fragments' }),
  });
  const signaling = new SignalingChannel(stack, 'Channel', { channelName: 'drone-1', tags: { fleet: 'delivery' } });
  new MediaStorage(stack, 'Storage', { channel: signaling, stream: still });
  new SignalingChannel(stack, 'Untagged', { channelName: 'drone-2' });
  const settings = new DeployedStack(stack, [], {}).resources.filter(({ type }) => type in SETTINGS);

  test.each<[logicalId: RegExp, string, Call[]]>([
    [
      /^Images/,
      'stream/drone-1',
      [
        updateImages(
          images('drone-1', {
            ImageSelectorType: 'SERVER_TIMESTAMP',
            DestinationConfig: { Uri: 's3://images/fleet/drone-1', DestinationRegion: 'eu-west-1' },
            FormatConfig: { JPEGQuality: '95' },
          }),
        ),
      ],
    ],
    [
      /^Pngs/,
      'stream/drone-2',
      [
        updateImages(
          images('drone-2', {
            DestinationConfig: { Uri: 's3://images', DestinationRegion: 'eu-west-1' },
            Format: 'PNG',
            FormatConfig: undefined,
            WidthPixels: undefined,
            HeightPixels: undefined,
          }),
        ),
      ],
    ],
    [/^Notifications/, 'stream/drone-1', [updateNotifications(notifications('drone-1', 'fragments'))]],
    [/^Storage/, 'channel/drone-1', [mediaStorage('drone-1', 'drone-2')]],
    [/^Channel/, channelArn('drone-1'), [tag('drone-1', { fleet: 'delivery' })]],
    [/^Untagged/, channelArn('drone-2'), []],
  ])('%s', async (logicalId, id, made) => {
    const [setting, ...more] = settings.filter((resource) => logicalId.test(resource.logicalId));
    expect(more).toEqual([]);
    const properties = setting.stack.resolve({ ...setting.properties, ServiceToken: undefined }) as Properties;
    expect(await run(createEvent(setting.type, properties))).toEqual({ PhysicalResourceId: id });
    expect(changes()).toEqual(made);
  });
});

describe('the function as it is deployed', () => {
  const environment = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };
  const before = { ...process.env };

  beforeEach(() => {
    Object.assign(process.env, environment);
    jest.useFakeTimers();
    // The waits between attempts are drawn by lot; this is the average.
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
  });
  afterEach(() => {
    process.env = { ...before };
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  /** Answers on the wire, below the client that the function makes for itself. */
  function serve(
    answer: () => { statusCode: number; headers?: Record<string, string>; body: string },
  ): jest.SpyInstance {
    const wire = Object.getPrototypeOf(client.config.requestHandler);
    return jest.spyOn(wire, 'handle').mockImplementation(async () => {
      const { headers, body, ...rest } = answer();
      const response = {
        ...rest,
        headers: { 'content-type': 'application/json', ...headers },
        body: Buffer.from(body),
      };
      return { response };
    });
  }

  async function invoke(event: CdkCustomResourceEvent): Promise<CdkCustomResourceResponse> {
    let over = false;
    const result = Promise.resolve(handler(event, {} as Context, () => {})).finally(() => (over = true));
    result.catch(() => {});
    while (!over) await jest.advanceTimersByTimeAsync(1000);
    return (await result) as CdkCustomResourceResponse;
  }

  const denied = {
    statusCode: 403,
    headers: { 'x-amzn-errortype': 'AccessDeniedException' },
    body: '{"Message":"User is not authorized"}',
  };
  const { id, properties } = EXAMPLES[CHANNEL_TAGS];

  test.each(['AccessDeniedException', 'NotAuthorizedException'])(
    'is patient with a permission that takes ten seconds to work: %s',
    async (name) => {
      const effective = Date.now() + 10_000;
      const refused = { ...denied, headers: { 'x-amzn-errortype': name } };
      serve(() => (Date.now() < effective ? refused : { statusCode: 200, body: '{}' }));
      expect(await invoke(createEvent(CHANNEL_TAGS, properties))).toEqual({ PhysicalResourceId: id });
    },
  );

  test('gives up on one that never comes, before Lambda does after five minutes', async () => {
    const start = Date.now();
    const wire = serve(() => denied);
    await expect(invoke(createEvent(CHANNEL_TAGS, properties))).rejects.toThrow('User is not authorized');
    expect(wire.mock.calls.length).toBeGreaterThan(1);
    expect(Date.now() - start).toBeLessThan(5 * 60_000);
  });
});
