import { Aws, Duration, Lazy } from 'aws-cdk-lib';
import { quietWindow } from '../../lambda/common/quiet-window';
import { AlertSeverity, AlertTopic, DayOfWeek, QuietWindow, type QuietWindowProps } from '../../lib';
import { codedError } from '../support/fleet';
import { testStack } from '../support/template';

const NIGHT: QuietWindowProps = { start: '22:00', end: '06:00', timeZone: 'Europe/Berlin' };

test('is by default of every day, and silences all but critical alerts', () => {
  const window = new QuietWindow(NIGHT);
  expect(window).toMatchObject(NIGHT);
  expect([...window.days].sort()).toEqual(Object.values(DayOfWeek).sort());
  expect(window.severities).toEqual([AlertSeverity.WARNING, AlertSeverity.INFO]);
});

test('is what the handlers read, with days from Sunday on', () => {
  const { MONDAY, SATURDAY, SUNDAY } = DayOfWeek;
  const rendered = new QuietWindow({
    ...NIGHT,
    days: [MONDAY, SATURDAY, SUNDAY],
    severities: [AlertSeverity.CRITICAL],
  })._render();
  expect(rendered).toEqual({ ...NIGHT, days: [1, 6, 0], severities: ['CRITICAL'] });
  expect(quietWindow.parse(rendered)).toEqual(rendered);
});

test.each<[string, Partial<QuietWindowProps>]>([
  ['the first minute', { start: '00:00', end: '00:01' }],
  ['a whole day', { start: '00:00', end: '24:00' }],
  ['up to midnight', { end: '00:00' }],
  ['the last minute', { start: '23:59', end: '24:00' }],
  ['UTC', { timeZone: 'UTC' }],
  ['a zone of three parts', { timeZone: 'America/Argentina/Ushuaia' }],
  ['a zone that is known at deployment', { timeZone: Aws.REGION }],
  ['a time that is known at deployment', { start: Lazy.string({ produce: () => '21:00' }) }],
])('%s passes', (_what, props) => {
  expect(new QuietWindow({ ...NIGHT, ...props })).toMatchObject(props);
});

describe('bad input', () => {
  test.each<[string, Partial<QuietWindowProps>, RegExp]>([
    ['QuietWindowTime', { start: '24:00' }, /`start` is '24:00'; it must be HH:MM from 00:00 to 23:59/],
    ['QuietWindowTime', { start: '9:00' }, /`start` is '9:00'/],
    ['QuietWindowTime', { start: '09:60' }, /`start` is '09:60'/],
    ['QuietWindowTime', { start: '22:00:00' }, /`start` is '22:00:00'/],
    ['QuietWindowTime', { end: '24:01' }, /`end` is '24:01'; it must be HH:MM from 00:00 to 24:00/],
    ['QuietWindowTime', { end: '' }, /`end` is ''/],
    ['QuietWindowTime', { end: '22:00' }, /ends when it begins, at 22:00; a whole day is from 00:00 to 24:00/],
    ['QuietWindowZone', { timeZone: 'Mars/Olympus' }, /`timeZone` is 'Mars\/Olympus'; .*IANA.*Europe\/Berlin/],
    ['QuietWindowZone', { timeZone: '+01:00' }, /`timeZone` is '\+01:00'/],
    ['QuietWindowZone', { timeZone: '' }, /`timeZone` is ''/],
    ['QuietWindowDays', { days: [] }, /`days` is empty; leave it out for every day/],
    ['QuietWindowSeverities', { severities: [] }, /`severities` is empty; leave it out for WARNING and INFO/],
  ])('is told by %s: %j', (code, props, message) => {
    expect(() => new QuietWindow({ ...NIGHT, ...props })).toThrow(codedError(code, message));
  });

  test('so many windows that they would take the room of obstacles', () => {
    const windows = (count: number) => Array.from({ length: count }, () => new QuietWindow(NIGHT));
    const topic = (count: number) => () =>
      new AlertTopic(testStack(), 'Alerts', { quietWindows: windows(count), repeatAfter: Duration.minutes(1) });
    expect(topic(3)).not.toThrow();
    expect(topic(4)).toThrow(codedError('QuietWindows', /has \d+ bytes as JSON; 400 are allowed/, 'Test/Alerts'));
  });
});
