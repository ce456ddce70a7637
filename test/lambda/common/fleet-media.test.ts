import { captureOutput } from '../../support/handler-output';
import {
  NotYet,
  bringToOrder,
  countChanges,
  type MediaConfiguration,
  type MediaOutcome,
  type MediaPorts,
} from '../../../lambda/common/fleet-media';
import { metrics } from '../../../lambda/common/observability';
import { versionOf, type Input, type Medium } from '../../../local/cloud/kinesis-video/medium';
import { KinesisVideoModel } from '../../../local/cloud/kinesis-video/model';
import { ServiceError } from '../../support/service-error';

const THING = 'drone-1';
const TAGS = { 'cdk-kinesis-video:fleet': 'delivery', owner: 'depot' };
const IMAGES: NonNullable<MediaConfiguration['imageGeneration']> = {
  Status: 'ENABLED',
  ImageSelectorType: 'PRODUCER_TIMESTAMP',
  DestinationConfig: { Uri: 's3://amzn-s3-demo-bucket/frames', DestinationRegion: 'eu-west-1' },
  SamplingInterval: 3000,
  Format: 'JPEG',
  FormatConfig: { JPEGQuality: '80' },
};
const CONFIGURATION: MediaConfiguration = {
  fleetName: 'delivery',
  thingTypeName: 'camera',
  cameras: [],
  removal: 'KEEP',
  tags: TAGS,
  stream: {
    DataRetentionInHours: 24,
    MediaType: 'video/h264',
    StreamStorageConfiguration: { DefaultStorageTier: 'HOT' },
  },
  channel: { MessageTtlSeconds: 60 },
  imageGeneration: IMAGES,
};
const DELETE: Partial<MediaConfiguration> = { removal: 'DELETE' };

/** The images of a stream as they are to be. */
function imagesOf(name: string) {
  return {
    ...IMAGES,
    DestinationConfig: { ...IMAGES.DestinationConfig, Uri: `s3://amzn-s3-demo-bucket/frames/${name}` },
  };
}

/** A stream and its channel as they are to be. */
const RIGHT: Input = {
  ...CONFIGURATION.stream,
  SingleMasterConfiguration: CONFIGURATION.channel,
  ImageGenerationConfiguration: imagesOf(THING),
  Tags: TAGS,
};

let video: KinesisVideoModel;
/** The type of the thing, if it is there. */
let thingType: string | undefined;
/** The calls that change something. */
let changes: string[];
/** What else happens right before a call; it may throw. */
let before: Record<string, () => unknown>;
/** The call that takes a second. */
let slow: string | undefined;
const written = captureOutput();

beforeEach(() => {
  jest.useFakeTimers();
  video = new KinesisVideoModel((medium) => setTimeout(() => video.settle(medium), 2000));
  thingType = 'camera';
  changes = [];
  before = {};
  slow = undefined;
});
afterEach(() => {
  jest.useRealTimers();
});

function call(operation: string, input: object): object {
  before[operation]?.();
  if (operation === 'DescribeThing') {
    if (thingType === undefined) throw new ServiceError('ResourceNotFoundException', 404);
    return { thingTypeName: thingType };
  }
  if (!/^(Describe|List)/.test(operation)) changes.push(operation);
  return video.call(operation, input);
}

/** Brings the thing to order, while time flies. */
async function order(...parts: Partial<MediaConfiguration>[]): Promise<MediaOutcome> {
  const send = async ({ constructor, input }: { constructor: { name: string }; input: object }) => {
    const operation = constructor.name.replace(/Command$/, '');
    if (operation === slow) await new Promise((resolve) => setTimeout(resolve, 1000));
    return call(operation, input);
  };
  const client = { send } as unknown;
  const configuration = Object.assign({}, CONFIGURATION, ...parts) as MediaConfiguration;
  let over = false;
  const result = bringToOrder(THING, { iot: client, kinesisVideo: client, configuration } as MediaPorts);
  const end = result.then(
    () => (over = true),
    () => (over = true),
  );
  while (!over) await jest.advanceTimersByTimeAsync(500);
  await end;
  return result;
}

/** Makes a stream and a channel with these settings, ready to be used. */
async function make(settings: Input, name = THING): Promise<void> {
  const { DataRetentionInHours: hours = 0 } = settings;
  video.call('CreateStream', { ...settings, StreamName: name, DataRetentionInHours: hours || 1 });
  video.call('CreateSignalingChannel', { ...settings, ChannelName: name });
  await jest.advanceTimersByTimeAsync(2000);
  if (!settings.ImageGenerationConfiguration) return;
  video.call('UpdateImageGenerationConfiguration', { ...settings, StreamName: name });
  await jest.advanceTimersByTimeAsync(2000);
  if (hours !== 0) return;
  // A stream without retention takes no images, but one with images can lose its retention.
  video.call('UpdateDataRetention', {
    StreamName: name,
    CurrentVersion: versionOf(stream(name)!),
    Operation: 'DECREASE_DATA_RETENTION',
    DataRetentionChangeInHours: 1,
  });
  await jest.advanceTimersByTimeAsync(2000);
}

const stream = (name = THING) => video.streams.get(name);
const channel = (name = THING) => video.channels.get(name);

/** All of it, when nothing is under way any more. */
async function settled(): Promise<Record<string, Partial<Medium>>> {
  await jest.advanceTimersByTimeAsync(10_000);
  const all = [...video.streams.values(), ...video.channels.values()];
  return Object.fromEntries(all.map(({ kind, name, tags, settings }) => [`${kind}/${name}`, { tags, settings }]));
}

const STREAM = {
  tags: TAGS,
  settings: { retention: 24, mediaType: 'video/h264', tier: 'HOT', images: imagesOf(THING) },
};
const CHANNEL = { tags: TAGS, settings: { ttl: 60 } };
const NOTHING = { created: [], repaired: [], removed: [], orphaned: [] };

describe('a thing without media', () => {
  test('gets a stream with images, and a channel', async () => {
    expect(await order()).toEqual({
      ...NOTHING,
      registration: 'ours',
      created: ['stream/drone-1', 'channel/drone-1'],
    });
    expect(await settled()).toEqual({ 'stream/drone-1': STREAM, 'channel/drone-1': CHANNEL });
  });

  test('gets them for each of its cameras, with a folder for each', async () => {
    const { created } = await order({ cameras: ['front', 'rear'] });
    expect(created).toEqual(
      ['front', 'rear'].flatMap((camera) => [`stream/drone-1.${camera}`, `channel/drone-1.${camera}`]),
    );
    const all = await settled();
    expect(Object.keys(all).sort()).toEqual([...created].sort());
    expect(all['stream/drone-1.rear'].settings?.images).toEqual(imagesOf('drone-1.rear'));
  });

  test('gets a stream only, if the fleet has neither channels nor images', async () => {
    expect((await order({ channel: undefined, imageGeneration: undefined })).created).toEqual(['stream/drone-1']);
    expect(changes).toEqual(['CreateStream']);
  });

  test('has nothing under way any more when it is given up', async () => {
    slow = 'CreateSignalingChannel';
    before.CreateStream = () => {
      throw new ServiceError('AccountStreamLimitExceededException');
    };
    await expect(order()).rejects.toMatchObject({ name: 'AccountStreamLimitExceededException' });
    expect(changes).toEqual(['CreateSignalingChannel']);
    expect(channel()).toBeDefined();
  });
});

describe('media that are there', () => {
  test('stay as they are if that is right', async () => {
    await make(RIGHT);
    expect(await order()).toEqual({ ...NOTHING, registration: 'ours' });
    expect(changes).toEqual(['CreateStream', 'CreateSignalingChannel']);
  });

  test.each<[string, Input, string]>([
    ['too short a retention', { DataRetentionInHours: 1 }, 'UpdateDataRetention'],
    ['too long a retention', { DataRetentionInHours: 8760 }, 'UpdateDataRetention'],
    ['no retention', { DataRetentionInHours: undefined }, 'UpdateDataRetention'],
    ['another media type', { MediaType: 'video/h265' }, 'UpdateStream'],
    ['no media type', { MediaType: undefined }, 'UpdateStream'],
    [
      'another tier',
      { StreamStorageConfiguration: { DefaultStorageTier: 'WARM' } },
      'UpdateStreamStorageConfiguration',
    ],
    ['no images', { ImageGenerationConfiguration: undefined }, 'UpdateImageGenerationConfiguration'],
    [
      'images in the folder of another',
      { ImageGenerationConfiguration: imagesOf('drone-2') },
      'UpdateImageGenerationConfiguration',
    ],
    [
      'images that are switched off',
      { ImageGenerationConfiguration: { ...imagesOf(THING), Status: 'DISABLED' } },
      'UpdateImageGenerationConfiguration',
    ],
    [
      'images of another quality',
      { ImageGenerationConfiguration: { ...imagesOf(THING), FormatConfig: { JPEGQuality: '10' } } },
      'UpdateImageGenerationConfiguration',
    ],
  ])('with %s are put right, and nothing else is', async (_what, wrong, change) => {
    await make({ ...RIGHT, ...wrong });
    expect(await order()).toEqual({ ...NOTHING, registration: 'ours', repaired: ['stream/drone-1'] });
    expect(changes.slice(2)).toEqual([change]);
    expect(await settled()).toEqual({ 'stream/drone-1': STREAM, 'channel/drone-1': CHANNEL });
  });

  test('whose messages wait too long in the channel are put right', async () => {
    await make({ ...RIGHT, SingleMasterConfiguration: { MessageTtlSeconds: 5 } });
    expect(await order()).toEqual({ ...NOTHING, registration: 'ours', repaired: ['channel/drone-1'] });
    expect(changes.slice(2)).toEqual(['UpdateSignalingChannel']);
    expect(await settled()).toEqual({ 'stream/drone-1': STREAM, 'channel/drone-1': CHANNEL });
  });

  test.each<[string, Record<string, string>]>([
    ['lack a tag', { 'cdk-kinesis-video:fleet': 'delivery' }],
    ['have another value of a tag', { ...TAGS, owner: 'nobody' }],
  ])('that %s are put right', async (_what, tags) => {
    await make({ ...RIGHT, Tags: tags });
    expect((await order()).repaired).toEqual(['stream/drone-1', 'channel/drone-1']);
    expect(changes.slice(2).sort()).toEqual(['TagResource', 'TagStream']);
    expect(await settled()).toEqual({ 'stream/drone-1': STREAM, 'channel/drone-1': CHANNEL });
  });

  test('keep tags that somebody has added', async () => {
    await make({ ...RIGHT, Tags: { ...TAGS, 'cdk-kinesis-video:quarantine': 'true' } });
    expect(await order()).toEqual({ ...NOTHING, registration: 'ours' });
    expect(stream()?.tags).toHaveProperty('cdk-kinesis-video:quarantine');
  });

  test('that are all wrong are put right, one change after the other', async () => {
    await make({
      DataRetentionInHours: 1,
      MediaType: 'video/h265',
      StreamStorageConfiguration: { DefaultStorageTier: 'WARM' },
      SingleMasterConfiguration: { MessageTtlSeconds: 5 },
      Tags: { 'cdk-kinesis-video:fleet': 'delivery' },
    });
    expect((await order()).repaired).toEqual(['stream/drone-1', 'channel/drone-1']);
    expect(await settled()).toEqual({ 'stream/drone-1': STREAM, 'channel/drone-1': CHANNEL });
  });

  test('are waited for while they are being made', async () => {
    video.call('CreateStream', { ...RIGHT, StreamName: THING });
    video.call('CreateSignalingChannel', { ...RIGHT, ChannelName: THING });
    expect((await order()).repaired).toEqual(['stream/drone-1']);
    expect(await settled()).toEqual({ 'stream/drone-1': STREAM, 'channel/drone-1': CHANNEL });
  });

  test('do not get a retention twice that somebody else has put right meanwhile', async () => {
    await make({ ...RIGHT, DataRetentionInHours: 1 });
    before.ListTagsForStream = () => {
      video.call('UpdateDataRetention', {
        StreamName: THING,
        CurrentVersion: 'v2',
        Operation: 'INCREASE_DATA_RETENTION',
        DataRetentionChangeInHours: 23,
      });
    };
    await order();
    expect(await settled()).toMatchObject({ 'stream/drone-1': STREAM });
  });

  test('that are changed at the very same time are tried again', async () => {
    await make({ ...RIGHT, MediaType: 'video/h265' });
    before.UpdateStream = () => stream()!.version++;
    await expect(order()).rejects.toMatchObject({ name: 'VersionMismatchException' });
  });
});

describe("media that aren't the fleet's", () => {
  const FOREIGN: [string, Record<string, string>][] = [
    ['without tags', {}],
    ['of another fleet', { ...TAGS, 'cdk-kinesis-video:fleet': 'rescue' }],
  ];

  test.each(FOREIGN)('%s stay as they are, and are an error', async (_what, Tags) => {
    await make({ DataRetentionInHours: 1, Tags });
    const before = await settled();
    const message =
      "The stream 'drone-1' isn't the fleet's: it doesn't carry the tag cdk-kinesis-video:fleet=delivery.";
    await expect(order()).rejects.toThrow(message);
    expect(await settled()).toEqual(before);
    expect(changes).toEqual(['CreateStream', 'CreateSignalingChannel']);
  });

  test('are an error of the channel, too', async () => {
    video.call('CreateSignalingChannel', { ChannelName: THING });
    await expect(order()).rejects.toThrow("The channel 'drone-1' isn't the fleet's");
    expect(channel()?.tags).toEqual({});
  });

  test.each(FOREIGN)('%s stay when the thing goes', async (_what, Tags) => {
    await make({ DataRetentionInHours: 1, Tags });
    thingType = undefined;
    expect(await order(DELETE)).toEqual({ ...NOTHING, registration: 'none' });
    expect(changes).toEqual([]);
  });

  test.each<[string, Input]>([
    ['TagStream', { Tags: { 'cdk-kinesis-video:fleet': 'delivery' } }],
    ['UpdateDataRetention', { DataRetentionInHours: 1 }],
    ['UpdateStream', { MediaType: 'video/h265' }],
    ['UpdateStreamStorageConfiguration', { StreamStorageConfiguration: { DefaultStorageTier: 'WARM' } }],
    ['UpdateImageGenerationConfiguration', { ImageGenerationConfiguration: undefined }],
  ])('take no %s that is meant for the one whose place they took', async (operation, wrong) => {
    await make({ ...RIGHT, ...wrong });
    before[operation] = () => replace();
    await expect(order()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(stream()).toMatchObject({ status: 'ACTIVE', version: 1, settings: { retention: 5 } });
    expect(stream()?.tags).toEqual({});
  });

  test('take no images that are meant for one that was made just now', async () => {
    before.UpdateImageGenerationConfiguration = () => replace();
    await expect(order()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(stream()).toMatchObject({ status: 'ACTIVE', version: 1, settings: { retention: 5 } });
    expect(stream()?.tags).toEqual({});
  });

  /** Somebody deletes the stream, and makes one of the same name. */
  function replace(): void {
    video.streams.delete(THING);
    video.call('CreateStream', { StreamName: THING, DataRetentionInHours: 5 });
    stream()!.status = 'ACTIVE';
  }
});

describe('a thing of another type', () => {
  test('is left alone, with all that has its name', async () => {
    await make({ ...RIGHT, DataRetentionInHours: 1 });
    thingType = 'lamp';
    expect(await order(DELETE)).toEqual({ ...NOTHING, registration: 'foreign' });
    expect(changes).toEqual([]);
  });
});

describe('media that are being deleted', () => {
  test.each<[string, () => void]>([
    ['stream', () => void (stream()!.status = 'DELETING')],
    ['channel', () => void (channel()!.status = 'DELETING')],
  ])('are waited for by trying again: %s', async (kind, begin) => {
    await make(RIGHT);
    begin();
    const result = order();
    await expect(result).rejects.toThrow(NotYet);
    await expect(result).rejects.toThrow(`The former ${kind} 'drone-1' is still being deleted.`);
  });

  test.each<[string, string]>([
    ['stream', 'DescribeStream'],
    ['channel', 'DescribeSignalingChannel'],
  ])('and are gone a moment later, are made when it is tried again: %s', async (kind, look) => {
    await make(RIGHT);
    before[look] = () => (kind === 'stream' ? video.streams : video.channels).delete(THING);
    await expect(order()).rejects.toThrow(NotYet);
    before = {};
    expect((await order()).created).toEqual([`${kind}/drone-1`]);
  });

  test('are nothing to do when the thing is gone', async () => {
    await make(RIGHT);
    stream()!.status = 'DELETING';
    channel()!.status = 'DELETING';
    thingType = undefined;
    expect(await order(DELETE)).toEqual({ ...NOTHING, registration: 'none' });
    expect(changes).toEqual([]);
  });
});

describe('a thing that is gone', () => {
  beforeEach(() => (thingType = undefined));

  test('has left nothing behind', async () => {
    expect(await order(DELETE)).toEqual({ ...NOTHING, registration: 'none' });
  });

  test('leaves its media, which are told of', async () => {
    await make(RIGHT);
    const orphaned = ['stream/drone-1', 'channel/drone-1'];
    expect(await order()).toEqual({ ...NOTHING, registration: 'none', orphaned });
    expect(changes).toEqual([]);
  });

  test('takes its media along, if it shall', async () => {
    await make(RIGHT);
    const removed = ['stream/drone-1', 'channel/drone-1'];
    expect(await order(DELETE)).toEqual({ ...NOTHING, registration: 'none', removed });
    expect(await settled()).toEqual({});
  });

  test('takes those of its cameras along, and no others', async () => {
    for (const name of ['drone-1', 'drone-1.front', 'drone-1.rear', 'drone-10.front']) await make(RIGHT, name);
    await order(DELETE, { cameras: ['front', 'rear'] });
    const left = ['stream/drone-1', 'stream/drone-10.front', 'channel/drone-1', 'channel/drone-10.front'];
    expect(Object.keys(await settled())).toEqual(left);
  });

  test.each([
    ['stream', 'DeleteStream'],
    ['channel', 'DeleteSignalingChannel'],
  ])('has nothing to do with a %s that goes by itself', async (kind, operation) => {
    await make(RIGHT);
    before[operation] = () => (kind === 'stream' ? video.streams : video.channels).delete(THING);
    await order(DELETE);
    expect(await settled()).toEqual({});
  });

  test('has its stream taken away only when it is made', async () => {
    video.call('CreateStream', { ...RIGHT, StreamName: THING });
    await expect(order(DELETE)).rejects.toMatchObject({ name: 'ResourceInUseException' });
    await jest.advanceTimersByTimeAsync(2000);
    expect((await order(DELETE)).removed).toEqual(['stream/drone-1']);
  });
});

describe('a thing that comes or goes meanwhile', () => {
  test.each<[string, string | undefined, string | undefined, string]>([
    ['goes', 'camera', undefined, 'CreateStream'],
    ['becomes another one', 'camera', 'lamp', 'CreateStream'],
    ['comes', undefined, 'camera', 'DescribeStream'],
  ])('is looked at again: %s', async (_what, first, then, operation) => {
    thingType = first;
    before[operation] = () => (thingType = then);
    const result = order(DELETE);
    await expect(result).rejects.toThrow(NotYet);
    await expect(result).rejects.toThrow("The thing 'drone-1' came or went meanwhile.");
  });
});

test('changes are logged and counted, each kind for itself', () => {
  countChanges(THING, {
    registration: 'ours',
    created: ['stream/drone-1', 'channel/drone-1'],
    repaired: ['stream/drone-1'],
    removed: [],
    orphaned: [],
  });
  metrics.publishStoredMetrics();
  const { logs, metrics: counted } = written();
  expect(counted).toEqual({ MediaCreated: [2], MediaRepaired: [1] });
  expect(logs).toMatchObject([
    { message: 'MediaCreated', thingName: 'drone-1', names: ['stream/drone-1', 'channel/drone-1'] },
    { message: 'MediaRepaired', thingName: 'drone-1', names: ['stream/drone-1'] },
  ]);
});
