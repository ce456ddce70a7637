// The console's code is made for browsers.
/// <reference lib="dom" />
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import { readMessage } from '../../console/src/alerts/detection';
import { chunksOf, DEVICES_EACH, FILTERS_EACH, identify } from '../../console/src/alerts/groups';
import { addDetection, addEvent, learnClass, type AlertList, type Classes } from '../../console/src/alerts/merge';
import { Api } from '../../console/src/api/client';
import type {
  AlertsAnswer,
  CommandAnswer,
  ControlAnswer,
  DevicesAnswer,
  PlaybackAnswer,
} from '../../console/src/api/types';
import { backOff } from '../../console/src/back-off';
import type { Config } from '../../console/src/config';
import { signIn } from './sign-in';

export interface PilotProps {
  /** Where the console is. */
  readonly url: string;
  /** What the user pool knows the pilot by. */
  readonly cookie: { readonly name: string; readonly value: string };
}

/** When something of a device was heard first, in milliseconds since 1970. */
export interface Heard {
  /** From the device itself, before any function has seen it. */
  readonly detected: ReadonlyMap<string, number>;
  /** As an alert that is kept. */
  readonly alerted: ReadonlyMap<string, number>;
}

export type Pilot = Awaited<ReturnType<typeof startPilot>>;

/**
 * A pilot who looks at the console, without a browser: what the pilot is told and shown is made of the same messages, by the
 * console's own code.
 */
export async function startPilot({ url, cookie }: PilotProps) {
  const config = (await (await fetch(`${url}/config.json`)).json()) as Config;
  const token = await signIn(config, cookie, url);
  const { sub } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()) as { sub: string };
  const api = new Api({ url, token: async () => token, onSignedOut: () => undefined });
  const state = { list: [] as AlertList, classes: new Map() as Classes, stopped: false };
  const heard = { detected: new Map<string, number>(), alerted: new Map<string, number>() };
  const lines: Line[] = [];

  const hear = (topic: string, payload: Buffer) => {
    const found = readMessage(topic, payload.toString());
    const now = Date.now();
    if (found?.kind === 'detections') {
      if (!heard.detected.has(found.message.id)) heard.detected.set(found.message.id, now);
      state.list = addDetection(state.list, found.message, state.classes, now);
    } else if (found?.kind === 'alert') {
      show(found.event);
    }
  };

  const show = (event: AlertsAnswer['alerts'][number]) => {
    if (!heard.alerted.has(event.id)) heard.alerted.set(event.id, Date.now());
    state.list = addEvent(state.list, event, Date.now());
    state.classes = learnClass(state.classes, event);
  };

  /** What was alerted while a line was down is read afterwards, as the console does. */
  const readAlerts = async (devices: readonly string[], since: Date) => {
    // What was captured at the end itself isn't in it.
    const to = new Date(Date.now() + 1000).toISOString();
    for (const device of devices) {
      const path = `/devices/${device}/alerts`;
      let nextToken: string | undefined;
      do {
        const page: AlertsAnswer = await api.get<AlertsAnswer>(path, { from: since.toISOString(), to, nextToken });
        page.alerts.forEach(show);
        nextToken = page.nextToken;
      } while (nextToken);
    }
  };

  const devices = async (): Promise<string[]> => {
    const names: string[] = [];
    let nextToken: string | undefined;
    do {
      const page: DevicesAnswer = await api.get<DevicesAnswer>('/devices', { nextToken });
      names.push(...page.devices.map(({ device }) => device));
      nextToken = page.nextToken;
    } while (nextToken);
    return names;
  };

  return {
    config,
    api,
    heard,
    /** What is on the screen: a line for each thing that was seen. */
    shown: () => state.list,
    devices,
    readAlerts,
    /** Listens to devices from now on, and comes back when it does. */
    follow: async (names: readonly string[]) => {
      for (const group of chunksOf(names, DEVICES_EACH)) {
        const line = new Line(config, sub, token, group, hear);
        lines.push(line);
        await line.connected;
      }
    },
    /** Takes control, and keeps it by heartbeats until it is given back. */
    takeControl: async (device: string) => {
      const path = `/devices/${device}/control`;
      const { token: lease, heartbeatSeconds = 5 } = await api.post<ControlAnswer>(path, { action: 'take' });
      const beat = setInterval(() => {
        void api.post(path, { action: 'heartbeat', token: lease }).catch(() => undefined);
      }, 1000 * heartbeatSeconds);
      return {
        token: lease,
        /** Sends a command, and waits for what the device says to it. */
        command: async (name: string): Promise<CommandAnswer> => {
          const id = randomUUID();
          const to = `/devices/${device}/commands`;
          let answer = await api.post<CommandAnswer>(to, { token: lease, id, name });
          while (!answer.acknowledgement && Date.now() < Date.parse(answer.expiresAt) + 1000) {
            await sleep(200);
            answer = await api.get<CommandAnswer>(`${to}/${id}`);
          }
          return answer;
        },
        release: async () => {
          clearInterval(beat);
          await api.post(path, { action: 'release', token: lease });
        },
      };
    },
    /** The URL of a session that plays what was recorded. */
    review: (device: string, from: Date, to: Date) =>
      api.post<PlaybackAnswer>(`/devices/${device}/hls`, {
        mode: 'ON_DEMAND',
        from: from.toISOString(),
        to: to.toISOString(),
      }),
    stop: () => {
      for (const line of lines) line.end();
    },
  };
}

/** A connection for some devices, that is made anew whenever it ends. */
class Line {
  readonly connected: Promise<void>;
  private client?: MqttClient;
  private isOver = false;

  constructor(
    private readonly config: Config,
    private readonly sub: string,
    private readonly token: string,
    private readonly names: readonly string[],
    private readonly hear: (topic: string, payload: Buffer) => void,
  ) {
    this.connected = new Promise((resolve) => void this.run(resolve));
  }

  end(): void {
    this.isOver = true;
    this.client?.end(true);
  }

  private async run(onConnected: () => void): Promise<void> {
    for (let failures = 0; !this.isOver; failures++) {
      if (await this.once(onConnected)) failures = 0;
      if (!this.isOver) await sleep(backOff(failures, { first: 200 }));
    }
  }

  private once(onConnected: () => void): Promise<boolean> {
    const { url, authorizer, topicPrefix } = this.config.messages!;
    const hash = createHash('sha256').update(this.sub).digest('hex');
    const client = connect(url, {
      ...identify(hash, authorizer, this.names, randomUUID()),
      password: this.token,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
    });
    this.client = client;
    const topics = this.names.flatMap((name) => [`${topicPrefix}/${name}/detections`, `${topicPrefix}/${name}/alerts`]);
    return new Promise((resolve) => {
      let wasConnected = false;
      client.on('message', this.hear);
      client.on('connect', () => {
        wasConnected = true;
        const subscribed = chunksOf(topics, FILTERS_EACH).map((filters) => client.subscribeAsync(filters, { qos: 1 }));
        Promise.all(subscribed).then(onConnected, () => client.end(true));
      });
      client.on('error', () => client.end(true));
      client.on('close', () => resolve(wasConnected));
    });
  }
}
