/**
 * How long to wait before another try, in milliseconds: twice as long each time, and never the same for all who wait.
 *
 * @param attempt counted from 0
 * @param random 0 to 1
 */
export function backOff(attempt: number, { first = 1000, most = 30_000, random = Math.random() } = {}): number {
  const ceiling = Math.min(most, first * 2 ** Math.min(attempt, 20));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      // One signal is waited with many times.
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end);
  });
}
