import { Problem } from '../common/access/problem';

export interface Window {
  readonly start: Date;
  readonly end: Date;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/**
 * A window of the past.
 *
 * @param longest in milliseconds
 * @throws Problem 400 if it is reversed, too long, or not over yet
 */
export function pastWindow(from: string, to: string, longest: number, now: number): Window {
  const [start, end] = [new Date(from), new Date(to)];
  if (start >= end) throw wrong('`to` must be after `from`.');
  if (end.getTime() > now) throw wrong('`to` is in the future.');
  if (end.getTime() - start.getTime() > longest) {
    throw wrong(`From \`from\` to \`to\` are more than ${longest / MINUTE} minutes.`);
  }
  return { start, end };
}

/** @throws Problem 400 if it is longer ago, or in the future */
export function pastMoment(from: string, longest: number, now: number): Date {
  const start = new Date(from);
  if (start.getTime() > now) throw wrong('`from` is in the future.');
  if (now - start.getTime() > longest) throw wrong(`\`from\` is more than ${longest / MINUTE} minutes ago.`);
  return start;
}

function wrong(detail: string): Problem {
  return new Problem(400, 'Malformed window', detail);
}
