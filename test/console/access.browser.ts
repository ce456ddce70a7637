import { barriers, overflow } from './support/checks';
import { consoleOf, until } from './support/console';
import { ALERT, DESKTOP, PHONE } from './support/steps';

const here = consoleOf();

beforeAll(() => here.film('drone-1'));

const VIEWS = ['/devices', '/devices/drone-1/live', '/devices/drone-1/review', '/alerts'];

describe.each([
  ['on a desk', DESKTOP],
  ['on a phone', PHONE],
])('%s', (_, viewport) => {
  test('nothing bars the way to sign in', async () => {
    const page = await here.open({ viewport });
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
  });

  test.each(VIEWS)('nothing bars the way in %s, and nothing is beside the screen', async (at) => {
    const page = await here.open({ viewport, at, as: 'pilot' });
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Alerts live').waitFor({ state: 'attached' });
    await here.world.drones['drone-1'].detect({ label: 'Person', confidence: 91.5 });
    await page.locator(`${ALERT}[data-confirmed=true]`).first().waitFor({ state: 'attached' });
    expect(await barriers(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
  });
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
  await page.getByRole('link', { name: 'drone-1' }).waitFor();
  await reach('drone-1');
  await page.keyboard.press('Enter');
  await page.keyboard.press('t');
  await until(() => here.world.drones['drone-1'].control().mode === 'controlled');
  await page.keyboard.press('Escape');
  await until(() => here.world.drones['drone-1'].control().mode === 'free');
});
