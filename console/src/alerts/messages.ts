import type { MqttClient } from 'mqtt';
import { backOff, sleep } from '../back-off';
import { services } from '../services';
import { createStore } from '../store';
import { hearDetections, hearEvent } from './alerts';
import { readMessage } from './detection';
import { FILTERS_EACH, chunksOf, group, identify } from './groups';

export interface Feed {
  readonly state: 'off' | 'connecting' | 'connected' | 'broken';
  /** Devices beyond what can be followed at once. */
  readonly left: number;
  /** Devices of which no messages may be heard. */
  readonly refused: readonly string[];
}

export const feed = createStore<Feed>({ state: 'off', left: 0, refused: [] });

const SETTLE = 400;

/** Follows the messages of devices, over connections that are made anew whenever they end. */
export class Messages {
  private groups: readonly (readonly string[])[] = [];
  private readonly lines = new Map<number, Line>();

  constructor(private readonly sub: string) {}

  follow(names: readonly string[]): void {
    const { groups, left } = group(names, this.groups);
    groups.forEach((members, index) => {
      if (members.join() === this.groups[index]?.join()) return;
      this.lines.get(index)?.end();
      this.lines.set(index, new Line(members, this.sub, () => this.report()));
    });
    this.groups = groups;
    feed.set((now) => ({ ...now, left: left.length }));
    this.report();
  }

  end(): void {
    for (const line of this.lines.values()) line.end();
    this.lines.clear();
    feed.set({ state: 'off', left: 0, refused: [] });
  }

  private report(): void {
    const states = [...this.lines.values()].map(({ state }) => state);
    const worst = (['broken', 'connecting', 'connected'] as const).find((state) => states.includes(state));
    const refused = [...this.lines.values()].flatMap((line) => line.refused);
    feed.set((now) => {
      const isSame = now.state === (worst ?? 'off') && now.refused.join() === refused.join();
      return isSame ? now : { ...now, state: worst ?? 'off', refused };
    });
  }
}

class Line {
  state: Exclude<Feed['state'], 'off'> = 'connecting';
  refused: readonly string[] = [];
  private readonly stop = new AbortController();
  private client: MqttClient | undefined;

  constructor(
    private readonly names: readonly string[],
    private readonly sub: string,
    private readonly onState: () => void,
  ) {
    void this.run();
  }

  end(): void {
    this.stop.abort();
    this.client?.end(true);
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    // Devices come page by page; one that is opened just then should not cost a connection of its own.
    await sleep(SETTLE, signal);
    for (let failures = 0; !signal.aborted; failures++) {
      const began = Date.now();
      const wasConnected = await this.once().catch(() => false);
      if (signal.aborted) return;
      // A session that ended by its length is no failure.
      if (wasConnected && Date.now() - began > 10_000) failures = 0;
      this.show(wasConnected && failures === 0 ? 'connecting' : 'broken');
      await sleep(backOff(failures, { first: 500 }), signal);
    }
  }

  /** @returns whether it was connected, when it is no more */
  private async once(): Promise<boolean> {
    const { messages, token } = { ...services.config, token: await services.signIn.token() };
    if (!messages || token === undefined || this.names.length === 0) return false;
    const { default: mqtt } = await import('mqtt');
    if (this.stop.signal.aborted) return false;
    const client = mqtt.connect(messages.url, {
      ...identify(await sha256(this.sub), messages.authorizer, this.names, crypto.randomUUID()),
      password: token,
      clean: true,
      // Each connection has a token of its own, so connecting again is done here.
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      keepalive: 60,
      // The other kind is a worker from a blob, which the content security policy forbids.
      timerVariant: 'native',
    });
    this.client = client;
    return new Promise((resolve) => {
      let wasConnected = false;
      const offline = () => client.end(true);
      addEventListener('offline', offline);
      client.on('connect', () => {
        wasConnected = true;
        void this.subscribe(client, messages.topicPrefix);
      });
      client.on('message', (topic, payload) => hear(topic, payload.toString()));
      client.on('error', () => client.end(true));
      client.on('close', () => {
        removeEventListener('offline', offline);
        resolve(wasConnected);
      });
    });
  }

  private async subscribe(client: MqttClient, prefix: string): Promise<void> {
    const topics = this.names.flatMap((name) => [`${prefix}/${name}/detections`, `${prefix}/${name}/alerts`]);
    // A device that isn't for this person refuses its topics, and those of others stay.
    const refused = new Set<string>();
    for (const filters of chunksOf(topics, FILTERS_EACH)) {
      await new Promise<void>((resolve) =>
        client.subscribe(filters, { qos: 1 }, (_, granted = [], packet) => {
          const codes = (packet as { granted?: readonly number[] } | undefined)?.granted ?? [];
          filters.forEach((topic, index) => codes[index] >= 0x80 && refused.add(topic.split('/').at(-2)!));
          for (const { topic, qos } of granted) if (qos >= 0x80) refused.add(topic.split('/').at(-2)!);
          resolve();
        }),
      );
    }
    this.refused = [...refused];
    if (client.connected) this.show('connected');
  }

  private show(state: Line['state']): void {
    this.state = state;
    this.onState();
  }
}

function hear(topic: string, payload: string): void {
  const heard = readMessage(topic, payload);
  if (heard?.kind === 'detections') hearDetections(heard.message);
  if (heard?.kind === 'alert') hearEvent(heard.event);
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
