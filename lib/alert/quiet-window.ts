import { Token } from 'aws-cdk-lib';
import { checkPattern, fail, lit } from '../private/validation';
import { AlertSeverity } from './alert-topic';

/**
 * A day of the week.
 */
export enum DayOfWeek {
  /** Monday. */
  MONDAY = 'MONDAY',

  /** Tuesday. */
  TUESDAY = 'TUESDAY',

  /** Wednesday. */
  WEDNESDAY = 'WEDNESDAY',

  /** Thursday. */
  THURSDAY = 'THURSDAY',

  /** Friday. */
  FRIDAY = 'FRIDAY',

  /** Saturday. */
  SATURDAY = 'SATURDAY',

  /** Sunday. */
  SUNDAY = 'SUNDAY',
}

/** As JavaScript counts them. */
const DAYS = [
  DayOfWeek.SUNDAY,
  DayOfWeek.MONDAY,
  DayOfWeek.TUESDAY,
  DayOfWeek.WEDNESDAY,
  DayOfWeek.THURSDAY,
  DayOfWeek.FRIDAY,
  DayOfWeek.SATURDAY,
];

/**
 * Properties of a `QuietWindow`.
 */
export interface QuietWindowProps {
  /**
   * When it begins, as `HH:MM` from 00:00 to 23:59.
   */
  readonly start: string;

  /**
   * When it ends, as `HH:MM` from 00:00 to 24:00; that minute is no longer quiet. When it isn't after `start`, it is meant of
   * the next day.
   */
  readonly end: string;

  /**
   * The time zone, by its name in the IANA's database, like `Europe/Berlin`.
   * @see https://www.iana.org/time-zones
   */
  readonly timeZone: string;

  /**
   * The days on which it begins. At least one.
   * @default - every day
   */
  readonly days?: DayOfWeek[];

  /**
   * What it silences. At least one; CRITICAL is silenced only if it is named here.
   * @default - WARNING and INFO
   */
  readonly severities?: AlertSeverity[];
}

/**
 * A time of the week in which some alerts wake nobody who doesn't want to be woken: see `AlertFilter.duringQuietWindows`.
 *
 * Times are those of the clock on the wall. When clocks are set forward, what they skip is not quiet; when they are set
 * back, what they show twice is quiet twice.
 */
export class QuietWindow {
  /** When it begins. */
  public readonly start: string;

  /** When it ends. */
  public readonly end: string;

  /** The time zone. */
  public readonly timeZone: string;

  /** The days on which it begins. */
  public readonly days: DayOfWeek[];

  /** What it silences. */
  public readonly severities: AlertSeverity[];

  /**
   * @throws ValidationError with one of the codes `QuietWindowTime`, `QuietWindowZone`, `QuietWindowDays` and
   * `QuietWindowSeverities`
   */
  constructor(props: QuietWindowProps) {
    const { start, end, timeZone, days = DAYS } = props;
    const { severities = [AlertSeverity.WARNING, AlertSeverity.INFO] } = props;
    const time = '([01][0-9]|2[0-3]):[0-5][0-9]';
    checkPattern(undefined, lit`QuietWindowTime`, 'start', start, new RegExp(`^${time}$`), 'HH:MM from 00:00 to 23:59');
    checkPattern(
      undefined,
      lit`QuietWindowTime`,
      'end',
      end,
      new RegExp(`^(${time}|24:00)$`),
      'HH:MM from 00:00 to 24:00',
    );
    if (start === end) {
      fail(
        undefined,
        lit`QuietWindowTime`,
        `The quiet window ends when it begins, at ${start}; a whole day is from 00:00 to 24:00.`,
      );
    }
    checkTimeZone(timeZone);
    if (days.length === 0) fail(undefined, lit`QuietWindowDays`, '`days` is empty; leave it out for every day.');
    if (severities.length === 0) {
      fail(undefined, lit`QuietWindowSeverities`, '`severities` is empty; leave it out for WARNING and INFO.');
    }
    this.start = start;
    this.end = end;
    this.timeZone = timeZone;
    this.days = days;
    this.severities = severities;
  }

  /**
   * As the functions that raise alerts read it.
   * @internal
   */
  public _render(): object {
    const { start, end, timeZone, severities } = this;
    return { start, end, timeZone, days: this.days.map((day) => DAYS.indexOf(day)), severities };
  }
}

function checkTimeZone(timeZone: string): void {
  if (Token.isUnresolved(timeZone)) return;
  // What is left of the names is known to Intl; some versions of it also take offsets, which know no summer time.
  if (/^[A-Za-z]/.test(timeZone) && isKnown(timeZone)) return;
  fail(
    undefined,
    lit`QuietWindowZone`,
    `\`timeZone\` is '${timeZone}'; it must be a name of the IANA's database, like Europe/Berlin.`,
  );
}

function isKnown(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
    return true;
  } catch {
    return false;
  }
}
