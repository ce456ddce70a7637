import type { Alert } from '../../console/src/alerts/merge';
import type { TrailRecord } from '../cloud/kinesis-video/trail';
import type { DroneEvent } from '../drone/drone';
import { renderFilm } from '../drone/film';
import { startFleet } from './fleet';
import { startPilot } from './pilot';
import { duration } from './progress';
import { until } from './until';

/** It has a model of its own; the other one films, and leaves it to the cloud to look. */
const DEVICE = 'drone-1';
const FILMING = 'drone-2';

/** When somebody is before the camera first, and how often, in milliseconds from the beginning of the stream. */
const PLAN = { obstacleAt: 8000, every: 90_000 };

export interface FlightProps {
  /** Is told what is going on. */
  readonly say: (words: string) => void;
  readonly port?: number;
}

/** How long it took, in milliseconds. */
export interface Seen {
  /** From the first boot to the thing. */
  readonly registered: number;
  /** From the first boot to the first fragment that is kept. */
  readonly streaming: number;
  /** From when a frame was taken to what the device's model sees in it, on the console. */
  readonly detected: number;
  /** From when it was taken to the alert on the console. */
  readonly alerted: number;
  /** The same for a drone that only streams: of what a model saw in an image of its stream. */
  readonly imageAlerted: number;
  /** From when the pilot asked to when the device obeyed. */
  readonly controlled: number;
  /** What the device said to a command. */
  readonly command: string;
  /** How many fragments were played back. */
  readonly reviewed: number;
  /** Who played them, as the trail of audit has it. */
  readonly audited: TrailRecord;
}

/** Two drones on their flight: what they meet is seen, a pilot takes control, and what happened is reviewed. */
export async function startFlight({ say, port }: FlightProps) {
  const trail: TrailRecord[] = [];
  say('Rendering what the drone will film');
  const film = await renderFilm();
  say('Deploying the fleet on this machine');
  const fleet = await startFleet({ port, kinesisVideo: { onEvent: (record) => void trail.push(record) } });
  const { length } = fleet.deployed.resources('AWS::Lambda::Function');
  say(`Deployed: ${length} functions. Console: ${fleet.url} (sign in as pilot)`);
  const pilot = await startPilot({ url: fleet.url, cookie: fleet.cookieOf('pilot') });
  const events: DroneEvent[] = [];
  const happened = (type: DroneEvent['type']) => events.find((event) => event.type === type);
  const boot = Date.now();
  const drones = [
    await fleet.switchOn(DEVICE, { film, plan: PLAN, images: 'none', onEvent: (event) => void events.push(event) }),
  ];

  const fly = async (): Promise<Seen> => {
    const registered = (await until('Registration', () => happened('REGISTERED'))).at - boot;
    say(`${DEVICE} registered with its claim certificate, after ${duration(registered)}`);
    drones.push(await fleet.switchOn(FILMING, { film, plan: PLAN, hasModel: false }));
    for (const name of [DEVICE, FILMING]) await until(`The thing ${name}`, () => fleet.giveToPilots(name));
    await pilot.follow(await until('The list of devices', async () => complete(await pilot.devices())));
    const streaming = (await until('The first fragment', () => happened('PERSISTED'))).at - boot;
    say(`${DEVICE} streams: its stream and channel were made, after ${duration(streaming)}`);

    const isAlerted = ({ isConfirmed, device }: Alert) => isConfirmed && device === DEVICE;
    const alert = await until('An alert', () => pilot.shown().find(isAlerted));
    const detected = pilot.heard.detected.get(alert.key)! - alert.capturedAt;
    const alerted = pilot.heard.alerted.get(alert.id)! - alert.capturedAt;
    say(`${alert.label} ahead: on the console after ${duration(detected)}, an alert after ${duration(alerted)}`);

    const asked = Date.now();
    const control = await pilot.takeControl(DEVICE);
    const controlled = (await until('Control', () => happened('CONTROLLED'))).at - asked;
    const { acknowledgement } = await control.command('HOVER');
    const command = acknowledgement?.outcome ?? 'no answer';
    say(`The pilot is in control after ${duration(controlled)}; HOVER: ${command.toLowerCase()}`);

    const image = await until('An alert of an image', () => pilot.shown().find(({ device }) => device === FILMING));
    const imageAlerted = pilot.heard.alerted.get(image.id)! - image.capturedAt;
    say(`${FILMING} has no model: one in the cloud saw it in an image, an alert after ${duration(imageAlerted)}`);
    await control.release();

    const { url } = await pilot.review(DEVICE, new Date(alert.capturedAt - 4000), new Date());
    const reviewed = (await fragmentsOf(url)).length;
    const audited = await until('The trail', () => trail.find((it) => it.eventName === 'GetHLSStreamingSessionURL'));
    say(`Reviewed: ${reviewed} fragments of what was recorded, and it is on record who did`);
    return { registered, streaming, detected, alerted, imageAlerted, controlled, command, reviewed, audited };
  };

  return {
    fleet,
    drones,
    pilot,
    /** Ends once everything was seen. @throws Error which says what wasn't */
    seen: fly(),
    stop: async () => {
      pilot.stop();
      await Promise.all(drones.map((drone) => drone.stop()));
      await fleet.stop();
    },
  };
}

/** What a flight has shown, in a line. */
export function endingLine({ registered, streaming, detected, alerted, imageAlerted, controlled }: Seen): string {
  return (
    `Seen: registered after ${duration(registered)}, streaming after ${duration(streaming)}; obstacle on the console after ` +
    `${duration(detected)}, alert after ${duration(alerted)} (from images ${duration(imageAlerted)}); pilot in control after ${duration(controlled)}.`
  );
}

function complete(names: string[]): string[] | undefined {
  return [DEVICE, FILMING].every((name) => names.includes(name)) ? names : undefined;
}

/** The addresses of the fragments that a session of HLS plays. */
async function fragmentsOf(url: string): Promise<string[]> {
  const lines = async (page: string) => {
    const response = await fetch(page);
    if (!response.ok) throw new Error(`${page} answers with ${response.status}.`);
    return (await response.text()).split('\n').filter((line) => line && !line.startsWith('#'));
  };
  const [media] = await lines(url);
  return lines(new URL(media, url).href);
}
