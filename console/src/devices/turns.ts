/** What is to be asked for again and again, and when each was last. */
export interface Turn {
  readonly name: string;
  /** In milliseconds; nothing if never. */
  readonly last?: number;
}

/** How often at most each device is asked for, in milliseconds: the one that is open, and others. */
export const EVERY = { open: 5000, listed: 20_000 };

/** Whose turn it is: the one that waits longest beyond its time, or nobody. */
export function nextTurn(turns: readonly Turn[], open: string | undefined, now: number): string | undefined {
  let most = 0;
  let next: string | undefined;
  for (const { name, last } of turns) {
    const wait = name === open ? EVERY.open : EVERY.listed;
    const overdue = last === undefined ? Infinity : now - last - wait;
    if (overdue > most || (overdue === most && most > 0 && name === open)) [most, next] = [overdue, name];
  }
  return next;
}
