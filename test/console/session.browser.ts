import { consoleOf } from './support/console';
import { devicesOf, signIn } from './support/steps';

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
  const page = await here.signIn('pilot', { at: '/devices/drone-2/review' });
  here.world.issuer.revoke();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await page
    .getByText(/session/i)
    .first()
    .waitFor();
  here.world.issuer.issueFor(3600);
  await signIn(page);
  expect(new URL(page.url()).hash).toBe('#/devices/drone-2/review');
});

test('a token that is over is renewed without a word', async () => {
  here.world.issuer.issueFor(3);
  const page = await here.signIn('pilot');
  const first = await page.waitForResponse((response) => response.url().endsWith('/devices/drone-1'));
  const token = (await first.allHeaders(), await first.request().allHeaders()).authorization;
  await page.waitForRequest(async (request) => {
    const { authorization } = await request.allHeaders();
    return request.url().includes('/v1/') && authorization !== token;
  });
  here.world.issuer.issueFor(3600);
  await devicesOf(page).waitFor();
});
