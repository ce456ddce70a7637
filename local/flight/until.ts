import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for something that comes to be.
 *
 * @param look what is waited for, or nothing yet
 * @param patience in milliseconds
 * @throws Error which names what never came
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  patience = 60_000,
): Promise<T> {
  for (const end = Date.now() + patience; ; await sleep(20)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${patience / 1000} seconds.`);
  }
}
