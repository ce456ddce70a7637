import type { Page } from 'playwright-core';
import { consoleOf, until } from './support/console';
import { inControl, openDevice } from './support/steps';

const here = consoleOf({ leaseSeconds: 5 });
const LEASE = 5000;

async function pilotOf(as: 'pilot' | 'other-pilot' | 'admin'): Promise<Page> {
  const page = await here.signIn(as);
  await openDevice(page, 'drone-1');
  // Whose key works from then on.
  await page.getByRole('button', { name: 'Take control' }).waitFor();
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

  await page.getByRole('button', { name: 'Hover' }).click();
  await page
    .getByText(/accepted/i)
    .first()
    .waitFor();
  expect(drone.executed).toEqual([{ name: 'HOVER' }]);

  await page.getByRole('button', { name: 'Release' }).click();
  await until(() => drone.control().mode === 'free');
  expect(drone.lapses).toEqual([]);
});

test('who gives control back before it is there has not got it', async () => {
  const page = await pilotOf('pilot');
  const drone = here.world.drones['drone-1'];
  const { token = 0 } = drone.control();
  let deliver: () => void = () => undefined;
  const isPressed = new Promise<void>((resolve) => (deliver = resolve));
  await page.route('**/control', async (route) => {
    const response = await route.fetch();
    if (route.request().postDataJSON()?.action === 'take') await isPressed;
    await route.fulfill({ response });
  });
  await page.keyboard.press('t');
  // The device knows already, and the page doesn't.
  await until(() => drone.control().mode === 'controlled');
  await page.keyboard.press('Escape');
  deliver();
  await until(() => drone.control().mode === 'free');
  expect(drone.control().token).toBeGreaterThan(token);
  await page.getByRole('button', { name: 'Take control' }).waitFor();
  expect(drone.lapses).toEqual([]);
});

test('what the device refuses is shown with the reason', async () => {
  const drone = here.world.drones['drone-1'];
  drone.refuse('LAND');
  const page = await pilotOf('pilot');
  await page.keyboard.press('t');
  await page.getByRole('button', { name: 'Land' }).click();
  await page.getByText('Not in this wind').waitFor();
  await page.getByRole('button', { name: 'Release' }).click();
  await until(() => drone.control().mode === 'free');
});

test('a second pilot is told who is in control; an admin takes over, and the first is told', async () => {
  here.tolerate(/409 \(Conflict\)/);
  const drone = here.world.drones['drone-1'];
  const first = await pilotOf('pilot');
  await first.keyboard.press('t');
  await inControl(first).waitFor();
  const { token } = drone.control();

  const second = await pilotOf('other-pilot');
  await second.keyboard.press('t');
  await second.getByText('Another pilot is in control of drone-1').waitFor();
  expect(await second.getByRole('button', { name: 'Take by force' }).count()).toBe(0);
  expect(drone.control().token).toBe(token);

  const admin = await pilotOf('admin');
  await admin.getByRole('button', { name: 'Take by force' }).click();
  await admin.getByRole('button', { name: 'Yes, take control' }).click();
  await inControl(admin).waitFor();
  await first.getByText('You have lost control of drone-1. Another pilot took control.').waitFor();
  expect(drone.control().token).toBeGreaterThan(token);
});
