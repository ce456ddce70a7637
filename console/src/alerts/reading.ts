import type { Feed } from './messages';

/** How often what is read is read again while no messages come, in milliseconds: of the open device, and of the others. */
const AGAIN = { open: 15_000, other: 60_000 };

/** Of which device alerts are to be read: of each once, and again when some may have been missed. */
export class Reading {
  private readonly readAt = new Map<string, number>();
  private connectedAt: number | undefined;

  /** To be told of each change, as one that is over when somebody asks has cost messages as well. */
  hear(state: Feed['state'], now: number): void {
    if (state !== 'connected') this.connectedAt = undefined;
    else this.connectedAt ??= now;
  }

  /** @returns undefined if nothing is to be read */
  next(names: Iterable<string>, open: string | undefined, now: number): string | undefined {
    const next = [...(open === undefined ? [] : [open]), ...names].find((name) => {
      const last = this.readAt.get(name) ?? -Infinity;
      if (this.connectedAt !== undefined) return last <= this.connectedAt;
      return now - last > (name === open ? AGAIN.open : AGAIN.other);
    });
    if (next !== undefined) this.readAt.set(next, now);
    return next;
  }
}
