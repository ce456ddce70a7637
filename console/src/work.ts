import { forgetAlerts, dropStale, refreshAlerts } from './alerts/alerts';
import { feed, Messages } from './alerts/messages';
import { sleep } from './back-off';
import { leaveControl } from './control/control';
import { devices, forgetDevices, loadDevices } from './devices/devices';
import { watchDevices } from './devices/watch';
import { services } from './services';
import { route } from './ui/route';

/** How far back alerts are shown, in hours. */
const HOURS = 3;
const POLL = 15_000;

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
  const readAt = new Map<string, number>();
  let brokenAt = -Infinity;
  while (!signal.aborted) {
    await sleep(500, signal);
    if (document.hidden) continue;
    if (feed.get().state !== 'connected') brokenAt = Date.now();
    const open = route.get().device;
    const next = [...(open === undefined ? [] : [open]), ...devices.get().byName.keys()].find((name) => {
      const last = readAt.get(name);
      if (last === undefined) return true;
      if (feed.get().state === 'connected') return last < brokenAt;
      return Date.now() - last > (name === open ? POLL : 4 * POLL);
    });
    if (next === undefined || signal.aborted) continue;
    readAt.set(next, Date.now());
    await refreshAlerts(next, HOURS, signal);
  }
}
