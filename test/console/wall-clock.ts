/**
 * The time since 1970 in milliseconds with fractions, which is the same in all processes of a machine: `timeOrigin` is as
 * exact as the clock was when the process began, so it is compared with the clock again.
 */
export const wallClock = (() => {
  let offset = -Infinity;
  // `Date.now()` leaves the fractions out, so the largest difference is the right one.
  for (let turn = 0; turn < 20_000; turn++) offset = Math.max(offset, Date.now() - performance.now());
  return {
    now: () => offset + performance.now(),
    /** Of a time of this process, as of `performance.now()`. */
    of: (time: number) => offset + time,
  };
})();
