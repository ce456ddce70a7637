import * as z from 'zod';
import { severity, type DetectionEvent } from './detection-event';

/** A `QuietWindow` as it stands in the environment. */
export const quietWindow = z.object({
  start: z.string(),
  end: z.string(),
  timeZone: z.string(),
  /** From Sunday, which is 0. */
  days: z.array(z.number()),
  severities: z.array(severity),
});

export type QuietWindow = z.infer<typeof quietWindow>;

/** Whether one of the windows silences an alert of the severity at the time, in milliseconds since 1970. */
export function isQuiet(severity: DetectionEvent['severity'], now: number, windows: readonly QuietWindow[]): boolean {
  return windows.some((window) => window.severities.includes(severity) && isWithin(window, now));
}

/** A window belongs to the day on which it begins, and clocks are read as they hang on the wall there. */
export function isWithin(
  { start, end, timeZone, days }: Pick<QuietWindow, 'start' | 'end' | 'timeZone' | 'days'>,
  now: number,
): boolean {
  const { day, time } = wallClock(now, timeZone);
  const begunToday = days.includes(day) && start <= time;
  if (start < end) return begunToday && time < end;
  const begunYesterday = days.includes((day + 6) % 7) && time < end;
  return begunToday || begunYesterday;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function wallClock(now: number, timeZone: string): { day: number; time: string } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return { day: DAYS.indexOf(parts.weekday), time: `${parts.hour}:${parts.minute}` };
}
