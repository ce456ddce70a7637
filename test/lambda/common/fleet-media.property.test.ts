import fc, { type Scheduler } from 'fast-check';
import { bringToOrder, type MediaConfiguration, type MediaPorts } from '../../../lambda/common/fleet-media';
import type { Input, Medium } from '../../../local/cloud/kinesis-video/medium';
import { KinesisVideoModel } from '../../../local/cloud/kinesis-video/model';
import { ServiceError } from '../../support/service-error';

const THING = 'drone-1';
const OURS = 'camera';
const TAGS = { 'cdk-kinesis-video:fleet': 'delivery', owner: 'depot' };

const CONFIGURATION: Omit<MediaConfiguration, 'cameras' | 'removal'> = {
  fleetName: 'delivery',
  thingTypeName: OURS,
  tags: TAGS,
  stream: {
    DataRetentionInHours: 24,
    MediaType: 'video/h264',
    StreamStorageConfiguration: { DefaultStorageTier: 'HOT' },
  },
  channel: { MessageTtlSeconds: 60 },
  imageGeneration: {
    Status: 'ENABLED',
    ImageSelectorType: 'PRODUCER_TIMESTAMP',
    DestinationConfig: { Uri: 's3://amzn-s3-demo-bucket/frames', DestinationRegion: 'eu-west-1' },
    SamplingInterval: 3000,
    Format: 'JPEG',
    FormatConfig: { JPEGQuality: '80' },
  },
};

/**
 * What becomes of a call: it is lost on its way, its answer is, it is made twice because its first answer was lost, or
 * the function crashes before or after it has its effect.
 */
const FAULTS = ['lost', 'unanswered', 'repeated', 'crash before', 'crash after'] as const;

/** How a call fares, and how much else may happen before it arrives. */
interface Fate {
  readonly fault?: (typeof FAULTS)[number];
  readonly delay: number;
}

/** What happens in the registry: the thing is there with this type, or it isn't. */
type Registration = typeof OURS | 'lamp' | 'none';

interface Scenario {
  readonly cameras: string[];
  readonly removal: MediaConfiguration['removal'];
  readonly hasChannel: boolean;
  readonly hasImages: boolean;
  /** The media at the start: none, or what somebody has changed by hand. */
  readonly start: Partial<Input> | undefined;
  readonly changes: { readonly to: Registration; readonly delay: number; readonly deliveries: number }[];
  /** Of the calls, one after the other; those that come after have no fault. */
  readonly fates: Fate[];
  /** How long creation, changes and deletion take, one after the other, and over again. */
  readonly durations: number[];
}

/** How much may happen meanwhile: nothing, a little, or all that a message leads to. */
const delays = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 10, max: 60 }));

const drift: fc.Arbitrary<Partial<Input>> = fc.record({
  DataRetentionInHours: fc.constantFrom(1, 24, 100),
  MediaType: fc.constantFrom('video/h264', 'video/h265'),
  StreamStorageConfiguration: fc.constantFrom({ DefaultStorageTier: 'HOT' }, { DefaultStorageTier: 'WARM' }),
  SingleMasterConfiguration: fc.constantFrom({ MessageTtlSeconds: 60 }, { MessageTtlSeconds: 5 }),
  Tags: fc.constantFrom(TAGS, { 'cdk-kinesis-video:fleet': 'delivery' }, { ...TAGS, owner: 'nobody', more: 'yes' }),
});

const fault = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom(...FAULTS) },
);

/** A thing comes and goes, and is a camera or isn't there in the end. Anything may go wrong. */
const manyChanges = fc.record({
  changes: fc
    .tuple(
      fc.array(fc.constantFrom<Registration[]>(['none', OURS], [OURS, 'none'], ['lamp', OURS]), { maxLength: 2 }),
      fc.constantFrom<Registration>(OURS, 'none'),
      fc.infiniteStream(fc.record({ delay: delays, deliveries: fc.constantFrom(1, 1, 1, 2, 3) })),
    )
    .map(([before, last, more]) => [...before.flat(), last].map((to) => ({ to, ...more.next().value }))),
  fates: fc.array(fc.record({ fault, delay: delays }), { maxLength: 40 }),
});

/** Two changes, and a call for the first that may come late, when all is done for the second. */
const overtaking = fc.record({
  changes: fc
    .tuple(fc.constantFrom<Registration[]>([OURS, 'none'], ['none', OURS]), fc.integer({ min: 0, max: 20 }))
    .map(([registrations, delay]) => registrations.map((to) => ({ to, delay, deliveries: 1 }))),
  fates: fc
    .record({ fault, delay: fc.integer({ min: 20, max: 100 }), before: fc.integer({ min: 0, max: 8 }) })
    .map(({ before, ...late }) => [...Array<Fate>(before).fill({ delay: 0 }), late]),
});

const scenarios = (removal: MediaConfiguration['removal'], cameras: string[]): fc.Arbitrary<Scenario> =>
  fc
    .tuple(
      fc.record({
        removal: fc.constant(removal),
        cameras: fc.constant(cameras),
        hasChannel: fc.boolean(),
        hasImages: fc.boolean(),
        start: fc.option(drift, { nil: undefined, freq: 2 }),
        durations: fc.array(delays, { minLength: 1, maxLength: 10 }),
      }),
      fc.oneof(manyChanges, overtaking),
    )
    .map(([setting, events]) => ({ ...setting, ...events }));

/**
 * The cloud around the function. Whatever takes time is a task of the scheduler, which lets all of them happen in any
 * order: calls, their answers, changes of state, deliveries of messages, and pauses.
 */
class World {
  readonly video = new KinesisVideoModel((medium) => {
    if (this.isReady) return;
    const duration = this.scenario.durations[this.begun++ % this.scenario.durations.length];
    void this.after(duration, `${medium.kind} settles`).then(() => this.video.settle(medium));
  });
  readonly names: string[];
  readonly deletions: string[] = [];
  private registration: Registration = 'none';
  private begun = 0;
  /** Whether what is made needs no time. */
  private isReady = false;
  private readonly fates: Fate[];
  private readonly configuration: MediaConfiguration;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly scenario: Scenario,
  ) {
    const { cameras, removal, hasChannel, hasImages } = scenario;
    this.names = cameras.length === 0 ? [THING] : cameras.map((camera) => `${THING}.${camera}`);
    this.fates = [...scenario.fates];
    this.configuration = {
      ...CONFIGURATION,
      cameras,
      removal,
      channel: hasChannel ? CONFIGURATION.channel : undefined,
      imageGeneration: hasImages ? CONFIGURATION.imageGeneration : undefined,
    };
    for (const name of scenario.start ? this.names : []) this.make(name, scenario.start!);
  }

  make(name: string, settings: Partial<Input>): Medium[] {
    this.isReady = true;
    this.video.call('CreateStream', { ...settings, StreamName: name });
    if (this.scenario.hasChannel) this.video.call('CreateSignalingChannel', { ...settings, ChannelName: name });
    const made = [this.video.streams.get(name), this.video.channels.get(name)].filter((medium) => medium !== undefined);
    for (const medium of made) this.video.settle(medium);
    this.isReady = false;
    return made;
  }

  /** Until each message is done, or was received so often. */
  async run(maxReceiveCount = Infinity): Promise<void> {
    const deliveries: Promise<void>[] = [];
    const happen = async () => {
      for (const { to, delay, deliveries: count } of this.scenario.changes) {
        await this.after(delay, `The thing is ${to}`);
        this.registration = to;
        for (let copy = 0; copy < count; copy++) deliveries.push(this.deliver(maxReceiveCount));
      }
      await Promise.all(deliveries);
    };
    await this.scheduler.waitFor(happen());
    for (const medium of this.media)
      while (medium.status !== 'ACTIVE' && this.isThere(medium)) this.video.settle(medium);
  }

  get media(): Medium[] {
    return [...this.video.streams.values(), ...this.video.channels.values()];
  }

  /** What is there, as a whole, to be compared. */
  get state() {
    return this.media.map(({ kind, name, tags, settings }) => ({ kind, name, tags, settings }));
  }

  /** What there is to be for the last registration. */
  get wanted() {
    const { stream, channel, imageGeneration } = this.configuration;
    if (this.registration !== OURS) return [];
    const streams = this.names.map((name) => ({
      kind: 'stream',
      name,
      tags: expect.objectContaining(TAGS),
      settings: {
        retention: stream.DataRetentionInHours,
        mediaType: stream.MediaType,
        tier: stream.StreamStorageConfiguration.DefaultStorageTier,
        ...(imageGeneration && {
          images: {
            ...imageGeneration,
            DestinationConfig: { Uri: `s3://amzn-s3-demo-bucket/frames/${name}`, DestinationRegion: 'eu-west-1' },
          },
        }),
      },
    }));
    const ttl = channel?.MessageTtlSeconds;
    const channels = this.names.map((name) => ({
      kind: 'channel',
      name,
      tags: expect.objectContaining(TAGS),
      settings: { ttl },
    }));
    return [...streams, ...(channel ? channels : [])];
  }

  get isRegistered(): boolean {
    return this.registration === OURS;
  }

  /** Until this has its turn, after so many other turns that it lets pass. */
  async after(delay: number, what: string): Promise<void> {
    for (let turn = 0; turn < delay; turn++) await this.scheduler.schedule(Promise.resolve(), 'Meanwhile');
    await this.scheduler.schedule(Promise.resolve(), what);
  }

  private isThere({ kind, name }: Medium): boolean {
    return (kind === 'stream' ? this.video.streams : this.video.channels).has(name);
  }

  private async deliver(maxReceiveCount: number): Promise<void> {
    for (let received = 1; received <= maxReceiveCount; received++) {
      await this.after(0, 'A message arrives');
      if (await this.isDone()) return;
    }
  }

  /** One invocation: whether it was done, rather than failed or crashed. */
  private isDone(): Promise<boolean> {
    return new Promise((resolve) => {
      let isDead = false;
      const crash = () => {
        isDead = true;
        resolve(false);
        return never();
      };
      const send = async ({ constructor, input }: { constructor: { name: string }; input: object }) => {
        if (isDead) return never();
        const operation = constructor.name.replace(/Command$/, '');
        const { fault, delay } = this.fates.shift() ?? { delay: 0 };
        await this.after(delay, fault ? `${operation} (${fault})` : operation);
        if (fault === 'crash before') return crash();
        if (fault === 'lost') throw new ServiceError('InternalFailure', 500);
        let answer = this.perform(operation, input);
        if (fault === 'repeated') answer = this.perform(operation, input);
        await this.after(0, `Answer of ${operation}`);
        if (isDead) return never();
        if (fault === 'crash after') return crash();
        if (fault === 'unanswered') throw new ServiceError('TimeoutError', 0);
        return answer();
      };
      const client = { send } as unknown;
      const ports = { iot: client, kinesisVideo: client, configuration: this.configuration } as MediaPorts;
      bringToOrder(THING, ports).then(
        () => resolve(true),
        () => resolve(false),
      );
    });
  }

  private perform(operation: string, input: object): () => object {
    if (operation.startsWith('Delete')) this.deletions.push(operation);
    try {
      const answer = operation === 'DescribeThing' ? this.describeThing() : this.video.call(operation, input);
      return () => answer;
    } catch (error) {
      return () => {
        throw error;
      };
    }
  }

  private describeThing(): object {
    if (this.registration === 'none') throw new ServiceError('ResourceNotFoundException', 404);
    return { thingName: THING, thingTypeName: this.registration };
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** Pauses are tasks like any other, and the clock knows how long they were. */
function passTime(scheduler: Scheduler): void {
  let now = 0;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, milliseconds = 0) => {
    void scheduler.schedule(Promise.resolve(), 'A pause').then(() => {
      now += milliseconds;
      callback();
    });
  }) as typeof setTimeout);
}

/** The seed is fixed, so that a failure is one of the code. To look for more, take others and more runs. */
async function forAll<T>(
  runs: number,
  inputs: fc.Arbitrary<T>,
  holds: (scheduler: Scheduler, input: T) => Promise<void>,
) {
  const property = fc.asyncProperty(fc.scheduler(), inputs, async (scheduler, input) => {
    passTime(scheduler);
    try {
      await holds(scheduler, input);
    } finally {
      jest.restoreAllMocks();
    }
  });
  await fc.assert(property, {
    seed: Number(process.env.PROPERTY_SEED ?? 20_260_101),
    numRuns: runs * Number(process.env.PROPERTY_RUNS ?? 1),
  });
}

describe.each<[string, string[]]>([
  ['one camera', []],
  ['several cameras', ['front', 'rear']],
])('%s', (_what, cameras) => {
  test.each(['KEEP', 'DELETE'] as const)(
    'has in the end what the registry says, in whatever order things happen and fail (%s)',
    async (removal) => {
      await forAll(200, scenarios(removal, cameras), async (scheduler, scenario) => {
        const world = new World(scheduler, scenario);
        await world.run();
        if (removal === 'KEEP') expect(world.deletions).toEqual([]);
        if (world.isRegistered || removal === 'DELETE') expect(sorted(world.state)).toEqual(sorted(world.wanted));
        else expect(world.names).toEqual(expect.arrayContaining(world.media.map(({ name }) => name)));
      });
    },
  );

  test.each(['KEEP', 'DELETE'] as const)(
    "never has what isn't the fleet's touched, however often it is tried (%s)",
    async (removal) => {
      const foreignTags = fc.constantFrom<Record<string, string>>(
        {},
        { owner: 'depot' },
        { 'cdk-kinesis-video:fleet': 'rescue' },
      );
      const inputs = fc.record({
        scenario: scenarios(removal, cameras),
        tags: foreignTags,
        attempts: fc.integer({ min: 1, max: 40 }),
        delay: fc.integer({ min: 0, max: 10 }),
      });
      await forAll(200, inputs, async (scheduler, { scenario, tags, attempts, delay }) => {
        const world = new World(scheduler, scenario);
        const foreign: { medium: Medium; before: Medium }[] = [];
        // Somebody else makes what has one of our names, as soon as it is free.
        const name = world.names.at(-1)!;
        const intrude = async () => {
          for (let attempt = 0; attempt < attempts && foreign.length === 0; attempt++) {
            await world.after(delay, 'Somebody tries');
            if (world.media.some((medium) => medium.name === name)) continue;
            const made = world.make(name, { Tags: tags });
            foreign.push(...made.map((medium) => ({ medium, before: structuredClone(medium) })));
          }
        };
        void intrude();
        await world.run(5);
        for (const { medium, before } of foreign) expect(medium).toEqual(before);
      });
    },
  );
});

function sorted<T extends { kind: string; name: string }>(media: T[]): T[] {
  return media.sort((one, other) => `${one.kind} ${one.name}`.localeCompare(`${other.kind} ${other.name}`));
}
