import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import { commandAcknowledgement, type DeviceCommand } from '../../../lambda/common/device-command';
import { deviceMessage } from '../../../lambda/common/device-message';
import { producerReport } from '../../../lambda/producer-telemetry/producer-report';
import { startDrone, type Drone, type DroneEvent, type DroneProps } from '../../../local/drone/drone';
import { renderFilm, type Film } from '../../../local/drone/film';
import { startTelemetry } from '../../../local/drone/telemetry';
import { openStorage } from '../../../local/drone/storage';
import type { Producer } from '../../../local/drone/producer';
import { allow, hear, until } from '../iot/support';
import { startIngest } from './support/ingest';
import { TEMPLATE, startFleet, type Fleet } from './support/iot';

const THING = 'drone-0001';

let film: Film;
let fleet: Fleet;
let ingest: Awaited<ReturnType<typeof startIngest>>;
let storageFile: string;
/** Of somebody who hears all that devices say. */
let ear: MqttClient;
let heard: ReturnType<typeof hear>;
let drone: Drone | undefined;

beforeAll(async () => {
  film = await renderFilm();
});
beforeEach(async () => {
  fleet = await startFleet();
  ingest = await startIngest(fleet.principals);
  storageFile = join(mkdtempSync(join(tmpdir(), 'drone-')), 'device.json');
  const { tls } = await fleet.certificate(allow('iot:*', '*'));
  ear = await fleet.connect({ clientId: 'ear', ...tls });
  heard = hear(ear);
  await ear.subscribeAsync('devices/#', { qos: 1 });
});
afterEach(async () => {
  await drone?.stop();
  drone = undefined;
  await ingest.stop();
  await fleet.stop();
});

function start(props: Partial<DroneProps> = {}): Drone {
  return (drone = startDrone({
    serialNumber: THING,
    claim: fleet.claim,
    endpoints: {
      mqtt: `mqtts://${fleet.iot.dataEndpoint}`,
      credentials: `https://${fleet.iot.credentialsEndpoint}`,
      kinesisVideo: ingest.url,
      ca: fleet.iot.caPem,
    },
    templateName: TEMPLATE,
    film,
    storageFile,
    ...props,
  }));
}

const happened = (type: DroneEvent['type']) => drone!.events.filter((event) => event.type === type);
const heardOn = (topic: string) =>
  heard
    .filter((message) => message.topic === topic)
    .map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);

test('a drone registers, waits for its stream, sends the film in time, and tells of what it meets', async () => {
  ingest.state.status = undefined;
  start({ plan: { obstacleAt: 2000 } });
  await until(() => happened('FAILED').some(({ detail }) => detail === 'There is none.'));
  expect(happened('REGISTERED')).toMatchObject([{ detail: THING }]);
  ingest.state.status = 'ACTIVE';
  await until(() => happened('PERSISTED').length === 3);

  const [{ at: streaming }] = happened('STREAMING');
  const [first, second, third] = ingest.timecodes();
  expect(Math.abs(first - streaming)).toBeLessThan(1000);
  expect([second - first, third - first]).toEqual([2000, 4000]);
  expect(happened('ENCOUNTERED')).toMatchObject([{ detail: second }]);
  // Only what somebody is in is tagged.
  const [{ bytes }] = ingest.sessions;
  expect(bytes.toString('latin1').match(/AWS_KINESISVIDEO_IMAGE_GENERATION/g)).toHaveLength(2);

  const detections = heardOn(`devices/${THING}/detections`);
  expect(detections.length).toBeGreaterThanOrEqual(2);
  expect(new Set(detections.map(({ id }) => id)).size).toBe(detections.length);
  for (const detection of detections) deviceMessage.parse(detection);
});

test('what a drone sees while it has no connection is told when it has one again', async () => {
  start({ plan: { obstacleAt: 2000 } });
  await until(() => happened('STREAMING').length === 1);
  // The broker goes before the obstacle is met, and lets nobody in for a while.
  const cutting = setInterval(() => fleet.iot.drop(THING), 20);
  await until(() => happened('ENCOUNTERED').length === 1);
  await setTimeout(200);
  expect(heardOn(`devices/${THING}/detections`)).toEqual([]);
  clearInterval(cutting);
  await until(() => happened('DETECTED').length >= 3);
  // The broker has them a moment before whoever listens.
  await until(() => {
    const ids = new Set(heardOn(`devices/${THING}/detections`).map(({ id }) => id));
    return happened('DETECTED').every(({ detail }) => ids.has((detail as { id: string }).id));
  });
});

describe('a pilot', () => {
  const command = (name: string, token: number, more: Partial<DeviceCommand> = {}): DeviceCommand => ({
    schemaVersion: '1.0',
    id: `${name}-${token}`,
    token,
    leaseExpiresAt: new Date(Date.now() + 1500).toISOString(),
    command: { name },
    issuedAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 1000).toISOString(),
    onLapse: 'RETURN',
    ...more,
  });
  const say = (message: unknown) => ear.publishAsync(`devices/${THING}/commands`, JSON.stringify(message), { qos: 1 });
  const acknowledgements = () =>
    heardOn(`devices/${THING}/commands/acks`).map((message) => commandAcknowledgement.parse(message));

  test('is obeyed as long as he has the lease, once a command; without him the drone returns', async () => {
    start();
    await until(() => happened('STREAMING').length === 1);
    await say({ nonsense: true });
    await say(command('TAKE_CONTROL', 7));
    await say(command('LAND', 7));
    await say(command('LAND', 7));
    await until(() => acknowledgements().length === 3);
    expect(happened('CONTROLLED')).toMatchObject([{ detail: { token: 7 } }]);
    expect(happened('COMMANDED')).toMatchObject([{ detail: { command: { name: 'LAND' } } }]);
    await until(() => happened('LAPSED').length === 1);
    expect(happened('LAPSED')).toMatchObject([{ detail: { lapse: 'RETURN' } }]);
    await say(command('HOVER', 6));
    await until(() => acknowledgements().length === 4);
    expect(acknowledgements().at(-1)).toMatchObject({ id: 'HOVER-6', outcome: 'REFUSED', reason: 'STALE_TOKEN' });
  });

  test('is heard though the connection was lost before the drone had asked for commands', async () => {
    let cuts = 0;
    const onEvent = ({ type }: DroneEvent) => {
      if (type === 'CONNECTED' && cuts++ < 2) fleet.iot.drop(THING);
    };
    start({ onEvent });
    await until(() => happened('STREAMING').length === 1);
    while (acknowledgements().length === 0) {
      await say(command('TAKE_CONTROL', 7));
      await setTimeout(50);
    }
    expect(cuts).toBeGreaterThan(2);
  });

  test('who had it before a restart is not obeyed after it, and the drone does not register again', async () => {
    start();
    await until(() => happened('STREAMING').length === 1);
    await say(command('TAKE_CONTROL', 7));
    await until(() => acknowledgements().length === 1);
    await drone!.stop();

    start({ claim: { certificate: 'none', privateKey: 'none' } });
    await until(() => happened('STREAMING').length === 1);
    await say(command('HOVER', 6));
    await until(() => acknowledgements().length === 2);
    expect(acknowledgements()[1]).toMatchObject({ outcome: 'REFUSED', reason: 'STALE_TOKEN', token: 7 });
    await say(command('TAKE_CONTROL', 8));
    await say(command('RELEASE', 8));
    await until(() => happened('RELEASED').length === 1);
    expect(happened('LAPSED')).toEqual([]);
  });
});

test('a drone tells how its producers are, in the words of the fleet', async () => {
  const { tls } = await fleet.certificate(allow('iot:*', '*'));
  const client = await fleet.connect({ clientId: 'teller', ...tls });
  const report = { viewDuration: 4000, waitingBytes: 50_000, bytes: 20_000, droppedFrames: 20, errorAcks: 1 };
  const producer = { report: () => report } as unknown as Producer;
  const { stop } = startTelemetry({ client, topic: 'devices/teller/telemetry', producers: [producer], interval: 100 });
  await until(() => heardOn('devices/teller/telemetry').length > 0);
  stop();
  const [told] = heardOn('devices/teller/telemetry');
  expect(producerReport.parse(told).streams).toMatchObject([
    { currentViewDuration: 4000, currentTransferRate: 200_000, droppedFrames: 20, errorAcks: 1 },
  ]);
  expect(told.contentStoreAvailableSize).toBe((told.contentStoreSize as number) - 50_000);
});

test('a drone that is stopped while nobody lets it connect stops', async () => {
  const identity = { thing: THING, ...fleet.claim, configuration: fleet.configuration };
  openStorage(storageFile).write({ identity });
  start();
  await until(() => happened('FAILED').length > 0);
  await drone!.stop();
  expect(happened('REGISTERED')).toHaveLength(1);
  expect(happened('CONNECTED')).toEqual([]);
});

test('a drone that is stopped while it is refused stops', async () => {
  fleet.state.allows = false;
  start();
  await until(() => happened('FAILED').length > 0);
  await drone!.stop();
  expect(happened('REGISTERED')).toEqual([]);
});
