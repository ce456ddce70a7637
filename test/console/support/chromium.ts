import { existsSync } from 'node:fs';
import type { LaunchOptions } from 'playwright-core';

/** Chromium as the system has it, unless the environment says where another one is. */
const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

export const LAUNCH: LaunchOptions = {
  executablePath: CHROMIUM,
  args: [
    '--no-sandbox',
    '--headless=new',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--autoplay-policy=no-user-gesture-required',
    // On a machine without multicast, names that hide addresses aren't found.
    '--disable-features=WebRtcHideLocalIpsWithMdns',
    '--allow-loopback-in-peer-connection',
  ],
};

/** @throws Error that says what to install */
export function checkChromium(): void {
  if (existsSync(CHROMIUM)) return;
  throw new Error(
    `There is no Chromium at ${CHROMIUM}. Install it (\`apt-get install chromium\`), or set CHROMIUM_PATH to one.`,
  );
}
