import { barriers, overflow } from './support/checks';
import { consoleOf, until } from './support/console';
import { ALERT, DESKTOP, PHONE, devicesOf, inControl } from './support/steps';

const here = consoleOf();

beforeAll(() => here.film('drone-1'));

/** Each with what shows that it is there. */
const VIEWS = [
  ['/devices', 'a.device'],
  ['/devices/drone-1/live', '.screen.live'],
  ['/devices/drone-1/review', '.screen.ready'],
  ['/alerts', ALERT],
];

test.each([
  ['on a desk', DESKTOP],
  ['on a phone', PHONE],
])('%s nothing bars the way, and nothing is beside the screen', async (_, viewport) => {
  const page = await here.open({ viewport, as: 'pilot' });
  const found: Record<string, object> = {};
  const look = async (view: string) => {
    found[view] = { barriers: await barriers(page), overflow: await overflow(page) };
  };
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await look('signed out');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Alerts live').waitFor({ state: 'attached' });
  await here.world.drones['drone-1'].detect({ label: 'Person', confidence: 91.5 });
  await page.locator(`${ALERT}[data-confirmed=true]`).first().waitFor({ state: 'attached' });
  for (const [view, sign] of VIEWS) {
    await page.evaluate((hash) => void (location.hash = hash), view);
    await page.locator(sign).first().waitFor();
    await look(view);
  }
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await look('help');
  const fine = { barriers: [], overflow: 0 };
  expect(found).toEqual(Object.fromEntries(Object.keys(found).map((view) => [view, fine])));
});

test('one signs in, opens a device and takes control of it without a mouse', async () => {
  const page = await here.open();
  const reach = async (name: string) => {
    for (let presses = 0; presses < 40; presses++) {
      const focused = await page.evaluate(() =>
        document.activeElement === document.body ? '' : document.activeElement?.textContent,
      );
      if (focused?.includes(name)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`No press of Tab leads to '${name}'.`);
  };
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await reach('Sign in');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
  await reach('pilot');
  await page.keyboard.press('Enter');
  await devicesOf(page).getByRole('link', { name: 'drone-1' }).waitFor();
  await reach('drone-1');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Take control' }).waitFor();
  await page.keyboard.press('t');
  await until(() => here.world.drones['drone-1'].control().mode === 'controlled');
  await inControl(page).waitFor();
  await page.keyboard.press('Escape');
  await until(() => here.world.drones['drone-1'].control().mode === 'free');
});
