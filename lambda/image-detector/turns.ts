export interface TurnPorts {
  /** In milliseconds, of a clock that never goes back. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Waits until it is the turn of a call. */
export type Turn = () => Promise<void>;

/**
 * Spaces the calls of this environment evenly. An environment runs one invocation at a time, so as many as may run at
 * once stay below the sum of their rates, without anything that they would have to share.
 *
 * @param perSecond the share of this environment; without it, no call waits
 */
export function turns(perSecond: number | undefined, { now, sleep }: TurnPorts): Turn {
  if (perSecond === undefined) return async () => {};
  let next = 0;
  return async () => {
    const time = now();
    const turn = Math.max(time, next);
    next = turn + 1000 / perSecond;
    if (turn > time) await sleep(turn - time);
  };
}
