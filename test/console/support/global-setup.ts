import { chromium, type BrowserServer } from 'playwright-core';
import { LAUNCH } from './chromium';
import { prepare } from './prepare';

declare global {
  var browserServer: BrowserServer;
}

/** Once for all files: the app, the film and the browser. */
export default async function setUp(): Promise<void> {
  const { film } = await prepare();
  globalThis.browserServer = await chromium.launchServer(LAUNCH);
  // How tests learn of it, which share nothing else with this.
  process.env.CONSOLE_FILM = film;
  process.env.CONSOLE_BROWSER = globalThis.browserServer.wsEndpoint();
}
