import { setTimeout } from 'node:timers/promises';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { openCamera } from '../camera/open';
import { startWorld, type DeviceName, type UserName, type World, type WorldProps } from '../stand-ins/world';
import { PATIENCE, openConsole, signIn, type OpenProps } from './steps';

/**
 * A world for the tests of a file, and pages of its console.
 *
 * After each test there must have been no error in any of the pages: neither of scripts nor of the content security policy.
 */
export function consoleOf(props: Partial<WorldProps> = {}) {
  let world: World;
  let browser: Browser;
  let contexts: BrowserContext[] = [];
  let errors: string[] = [];
  let tolerated: RegExp[] = [];

  beforeAll(async () => {
    world = await startWorld({ film: process.env.CONSOLE_FILM!, ...props });
    browser = await chromium.connect(process.env.CONSOLE_BROWSER!);
  });
  afterEach(async () => {
    const intolerable = errors.filter((error) => !tolerated.some((pattern) => pattern.test(error)));
    for (const context of contexts) await context.close();
    [contexts, errors, tolerated] = [[], [], []];
    expect(intolerable).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  const open = async (how: OpenProps = {}): Promise<Page> => {
    const page = await openConsole(browser, world, how);
    contexts.push(page.context());
    page.on('pageerror', (error) => errors.push(`${error.name}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(`${message.text()} ${message.location().url}`);
    });
    return page;
  };

  return {
    get world() {
      return world;
    },
    open,
    /** A page of somebody who has signed in. */
    signIn: async (as: UserName, more: Omit<OpenProps, 'as'> = {}): Promise<Page> => {
      const page = await open({ as, ...more });
      await signIn(page);
      return page;
    },
    /** What a browser writes itself of answers that a test is about. */
    tolerate: (...patterns: RegExp[]) => void tolerated.push(...patterns),
    /** Films with the camera of a device until the file is done. */
    film: async (device: DeviceName): Promise<Page> => openCamera(browser, await world.cameraOf(device)),
  };
}

/**
 * Waits until something of this side is as it should be.
 * @throws Error if it isn't for as long as pages are waited for
 */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE; !(await isSo()); await setTimeout(20)) {
    if (Date.now() > end) throw new Error(`This never came to be: ${isSo}`);
  }
}
