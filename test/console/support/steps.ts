import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import type { DeviceName, UserName, World } from '../stand-ins/world';
import { bundled } from './bundled';

/** How long a test waits for anything, in milliseconds. */
export const PATIENCE = 10_000;

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 360, height: 740 };

export interface OpenProps {
  /** Who has signed in at the pool before. Without it, the pool asks. */
  readonly as?: UserName;
  readonly viewport?: { width: number; height: number };
  /** Without the `#`. */
  readonly at?: string;
}

const HELPERS = bundled(join(__dirname, 'in-page.ts'));

/** Opens the console in a context of its own. */
export async function openConsole(
  browser: Browser,
  world: World,
  { as, viewport = DESKTOP, at }: OpenProps = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport });
  context.setDefaultTimeout(PATIENCE);
  await context.addInitScript({ content: HELPERS });
  if (as) await context.addCookies([world.issuer.cookieOf(as)]);
  const page = await context.newPage();
  await page.goto(`${world.url}/${at ? `#${at}` : ''}`);
  return page;
}

export async function signIn(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign in' }).click();
  await devicesOf(page).waitFor();
}

export function devicesOf(page: Page): Locator {
  return page.getByRole('navigation', { name: 'Devices' });
}

export async function openDevice(page: Page, name: DeviceName): Promise<void> {
  await devicesOf(page).getByRole('link', { name }).click();
}

/** What says that whoever looks at the page is in control. */
export function inControl(page: Page): Locator {
  return page.getByRole('region', { name: 'Control', exact: true }).getByText('You are in control');
}

/** An alert in the list. */
export const ALERT = '[data-alert-id]';
