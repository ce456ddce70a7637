export interface Timer {
  readonly at: number;
  /** Of two at the same time, the one that was set first comes first. */
  readonly order: number;
  callback?: () => void;
}

/**
 * Time that passes only from one event to the next, as fast as the machine can work them off.
 *
 * While it runs, `setTimeout`, `clearTimeout`, `Date.now` and `Math.random` are its own, for the AWS SDK too. The real
 * clock decides nothing, so that two runs of the same seed are the same.
 */
export class VirtualTime {
  private static readonly START = Date.UTC(2026, 0, 1);
  private readonly heap: Timer[] = [];
  private current = VirtualTime.START;
  private made = 0;

  /** Milliseconds since the start. */
  get elapsed(): number {
    return this.current - VirtualTime.START;
  }

  after(milliseconds: number, callback: () => void): Timer {
    const timer = { at: this.current + Math.max(0, milliseconds), order: this.made++, callback };
    this.push(timer);
    return timer;
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }

  /** @throws Error if nothing is to come any more and the work isn't done */
  async run<T>(random: () => number, work: () => Promise<T>): Promise<T> {
    const real = { setTimeout, clearTimeout, now: Date.now, random: Math.random };
    // Node.js waits for whole milliseconds, and for one at least; who waits for less would otherwise never get further.
    globalThis.setTimeout = ((callback: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]) =>
      this.handleOf(
        this.after(Math.max(1, Math.floor(milliseconds)), () => callback(...args)),
      )) as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((handle?: { readonly timer: Timer }) => {
      if (handle) handle.timer.callback = undefined;
    }) as typeof clearTimeout;
    Date.now = () => Math.floor(this.current);
    Math.random = random;
    try {
      let over = false;
      const result = work().finally(() => (over = true));
      // It is awaited below; until then, its failure is nobody's.
      result.catch(() => undefined);
      for (;;) {
        await settled();
        if (over) return await result;
        const timer = this.pop();
        if (!timer) throw new Error('Everybody waits, and nothing is to come.');
        this.current = timer.at;
        timer.callback?.();
      }
    } finally {
      globalThis.setTimeout = real.setTimeout;
      globalThis.clearTimeout = real.clearTimeout;
      Date.now = real.now;
      Math.random = real.random;
    }
  }

  /** What Node.js returns has methods that the SDK calls. */
  private handleOf(timer: Timer) {
    const handle = { timer, ref: () => handle, unref: () => handle, hasRef: () => true };
    return handle;
  }

  private push(timer: Timer): void {
    const { heap } = this;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, heap[parent])) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = timer;
  }

  private pop(): Timer | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.at === other.at ? one.order < other.order : one.at < other.at;
}

/** Whatever can go on without waiting has gone on: microtasks come before the next turn of the event loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
