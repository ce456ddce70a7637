import { LRUCache } from 'lru-cache';

/** For how many seconds a device may save up what it doesn't use: messages come in batches. */
const BURST_SECONDS = 2;

/** How often it is told of a device that is limited, in milliseconds. */
const TELL_EVERY = 60_000;

interface Bucket {
  readonly tokens: number;
  readonly at: number;
  readonly toldAt: number;
}

/**
 * Lets so many messages of each device through in a second, as far as this execution environment sees them.
 *
 * What several environments let through together is so many times as much. It isn't exact, but costs nothing, and bounds
 * what one device can use of the function.
 */
export class DeviceRate {
  private readonly buckets = new LRUCache<string, Bucket>({ max: 10_000 });

  constructor(private readonly perSecond: number) {}

  /**
   * Whether one more message of the device is let through.
   * @param tell is called when one isn't, but not for each
   */
  allows(device: string, now: number, tell: () => void): boolean {
    const most = this.perSecond * BURST_SECONDS;
    const { tokens, at, toldAt } = this.buckets.get(device) ?? { tokens: most, at: now, toldAt: -Infinity };
    const saved = Math.min(most, tokens + (Math.max(0, now - at) / 1000) * this.perSecond);
    const isAllowed = saved >= 1;
    const isToTell = !isAllowed && now >= toldAt + TELL_EVERY;
    if (isToTell) tell();
    this.buckets.set(device, {
      tokens: isAllowed ? saved - 1 : saved,
      at: Math.max(now, at),
      toldAt: isToTell ? now : toldAt,
    });
    return isAllowed;
  }
}
