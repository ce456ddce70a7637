process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
process.env.POWERTOOLS_METRICS_DISABLED = 'true';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { openCamera } from './camera/open';
import { startWorld } from './stand-ins/world';
import { LAUNCH } from './support/chromium';
import { prepare } from './support/prepare';
import { ALERT, DESKTOP, PHONE, openConsole, signIn, type OpenProps } from './support/steps';

const FOLDER = join(__dirname, '../../docs/images');

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
    await page.screenshot({ path: join(FOLDER, `console-${name}.jpg`), type: 'jpeg', quality: 85 });
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
    await take('devices', { at: '/devices' }, async (page) => {
      await see();
      await page.locator(`${ALERT}[data-confirmed=true]`).first().waitFor();
      await page.getByText('Sending').first().waitFor();
    });
    await take('live', { at: '/devices/drone-1/live' }, async (page) => {
      await plays(page);
      await see();
      await page.locator(`${ALERT}[data-confirmed=true]`).first().waitFor();
    });
    await take('control', { at: '/devices/drone-1/live' }, async (page) => {
      await plays(page);
      await page.keyboard.press('t');
      await page
        .getByText(/you are in control/i)
        .first()
        .waitFor();
    });
    await take(
      'review',
      { at: `/devices/drone-1/review/${Date.now() - 60_000}` },
      async (page) => void (await plays(page)),
    );
    await take('phone', { at: '/devices/drone-1/live', viewport: PHONE }, async (page) => void (await plays(page)));
  } finally {
    await browser.close();
    await world.stop();
    rmSync(film, { recursive: true });
  }
}

void main();
