import { captureOutput } from '../../support/handler-output';
import {
  DescribeThingCommand,
  IoTClient,
  ResourceNotFoundException as ThingNotFoundException,
  type DescribeThingCommandInput,
} from '@aws-sdk/client-iot';
import {
  CreateSignalingChannelCommand,
  CreateStreamCommand,
  DeleteSignalingChannelCommand,
  DeleteStreamCommand,
  DescribeImageGenerationConfigurationCommand,
  DescribeSignalingChannelCommand,
  DescribeStreamCommand,
  DescribeStreamStorageConfigurationCommand,
  KinesisVideoClient,
  ListTagsForResourceCommand,
  ListTagsForStreamCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateImageGenerationConfigurationCommand,
  VersionMismatchException,
  type CreateSignalingChannelCommandInput,
  type CreateStreamCommandInput,
  type DeleteSignalingChannelCommandInput,
  type DeleteStreamCommandInput,
  type UpdateImageGenerationConfigurationCommandInput,
} from '@aws-sdk/client-kinesis-video';
import { mockClient } from 'aws-sdk-client-mock';
import { mediaConfiguration, type MediaPorts } from '../../../lambda/common/fleet-media';
import { handle } from '../../../lambda/media-provisioner/handler';
import { thingEvent, type ThingEvent } from '../../events/iot-registry';
import { TestQueue, type Outcome } from '../../support/work-queue';

type Configuration = MediaPorts['configuration'];

const TAGS = { 'cdk-kinesis-video:fleet': 'delivery', owner: 'depot' };
const BASE: Configuration = {
  fleetName: 'delivery',
  thingTypeName: 'camera',
  cameras: [],
  removal: 'KEEP',
  tags: TAGS,
  stream: {
    DataRetentionInHours: 24,
    MediaType: 'video/h264',
    StreamStorageConfiguration: { DefaultStorageTier: 'HOT' },
    KmsKeyId: 'arn:aws:kms:eu-west-1:111122223333:key/0d990263-018e-4e65-a703-eff731de951e',
  },
};
const CHANNEL: Partial<Configuration> = { channel: { MessageTtlSeconds: 60 } };
const IMAGES: Partial<Configuration> = {
  imageGeneration: {
    Status: 'ENABLED',
    ImageSelectorType: 'PRODUCER_TIMESTAMP',
    DestinationConfig: { Uri: 's3://amzn-s3-demo-bucket/frames', DestinationRegion: 'eu-west-1' },
    SamplingInterval: 3000,
    Format: 'JPEG',
    FormatConfig: { JPEGQuality: '80' },
  },
};
const REMOVAL: Partial<Configuration> = { removal: 'DELETE' };

type Kind = 'stream' | 'channel';
type Status = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';

interface Medium {
  status: Status;
  version: string;
  images?: object;
}

const details = { message: 'No.', $metadata: {} };
const iotClient = new IoTClient({ region: 'eu-west-1' });
const videoClient = new KinesisVideoClient({ region: 'eu-west-1' });
const iot = mockClient(iotClient);
const video = mockClient(videoClient);
const written = captureOutput();

let queue: TestQueue;
/** The types of the things in the registry. */
let things: Map<string, string | undefined>;
/** Streams and channels by `<kind>/<name>`. */
let media: Map<string, Medium>;

/** What else happens at a call, before it has its effect; it may throw. */
let meanwhile: Record<string, () => void>;

const arn = (kind: Kind, name: string) => `arn:aws:kinesisvideo:eu-west-1:111122223333:${kind}/${name}/1700000000000`;

function find(kind: Kind, name: string | undefined): Medium {
  const found = media.get(`${kind}/${name}`);
  if (!found) throw new ResourceNotFoundException(details);
  return found;
}

/** A stream takes some seconds to be made, and anything takes some to be deleted. */
function create(kind: Kind, name: string): object {
  if (media.has(`${kind}/${name}`)) throw new ResourceInUseException(details);
  const medium: Medium = { status: kind === 'stream' ? 'CREATING' : 'ACTIVE', version: 'v1' };
  media.set(`${kind}/${name}`, medium);
  setTimeout(() => (medium.status = 'ACTIVE'), 3000);
  return kind === 'stream' ? { StreamARN: arn(kind, name) } : { ChannelARN: arn(kind, name) };
}

function remove(kind: Kind, mediumArn: string, version: string | undefined): object {
  const [, name] = mediumArn.split('/');
  expect(mediumArn).toBe(arn(kind, name));
  const medium = find(kind, name);
  if (medium.status !== 'ACTIVE') throw new ResourceInUseException(details);
  if (medium.version !== version) throw new VersionMismatchException(details);
  medium.status = 'DELETING';
  setTimeout(() => media.delete(`${kind}/${name}`), 10_000);
  return {};
}

/** Answers so, unless something else happens. */
function answer<I, O>(name: string, make: (input: I) => O): (input: I) => O {
  return (input) => {
    meanwhile[name]?.();
    return make(input);
  };
}

beforeEach(() => {
  jest.useFakeTimers();
  things = new Map();
  media = new Map();
  meanwhile = {};
  iot.reset();
  video.reset();
  iot.on(DescribeThingCommand).callsFake(
    answer('DescribeThing', ({ thingName }: DescribeThingCommandInput) => {
      if (!things.has(thingName!)) throw new ThingNotFoundException(details);
      return { thingName, thingTypeName: things.get(thingName!) };
    }),
  );
  video
    .on(CreateStreamCommand)
    .callsFake(answer('CreateStream', ({ StreamName }: CreateStreamCommandInput) => create('stream', StreamName!)))
    .on(CreateSignalingChannelCommand)
    .callsFake(
      answer('CreateSignalingChannel', ({ ChannelName }: CreateSignalingChannelCommandInput) =>
        create('channel', ChannelName!),
      ),
    )
    .on(DescribeStreamCommand)
    .callsFake(({ StreamName }) => {
      const { status, version } = find('stream', StreamName);
      const { DataRetentionInHours, MediaType } = BASE.stream;
      const StreamARN = arn('stream', StreamName);
      return {
        StreamInfo: { StreamName, StreamARN, Status: status, Version: version, DataRetentionInHours, MediaType },
      };
    })
    .on(DescribeSignalingChannelCommand)
    .callsFake(({ ChannelName }) => {
      const { status, version } = find('channel', ChannelName);
      return {
        ChannelInfo: {
          ChannelName,
          ChannelARN: arn('channel', ChannelName),
          ChannelStatus: status,
          Version: version,
          SingleMasterConfiguration: CHANNEL.channel,
        },
      };
    })
    .on(UpdateImageGenerationConfigurationCommand)
    .callsFake(
      answer('UpdateImageGenerationConfiguration', (input: UpdateImageGenerationConfigurationCommandInput) => {
        const stream = find('stream', input.StreamARN?.split('/')[1]);
        if (stream.status !== 'ACTIVE') throw new ResourceInUseException(details);
        stream.images = input.ImageGenerationConfiguration;
        return {};
      }),
    )
    .on(DescribeImageGenerationConfigurationCommand)
    .callsFake(({ StreamName }) => ({ ImageGenerationConfiguration: find('stream', StreamName).images }))
    .on(DescribeStreamStorageConfigurationCommand)
    .resolves({ StreamStorageConfiguration: BASE.stream.StreamStorageConfiguration })
    .on(ListTagsForStreamCommand)
    .resolves({ Tags: TAGS })
    .on(ListTagsForResourceCommand)
    .resolves({ Tags: TAGS })
    .on(DeleteStreamCommand)
    .callsFake(
      answer('DeleteStream', ({ StreamARN, CurrentVersion }: DeleteStreamCommandInput) =>
        remove('stream', StreamARN!, CurrentVersion),
      ),
    )
    .on(DeleteSignalingChannelCommand)
    .callsFake(
      answer('DeleteSignalingChannel', ({ ChannelARN, CurrentVersion }: DeleteSignalingChannelCommandInput) =>
        remove('channel', ChannelARN!, CurrentVersion),
      ),
    );
});
afterEach(() => {
  jest.useRealTimers();
});

/** What becomes of a message with this body; time flies meanwhile. */
async function process(body: unknown, ...parts: Partial<Configuration>[]): Promise<Outcome> {
  const ports: MediaPorts = {
    iot: iotClient,
    kinesisVideo: videoClient,
    configuration: Object.assign({}, BASE, ...parts),
  };
  queue = new TestQueue((text) => handle(text, ports));
  let over = false;
  const outcome = queue.process(body).finally(() => (over = true));
  while (!over) await jest.advanceTimersByTimeAsync(1000);
  return outcome;
}

function on(operation: ThingEvent['operation'], thingName: string, ...parts: Partial<Configuration>[]) {
  return process(thingEvent({ operation, thingName }), ...parts);
}

type Call = [name: string, input: object];

/** What was asked of Kinesis Video Streams since the last look. */
function calls(): Call[] {
  const made = video
    .calls()
    .map(({ args: [command] }): Call => [command.constructor.name.replace(/Command$/, ''), command.input]);
  video.resetHistory();
  return made;
}

const changes = () => calls().filter(([name]) => !/^(Describe|List)/.test(name));
const statuses = () => Object.fromEntries([...media].map(([name, { status }]) => [name, status]));

const createStream = (name: string): Call => ['CreateStream', { ...BASE.stream, StreamName: name, Tags: TAGS }];
const createChannel = (name: string): Call => [
  'CreateSignalingChannel',
  {
    ChannelName: name,
    ChannelType: 'SINGLE_MASTER',
    SingleMasterConfiguration: { MessageTtlSeconds: 60 },
    Tags: [
      { Key: 'cdk-kinesis-video:fleet', Value: 'delivery' },
      { Key: 'owner', Value: 'depot' },
    ],
  },
];
const makeImages = (name: string): Call => [
  'UpdateImageGenerationConfiguration',
  {
    StreamARN: arn('stream', name),
    ImageGenerationConfiguration: {
      ...IMAGES.imageGeneration,
      DestinationConfig: { Uri: `s3://amzn-s3-demo-bucket/frames/${name}`, DestinationRegion: 'eu-west-1' },
    },
  },
];
const deleteStream = (name: string): Call => ['DeleteStream', { StreamARN: arn('stream', name), CurrentVersion: 'v1' }];
const deleteChannel = (name: string): Call => [
  'DeleteSignalingChannel',
  { ChannelARN: arn('channel', name), CurrentVersion: 'v1' },
];

function there(status: Status, ...names: string[]): void {
  for (const name of names) media.set(name, { status, version: 'v1' });
}

describe('a thing that is there', () => {
  beforeEach(() => things.set('drone-1', 'camera'));

  test('gets a stream', async () => {
    expect(await on('CREATED', 'drone-1')).toBe('done');
    expect(calls()).toEqual([createStream('drone-1')]);
    const { logs, metrics, units } = written();
    expect(metrics).toEqual({ MediaCreated: [1], MessageProcessed: [1] });
    expect(units.MediaCreated).toBe('Count');
    const names = ['stream/drone-1'];
    expect(logs).toEqual([
      expect.objectContaining({ level: 'INFO', message: 'MediaCreated', thingName: 'drone-1', names }),
    ]);
  });

  test('gets a channel, and images as soon as its stream is ACTIVE, in a folder of its own', async () => {
    expect(await on('CREATED', 'drone-1', CHANNEL, IMAGES)).toBe('done');
    expect(changes()).toEqual([createStream('drone-1'), createChannel('drone-1'), makeImages('drone-1')]);
    expect(statuses()).toEqual({ 'stream/drone-1': 'ACTIVE', 'channel/drone-1': 'ACTIVE' });
  });

  test('gets a stream and channel for each of its cameras, and no other', async () => {
    const cameras = { cameras: ['front', 'rear'] };
    expect(await on('CREATED', 'drone-1', CHANNEL, IMAGES, cameras)).toBe('done');
    expect(changes()).toEqual(
      ['drone-1.front', 'drone-1.rear'].flatMap((name) => [createStream(name), createChannel(name), makeImages(name)]),
    );
    expect(written().metrics.MediaCreated).toEqual([4]);
  });

  test.each(['CREATED', 'UPDATED', 'DELETED'] as const)(
    'keeps what it has when an event of it is %s again, as it is',
    async (operation) => {
      await on('CREATED', 'drone-1', CHANNEL, IMAGES, REMOVAL);
      const before = statuses();
      calls();
      written();
      expect(await on(operation, 'drone-1', CHANNEL, IMAGES, REMOVAL)).toBe('done');
      expect(statuses()).toEqual(before);
      expect(changes()).toEqual([createStream('drone-1'), createChannel('drone-1')]);
      const { logs, metrics } = written();
      expect(metrics).toEqual({ MessageProcessed: [1] });
      expect(logs).toEqual([]);
    },
  );

  test('gets what it lacks', async () => {
    there('ACTIVE', 'stream/drone-1');
    expect(await on('UPDATED', 'drone-1', CHANNEL)).toBe('done');
    expect(statuses()).toEqual({ 'stream/drone-1': 'ACTIVE', 'channel/drone-1': 'ACTIVE' });
    expect(written().metrics.MediaCreated).toEqual([1]);
  });

  test('is tried again when its stream does not become ACTIVE', async () => {
    there('UPDATING', 'stream/drone-1');
    expect(await on('CREATED', 'drone-1', IMAGES)).toBe('failed');
    expect(changes()).toEqual([createStream('drone-1')]);
    expect(written().logs).toContainEqual(
      expect.objectContaining({ error: expect.objectContaining({ message: expect.stringContaining('UPDATING') }) }),
    );
  });

  test.each<[string | undefined]>([['lamp'], ['Camera'], ['camera-2'], [undefined]])(
    'is none of ours with the type %j, whatever the event',
    async (type) => {
      things.set('drone-1', type);
      there('ACTIVE', 'stream/drone-1', 'channel/drone-1');
      for (const operation of ['CREATED', 'UPDATED', 'DELETED'] as const) {
        expect(await on(operation, 'drone-1', CHANNEL, IMAGES, REMOVAL)).toBe('done');
      }
      expect(calls()).toEqual([]);
    },
  );
});

describe('a thing that is gone', () => {
  beforeEach(() => there('ACTIVE', 'stream/drone-1', 'channel/drone-1', 'stream/drone-10', 'channel/drone-10'));

  test.each(['CREATED', 'UPDATED', 'DELETED'] as const)(
    'leaves its media, after %s, if they are to stay',
    async (operation) => {
      expect(await on(operation, 'drone-1', CHANNEL, IMAGES)).toBe('done');
      expect(changes()).toEqual([]);
      expect(written().metrics).toEqual({ MediaOrphaned: [2], MessageProcessed: [1] });
    },
  );

  test.each(['CREATED', 'UPDATED', 'DELETED'] as const)(
    'takes its media along, after %s, and no others',
    async (operation) => {
      expect(await on(operation, 'drone-1', CHANNEL, REMOVAL)).toBe('done');
      expect(changes()).toEqual([deleteStream('drone-1'), deleteChannel('drone-1')]);
      const { logs, metrics } = written();
      expect(metrics).toEqual({ MediaRemoved: [2], MessageProcessed: [1] });
      const names = ['stream/drone-1', 'channel/drone-1'];
      expect(logs).toEqual([expect.objectContaining({ message: 'MediaRemoved', thingName: 'drone-1', names })]);
    },
  );

  test('takes the media of all its cameras along', async () => {
    there('ACTIVE', 'stream/drone-1.front', 'stream/drone-1.rear', 'channel/drone-1.rear');
    expect(await on('DELETED', 'drone-1', CHANNEL, REMOVAL, { cameras: ['front', 'rear'] })).toBe('done');
    expect(changes()).toEqual([
      deleteStream('drone-1.front'),
      deleteStream('drone-1.rear'),
      deleteChannel('drone-1.rear'),
    ]);
  });

  test('has nothing to do with media that were never there', async () => {
    media.clear();
    expect(await on('DELETED', 'drone-1', CHANNEL, REMOVAL)).toBe('done');
    expect(changes()).toEqual([]);
    const { logs, metrics } = written();
    expect(metrics).toEqual({ MessageProcessed: [1] });
    expect(logs).toEqual([]);
  });

  test('has nothing to do with media that are being deleted', async () => {
    there('DELETING', 'stream/drone-1', 'channel/drone-1');
    expect(await on('DELETED', 'drone-1', CHANNEL, REMOVAL)).toBe('done');
    expect(changes()).toEqual([]);
    expect(written().metrics).toEqual({ MessageProcessed: [1] });
  });

  test('is not looked for among channels, which the function may not see, if the fleet has none', async () => {
    expect(await on('DELETED', 'drone-1', REMOVAL)).toBe('done');
    expect(calls()).toEqual([
      ['DescribeStream', { StreamName: 'drone-1' }],
      ['ListTagsForStream', { StreamName: 'drone-1' }],
      deleteStream('drone-1'),
    ]);
  });

  test('takes along what is left of its media', async () => {
    there('DELETING', 'stream/drone-1');
    expect(await on('DELETED', 'drone-1', CHANNEL, REMOVAL)).toBe('done');
    expect(changes()).toEqual([deleteChannel('drone-1')]);
  });

  test('has nothing to do with media that go between the look and the deletion', async () => {
    meanwhile.DeleteStream = () => media.delete('stream/drone-1');
    meanwhile.DeleteSignalingChannel = () => media.delete('channel/drone-1');
    expect(await on('DELETED', 'drone-1', CHANNEL, REMOVAL)).toBe('done');
  });

  test('is tried again while its stream is being made', async () => {
    media.clear();
    create('stream', 'drone-1');
    expect(await on('DELETED', 'drone-1', CHANNEL, REMOVAL)).toBe('failed');
    await jest.advanceTimersByTimeAsync(3000);
    expect(await on('DELETED', 'drone-1', CHANNEL, REMOVAL)).toBe('done');
    expect(statuses()).toEqual({ 'stream/drone-1': 'DELETING' });
  });

  test.each(['stream', 'channel'])('is tried again when its %s was changed meanwhile', async (kind) => {
    const change = () => (media.get(`${kind}/drone-1`)!.version = 'v2');
    meanwhile = { DeleteStream: change, DeleteSignalingChannel: change };
    expect(await on('DELETED', 'drone-1', CHANNEL, REMOVAL)).toBe('failed');
    expect(await on('DELETED', 'drone-1', CHANNEL, REMOVAL)).toBe('done');
    expect(statuses()).toMatchObject({ 'stream/drone-1': 'DELETING', 'channel/drone-1': 'DELETING' });
  });
});

describe('a thing that comes or goes meanwhile', () => {
  test.each([
    ['stay', {}, { 'stream/drone-1': 'ACTIVE', 'channel/drone-1': 'ACTIVE' }],
    ['go', REMOVAL, { 'stream/drone-1': 'DELETING', 'channel/drone-1': 'DELETING' }],
  ])('deleted while its media are made: they are looked at again, and %s', async (_what, removal, left) => {
    things.set('drone-1', 'camera');
    meanwhile.CreateStream = () => things.delete('drone-1');
    expect(await on('CREATED', 'drone-1', CHANNEL, IMAGES, removal)).toBe('failed');
    expect(written().logs).toContainEqual(
      expect.objectContaining({
        error: expect.objectContaining({
          message: expect.stringMatching(/'drone-1' came or went meanwhile/),
        }),
      }),
    );
    expect(await on('CREATED', 'drone-1', CHANNEL, IMAGES, removal)).toBe('done');
    expect(statuses()).toEqual(left);
  });

  test('created while its media are deleted: they are looked at again, and made anew', async () => {
    there('ACTIVE', 'stream/drone-1', 'channel/drone-1');
    meanwhile.DeleteStream = () => things.set('drone-1', 'camera');
    expect(await on('DELETED', 'drone-1', CHANNEL, REMOVAL)).toBe('failed');
    await jest.advanceTimersByTimeAsync(10_000);
    expect(statuses()).toEqual({});
    expect(await on('DELETED', 'drone-1', CHANNEL, REMOVAL)).toBe('done');
    expect(Object.keys(statuses())).toEqual(['stream/drone-1', 'channel/drone-1']);
  });

  test('given another type while its media are made: it is looked at again', async () => {
    things.set('drone-1', 'camera');
    meanwhile.CreateStream = () => things.set('drone-1', 'lamp');
    expect(await on('CREATED', 'drone-1')).toBe('failed');
    expect(await on('CREATED', 'drone-1')).toBe('done');
  });

  test.each<[Kind]>([['stream'], ['channel']])(
    'created while its old %s is being deleted, without images: it is tried again until it has a new one',
    async (kind) => {
      there('ACTIVE', `${kind}/drone-1`);
      remove(kind, arn(kind, 'drone-1'), 'v1');
      things.set('drone-1', 'camera');
      expect(await on('CREATED', 'drone-1', CHANNEL)).toBe('failed');
      await jest.advanceTimersByTimeAsync(10_000);
      expect(await on('CREATED', 'drone-1', CHANNEL)).toBe('done');
      expect(Object.keys(statuses()).sort()).toEqual(['channel/drone-1', 'stream/drone-1']);
    },
  );

  test('created while its old stream is being deleted: it is tried again until it has a new one', async () => {
    there('ACTIVE', 'stream/drone-1');
    remove('stream', arn('stream', 'drone-1'), 'v1');
    things.set('drone-1', 'camera');
    expect(await on('CREATED', 'drone-1', IMAGES)).toBe('failed');
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await on('CREATED', 'drone-1', IMAGES)).toBe('done');
    expect(statuses()).toEqual({ 'stream/drone-1': 'ACTIVE' });
  });
});

describe('a service that refuses', () => {
  beforeEach(() => things.set('drone-1', 'camera'));

  test.each<[error: string, call: string, left: string[]]>([
    ['AccountStreamLimitExceededException', 'CreateStream', ['channel/drone-1']],
    ['ClientLimitExceededException', 'CreateStream', ['channel/drone-1']],
    ['AccountChannelLimitExceededException', 'CreateSignalingChannel', ['stream/drone-1']],
    ['AccessDeniedException', 'CreateSignalingChannel', ['stream/drone-1']],
    ['NoDataRetentionException', 'UpdateImageGenerationConfiguration', ['stream/drone-1', 'channel/drone-1']],
  ])('with %s at %s is seen, and asked again', async (name, call, left) => {
    meanwhile[call] = () => {
      throw Object.assign(new Error('Too many.'), { name });
    };
    expect(await on('CREATED', 'drone-1', CHANNEL, IMAGES)).toBe('failed');
    expect(Object.keys(statuses())).toEqual(left);
    const { logs, metrics } = written();
    expect(metrics.MessageFailed).toEqual([1]);
    expect(logs).toContainEqual(
      expect.objectContaining({ level: 'ERROR', error: expect.objectContaining({ name, message: 'Too many.' }) }),
    );
  });

  test('to tell of a thing is no reason to take its media away', async () => {
    there('ACTIVE', 'stream/drone-1');
    meanwhile.DescribeThing = () => {
      throw Object.assign(new Error('Slow down.'), { name: 'ThrottlingException' });
    };
    expect(await on('DELETED', 'drone-1', CHANNEL, REMOVAL)).toBe('failed');
    expect(calls()).toEqual([]);
  });
});

describe('an event that can not be used', () => {
  const good = thingEvent({ operation: 'CREATED', thingName: 'drone-1' });

  test.each<[string, unknown, RegExp]>([
    ['of a thing whose name has a colon', { ...good, thingName: 'site:drone-1' }, /'site:drone-1'.*no colon/],
    ['of a thing whose name is too long', { ...good, thingName: 'x'.repeat(129) }, /at thingName/],
    ['of a thing without name', { ...good, thingName: '' }, /at thingName/],
    ['of nothing', { ...good, thingName: undefined }, /at thingName/],
    ['of a thing group', { ...good, eventType: 'THING_GROUP_EVENT' }, /at eventType/],
    ['of another kind', { ...good, operation: 'ATTACHED' }, /at operation/],
    ['that is none', '[]', /expected object/],
    ['that is no JSON', 'CREATED drone-1', /not JSON/],
  ])('%s goes to the dead-letter queue, and nothing is touched', async (_what, body, reason) => {
    expect(await process(body, CHANNEL, REMOVAL)).toBe('unusable');
    expect(queue.reason).toMatch(reason);
    expect([...iot.calls(), ...calls()]).toEqual([]);
  });

  test.each(['a', 'A-z_9', 'x'.repeat(128)])('is not that of %s', async (thingName) => {
    things.set(thingName, 'camera');
    expect(await on('CREATED', thingName)).toBe('done');
    expect(changes()).toEqual([createStream(thingName)]);
  });
});

describe('the configuration', () => {
  const full = { ...BASE, ...CHANNEL, ...IMAGES, ...REMOVAL, cameras: ['front'] };

  test.each([
    ['with everything', full],
    ['with the least', BASE],
  ])('%s is taken as it is', (_what, given) => {
    expect(mediaConfiguration.parse(JSON.parse(JSON.stringify(given)))).toEqual(given);
  });

  test.each<[object, string]>([
    [{ thingTypeName: undefined }, 'thingTypeName'],
    [{ removal: 'ARCHIVE' }, 'removal'],
    [{ tags: { fleet: 7 } }, 'tags.fleet'],
    [{ stream: { ...BASE.stream, DataRetentionInHours: '24' } }, 'stream.DataRetentionInHours'],
    [
      { stream: { ...BASE.stream, StreamStorageConfiguration: { DefaultStorageTier: 'COLD' } } },
      'stream.StreamStorageConfiguration.DefaultStorageTier',
    ],
    [{ channel: {} }, 'channel.MessageTtlSeconds'],
    [{ imageGeneration: { ...IMAGES.imageGeneration, Format: 'GIF' } }, 'imageGeneration.Format'],
  ])('with %j is refused', (change, path) => {
    const issues = mediaConfiguration.safeParse({ ...full, ...change }).error?.issues;
    expect(issues?.map((issue) => issue.path.join('.'))).toEqual([path]);
  });
});
