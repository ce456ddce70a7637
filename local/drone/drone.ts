import { DescribeStreamCommand, KinesisVideoClient, Status } from '@aws-sdk/client-kinesis-video';
import { backOff, sleep } from '../../console/src/back-off';
import { IMAGE_TAG } from '../../lambda/canary/make-pattern';
import { followCommands } from './commands';
import { configurationOf } from './configuration';
import { openConnection, type Certificate } from './connection';
import { deviceCredentials } from './credentials';
import { publishDetection, type Seen } from './detections';
import type { Film } from './film';
import { flightOf, fly, type Plan } from './flight';
import { startMaster } from './master';
import { startProducer } from './producer';
import { register } from './registration';
import { openStorage } from './storage';
import { startTelemetry } from './telemetry';

/** Where a drone finds the services, which a device on the market has from its configuration. */
export interface Endpoints {
  /** As `mqtts://localhost:8883`. */
  readonly mqtt: string;
  /** Of the credentials provider, as `https://localhost:8443`. */
  readonly credentials: string;
  /** Of Kinesis Video Streams. */
  readonly kinesisVideo: string;
  /** Whom to trust for MQTT and credentials, as PEM. */
  readonly ca: string;
}

export interface DroneProps {
  readonly serialNumber: string;
  readonly claim: Certificate;
  readonly endpoints: Endpoints;
  /** Of the provisioning template. */
  readonly templateName: string;
  readonly film: Film;
  /** Where it keeps what has to survive that it is switched off. */
  readonly storageFile: string;
  readonly plan?: Plan;
  /** Which fragments are tagged so that images are made of them. @default 'encounters' - as of a device that sees motion itself */
  readonly images?: 'none' | 'encounters' | 'all';
  /** Whether it has a model of its own, which tells at once whom it sees. @default true */
  readonly hasModel?: boolean;
  /** The output `TelemetryTopic` of the fleet. @default - it doesn't tell how its producers are */
  readonly telemetryTopic?: string;
  readonly onEvent?: (event: DroneEvent) => void;
}

/** What happened, and when, in milliseconds since 1970. */
export interface DroneEvent {
  readonly type:
    | 'REGISTERED'
    | 'CONNECTED'
    | 'STREAMING'
    | 'PERSISTED'
    | 'ENCOUNTERED'
    | 'DETECTED'
    | 'CONTROLLED'
    | 'COMMANDED'
    | 'RELEASED'
    | 'LAPSED'
    | 'FAILED';
  readonly at: number;
  readonly detail?: unknown;
}

/** What the drone's own model says of the figure in the film. */
const FIGURE: Seen = {
  label: 'Person',
  confidence: 93.2,
  boundingBox: { left: 0.69, top: 0.36, width: 0.26, height: 0.63 },
};

/**
 * A drone as a device in the field: from the claim in its factory state to its stream, its channel and its pilot's commands. What
 * doesn't work at first is tried again until it is stopped.
 */
export function startDrone(props: DroneProps) {
  const stopping = new AbortController();
  const { signal } = stopping;
  const events: DroneEvent[] = [];
  const stops: (() => unknown)[] = [];
  const tell = (type: DroneEvent['type'], detail?: unknown) => {
    const event = { type, at: Date.now(), detail };
    events.push(event);
    props.onEvent?.(event);
  };
  const onFailure = (error: Error) => tell('FAILED', error.message);

  const running = run().catch((error: Error) => {
    if (!signal.aborted) onFailure(error);
  });

  async function run(): Promise<void> {
    const {
      endpoints,
      film,
      plan = {},
      images = 'encounters',
      hasModel = true,
      serialNumber,
      claim,
      templateName,
      telemetryTopic,
    } = props;
    const { ca } = endpoints;
    const storage = openStorage(props.storageFile);
    const identity = await register({
      url: endpoints.mqtt,
      ...{ ca, claim, serialNumber, templateName, storage, signal, onFailure },
    });
    const { thing, certificate, privateKey } = identity;
    const { region, roleAlias, streams, channels, topic, own } = configurationOf(identity);
    tell('REGISTERED', thing);

    const client = openConnection({ url: endpoints.mqtt, ca, certificate, privateKey, clientId: thing, onFailure });
    stops.push(() => client.endAsync(true));
    client.on('connect', () => tell('CONNECTED'));
    const commands = await followCommands({
      client,
      topic: topic('commands'),
      token: storage.read().token,
      onToken: (token) => storage.write({ token }),
      onAct: ({ type, ...detail }) => tell(type, detail),
    });
    stops.push(commands.stop);

    const url = endpoints.credentials;
    const credentials = deviceCredentials({ url, ca, certificate, privateKey, roleAlias, thing });
    const kinesisVideo = new KinesisVideoClient({ region, endpoint: endpoints.kinesisVideo, credentials });
    stops.push(() => kinesisVideo.destroy());
    for (const stream of streams) await untilActive(kinesisVideo, stream, signal, onFailure);
    if (signal.aborted) return;

    const producers = streams.map((streamName) =>
      startProducer({
        ...{ kinesisVideo, credentials, region, streamName, onFailure },
        header: film.header,
        onAcknowledged: ({ EventType, FragmentTimecode }) => {
          if (EventType === 'PERSISTED') tell('PERSISTED', FragmentTimecode);
        },
      }),
    );
    stops.push(() => Promise.all(producers.map((producer) => producer.stop())));
    const flight = flightOf(film, plan, Date.now());
    tell('STREAMING', streams);

    const detect = async () => {
      const message = await publishDetection(client, topic('detections'), FIGURE);
      tell('DETECTED', message);
    };
    const { stop } = fly(
      flight,
      (index) => {
        const { isEncounter, isBeginning } = flight.shot(index);
        if (isBeginning) tell('ENCOUNTERED', flight.timeOf(index));
        if (isEncounter && hasModel) detect().catch(onFailure);
      },
      (index) => {
        const { fragment, isEncounter } = flight.shot(index);
        const tags = images === 'all' || (images === 'encounters' && isEncounter) ? [IMAGE_TAG] : [];
        for (const producer of producers) producer.put(fragment, flight.timeOf(index), tags);
      },
    );
    stops.push(stop);
    if (telemetryTopic) stops.push(startTelemetry({ client, topic: own(telemetryTopic), producers }).stop);
    for (const channelName of channels) {
      const master = startMaster({
        ...{ kinesisVideo, credentials, region, channelName, onFailure },
        when: flight.when(),
      });
      stops.push(master.stop);
    }
  }

  return {
    /** All that has happened. */
    events,
    stop: async () => {
      stopping.abort();
      // What is waited for ends with the connection.
      for (const stop of stops.splice(0).reverse()) await stop();
      await running;
      for (const stop of stops.splice(0).reverse()) await stop();
    },
  };
}

export type Drone = ReturnType<typeof startDrone>;

/** The fleet makes streams of a thing some seconds after it is registered: docs/devices.md. */
async function untilActive(
  kinesisVideo: KinesisVideoClient,
  StreamName: string,
  signal: AbortSignal,
  onFailure: (error: Error) => void,
): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const { StreamInfo } = await kinesisVideo.send(new DescribeStreamCommand({ StreamName }));
      if (StreamInfo?.Status === Status.ACTIVE) return;
    } catch (error) {
      onFailure(error as Error);
    }
    await sleep(backOff(attempt, { first: 500, most: 10_000 }), signal);
  }
}
