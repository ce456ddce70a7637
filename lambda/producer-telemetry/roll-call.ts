import { LRUCache } from 'lru-cache';

/** How often it is told of a device that it reports, in milliseconds. */
const TELL_EVERY = 600_000;

interface Presence {
  readonly reportedAt: number;
  readonly toldAt: number;
}

/**
 * Which devices have reported, as far as this execution environment sees them. It takes one report per half an interval: a
 * device that sends more would stand in for silent ones. There are as many environments as shards, so it isn't exact, but
 * bounds what one device can do.
 */
export class RollCall {
  private readonly presences = new LRUCache<string, Presence>({ max: 20_000 });
  private names: string[] = [];

  /** @param interval at which devices report, in milliseconds */
  constructor(private readonly interval: number) {}

  /** Whether the report is taken. Times are those of AWS IoT, in milliseconds since 1970. */
  answer(device: string, receivedAt: number): boolean {
    const last = this.presences.get(device);
    if (last && receivedAt < last.reportedAt + this.interval / 2) return false;
    const isToTell = !last || receivedAt >= last.toldAt + TELL_EVERY;
    if (isToTell) this.names.push(device);
    this.presences.set(device, { reportedAt: receivedAt, toldAt: isToTell ? receivedAt : last.toldAt });
    return true;
  }

  /** The devices to tell of since this was asked last. */
  take(): string[] {
    return this.names.splice(0);
  }
}
