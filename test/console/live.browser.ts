import { WebSocket } from 'ws';
import { consoleOf, until } from './support/console';
import { inPage, openDevice } from './support/steps';

const here = consoleOf();

beforeAll(() => here.film('drone-1'));

afterEach(() => void (here.world.state.sessionSeconds = 900));

test('live video is what the camera films now, frame after frame', async () => {
  const page = await here.signIn('pilot');
  await openDevice(page, 'drone-1');
  await page.locator('video').waitFor();
  const frames = await page.evaluate(() => inPage().watch(document.querySelector('video')!, 30));
  const times = frames.map(({ time }) => time!);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(new Set(times).size).toBeGreaterThan(20);
  // Of now, and not of a film.
  expect(Math.abs(frames[29].shownAt - times[29])).toBeLessThan(5000);
});

test('who comes to a device that ten watch already is told so, and comes in when one of them goes', async () => {
  here.tolerate(/WebSocket connection to .* failed/);
  const { signaling, channelOf } = here.world;
  const viewers: WebSocket[] = [];
  for (let index = 0; index < 10; index++) {
    const viewer = new WebSocket(await signaling.urlOf(channelOf('drone-1'), `viewer-${index}`));
    await new Promise((resolve) => viewer.once('open', resolve));
    viewers.push(viewer);
  }
  const page = await here.signIn('pilot');
  await openDevice(page, 'drone-1');
  await page
    .getByText(/10 (viewers|people)|ten/i)
    .first()
    .waitFor();
  for (const viewer of viewers) viewer.close();
});

test('when the session is over, the video hangs up and says so', async () => {
  here.world.state.sessionSeconds = 4;
  const page = await here.signIn('pilot');
  await openDevice(page, 'drone-1');
  await page.evaluate(() => inPage().watch(document.querySelector('video')!, 1));
  const { signaling, channelOf } = here.world;
  await until(() => signaling.viewersOf(channelOf('drone-1')).length === 0);
  await page
    .getByText(/over|ended/i)
    .first()
    .waitFor();
});

test('when the device was away, the video comes back by itself', async () => {
  const page = await here.signIn('pilot');
  await openDevice(page, 'drone-1');
  await page.evaluate(() => inPage().watch(document.querySelector('video')!, 1));
});
