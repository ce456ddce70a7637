import { forgetAlerts, dropStale, refreshAlerts } from './alerts/alerts';
import { feed, Messages } from './alerts/messages';
import { Reading } from './alerts/reading';
import { sleep } from './back-off';
import { leaveControl } from './control/control';
import { devices, forgetDevices, loadDevices } from './devices/devices';
import { watchDevices } from './devices/watch';
import { services } from './services';
import { route } from './ui/route';

/** How far back alerts are shown, in hours. */
const HOURS = 3;

/** All that goes on while somebody is signed in. @returns a function that ends it */
export function startWork(sub: string): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  void loadDevices();
  void watchDevices(signal);
  const stale = setInterval(dropStale, 5000);
  const messages = services.config.messages ? new Messages(sub) : undefined;
  const follow = () => messages?.follow([...devices.get().byName.keys()]);
  const unfollow = devices.subscribe(follow);
  follow();
  if (services.config.alerts) void readAlerts(signal);
  return () => {
    stop.abort();
    clearInterval(stale);
    unfollow();
    messages?.end();
    leaveControl();
    forgetDevices();
    forgetAlerts();
  };
}

/** Reads what there is already, the open device first, and again what may have been missed. */
async function readAlerts(signal: AbortSignal): Promise<void> {
  const reading = new Reading();
  const hear = () => reading.hear(feed.get().state, Date.now());
  const unhear = feed.subscribe(hear);
  hear();
  while (!signal.aborted) {
    await sleep(500, signal);
    if (document.hidden || signal.aborted) continue;
    const next = reading.next(devices.get().byName.keys(), route.get().device, Date.now());
    if (next !== undefined) await refreshAlerts(next, HOURS, signal);
  }
  unhear();
}
