import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { DroneEvent } from '../drone/drone';
import { renderFilm } from '../drone/film';
import { faults } from './faults';
import { startFleet } from './fleet';
import { startPilot } from './pilot';
import { duration, progress } from './progress';
import { encountersOf, tallyOf, type Tally } from './tally';
import { until } from './until';

const USAGE = `Usage: npm run fly -- [--drones 20] [--faults 5] [--encounters 3] [--seed 1]

Flies drones of the reference fleet on this machine, while --faults percent of all calls are throttled, fail or are cut off,
of all invocations die half-way, and of all connections are lost each second. Tells which alerts the pilot got of all that
the drones met.`;

/** When somebody is before the camera, in milliseconds. */
const FIRST = 10_000;
const EVERY = 30_000;
/** How long an encounter lasts, and an alert of the same is kept back. */
const LASTS = 6000;
const REPEAT_SECONDS = 15;

/** Messages that failed are handled again after seconds, and not after minutes as on AWS: somebody waits here. */
const REDELIVERY_SECONDS = 10;

/** How often the console reads alerts that it may have missed, and how long it is waited for the last of them. */
const POLL = 15_000;
const PATIENCE = 300_000;

export interface FlyProps {
  readonly drones: number;
  /** In percent. */
  readonly faults: number;
  readonly encounters: number;
  readonly seed: number;
  readonly say: (words: string) => void;
}

/** Flies many drones, of which something goes wrong with each. */
export async function fly({ drones: count, faults: percent, encounters, seed, say }: FlyProps) {
  const wrong = faults(percent / 100, seed);
  const film = await renderFilm();
  const fleet = await startFleet({
    configuration: {
      obstacles: [{ name: 'person', labels: ['Person'], severity: 'CRITICAL', repeatAfterSeconds: REPEAT_SECONDS }],
    },
    faults: wrong.ofCall,
    functions: { kill: wrong.ofInvocation },
    redeliverAfterSeconds: REDELIVERY_SECONDS,
  });
  say(`Console: ${fleet.url} (sign in as pilot)`);
  const pilot = await startPilot({ url: fleet.url, cookie: fleet.cookieOf('pilot') });
  const names = Array.from({ length: count }, (_, index) => `drone-${index + 1}`);
  const began = new Date();
  const switchOn = async (name: string, index: number) => {
    const events: DroneEvent[] = [];
    // Not all at the same moment.
    const plan = { obstacleAt: FIRST + 2000 * (index % 5), every: EVERY };
    const onEvent = (event: DroneEvent) => void events.push(event);
    return { name, events, drone: await fleet.switchOn(name, { film, plan, images: 'none', onEvent }) };
  };
  const drones = await Promise.all(names.map(switchOn));
  const timers = [
    setInterval(() => wrong.ofConnections(fleet.iot.clients(), fleet.iot.drop), 1000),
    setInterval(() => void pilot.readAlerts(names, began).catch(() => undefined), POLL),
  ];
  // Whoever was ready first may meet somebody once more.
  const met = () => drones.flatMap(({ name, events }) => encountersOf(name, events));
  const tally = (since = 0) => tallyOf(met(), pilot.shown(), pilot.heard.alerted, since);

  try {
    await until('Registration of all', () => all(drones, 'REGISTERED'), PATIENCE);
    for (const name of names) await until(`The thing ${name}`, () => fleet.giveToPilots(name));
    say(`${count} registered`);
    await pilot.follow(names);
    const followed = Date.now();
    await until('Streams of all', () => all(drones, 'PERSISTED'), PATIENCE);
    say(`${count} stream`);
    const flown = () => drones.every(({ name, events }) => encountersOf(name, events).length >= encounters);
    await until('The last encounter', () => flown() || undefined, FIRST + EVERY * encounters + PATIENCE);
    // What is told of the last one while it lasts.
    await sleep(LASTS);
    await Promise.all(drones.map(({ drone }) => drone.stop()));
    say(`${met().length} encounters; waiting for their alerts`);
    // What is tried again late may be lost, or shown a second time.
    const isOver = () => (tally().lost.length === 0 && !fleet.cloud.sqs.isBusy()) || undefined;
    await until('The last alert', isOver, PATIENCE).catch(() => undefined);
    wrong.end();
    await pilot.readAlerts(names, began);
    return { tally: tally(followed), injected: wrong.injected, undelivered: fleet.cloud.sqs.depths() };
  } finally {
    for (const timer of timers) clearInterval(timer);
    pilot.stop();
    await Promise.all(drones.map(({ drone }) => drone.stop()));
    await fleet.stop();
  }
}

export type Flown = Awaited<ReturnType<typeof fly>>;

function all(drones: readonly { readonly events: readonly DroneEvent[] }[], type: DroneEvent['type']) {
  return drones.every(({ events }) => events.some((event) => event.type === type)) || undefined;
}

/** What became of the alerts, in lines. */
export function report({ tally, injected, undelivered }: Flown): string {
  const { encounters, lost, duplicates, delays } = tally;
  const { throttled, failed, dropped, killed, disconnected } = injected;
  const dead = Object.entries(undelivered).map(([queue, depth]) => `\n  In ${queue}: ${depth}`);
  return [
    `Faults: ${throttled} calls throttled, ${failed} failed, ${dropped} cut off; ${killed} functions killed; ${disconnected} connections lost.`,
    `Alerts: ${encounters} encounters, lost ${lost.length}, duplicates shown to the pilot ${duplicates}; on the console after ${quantiles(delays)}.${dead.join('')}`,
  ].join('\n');
}

function quantiles(delays: Tally['delays']): string {
  const at = (share: number) => duration(delays[Math.min(delays.length - 1, Math.floor(share * delays.length))] ?? NaN);
  return `${at(0.5)} (half), ${at(0.95)} (95 %), ${at(1)} (all)`;
}

async function main(): Promise<void> {
  const number = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { drones: number, faults: number, encounters: number, seed: number, help: { type: 'boolean' } },
  });
  const { drones = '20', faults: percent = '5', encounters = '3', seed = '1' } = values;
  const props = { drones: Number(drones), faults: Number(percent), encounters: Number(encounters), seed: Number(seed) };
  const isWrong = Object.values(props).some((value) => !Number.isFinite(value) || value < 0) || props.faults > 50;
  if (values.help || isWrong) {
    console.log(USAGE);
    process.exitCode = isWrong ? 2 : 0;
    return;
  }
  const flown = await fly({ ...props, say: progress() });
  console.log(report(flown));
  if (flown.tally.lost.length > 0 || flown.tally.duplicates > 0) process.exitCode = 1;
}

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
