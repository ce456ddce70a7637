import { consoleOf, until } from './support/console';
import { devicesOf, openDevice, signIn } from './support/steps';

const here = consoleOf();

test('one signs in at the pool and out again, there too', async () => {
  const page = await here.open();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'pilot', exact: true }).click();
  await devicesOf(page).waitFor();
  await page.getByText('pilot@example.com').waitFor();

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
});

test('when the session at the pool is over, one signs in again and is where one was', async () => {
  here.tolerate(/400 \(Bad Request\).*\/token/);
  here.world.issuer.issueFor(3);
  const page = await here.signIn('pilot', { at: '/devices/drone-1/review' });
  here.world.issuer.revoke();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await page
    .getByText(/session/i)
    .first()
    .waitFor();
  here.world.issuer.issueFor(3600);
  await signIn(page);
  expect(new URL(page.url()).hash).toBe('#/devices/drone-1/review');
});

test('a token that is over is renewed without a word', async () => {
  here.world.issuer.issueFor(3);
  const page = await here.open({ as: 'pilot' });
  let renewals = 0;
  page.on('requestfinished', (request) => {
    if (request.url().endsWith('/token') && request.postData()?.includes('grant_type=refresh_token')) renewals++;
  });
  await signIn(page);
  await until(() => renewals >= 2);
  here.world.issuer.issueFor(3600);
  const asked = page.waitForResponse((response) => response.url().endsWith('/devices/drone-2'));
  await openDevice(page, 'drone-2');
  expect((await asked).status()).toBe(200);
});
