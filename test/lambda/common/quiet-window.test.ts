import fc from 'fast-check';
import { isQuiet, quietWindow, type QuietWindow } from '../../../lambda/common/quiet-window';

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const BERLIN_NIGHT: QuietWindow = {
  start: '22:00',
  end: '06:00',
  timeZone: 'Europe/Berlin',
  days: EVERY_DAY,
  severities: ['WARNING', 'INFO'],
};

const quietAt = (instant: string, window: Partial<QuietWindow> = {}) =>
  isQuiet('WARNING', Date.parse(instant), [{ ...BERLIN_NIGHT, ...window }]);

// 2026-11-24 is a Tuesday, one hour ahead of UTC in Berlin.
describe('a window', () => {
  test.each([
    ['2026-11-24T20:59:59.999Z', false],
    ['2026-11-24T21:00:00.000Z', true],
    ['2026-11-24T22:59:59.999Z', true],
    ['2026-11-24T23:00:00.000Z', true],
    ['2026-11-25T04:59:59.999Z', true],
    ['2026-11-25T05:00:00.000Z', false],
  ])('over midnight has at %s: %s', (instant, expected) => {
    expect(quietAt(instant)).toBe(expected);
  });

  test.each([
    ['2026-11-24T11:29:59Z', false],
    ['2026-11-24T11:30:00Z', true],
    ['2026-11-24T12:59:59Z', true],
    ['2026-11-24T13:00:00Z', false],
  ])('within a day has at %s: %s', (instant, expected) => {
    expect(quietAt(instant, { start: '12:30', end: '14:00' })).toBe(expected);
  });

  test.each<[string, string, Partial<QuietWindow>, boolean]>([
    ['begins on its day', '2026-11-24T22:00:00Z', { days: [2] }, true],
    ['goes on into the next', '2026-11-25T03:00:00Z', { days: [2] }, true],
    ['does not come from the day before', '2026-11-24T03:00:00Z', { days: [2] }, false],
    ['does not begin on another', '2026-11-25T22:00:00Z', { days: [2] }, false],
    ['of Saturday goes on into Sunday', '2026-11-29T03:00:00Z', { days: [6] }, true],
    ['of Sunday goes on into Monday', '2026-11-30T03:00:00Z', { days: [0] }, true],
    ['of a whole day begins with it', '2026-11-23T23:00:00Z', { days: [2], start: '00:00', end: '24:00' }, true],
    ['of a whole day ends with it', '2026-11-24T23:00:00Z', { days: [2], start: '00:00', end: '24:00' }, false],
    ['that ends at midnight', '2026-11-24T23:00:00Z', { days: [2], start: '20:00', end: '00:00' }, false],
    ['that begins before midnight', '2026-11-24T22:59:00Z', { days: [2], start: '20:00', end: '00:00' }, true],
  ])('%s', (_what, instant, window, expected) => {
    expect(quietAt(instant, window)).toBe(expected);
  });

  test.each([
    // Clocks go from 02:00 to 03:00: what they skip is at no time, and the night is an hour shorter.
    ['2026-03-29T00:59:59Z', '02:00', '03:00', false],
    ['2026-03-29T01:00:00Z', '02:00', '03:00', false],
    ['2026-03-29T03:59:59Z', '22:00', '06:00', true],
    ['2026-03-29T04:00:00Z', '22:00', '06:00', false],
    // Clocks go from 03:00 to 02:00, and show what is between twice.
    ['2026-10-25T00:30:00Z', '02:15', '02:45', true],
    ['2026-10-25T01:00:00Z', '02:15', '02:45', false],
    ['2026-10-25T01:30:00Z', '02:15', '02:45', true],
    ['2026-10-25T04:59:59Z', '22:00', '06:00', true],
    ['2026-10-25T05:00:00Z', '22:00', '06:00', false],
  ])('when clocks change, has at %s from %s to %s: %s', (instant, start, end, expected) => {
    expect(quietAt(instant, { start, end })).toBe(expected);
  });
});

test('silences its severities only', () => {
  const night = Date.parse('2026-11-24T23:00:00Z');
  expect(isQuiet('WARNING', night, [BERLIN_NIGHT])).toBe(true);
  expect(isQuiet('INFO', night, [BERLIN_NIGHT])).toBe(true);
  expect(isQuiet('CRITICAL', night, [BERLIN_NIGHT])).toBe(false);
  expect(isQuiet('CRITICAL', night, [{ ...BERLIN_NIGHT, severities: ['CRITICAL'] }])).toBe(true);
});

test('one of several windows is enough, and none silences nothing', () => {
  const noon = Date.parse('2026-11-24T12:00:00Z');
  expect(isQuiet('INFO', noon, [])).toBe(false);
  expect(isQuiet('INFO', noon, [BERLIN_NIGHT])).toBe(false);
  expect(isQuiet('INFO', noon, [BERLIN_NIGHT, { ...BERLIN_NIGHT, timeZone: 'Pacific/Auckland' }])).toBe(true);
});

test('stands in the environment as a whole', () => {
  expect(quietWindow.parse(BERLIN_NIGHT)).toEqual(BERLIN_NIGHT);
  for (const name of Object.keys(BERLIN_NIGHT)) {
    const issues = quietWindow.safeParse({ ...BERLIN_NIGHT, [name]: undefined }).error?.issues;
    expect(issues).toMatchObject([{ path: [name] }]);
  }
});

describe('compared with the law of time zones', () => {
  const MINUTE = 60_000;
  const DAY = 1440;

  /** The nth Sunday of a month, or the last one, as days since 1970. */
  function sunday(year: number, month: number, nth: number | 'last'): number {
    const all = Array.from({ length: 31 }, (_, day) => new Date(Date.UTC(year, month - 1, day + 1))).filter(
      (date) => date.getUTCMonth() === month - 1 && date.getUTCDay() === 0,
    );
    return (nth === 'last' ? all.at(-1)! : all[nth - 1]).getTime() / (DAY * MINUTE);
  }

  interface Zone {
    /** Minutes ahead of UTC, and how many more in summer. */
    readonly offset: number;
    readonly summer: number;
    /** When clocks are set forward and back, in minutes since 1970. */
    readonly changes: (year: number) => readonly [forward: number, back: number];
  }

  const ZONES: Record<string, Zone> = {
    'Europe/Berlin': {
      offset: 60,
      summer: 60,
      changes: (year) => [sunday(year, 3, 'last') * DAY + 60, sunday(year, 10, 'last') * DAY + 60],
    },
    'America/New_York': {
      offset: -300,
      summer: 60,
      changes: (year) => [sunday(year, 3, 2) * DAY + 7 * 60, sunday(year, 11, 1) * DAY + 6 * 60],
    },
    // Half an hour, and summer is over the turn of the year.
    'Australia/Lord_Howe': {
      offset: 630,
      summer: 30,
      changes: (year) => [sunday(year, 10, 1) * DAY + 120 - 630, sunday(year, 4, 1) * DAY + 120 - 660],
    },
    'Asia/Kolkata': { offset: 330, summer: 0, changes: () => [0, 0] },
    'Pacific/Kiritimati': { offset: 840, summer: 0, changes: () => [0, 0] },
  };

  function localMinutes(now: number, timeZone: string): number {
    const { offset, summer, changes } = ZONES[timeZone];
    const minutes = Math.floor(now / MINUTE);
    const [forward, back] = changes(new Date(now).getUTCFullYear());
    const isSummer = forward < back ? minutes >= forward && minutes < back : minutes >= forward || minutes < back;
    return minutes + offset + (isSummer ? summer : 0);
  }

  const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

  /** Whether the local time is in one of the stretches that begin on this day or the one before. */
  function expected({ start, end, timeZone, days }: QuietWindow, now: number): boolean {
    const local = localMinutes(now, timeZone);
    const today = Math.floor(local / DAY);
    const length = (minutesOf(end) - minutesOf(start) + DAY) % DAY || DAY;
    return [today - 1, today].some((day) => {
      // 1970 began on a Thursday.
      const begin = day * DAY + minutesOf(start);
      return days.includes((day + 4) % 7) && local >= begin && local < begin + length;
    });
  }

  const twoDigits = (number: number) => String(number).padStart(2, '0');
  const time = fc
    .integer({ min: 0, max: DAY - 1 })
    .map((minutes) => `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`);
  const window = fc
    .record({
      start: time,
      end: fc.oneof({ arbitrary: time, weight: 9 }, { arbitrary: fc.constant('24:00'), weight: 1 }),
      timeZone: fc.constantFrom(...Object.keys(ZONES)),
      days: fc.subarray(EVERY_DAY, { minLength: 1 }),
      severities: fc.constant<QuietWindow['severities']>(['INFO']),
    })
    .filter(({ start, end }) => start !== end);
  const anywhere = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2027, 0) - 1 });
  /** Within some hours of a change of the clocks, and so of most of the bounds of windows that matter. */
  const nearChange = (zone: string) =>
    fc
      .tuple(fc.integer({ min: 2020, max: 2026 }), fc.boolean(), fc.integer({ min: -300, max: 300 }), fc.nat(59_999))
      .map(([year, back, distance, rest]) => (ZONES[zone].changes(year)[Number(back)] + distance) * MINUTE + rest)
      .filter((instant) => instant > Date.UTC(2020, 0));
  const situation = window.chain((of) =>
    fc.record({
      window: fc.constant(of),
      now: ZONES[of.timeZone].summer === 0 ? anywhere : fc.oneof(anywhere, nearChange(of.timeZone)),
    }),
  );

  test('each window is quiet exactly when it should be', () => {
    fc.assert(
      fc.property(situation, ({ window: of, now }) => {
        expect(isQuiet('INFO', now, [of])).toBe(expected(of, now));
      }),
      { numRuns: 3000 },
    );
  });

  test('its bounds are met to the minute', () => {
    const atBound = situation.chain(({ window: of, now }) => {
      const offset = localMinutes(now, of.timeZone) - Math.floor(now / MINUTE);
      const midnight = Math.floor((Math.floor(now / MINUTE) + offset) / DAY) * DAY;
      return fc
        .tuple(fc.constantFrom(of.start, of.end), fc.integer({ min: -1, max: 1 }))
        .map(([bound, by]) => ({ window: of, now: (midnight + minutesOf(bound) - offset + by) * MINUTE }));
    });
    fc.assert(
      fc.property(atBound, ({ window: of, now }) => {
        expect(isQuiet('INFO', now, [of])).toBe(expected(of, now));
      }),
      { numRuns: 3000 },
    );
  });
});
