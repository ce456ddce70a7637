import type { Page } from 'playwright-core';
import { consoleOf, until } from './support/console';
import { ALERT, openDevice } from './support/steps';

const here = consoleOf();

/** A pilot's page that hears of what devices see. */
async function listen(as: 'pilot' | 'other-pilot' | 'admin' = 'pilot'): Promise<Page> {
  const page = await here.signIn(as);
  await page.getByText('Alerts live').waitFor();
  return page;
}

const entryOf = (page: Page, id: string) => page.locator(`${ALERT}[data-alert-id^="${id}"]`);

test('what a device sees is on the screen before it is an alert, and stays one entry when it has become one', async () => {
  here.world.state.alertDelay = 1500;
  const page = await listen();
  const { id } = await here.world.drones['drone-1'].detect({ label: 'Person', confidence: 91.5 });
  const entry = entryOf(page, `drone-1:${id}`);
  await entry.and(page.locator('[data-confirmed=false]')).waitFor();
  await entry.and(page.locator('[data-confirmed=true]')).filter({ hasText: 'CRITICAL' }).waitFor();
  expect(await page.locator(ALERT).count()).toBe(1);
  here.world.state.alertDelay = 0;
});

test('an alert that somebody acknowledges is acknowledged for all, with the note', async () => {
  const page = await listen();
  const { id } = await here.world.drones['drone-1'].detect({ label: 'Bird', confidence: 80 });
  const entry = entryOf(page, `drone-1:${id}`);
  await entry.getByRole('button', { name: 'Acknowledge' }).click();
  await entry.getByRole('textbox').fill('A gull');
  await entry.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('Acknowledged (1)').click();
  await entry.filter({ hasText: 'A gull' }).waitFor();

  const other = await here.signIn('other-pilot', { at: '/devices/drone-1/live' });
  await other.getByText('Acknowledged (1)').click();
  await entryOf(other, `drone-1:${id}`).filter({ hasText: 'A gull' }).waitFor();
});

test('what devices of other groups see never arrives', async () => {
  const page = await listen();
  await here.world.drones['drone-3'].detect({ label: 'Person', confidence: 95 });
  const { id } = await here.world.drones['drone-1'].detect({ label: 'Bird', confidence: 80 });
  await entryOf(page, `drone-1:${id}`).and(page.locator('[data-confirmed=true]')).waitFor();
  expect(await page.getByText('drone-3').count()).toBe(0);
});

test('an admin hears of all devices, of which there are more than a request to subscribe may name', async () => {
  const page = await listen('admin');
  for (const name of ['drone-1', 'drone-5'] as const) {
    const { id } = await here.world.drones[name].detect({ label: 'Person', confidence: 95 });
    await entryOf(page, `${name}:${id}`).waitFor();
  }
});

test('when the connection was lost, alerts come live again and those of meanwhile are there', async () => {
  const page = await listen();
  await openDevice(page, 'drone-1');
  const feed = page.locator('.connection');
  for (const viewer of here.world.viewers()) here.world.broker.drop(viewer);
  await until(() => here.world.viewers().length === 0);
  // By a camera that has seen nothing yet: what goes on being seen is no entry of its own.
  const { id } = await here.world.drones['drone-1'].detect({ label: 'Person', confidence: 91.5 }, { camera: 'rear' });
  await feed.filter({ hasText: 'Alerts live' }).waitFor();
  await entryOf(page, `drone-1:${id}`).waitFor();
});
