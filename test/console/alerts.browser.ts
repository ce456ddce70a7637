import { consoleOf, until } from './support/console';
import { ALERT, openDevice } from './support/steps';

const here = consoleOf({ alertDelay: 60_000 });

test('what a device sees is on the screen at once, and stays one entry when it has become an alert', async () => {
  here.world.state.alertDelay = 1500;
  const page = await here.signIn('pilot');
  await page.waitForResponse((response) => response.url().includes('/v1/devices'));
  await until(() => here.world.broker.viewers().length > 0);
  await here.world.drones['drone-1'].detect({ label: 'Person', confidence: 91.5 });
  const entry = page.locator(ALERT).filter({ hasText: /person/i });
  await entry.filter({ hasText: /not confirmed|unconfirmed/i }).waitFor();
  await entry.filter({ hasText: 'CRITICAL' }).waitFor();
  expect(await entry.count()).toBe(1);
});

test('an alert that is acknowledged is so for all', async () => {
  const page = await here.signIn('pilot');
  await openDevice(page, 'drone-1');
});

test('what devices of other groups see never arrives', async () => {
  const page = await here.signIn('pilot');
  await until(() => here.world.broker.viewers().length > 0);
  await here.world.drones['drone-3'].detect({ label: 'Bird', confidence: 80 });
  await here.world.drones['drone-1'].detect({ label: 'Person', confidence: 91.5 });
  await page.locator(ALERT).filter({ hasText: 'drone-1' }).first().waitFor();
  expect(await page.getByText('drone-3').count()).toBe(0);
  expect(here.world.broker.refused).toEqual([]);
});
