import { Duration, Token } from 'aws-cdk-lib';
import {
  checkDuration,
  checkFleetName,
  checkPattern,
  checkRange,
  fail,
  lit,
  type DurationUnit,
} from '../../lib/private/validation';
import { codedError } from '../support/fleet';
import { testStack } from '../support/template';

const CODE = lit`ExampleCode`;

test.each([
  ['with a construct', testStack(), 'Test'],
  ['without a construct', undefined, undefined],
])('an error %s has the code, and the path if there is one', (_what, scope, path) => {
  expect(() => fail(scope, CODE, 'No.')).toThrow(codedError('ExampleCode', /No\./, path));
});

describe('a number', () => {
  const check = (value: number | undefined, range = {}) =>
    checkRange(undefined, CODE, 'size', value, { min: 1, max: 10, ...range });

  test.each([
    ['the least', 1, {}],
    ['the most', 10, {}],
    ['one between, if it need not be whole', 1.5, { whole: false }],
    ['none', undefined, {}],
    ['a token', Token.asNumber({ Ref: 'Size' }), {}],
  ])('%s passes', (_what, value, range) => {
    expect(check(value, range)).toBeUndefined();
  });

  test.each([
    [0, {}, '`size` is 0; it must be a whole number between 1 and 10.'],
    [11, { unit: 'pixels' }, '`size` is 11 pixels; it must be a whole number between 1 and 10 pixels.'],
    [1.5, {}, '`size` is 1.5; it must be a whole number between 1 and 10.'],
    [10.5, { whole: false }, '`size` is 10.5; it must be between 1 and 10.'],
    [0, { remedy: 'Leave it out.' }, '`size` is 0; it must be a whole number between 1 and 10. Leave it out.'],
    [NaN, {}, '`size` is NaN; it must be a whole number between 1 and 10.'],
    [Infinity, { whole: false }, '`size` is Infinity; it must be between 1 and 10.'],
  ])('%d with %j says: %s', (value, range, message) => {
    expect(() => check(value, range)).toThrow(expect.objectContaining({ name: 'ExampleCode', message }));
  });
});

describe('a duration', () => {
  const check = (value: Duration, unit: DurationUnit) =>
    checkDuration(undefined, CODE, 'time', value, { min: 1, max: 5000, unit });

  test.each<[Duration, DurationUnit, number]>([
    [Duration.seconds(2), 'milliseconds', 2000],
    [Duration.minutes(2), 'seconds', 120],
    [Duration.days(2), 'hours', 48],
    [Duration.hours(48), 'days', 2],
  ])('%s in %s is %d', (value, unit, expected) => {
    expect(check(value, unit)).toBe(expected);
  });

  test.each<[Duration, DurationUnit, string]>([
    [Duration.millis(1500), 'seconds', '`time` is 1.5 seconds; it must be a whole number between 1 and 5000 seconds.'],
    [Duration.days(300), 'hours', '`time` is 7200 hours; it must be a whole number between 1 and 5000 hours.'],
  ])('%s in %s says: %s', (value, unit, message) => {
    expect(() => check(value, unit)).toThrow(message);
  });

  test('a token of that unit passes, and is returned', () => {
    const hours = Token.asNumber({ Ref: 'Hours' });
    expect(check(Duration.hours(hours), 'hours')).toBe(hours);
  });
});

describe('a text', () => {
  const check = (value: string | undefined) => checkPattern(undefined, CODE, 'name', value, /^[a-c]+$/, 'of a-c');

  test.each([['abc'], [undefined], [Token.asString({ Ref: 'Name' })]])('%s passes', (value) => {
    expect(check(value)).toBeUndefined();
  });

  test('another one says what it is, and must be', () => {
    const message = "`name` is 'a b'; it must be of a-c.";
    expect(() => check('a b')).toThrow(expect.objectContaining({ name: 'ExampleCode', message }));
  });
});

describe('the name of a fleet', () => {
  test.each([['a'], ['Fleet-1_b'], ['f'.repeat(64)]])('%s passes', (name) => {
    expect(checkFleetName(testStack(), name)).toBeUndefined();
  });

  test.each([[''], ['a b'], ['!a'], ['a!'], ['f'.repeat(65)]])("'%s' does not", (name) => {
    const message = new RegExp(`\`fleetName\` is '${name}'; it must be 1 to 64 of a-z A-Z 0-9 _ -\\.`);
    expect(() => checkFleetName(testStack(), name)).toThrow(codedError('FleetName', message, 'Test'));
  });
});
