import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { connectAsync, type MqttClient } from 'mqtt';
import { chromium, type Browser } from 'playwright-core';
import { detectionEvent, type DetectionEvent } from '../../lambda/common/detection-event';
import { Recorder } from '../../on-prem/recorder';
import { site, type Settings } from '../../on-prem/settings';
import { Site } from '../../on-prem/site';
import { MediaStore } from '../../on-prem/store';
import { captureOutput } from '../support/handler-output';
import { picture } from '../support/pictures';
import { Publisher } from './support/publisher';
import { startBroker, startJanus, startModel, startStore, type Service } from './support/services';

captureOutput();

const ADMIN_KEY = 'the key of the administrator';
const PIN = 'the pin of the first gate';
const SITE = site.parse({
  name: 'depot',
  cameras: [
    { device: 'gate-1', pin: PIN, port: 21_500 },
    { device: 'gate-2', pin: 'the pin of the second gate', port: 21_502 },
  ],
  codec: 'vp8',
  fragmentSeconds: 2,
  obstacles: [{ name: 'person', labels: ['person'], minimumConfidence: 55, severity: 'CRITICAL' }],
});

let services: Record<'janus' | 'store' | 'broker' | 'model', Service>;
let folder: string;
let browser: Browser;
let watcher: MqttClient;
let settings: Settings;
const alerts: DetectionEvent[] = [];

beforeAll(async () => {
  const [janus, store, broker, model] = await Promise.all([
    startJanus(ADMIN_KEY),
    startStore(),
    startBroker(),
    startModel(),
  ]);
  services = { janus, store, broker, model };
  folder = mkdtempSync(join(tmpdir(), 'recordings-'));
  process.env.AWS_ACCESS_KEY_ID = process.env.AWS_SECRET_ACCESS_KEY = 'S3RVER';
  settings = {
    SITE_FILE: '',
    JANUS_URL: janus.url,
    JANUS_ADMIN_KEY: ADMIN_KEY,
    MEDIA_HOST: '127.0.0.1',
    STORE_URL: store.url,
    STORE_BUCKET: 'media',
    MODEL_URL: model.url,
    MQTT_URL: broker.url,
    RECORDINGS_FOLDER: folder,
    site: SITE,
  };
  watcher = await connectAsync(broker.url);
  watcher.on('message', (_topic, payload) => void alerts.push(detectionEvent.parse(JSON.parse(payload.toString()))));
  await watcher.subscribeAsync('alerts/#', { qos: 1 });
  browser = await chromium.connect(process.env.CONSOLE_BROWSER!);
});
afterAll(async () => {
  await browser?.close();
  await watcher?.endAsync();
  await Promise.all(Object.values(services ?? {}).map((service) => service.stop()));
  rmSync(folder, { recursive: true, force: true });
});

test('what a device films is taken in by Janus, stored, looked at, and told as a detection event', async () => {
  const running = await Site.start(settings);
  const { s3 } = new MediaStore(settings.STORE_URL, settings.STORE_BUCKET);
  const stored = async (prefix: string) => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'media', Prefix: prefix }));
    return Contents.map(({ Key }) => Key!);
  };
  try {
    const stranger = await Publisher.at(settings.JANUS_URL);
    await until(async () => (await stranger.enter('gate-1', 'a guess')).error === 'Unauthorized (wrong pin)');

    const device = await Publisher.at(settings.JANUS_URL);
    expect(await device.enter('gate-2', PIN)).toMatchObject({ error: expect.stringMatching(/^Unauthorized/) });
    expect(await device.enter('gate-1', PIN)).toMatchObject({ videoroom: 'joined' });
    const page = await browser.newPage();
    const began = Date.now();
    await device.publish(page, picture('screenshot-vrm.jpg'));
    await until(() => alerts.length > 0);

    const [alert] = alerts;
    expect(alert).toMatchObject({ fleet: 'depot', device: 'gate-1', source: 'IMAGE', obstacle: 'person' });
    expect(alert.severity).toBe('CRITICAL');
    expect(Date.parse(alert.capturedAt)).toBeGreaterThanOrEqual(began);
    // The frame that was looked at is kept, and the link shows it: the model sees there what the alert tells. Where that is depends
    // on how good the picture is, which the browser makes worse on a busy machine.
    expect(alert.frame!.key).toMatch(/^evidence\/gate-1\//);
    const linked = Buffer.from(await (await fetch(alert.frame!.url!)).arrayBuffer());
    expect(linked.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    const again = await fetch(`${settings.MODEL_URL}/invocations`, { method: 'POST', body: linked });
    expect(await again.json()).toMatchObject({
      detections: expect.arrayContaining([
        expect.objectContaining({ label: alert.label, boundingBox: alert.boundingBox }),
      ]),
    });

    await until(async () => (await stored('recordings/')).length > 0);
    // It is told once, as long as it stands there.
    expect((await stored('frames/')).length).toBeGreaterThan(2);
    expect(alerts).toHaveLength(1);
    await page.close();
  } finally {
    await running.stop();
  }
  const [recording] = await stored('recordings/gate-1/');
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'media', Key: recording }));
  const file = join(folder, 'recording.mkv');
  writeFileSync(file, await Body!.transformToByteArray());
  expect(codecOf(file)).toBe('vp8');
});

test('H.264 is recorded as it was sent, and shown', async () => {
  const [, camera] = SITE.cameras;
  const frames: Buffer[] = [];
  const recordings: string[] = [];
  const recorder = new Recorder(
    camera,
    { ...SITE, codec: 'h264' },
    {
      folder,
      onFrame: (device, jpeg) => void (device === 'gate-2' && frames.push(jpeg)),
      onFragment: (_device, file) => void recordings.push(file),
    },
  );
  const running = recorder.run();
  const source = ['-re', '-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=10', '-c:v', 'libx264', '-g', '10'];
  const target = ['-payload_type', '96', '-f', 'rtp', `rtp://127.0.0.1:${camera.port}`];
  const device = spawn('ffmpeg', ['-loglevel', 'quiet', ...source, ...target], { stdio: 'ignore' });
  try {
    await until(() => recordings.length > 1 && frames.length > 1);
  } finally {
    device.kill();
    recorder.stop();
    await running;
  }
  const picture = join(folder, 'frame.jpg');
  writeFileSync(picture, frames[0]);
  expect(codecOf(picture)).toBe('mjpeg');
  expect(recordings.map(codecOf)).toEqual(recordings.map(() => 'h264'));
});

function codecOf(file: string): string {
  const options = ['-v', 'error', '-select_streams', 'v', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0', file];
  return execFileSync('ffprobe', options, { encoding: 'utf8' }).trim();
}

/** The limit of the test ends what never comes. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 100));
}
