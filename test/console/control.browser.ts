import type { Page } from 'playwright-core';
import { consoleOf, until } from './support/console';
import { openDevice } from './support/steps';

const here = consoleOf({ leaseSeconds: 5 });
const LEASE = 5000;

async function pilotOf(as: 'pilot' | 'other-pilot' | 'admin'): Promise<Page> {
  const page = await here.signIn(as);
  await openDevice(page, 'drone-1');
  return page;
}

test('a pilot takes control by a key, keeps it, sends a command and gives control back', async () => {
  const page = await pilotOf('pilot');
  const drone = here.world.drones['drone-1'];
  await page.keyboard.press('t');
  await page
    .getByText(/you are in control/i)
    .first()
    .waitFor();
  const { token, leaseEnd } = drone.control();
  // It is only by heartbeats that the device is controlled for longer than the lease was at first.
  await until(() => drone.control().leaseEnd.wall > leaseEnd.wall + LEASE);
  expect(drone.control()).toMatchObject({ mode: 'controlled', token });

  await page.getByRole('button', { name: /hover/i }).click();
  await page
    .getByText(/accepted/i)
    .first()
    .waitFor();
  expect(drone.executed).toEqual([{ name: 'HOVER' }]);

  await page.getByRole('button', { name: /release/i }).click();
  await until(() => drone.control().mode === 'free');
  expect(drone.lapses).toEqual([]);
});

test('what the device refuses is shown with the reason', async () => {
  const drone = here.world.drones['drone-1'];
  drone.refuse('LAND');
  const page = await pilotOf('pilot');
  await page.keyboard.press('t');
  await page.getByRole('button', { name: /land/i }).click();
  await page
    .getByText(/not in this wind/i)
    .first()
    .waitFor();
  await page.getByRole('button', { name: /release/i }).click();
  await until(() => drone.control().mode === 'free');
});

test('a second pilot is told who is in control; an admin takes over, and the first is told', async () => {
  here.tolerate(/409 \(Conflict\)/);
  const drone = here.world.drones['drone-1'];
  const first = await pilotOf('pilot');
  await first.keyboard.press('t');
  await first
    .getByText(/you are in control/i)
    .first()
    .waitFor();
  const { token } = drone.control();

  const second = await pilotOf('other-pilot');
  await second.keyboard.press('t');
  await second
    .getByText(/another pilot/i)
    .first()
    .waitFor();
  expect(await second.getByRole('button', { name: /force/i }).count()).toBe(0);
  expect(drone.control().token).toBe(token);

  const admin = await pilotOf('admin');
  await admin.getByRole('button', { name: /force/i }).click();
  await admin
    .getByText(/you are in control/i)
    .first()
    .waitFor();
  await first
    .getByText(/lost control|control is lost|took control|taken/i)
    .first()
    .waitFor();
  expect(drone.control().token).toBeGreaterThan(token);
});
