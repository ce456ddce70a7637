import { readFile } from 'node:fs/promises';
import { consoleOf } from './support/console';
import { FILM } from './stand-ins/recordings';

const here = consoleOf();

test('an alert leads to what was recorded at its time', async () => {
  const capturedAt = new Date(Date.now() - 90_000);
  const detection = { label: 'Person', confidence: 91.5 };
  await here.world.drones['drone-3'].detect(detection, { capturedAt: capturedAt.toISOString() });
  const page = await here.signIn('reviewer', { at: `/devices/drone-3/review/${capturedAt.getTime()}` });
  await page.waitForFunction(() => {
    const video = document.querySelector('video');
    return video !== null && inPage.readTime(video) !== undefined;
  });
  const shown = await page.evaluate(() => inPage.readTime(document.querySelector('video')!));
  const late = (shown! - (capturedAt.getTime() % FILM) + FILM) % FILM;
  // A few seconds before it, so that one sees it come, or what was played since.
  expect(Math.min(late, FILM - late)).toBeLessThan(10_000);
});

test('a part of a recording is exported as a file', async () => {
  const page = await here.signIn('reviewer', { at: '/devices/drone-3/review' });
  await page
    .getByRole('button', { name: /export|clip/i })
    .first()
    .click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: /clip|download/i }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^drone-3-.*\.mp4$/);
  // A file of MP4 names its type in its first box.
  expect((await readFile(await download.path())).toString('latin1', 4, 8)).toBe('ftyp');
});
