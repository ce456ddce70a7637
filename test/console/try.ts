import '../../bench/support/quiet';
import { chromium } from 'playwright-core';
import { prepare } from './support/prepare';
import { LAUNCH } from './support/chromium';
import { openCamera } from './camera/open';
import { DEVICES, startWorld, USERS } from './stand-ins/world';

/** Starts a fleet on this machine for a person to try the console: `npm run console:try`. */
async function main(): Promise<void> {
  const { film } = await prepare();
  const world = await startWorld({ film, port: 8080, alertDelay: 2000 });
  const browser = await chromium.launch(LAUNCH);
  for (const { name } of DEVICES) if (name !== 'drone-2') await openCamera(browser, await world.cameraOf(name));
  setInterval(() => void world.drones['drone-1'].detect({ label: 'Person', confidence: 91.5 }), 20_000);
  console.log(`The console is at ${world.url}. Sign in as one of ${USERS.map(({ name }) => name).join(', ')}.`);
  console.log('Stop it with Ctrl+C.');
}

void main();
