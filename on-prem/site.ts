import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import type { AlertPorts } from '../lambda/common/alerts';
import { Encounters } from '../lambda/common/encounters';
import { logger } from '../lambda/common/observability';
import { handle, type Ports } from '../lambda/image-detector/handler';
import { read } from '../lambda/image-detector/objects';
import { FrameQueue } from './frame-queue';
import { JanusRooms } from './janus';
import { MemoryItems } from './memory-items';
import { model } from './model';
import { Recorder } from './recorder';
import type { Settings } from './settings';
import { MediaStore } from './store';

/** Between two looks at what there is in Janus, in milliseconds. */
const INTERVAL = 1000;
/** Fresher frames go first. */
const MAXIMUM_AGE_SECONDS = 60;
/** The links in alerts, as the cloud has them by default. */
const LINK_SECONDS = 900;

/**
 * A fleet on one's own machines: what Janus takes in is recorded and looked at by the very code that the cloud runs, and
 * ends in the same detection events.
 */
export class Site {
  private readonly rooms: JanusRooms;
  private readonly recorders: Recorder[];
  private readonly frames: FrameQueue;
  private readonly store: MediaStore;
  private readonly ending = new AbortController();
  private readonly works: Promise<void>[] = [];
  private readonly underWay = new Set<Promise<void>>();

  static async start(settings: Settings): Promise<Site> {
    const mqtt = await connectAsync(settings.MQTT_URL);
    const started = new Site(settings, mqtt);
    await started.store.prepare(settings.site.retentionDays);
    started.works.push(started.keepRooms(), ...started.recorders.map((recorder) => recorder.run()));
    return started;
  }

  private constructor(
    { site, ...settings }: Settings,
    private readonly mqtt: MqttClient,
  ) {
    this.store = new MediaStore(settings.STORE_URL, settings.STORE_BUCKET);
    const ports = detectorPorts(settings, site, this.store, mqtt);
    this.frames = new FrameQueue((body, delivery) => handle(body, ports, delivery));
    this.rooms = new JanusRooms(site, {
      url: settings.JANUS_URL,
      adminKey: settings.JANUS_ADMIN_KEY,
      mediaHost: settings.MEDIA_HOST,
    });
    const recorderPorts = {
      folder: settings.RECORDINGS_FOLDER,
      onFrame: (device: string, jpeg: Buffer, capturedAt: Date) =>
        this.attend('A frame could not be stored', device, async () => {
          this.frames.add(await this.store.putFrame(device, jpeg, capturedAt));
        }),
      // One that can't be stored stays in its folder, until the program starts again.
      onFragment: (device: string, file: string) =>
        this.attend('A recording could not be stored', device, () => this.store.putFragment(device, file)),
    };
    this.recorders = site.cameras.map((camera) => new Recorder(camera, site, recorderPorts));
  }

  async stop(): Promise<void> {
    this.ending.abort();
    for (const recorder of this.recorders) recorder.stop();
    await Promise.all(this.works);
    await Promise.all(this.underWay);
    await this.frames.idle();
    await this.mqtt.endAsync();
  }

  /** Has the work done by itself, and waited for in the end. */
  private attend(problem: string, device: string, work: () => Promise<void>): void {
    const done: Promise<void> = work()
      .catch((error) => logger.error(problem, { device, error }))
      .finally(() => void this.underWay.delete(done));
    this.underWay.add(done);
  }

  private async keepRooms(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      await this.rooms.bringToOrder().catch((error) => logger.error('Janus is not in order', { error }));
      await sleep(INTERVAL, undefined, { signal }).catch(() => undefined);
    }
  }
}

function detectorPorts(
  { MODEL_URL }: Omit<Settings, 'site'>,
  { name, obstacles, labels, repeatAfterSeconds }: Settings['site'],
  { s3 }: MediaStore,
  mqtt: MqttClient,
): Ports {
  const now = Date.now;
  return {
    fleet: name,
    obstacles,
    alerts: {
      publish: publisher(mqtt),
      encounters: new Encounters({ table: new MemoryItems(), now }),
      settings: { repeatAfterSeconds },
      now,
    },
    analyser: model({ url: MODEL_URL, labels }, (frame, maxBytes) => read(s3, frame, maxBytes)),
    turn: async () => {},
    maximumAgeSeconds: MAXIMUM_AGE_SECONDS,
    evidence: { s3, settings: { evidencePrefix: 'evidence', linkSeconds: LINK_SECONDS }, now },
  };
}

/** Publishes alerts to the broker, where those who are away find them when they come back. */
function publisher(mqtt: MqttClient): AlertPorts['publish'] {
  return async ({ event }) => {
    await mqtt.publishAsync(`alerts/${event.device}`, JSON.stringify(event), { qos: 1 });
  };
}
