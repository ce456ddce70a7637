import { once } from 'node:events';
import type { Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { consoleOf, until } from './support/console';
import { openDevice } from './support/steps';

const here = consoleOf();

let camera: Page;

beforeAll(async () => {
  camera = await here.film('drone-1');
});

afterEach(async () => {
  const { signaling, channelOf, state } = here.world;
  state.sessionSeconds = 900;
  // A page that is closed is gone a moment later only.
  await until(() => signaling.viewersOf(channelOf('drone-1')).length === 0);
});

test('live video is what the camera films now, frame after frame', async () => {
  const page = await here.signIn('pilot');
  const openedAt = Date.now();
  await openDevice(page, 'drone-1');
  await page.locator('.screen.live').waitFor();
  const frames = await page.evaluate(() => inPage.watch(document.querySelector('video')!, 30));
  const times = frames.map(({ time }) => time!);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(new Set(times).size).toBeGreaterThan(20);
  // What was filmed before isn't live.
  expect(times[0]).toBeGreaterThan(openedAt);
});

test('who comes to a device that ten watch already is told so, and is let in when they have gone', async () => {
  here.tolerate(/WebSocket connection to .* failed/);
  const { signaling, channelOf } = here.world;
  const viewers: WebSocket[] = [];
  for (let index = 0; index < 10; index++) {
    const viewer = new WebSocket(await signaling.urlOf(channelOf('drone-1'), `viewer-${index}`));
    await once(viewer, 'open');
    viewers.push(viewer);
  }
  const page = await here.signIn('pilot');
  await openDevice(page, 'drone-1');
  await page.getByText('At most 10 viewers watch a device at once').waitFor();
  for (const viewer of viewers) viewer.close();
  await page.locator('.screen.live').waitFor();
});

test('when the session is over, the console hangs up and says so, and watches on if it is told to', async () => {
  here.world.state.sessionSeconds = 4;
  const page = await here.signIn('pilot');
  await openDevice(page, 'drone-1');
  await page.locator('.screen.live').waitFor();
  await page.getByText('The live session is over').waitFor();
  const { signaling, channelOf } = here.world;
  await until(() => signaling.viewersOf(channelOf('drone-1')).length === 0);
  await page.getByRole('button', { name: 'Watch on' }).click();
  await page.locator('.screen.live').waitFor();
});

test('when the device was away, the video comes back by itself', async () => {
  const page = await here.signIn('pilot');
  await openDevice(page, 'drone-1');
  await page.locator('.screen.live').waitFor();
  await camera.close();
  await page.locator('.screen.reconnecting').waitFor();
  camera = await here.film('drone-1');
  await page.locator('.screen.live').waitFor({ timeout: 20_000 });
  await page.evaluate(() => inPage.watch(document.querySelector('video')!, 2));
});
