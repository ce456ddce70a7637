import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { TrailRecord } from '../../../local/cloud/kinesis-video/trail';
import type { Drone, DroneEvent } from '../../../local/drone/drone';
import { renderFilm } from '../../../local/drone/film';
import { startFleet, type Fleet } from '../../../local/flight/fleet';
import { until } from '../../../local/flight/until';
import { bundled } from '../../console/support/bundled';
import { ALERT, inControl } from '../../console/support/steps';

const DEVICE = 'drone-1';
/** In milliseconds from the beginning of the stream. The console has been opened by then, on a slow machine too. */
const MET_AT = 30_000;
const PATIENCE = 60_000;

let fleet: Fleet;
let drone: Drone;
let browser: Browser;
let page: Page;
const trail: TrailRecord[] = [];
const errors: string[] = [];
const happened = (type: DroneEvent['type']) => drone.events.find((event) => event.type === type);

beforeAll(async () => {
  const film = await renderFilm();
  fleet = await startFleet({ kinesisVideo: { onEvent: (record) => void trail.push(record) } });
  drone = await fleet.switchOn(DEVICE, { film, plan: { obstacleAt: MET_AT }, images: 'none' });
  browser = await chromium.connect(process.env.CONSOLE_BROWSER!);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(PATIENCE);
  await context.addInitScript({ content: bundled(join(__dirname, '../../console/support/in-page.ts')) });
  page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await drone?.stop();
  await fleet?.stop();
});

/** Each goes on from where the one before has led. */
describe('a drone of the reference fleet, from its factory to its review', () => {
  test('registers with its claim, and has a stream and a channel made for it', async () => {
    await until('Registration', () => happened('REGISTERED'));
    await until('The thing', () => fleet.giveToPilots(DEVICE));
    const isThere = (all: ReadonlyMap<string, { status: string }>) => all.get(DEVICE)?.status === 'ACTIVE' || undefined;
    await until('The stream', () => isThere(fleet.kinesisVideo.model.streams));
    await until('The channel', () => isThere(fleet.kinesisVideo.model.channels));
  }, 120_000);

  test('streams: what it films is kept', async () => {
    await until('A fragment', () => happened('PERSISTED'));
    const { resources, userIdentity } = trail.find(({ eventName }) => eventName === 'PutMedia')!;
    expect(resources[0].ARN).toContain(`:stream/${DEVICE}/`);
    expect(JSON.stringify(userIdentity)).toContain('assumed-role');
  }, 120_000);

  test('is watched live by a pilot who has signed in', async () => {
    await page.goto(fleet.url);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'pilot', exact: true }).click();
    await page.getByRole('navigation', { name: 'Devices' }).getByRole('link', { name: DEVICE }).click();
    const openedAt = Date.now();
    await page.locator('.screen.live').waitFor();
    const frames = await page.evaluate(() => inPage.watch(document.querySelector('video')!, 10));
    const [first] = frames.filter(({ time }) => time !== undefined);
    expect(first.time).toBeGreaterThan(openedAt);
    expect(trail.map(({ eventName }) => eventName)).toEqual(
      expect.arrayContaining(['ConnectAsMaster', 'ConnectAsViewer']),
    );
  }, 120_000);

  test('meets somebody: the pilot sees one alert of it', async () => {
    await page.locator(`${ALERT}[data-confirmed=true]`).filter({ hasText: 'WARNING' }).waitFor();
    const { detail } = (await until('A detection', () => happened('DETECTED')))!;
    const { id } = detail as { id: string };
    expect(await page.locator(ALERT).count()).toBe(1);
    expect(await page.locator(ALERT).getAttribute('data-alert-id')).toBe(`${DEVICE}:${id}:person`);
  }, 120_000);

  test('obeys the pilot who takes control, and is free when it is given back', async () => {
    await page.keyboard.press('t');
    await inControl(page).waitFor();
    await until('Control', () => happened('CONTROLLED'));
    await page.getByRole('button', { name: 'Hover' }).click();
    await page
      .getByText(/accepted/i)
      .first()
      .waitFor();
    expect(happened('COMMANDED')!.detail).toMatchObject({ command: { name: 'HOVER' } });
    await page.getByRole('button', { name: 'Release' }).click();
    await until('The release', () => happened('RELEASED'));
    expect(happened('LAPSED')).toBeUndefined();
  }, 120_000);

  test('is reviewed by HLS, and who did is on record', async () => {
    await page.goto(`${fleet.url}/#/devices/${DEVICE}/review`);
    await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 1);
    const record = trail.find(({ eventName }) => eventName === 'GetHLSStreamingSessionURL')!;
    expect(record.resources[0].ARN).toContain(`:stream/${DEVICE}/`);
    const api = fleet.deployed.routes.find(({ path }) => path.endsWith('/hls'))!.functionArn;
    const granted = fleet.cloud.functions
      .logsOf(api)
      .find((line) => line.includes('Access granted') && line.includes('"hls"'));
    expect(JSON.parse(granted!)).toMatchObject({ device: DEVICE });
    expect(errors).toEqual([]);
  }, 120_000);
});
