import { Duration } from 'aws-cdk-lib';
import type { FleetWorkload } from '../../lib';
import { checkWorkload } from '../../lib/planning/check-workload';
import { complete } from '../../lib/planning/load';
import { codedError } from '../support/fleet';

const check = (change: Partial<FleetWorkload>) => checkWorkload(complete({ devices: 100, ...change }));

const MANY = Number.MAX_SAFE_INTEGER;

/** Numbers, and the least and the most that each may be. */
const WHOLE: [keyof FleetWorkload, number, number][] = [
  ['devices', 1, MANY],
  ['camerasPerDevice', 1, 100],
  ['cells', 1, 10_000],
  ['storedChannels', 0, MANY],
  ['alertEmails', 0, MANY],
  ['viewers', 0, MANY],
  ['viewersPerDevice', 0, MANY],
  ['newDevicesPerMonth', 0, MANY],
];
const ANY: [keyof FleetWorkload, number, number][] = [
  ['analysedShare', 0, 1],
  ['relayedShare', 0, 1],
  ['startsPerDay', 0, 86_400],
  ['messagesPerHour', 0, 360_000],
  ['alertsPerDay', 0, 86_400],
  ['busiestShare', 0.000001, 1],
  ['imagesPerSecond', 1, 10_000],
];
const DURATIONS: [keyof FleetWorkload, Duration, Duration, Duration, Duration][] = [
  ['streamingPerDay', Duration.hours(0), Duration.hours(24), Duration.hours(0), Duration.millis(86_400_001)],
  ['fragmentDuration', Duration.seconds(1), Duration.seconds(20), Duration.millis(999), Duration.millis(20_001)],
  ['reconnectWithin', Duration.seconds(1), Duration.days(1), Duration.millis(999), Duration.millis(86_400_001)],
  ['retention', Duration.hours(0), Duration.hours(87_600), Duration.hours(0), Duration.minutes(5_256_001)],
  ['imageInterval', Duration.millis(200), Duration.days(1), Duration.millis(199), Duration.millis(86_400_001)],
  ['imageRetention', Duration.days(1), Duration.days(36_500), Duration.hours(23), Duration.hours(876_001)],
  ['playbackPerDay', Duration.hours(0), Duration.hours(24), Duration.hours(0), Duration.millis(86_400_001)],
  ['livePerDay', Duration.hours(0), Duration.hours(24), Duration.hours(0), Duration.millis(86_400_001)],
];

test('a workload with nothing but devices passes', () => {
  expect(() => check({})).not.toThrow();
});

test.each(WHOLE)('%s may be %d to %d, and whole', (name, least, most) => {
  for (const value of [least, most]) expect(() => check({ [name]: value })).not.toThrow();
  for (const value of [least - 1, least + 0.5, most + 1]) {
    expect(() => check({ [name]: value })).toThrow(
      codedError('FleetWorkload', new RegExp(`^\`${name}\` is ${value}; it must be a whole number`)),
    );
  }
});

test.each(ANY)('%s may be %d to %d, and anything between', (name, least, most) => {
  for (const value of [least, (least + most) / 2 + 0.1 * least, most]) {
    expect(() => check({ [name]: value })).not.toThrow();
  }
  for (const value of [least - 0.0000001, most + 0.001]) {
    expect(() => check({ [name]: value })).toThrow(
      codedError('FleetWorkload', new RegExp(`^\`${name}\` is ${value}; it must be between`)),
    );
  }
});

test.each(DURATIONS)('%s may be %s to %s', (name, least, most, less, more) => {
  for (const value of [least, most]) expect(() => check({ [name]: value })).not.toThrow();
  for (const value of less.toMilliseconds() < least.toMilliseconds() ? [less, more] : [more]) {
    expect(() => check({ [name]: value })).toThrow(
      codedError('FleetWorkload', new RegExp(`^\`${name}\` is .*; it must be between`)),
    );
  }
});

test('quotas may be any number that is not below zero, and the wrong one is named', () => {
  expect(() => check({ quotas: { STREAMS: 0, CHANNELS: 1.5 } })).not.toThrow();
  expect(() => check({ quotas: { STREAMS: 10, CHANNELS: -1 } })).toThrow(
    codedError('FleetWorkload', /^`quotas\.CHANNELS` is -1; it must be between 0 and/),
  );
});
