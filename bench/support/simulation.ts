import type { MediaConfiguration } from '../../lambda/common/fleet-media';
import { thingEvent } from '../../test/events/iot-registry';
import type { Mechanism } from './clients';
import { Cloud } from './cloud';
import { Environment } from './environment';
import { Queue, type QueueSettings } from './queue';
import { Random } from './random';
import { VirtualTime } from './virtual-time';

export interface Scenario {
  /** How many devices are registered, all at once. */
  readonly devices: number;
  readonly mechanism: Mechanism;
  /** How many invocations run at once. */
  readonly concurrency: number;
  /** The share of calls, messages and invocations that go wrong, each for itself. */
  readonly faultRate: number;
  readonly configuration: MediaConfiguration;
  readonly queue: QueueSettings;
  /** The timeout of the function, in milliseconds. */
  readonly timeout: number;
  /** When a stream becomes ACTIVE after its creation, from and to, in milliseconds. */
  readonly streamCreation: readonly [number, number];
  readonly seed: number;
}

export interface Result {
  /** From the registration until all devices, and 99 % of them, had all that they are to have, in seconds. */
  readonly seconds: number;
  readonly secondsOf99: number;
  /** Devices that lacked something, at the end, and before what was in the dead-letter queue was sent once more. */
  readonly lost: number;
  readonly lostBeforeRedrive: number;
  readonly deadLetters: number;
  /** Streams and channels that no device is to have, or that aren't as they are to be. */
  readonly surplus: number;
  readonly crashes: number;
  /** Calls of Kinesis Video Streams, and those refused for their quotas. */
  readonly calls: number;
  readonly refused: number;
  readonly dynamodbWrites: number;
  /** The share of somebody else's calls that were refused. */
  readonly othersRefused: number;
  /** Calls that reached their service, by operation. */
  readonly operations: Record<string, number>;
  /** Of this machine. */
  readonly cpuSeconds: number;
}

const BATCH_SIZE = 10;
/** Calls of CreateStream a second that somebody else in the account makes: stacks, consoles, other fleets. */
const CALLS_OF_OTHERS = 1;

/** In which changes that are under way end, in milliseconds. */
const LAST_CHANGES = 60_000;

/** Registers devices in virtual time, and has the function give them their media until nothing is left to do. */
export async function simulate(scenario: Scenario): Promise<Result> {
  const start = process.cpuUsage();
  const time = new VirtualTime();
  const random = new Random(scenario.seed);
  const { devices, configuration, faultRate, streamCreation } = scenario;
  const images = configuration.imageGeneration !== undefined;
  const cloud = new Cloud(time, random, { faultRate, streamCreation, images });
  const queue = new Queue(time, random, scenario.queue, faultRate);
  let crashes = 0;

  const work = async () => {
    let environment = new Environment(time, random, cloud, queue, scenario);
    for (;;) {
      const batch = await queue.receive(BATCH_SIZE);
      if (batch.length === 0) return;
      const done = await environment.invoke(batch);
      if (done) {
        for (const message of done) queue.delete(message);
      } else {
        crashes++;
        environment = new Environment(time, random, cloud, queue, scenario);
      }
    }
  };
  const drain = async () => {
    let over = false;
    const others = () => {
      if (over) return;
      cloud.callAsOthers();
      time.after(1000 / CALLS_OF_OTHERS, others);
    };
    others();
    await Promise.all(Array.from({ length: scenario.concurrency }, work));
    over = true;
    await time.sleep(LAST_CHANGES);
  };
  const countIncomplete = () => names.filter((name) => !cloud.isComplete(name)).length;

  const names = Array.from({ length: devices }, (_, index) => `drone-${index + 1}`);
  for (const name of names) cloud.things.set(name, configuration.thingTypeName);
  const { deadLetters, lostBeforeRedrive } = await time.run(random.next, async () => {
    for (const thingName of names) queue.send(JSON.stringify(thingEvent({ operation: 'CREATED', thingName })));
    await drain();
    const before = { deadLetters: queue.deadLetters.length, lostBeforeRedrive: countIncomplete() };
    queue.redrive();
    await drain();
    return before;
  });

  const { completions, calls, refusals, ofOthers } = cloud;
  const { UpdateItem = 0, DescribeThing = 0, ...ofVideo } = calls;
  const cpu = process.cpuUsage(start);
  return {
    seconds: (completions.at(-1) ?? 0) / 1000,
    secondsOf99: (completions[Math.ceil(0.99 * completions.length) - 1] ?? 0) / 1000,
    lost: countIncomplete(),
    lostBeforeRedrive,
    deadLetters,
    surplus: cloud.surplus(configuration),
    crashes,
    calls: sum(ofVideo),
    refused: sum(refusals),
    dynamodbWrites: UpdateItem,
    othersRefused: ofOthers.refused / ofOthers.made,
    operations: { DescribeThing, ...ofVideo },
    cpuSeconds: (cpu.user + cpu.system) / 1_000_000,
  };
}

function sum(numbers: Record<string, number>): number {
  return Object.values(numbers).reduce((total, number) => total + number, 0);
}
