let offset = 0;

/**
 * Learns how far this computer's clock is from the API's, by which leases and sessions end.
 *
 * @param date the header of an answer, which counts whole seconds
 */
export function learnTime(date: string | null): void {
  const told = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(told)) return;
  const difference = told + 500 - Date.now();
  offset = Math.abs(difference) > 2000 ? difference : 0;
}

/** The time by the clock of the API, in milliseconds since 1970. */
export function serverNow(): number {
  return Date.now() + offset;
}
