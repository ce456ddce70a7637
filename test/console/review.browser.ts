import { buffer } from 'node:stream/consumers';
import { consoleOf, until } from './support/console';
import type { Download, Page } from 'playwright-core';
import { FILM } from './stand-ins/recordings';

const here = consoleOf({ alertDelay: 0 });

/** The next file that the page, or a tab that it opens for that, is given. */
function downloadOf(page: Page): Promise<Download> {
  return new Promise((resolve) => {
    page.on('download', resolve);
    page.on('popup', (popup) => popup.on('download', resolve));
  });
}

test('the marker of an alert leads to what was recorded just before it', async () => {
  const capturedAt = Date.now() - 100_000;
  const detection = { label: 'Person', confidence: 91.5 };
  await here.world.drones['drone-3'].detect(detection, { capturedAt: new Date(capturedAt).toISOString() });
  await until(async () => (await here.world.dynamodb.items(here.world.tables.alerts)).length > 0);
  const page = await here.signIn('reviewer', { at: '/devices/drone-3/review' });
  const isShown = (from: number, to: number) =>
    page.waitForFunction(
      ([least, most]) => {
        const time = inPage.readTime(document.querySelector('video')!);
        return time !== undefined && time >= least && time <= most;
      },
      [from, to],
    );
  await isShown(0, FILM);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page
    .getByRole('group', { name: 'Alerts in this window' })
    .getByRole('button', { name: /CRITICAL/ })
    .click();
  const moment = (capturedAt - 2000) % FILM;
  await isShown(moment - 200, moment + 200);
});

test('a part of a recording is exported as a file', async () => {
  const page = await here.signIn('reviewer', { at: '/devices/drone-3/review' });
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Export a clip' }).click();
  await page.getByRole('button', { name: 'Make the file' }).click();
  const download = downloadOf(page);
  await page.getByRole('link', { name: 'Download the clip' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^drone-3-.*\.mp4$/);
  // A file of MP4 names its type in its first box.
  expect((await buffer(await file.createReadStream())).toString('latin1', 4, 8)).toBe('ftyp');
});
