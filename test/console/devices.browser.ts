import { DEVICES } from './stand-ins/world';
import { consoleOf } from './support/console';
import { devicesOf } from './support/steps';

const here = consoleOf();

test('a pilot sees the devices of the own group, and which of them send', async () => {
  const page = await here.signIn('pilot');
  const devices = devicesOf(page).getByRole('link');
  await devices.filter({ hasText: 'drone-1' }).filter({ hasText: 'Sending' }).waitFor();
  await devices.filter({ hasText: 'drone-2' }).filter({ hasText: 'Silent' }).waitFor();
  expect(await devices.count()).toBe(2);
});

test('an admin sees all devices', async () => {
  const page = await here.signIn('admin');
  const devices = devicesOf(page).getByRole('link');
  await devices.filter({ hasText: 'drone-3' }).waitFor();
  expect(await devices.count()).toBe(DEVICES.length);
});

test('a reviewer sees recordings of the own group, and can neither watch live nor take control', async () => {
  const page = await here.signIn('reviewer');
  const devices = devicesOf(page).getByRole('link');
  await devices.filter({ hasText: 'drone-3' }).click();
  expect(await devices.count()).toBe(1);
  await page.locator('video').waitFor();
  expect(await page.getByRole('button', { name: /take control/i }).count()).toBe(0);
  expect(here.world.requests.filter(({ path }) => /\/(live|control)$/.test(path))).toEqual([]);
});
