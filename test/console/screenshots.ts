import '../../bench/support/quiet';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { openCamera } from './camera/open';
import { startWorld } from './stand-ins/world';
import { LAUNCH } from './support/chromium';
import { prepare } from './support/prepare';
import { ALERT, DESKTOP, PHONE, inControl, openConsole, signIn, type OpenProps } from './support/steps';

const FOLDER = join(__dirname, '../../docs/images');

/** With 256 colours, which these pictures can do with, a file is a third as large. */
function save(picture: Buffer, file: string): void {
  const palette = '[0]split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=none';
  const options = ['-loglevel', 'error', '-y', '-i', 'pipe:0', '-filter_complex', palette, file];
  execFileSync('ffmpeg', options, { input: picture });
}

/** Pictures of the console for its documentation: `npm run docs:screenshots`. */
async function main(): Promise<void> {
  const { film } = await prepare();
  const world = await startWorld({ film, alertDelay: 0 });
  const browser = await chromium.launch(LAUNCH);
  const drone = world.drones['drone-1'];
  const box = { left: 0.4, top: 0.45, width: 0.12, height: 0.3 };
  const see = () => drone.detect({ label: 'Person', confidence: 91.5, boundingBox: box });

  const take = async (name: string, how: OpenProps, prepareIt: (page: Page) => Promise<void>) => {
    const page = await openConsole(browser, world, { as: 'pilot', viewport: DESKTOP, ...how });
    if (how.viewport === PHONE) await page.getByRole('button', { name: 'Sign in' }).click();
    else await signIn(page);
    await page.getByText('Alerts live').waitFor({ state: 'attached' });
    await prepareIt(page);
    save(await page.screenshot({ animations: 'disabled' }), join(FOLDER, `console-${name}.png`));
    await page.context().close();
  };
  const plays = (page: Page) =>
    page.waitForFunction(() => {
      const video = document.querySelector('video');
      return video !== null && inPage.readTime(video) !== undefined;
    });

  try {
    mkdirSync(FOLDER, { recursive: true });
    await openCamera(browser, await world.cameraOf('drone-1'));
    const before = { capturedAt: new Date(Date.now() - 5 * 60_000).toISOString() };
    await drone.detect({ label: 'Bird', confidence: 78 }, before);
    await take('devices', { at: '/devices' }, async (page) => {
      await see();
      await page.locator(`${ALERT}[data-confirmed=true]`).first().waitFor();
      await page.getByText('Sending').first().waitFor();
    });
    await take('live', { at: '/devices/drone-1/live' }, async (page) => {
      await page.getByText(/\d ms/).waitFor();
      await see();
      await page.locator('.alert.open').nth(2).waitFor();
    });
    await take('control', { at: '/devices/drone-1/live' }, async (page) => {
      await page.getByText(/\d ms/).waitFor();
      await page.keyboard.press('t');
      await inControl(page).waitFor();
      await page.keyboard.press('1');
      await page.getByText('Accepted').waitFor();
    });
    await take('review', { at: '/devices/drone-1/review' }, async (page) => {
      await plays(page);
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('button', { name: /WARNING/ }).click();
      await plays(page);
    });
    await take('phone', { at: '/devices/drone-1/live', viewport: PHONE }, (page) => page.getByText(/\d ms/).waitFor());
  } finally {
    await browser.close();
    await world.stop();
    rmSync(film, { recursive: true });
  }
}

void main();
