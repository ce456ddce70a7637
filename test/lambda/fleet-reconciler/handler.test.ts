import { captureOutput } from '../../support/handler-output';
import { DescribeThingCommand, IoTClient, ResourceNotFoundException as ThingNotFound } from '@aws-sdk/client-iot';
import {
  CreateSignalingChannelCommand,
  CreateStreamCommand,
  DeleteSignalingChannelCommand,
  DeleteStreamCommand,
  DescribeSignalingChannelCommand,
  DescribeStreamCommand,
  DescribeStreamStorageConfigurationCommand,
  KinesisVideoClient,
  ListTagsForResourceCommand,
  ListTagsForStreamCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateDataRetentionCommand,
} from '@aws-sdk/client-kinesis-video';
import { mockClient } from 'aws-sdk-client-mock';
import { metrics } from '../../../lambda/common/observability';
import type { Round } from '../../../lambda/common/page';
import { handle, type Ports } from '../../../lambda/fleet-reconciler/handler';

type Configuration = Ports['configuration'];
type Kind = 'things' | 'streams' | 'channels';

const TAGS = { 'cdk-kinesis-video:fleet': 'delivery' };
const CONFIGURATION: Configuration = {
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
};

interface Medium {
  tags: Record<string, string>;
  retention: number;
  /** How many more looks find it still there, if it is being deleted. */
  deleting?: number;
}

const details = { message: 'No.', $metadata: {} };
const iotClient = new IoTClient({ region: 'eu-west-1' });
const videoClient = new KinesisVideoClient({ region: 'eu-west-1' });
const iot = mockClient(iotClient);
const video = mockClient(videoClient);
const written = captureOutput();

/** The types of the things in the registry. */
let things: Map<string, string>;
let streams: Map<string, Medium>;
let channels: Map<string, Medium>;
/** The things that were looked up, and how many at the same time at most. */
let lookedUp: string[];
let atOnce: number;

const ours = (settings: Partial<Medium> = {}): Medium => ({ tags: TAGS, retention: 24, ...settings });

function find(media: Map<string, Medium>, name: string): Medium {
  const found = media.get(name);
  if (!found) throw new ResourceNotFoundException(details);
  if (found.deleting !== undefined && found.deleting-- === 0) media.delete(name);
  return found;
}

function create(media: Map<string, Medium>, name: string): object {
  if (media.has(name)) throw new ResourceInUseException(details);
  media.set(name, ours());
  return {};
}

const nameOf = (arn: string) => arn.split('/')[1];

beforeEach(() => {
  metrics.clearMetrics();
  things = new Map();
  streams = new Map();
  channels = new Map();
  lookedUp = [];
  atOnce = 0;
  let now = 0;
  iot.reset();
  iot.on(DescribeThingCommand).callsFake(async ({ thingName }) => {
    lookedUp.push(thingName);
    atOnce = Math.max(atOnce, ++now);
    await new Promise(setImmediate);
    now--;
    if (!things.has(thingName)) throw new ThingNotFound(details);
    return { thingTypeName: things.get(thingName) };
  });
  video.reset();
  video
    .on(CreateStreamCommand)
    .callsFake(({ StreamName }) => create(streams, StreamName))
    .on(DescribeStreamCommand)
    .callsFake(({ StreamName }) => {
      const { retention, deleting } = find(streams, StreamName);
      return {
        StreamInfo: {
          StreamARN: `arn:aws:kinesisvideo:eu-west-1:111122223333:stream/${StreamName}/1`,
          Status: deleting === undefined ? 'ACTIVE' : 'DELETING',
          DataRetentionInHours: retention,
          MediaType: 'video/h264',
          Version: 'v1',
        },
      };
    })
    .on(ListTagsForStreamCommand)
    .callsFake(({ StreamName }) => ({ Tags: find(streams, StreamName).tags }))
    .on(DescribeStreamStorageConfigurationCommand)
    .resolves({ StreamStorageConfiguration: { DefaultStorageTier: 'HOT' } })
    .on(UpdateDataRetentionCommand)
    .callsFake(({ StreamARN, Operation, DataRetentionChangeInHours: hours }) => {
      find(streams, nameOf(StreamARN)).retention += Operation === 'INCREASE_DATA_RETENTION' ? hours : -hours;
      return {};
    })
    .on(DeleteStreamCommand)
    .callsFake(({ StreamARN }) => ({ deleted: streams.delete(nameOf(StreamARN)) }))
    .on(CreateSignalingChannelCommand)
    .callsFake(({ ChannelName }) => create(channels, ChannelName))
    .on(DescribeSignalingChannelCommand)
    .callsFake(({ ChannelName }) => {
      find(channels, ChannelName);
      return {
        ChannelInfo: {
          ChannelARN: `arn:aws:kinesisvideo:eu-west-1:111122223333:channel/${ChannelName}/1`,
          ChannelStatus: 'ACTIVE',
          SingleMasterConfiguration: { MessageTtlSeconds: 60 },
          Version: 'v1',
        },
      };
    })
    .on(ListTagsForResourceCommand)
    .callsFake(({ ResourceARN }) => ({ Tags: find(channels, nameOf(ResourceARN)).tags }))
    .on(DeleteSignalingChannelCommand)
    .callsFake(({ ChannelARN }) => ({ deleted: channels.delete(nameOf(ChannelARN)) }));
});

function ports(configuration: Partial<Configuration> = {}, remaining = () => 900_000): Ports {
  return {
    iot: iotClient,
    kinesisVideo: videoClient,
    configuration: { ...CONFIGURATION, ...configuration },
    remaining,
  };
}

const START = { round: 0, next: 0, late: [], counts: { checked: 0 } };

/** One round, or the first. */
function work(kind: Kind, names: string[], given = ports(), progress: object = START): Promise<Round> {
  return handle({ kind, names, ...progress }, given);
}

/** All rounds, as the state machine asks for them. */
async function workOff(kind: Kind, names: string[], given = () => ports()): Promise<Round[]> {
  const rounds = [await work(kind, names, given())];
  while (!rounds.at(-1)!.done) {
    // Between states, there is only JSON.
    rounds.push(await work(kind, names, given(), JSON.parse(JSON.stringify(rounds.at(-1)!.progress))));
  }
  return rounds;
}

/** So many things, with all that they are to have. */
function provided(count: number): string[] {
  const names = Array.from({ length: count }, (_, index) => `drone-${index + 1}`);
  for (const name of names) {
    things.set(name, 'camera');
    streams.set(name, ours());
    channels.set(name, ours());
  }
  return names;
}

function metricsWritten(): Record<string, number[]> {
  metrics.publishStoredMetrics();
  return written().metrics;
}

describe('a page of things', () => {
  test('what is missing is created, and what differs repaired', async () => {
    const names = provided(4);
    streams.delete('drone-2');
    channels.delete('drone-3');
    streams.set('drone-4', ours({ retention: 2 }));
    expect(await work('things', names)).toEqual({
      progress: { round: 1, next: 4, late: [], counts: { checked: 4, created: 2, repaired: 1 } },
      done: true,
      reported: 0,
      report: { orphaned: [], failed: [] },
    });
    expect([...streams.keys()].sort()).toEqual(names);
    expect([...channels.keys()].sort()).toEqual(names);
    expect(streams.get('drone-4')!.retention).toBe(24);
    expect(metricsWritten()).toEqual({ MediaCreated: expect.arrayContaining([1, 1]), MediaRepaired: [1] });
  });

  test('one that fails is reported, and stops no other', async () => {
    const names = provided(3);
    streams.set('drone-1', ours({ tags: { 'cdk-kinesis-video:fleet': 'inspection' }, retention: 2 }));
    streams.delete('drone-3');
    const { progress, done, reported, report } = await work('things', names);
    expect({ counts: progress.counts, done, reported }).toEqual({
      counts: { checked: 3, created: 1, failed: 1 },
      done: true,
      reported: 1,
    });
    expect(report.failed).toEqual([{ thing: 'drone-1', error: expect.stringMatching(/^Error: .*isn't the fleet's/) }]);
    expect(streams.get('drone-1')!.retention).toBe(2);
    expect(metricsWritten()).toEqual({ MediaCreated: [1], ReconcileFailed: [1] });
  });

  test('an error is cut to a length that fits into a state', async () => {
    provided(1);
    iot.on(DescribeThingCommand).rejects(new Error('x'.repeat(10_000)));
    const { report } = await work('things', ['drone-1']);
    expect(report.failed[0].error).toHaveLength(300);
  });

  test('one that is not ready yet is tried again at the end', async () => {
    const names = provided(30);
    streams.set('drone-1', ours({ deleting: 0 }));
    const { progress, done, report } = await work('things', names);
    expect({ counts: progress.counts, done, report }).toEqual({
      counts: { checked: 30, created: 1 },
      done: true,
      report: { orphaned: [], failed: [] },
    });
    expect(lookedUp.lastIndexOf('drone-1')).toBeGreaterThan(lookedUp.lastIndexOf('drone-30'));
  });

  test('one that is not ready at the end either has failed', async () => {
    const names = provided(2);
    streams.set('drone-1', ours({ deleting: 10 }));
    const { progress, done, report } = await work('things', names);
    expect({ counts: progress.counts, done }).toEqual({ counts: { checked: 2, failed: 1 }, done: true });
    expect(report.failed).toEqual([{ thing: 'drone-1', error: expect.stringContaining('still being deleted') }]);
  });

  test('a thing of another type is left alone', async () => {
    things.set('lamp-1', 'lamp');
    streams.set('lamp-1', ours());
    expect((await work('things', ['lamp-1'])).progress.counts).toEqual({ checked: 1 });
    expect(video.calls()).toHaveLength(0);
  });

  test('twenty are worked on at once', async () => {
    await work('things', provided(100));
    expect(atOnce).toBe(20);
  });
});

describe.each<[Kind, string, () => Map<string, Medium>]>([
  ['streams', 'stream', () => streams],
  ['channels', 'channel', () => channels],
])('a page of %s', (kind, medium, media) => {
  test('what belongs to a thing is left to the page of things', async () => {
    const names = provided(2);
    things.set('lamp-1', 'lamp');
    media().delete('drone-1');
    expect((await work(kind, [...names, 'lamp-1'])).progress).toEqual({
      round: 1,
      next: 3,
      late: [],
      counts: { checked: 0 },
    });
    expect(video.calls()).toHaveLength(0);
  });

  test('what a thing has left behind is reported, by one of the pages that it is on', async () => {
    provided(1);
    things.clear();
    const { progress, report } = await work(kind, ['drone-1']);
    expect(report).toEqual({ orphaned: [`${medium}/drone-1`], failed: [] });
    expect(progress.counts).toEqual({ checked: 0, orphaned: 1 });
    expect(metricsWritten()).toEqual({ MediaOrphaned: [1] });
    expect(media().has('drone-1')).toBe(true);
  });

  test('what a thing has left behind is removed, where that is wished', async () => {
    provided(1);
    things.clear();
    const { progress, report } = await work(kind, ['drone-1'], ports({ removal: 'DELETE' }));
    expect(report).toEqual({ orphaned: [], failed: [] });
    expect(progress.counts).toEqual({ checked: 0, removed: 2 });
    expect([streams.size, channels.size]).toEqual([0, 0]);
  });

  test('what does not carry the tag of the fleet is nobody of ours', async () => {
    streams.set('studio', ours({ tags: {} }));
    channels.set('studio', ours({ tags: { 'cdk-kinesis-video:fleet': 'inspection' } }));
    const { progress, report } = await work(kind, ['studio'], ports({ removal: 'DELETE' }));
    expect(report).toEqual({ orphaned: [], failed: [] });
    expect(progress.counts).toEqual({ checked: 0 });
    expect([streams.size, channels.size]).toEqual([1, 1]);
  });

  test('names are looked at one after the other', async () => {
    await work(kind, provided(50));
    expect(atOnce).toBe(1);
    expect(lookedUp).toHaveLength(50);
  });
});

describe('rounds', () => {
  test('nothing is begun in the last five minutes', async () => {
    const names = provided(3);
    const round = await work(
      'things',
      names,
      ports({}, () => 300_000),
    );
    expect(round).toMatchObject({ progress: { ...START, round: 1 }, done: false });
    expect(lookedUp).toEqual([]);
  });

  test('what there was no time for comes in the next rounds, each thing once', async () => {
    const names = provided(100);
    const briefly = () => {
      let looks = 0;
      return ports({}, () => (looks++ < 7 ? 900_000 : 0));
    };
    const rounds = await workOff('things', names, briefly);
    expect(rounds).toHaveLength(15);
    expect(rounds.at(-1)!.progress).toEqual({ round: 15, next: 100, late: [], counts: { checked: 100 } });
    // Before and after.
    expect(lookedUp.sort()).toEqual([...names, ...names].sort());
  });

  test('what is to be tried again stays so when the time is up', async () => {
    const names = provided(2);
    streams.set('drone-2', ours({ deleting: 0 }));
    let looks = 0;
    const first = await work(
      'things',
      names,
      ports({}, () => (looks++ < 2 ? 900_000 : 0)),
    );
    expect(first).toMatchObject({ progress: { next: 2, late: [1], counts: { checked: 1 } }, done: false });
    const second = await work('things', names, ports(), first.progress);
    expect(second).toMatchObject({ progress: { round: 2, late: [], counts: { checked: 2, created: 1 } }, done: true });
  });

  test('a full report ends a round, and fits into a state', async () => {
    provided(1);
    const names = Array.from({ length: 1000 }, (_, index) => `${index}`.padEnd(128, 'x'));
    iot.on(DescribeThingCommand).rejects(new Error('"'.repeat(10_000)));
    const rounds = await workOff('things', names);
    expect(rounds).toHaveLength(5);
    expect(Math.max(...rounds.map((round) => JSON.stringify(round).length))).toBeLessThan(256 * 1024);
    const failed = rounds.flatMap(({ report }) => report.failed.map(({ thing }) => thing));
    expect(failed.sort()).toEqual(names.sort());
    expect(rounds.at(-1)!.progress.counts).toEqual({ checked: 1000, failed: 1000 });
  });
});

test.each([[{}], [{ kind: 'rooms', names: [], ...START }], [{ kind: 'things', names: 'drone-1', ...START }]])(
  'what is no page fails: %j',
  async (event) => {
    await expect(handle(event, ports())).rejects.toThrow();
  },
);
