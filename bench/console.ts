import './support/quiet';
import { rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { chromium, type Page } from 'playwright-core';
import { openCamera } from '../test/console/camera/open';
import { startWorld, type World } from '../test/console/stand-ins/world';
import { LAUNCH } from '../test/console/support/chromium';
import { ALERT, openConsole, openDevice, signIn } from '../test/console/support/steps';
import { prepare } from '../test/console/support/prepare';
import { tell } from './support/tell';
import { wallClock } from '../test/console/wall-clock';

/**
 * How late the console shows what happens, on this machine alone: `npm run bench -- console`. The browser, the console and the
 * functions are the real ones; the network is none, and the services of AWS are stand-ins.
 */
const FRAMES = 300;
const ALERTS = 200;
/** Between two alerts, in milliseconds: none waits for the one before. */
const PAUSE = 60;

/** Frames at the beginning, when the rate of the video is still being found. */
const WARM_UP = 90;

/** From the capture of a frame, whose time is in it, until it is displayed. */
async function measureVideo(page: Page): Promise<number[]> {
  const take = (count: number) =>
    page.evaluate((frames) => inPage.watch(document.querySelector('video')!, frames), count);
  await take(WARM_UP);
  const frames = await take(FRAMES);
  return frames.flatMap(({ shownAt, time }) => (time === undefined ? [] : [shownAt - time]));
}

/** From when a device publishes a detection until it is drawn. */
async function measureAlerts(page: Page, { drones }: World, round: string): Promise<number[]> {
  const published = new Map<string, number>();
  await page.evaluate((selector) => inPage.watchFor(selector, 'data-alert-id'), ALERT);
  for (let index = 0; index < ALERTS; index++) {
    const id = `${round}-${index}`;
    published.set(`drone-1:${id}`, wallClock.now());
    // Each is something else, as what goes on being seen is one entry.
    await drones['drone-1'].detect({ label: id, confidence: 91.5 }, { id });
    await setTimeout(PAUSE);
  }
  const ids = [...published.keys()];
  await page.waitForFunction((all) => all.every((id) => id in inPage.timesShown()), ids);
  const shown = await page.evaluate(() => inPage.timesShown());
  return ids.map((id) => shown[id] - published.get(id)!);
}

function row(what: string, milliseconds: number[], goal?: number) {
  const sorted = milliseconds.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * sorted.length)].toFixed(1);
  return { what, count: sorted.length, 'p50 ms': at(0.5), 'p99 ms': at(0.99), 'goal p99 ms': goal ?? '' };
}

async function main(): Promise<void> {
  const { film } = await prepare();
  const world = await startWorld({ film });
  const browser = await chromium.launch(LAUNCH);
  try {
    const page = await openConsole(browser, world, { as: 'pilot' });
    await signIn(page);
    await page.getByText('Alerts live').waitFor();
    const alone = await measureAlerts(page, world, 'alone');
    await openCamera(browser, await world.cameraOf('drone-1'));
    await openDevice(page, 'drone-1');
    await page.locator('.screen.live').waitFor();
    const video = await measureVideo(page);
    const beside = await measureAlerts(page, world, 'beside');
    tell('Console', [
      row('glass to glass, live video', video),
      row('detection published to drawn', alone, 50),
      row('the same beside video that is encoded here too', beside, 50),
    ]);
  } finally {
    await browser.close();
    await world.stop();
    rmSync(film, { recursive: true });
  }
}

void main();
