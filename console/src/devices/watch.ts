import { statusOf } from '../api/problem';
import { ApiProblem } from '../api/problem';
import { backOff, sleep } from '../back-off';
import { route } from '../ui/route';
import { checkDevice } from './devices';
import { nextTurn } from './turns';

/** Between two requests: all consoles share what the API takes in a second. */
const GAP = 300;

const visible = new Map<string, number>();
const lastAsked = new Map<string, number>();

/** Has a device watched for as long as it can be seen. */
export function watchDevice(name: string): () => void {
  visible.set(name, (visible.get(name) ?? 0) + 1);
  return () => {
    const left = (visible.get(name) ?? 1) - 1;
    if (left > 0) visible.set(name, left);
    else visible.delete(name);
  };
}

/** Asks for one device after the other, slower if that fails and not at all while nobody looks. */
export async function watchDevices(signal: AbortSignal): Promise<void> {
  lastAsked.clear();
  let failures = 0;
  while (!signal.aborted) {
    if (document.hidden) {
      await shown(signal);
      continue;
    }
    const open = route.get().device;
    const names = new Set([...visible.keys(), ...(open ? [open] : [])]);
    const turns = [...names].map((name) => ({ name, last: lastAsked.get(name) }));
    const name = nextTurn(turns, open, Date.now());
    if (name === undefined) {
      await sleep(GAP, signal);
      continue;
    }
    lastAsked.set(name, Date.now());
    try {
      await checkDevice(name, signal);
      failures = 0;
      await sleep(GAP, signal);
    } catch (error) {
      // That there is no such device says nothing of the API.
      if (statusOf(error) === 404 || statusOf(error) === 403) continue;
      const told = error instanceof ApiProblem ? error.retryAfter : undefined;
      await sleep(told ?? backOff(failures++), signal);
    }
  }
}

function shown(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener('visibilitychange', done);
      resolve();
    };
    document.addEventListener('visibilitychange', done);
    signal.addEventListener('abort', done, { once: true });
  });
}
