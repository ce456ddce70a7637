import type { Duration } from 'aws-cdk-lib';
import { checkDuration, checkRange, lit, type DurationUnit } from '../private/validation';
import type { CompleteWorkload } from './load';

const CODE = lit`FleetWorkload`;
const MANY = Number.MAX_SAFE_INTEGER;

/** Numbers, and the least and most that they may be. */
const WHOLE: [keyof CompleteWorkload, number, number][] = [
  ['devices', 1, MANY],
  ['camerasPerDevice', 1, 100],
  ['cells', 1, 10_000],
  ['storedChannels', 0, MANY],
  ['alertEmails', 0, MANY],
  ['viewers', 0, MANY],
  ['viewersPerDevice', 0, MANY],
  ['newDevicesPerMonth', 0, MANY],
];
const ANY: [keyof CompleteWorkload, number, number][] = [
  ['analysedShare', 0, 1],
  ['relayedShare', 0, 1],
  ['startsPerDay', 0, 86_400],
  ['messagesPerHour', 0, 360_000],
  ['alertsPerDay', 0, 86_400],
  // A millionth, so that what is divided by it stays a number.
  ['busiestShare', 0.000001, 1],
  ['imagesPerSecond', 1, 10_000],
];
const DURATIONS: [keyof CompleteWorkload, DurationUnit, number, number][] = [
  ['streamingPerDay', 'hours', 0, 24],
  ['fragmentDuration', 'seconds', 1, 20],
  ['reconnectWithin', 'seconds', 1, 86_400],
  ['retention', 'hours', 0, 87_600],
  ['imageInterval', 'milliseconds', 200, 86_400_000],
  ['imageRetention', 'days', 1, 36_500],
  ['playbackPerDay', 'hours', 0, 24],
  ['livePerDay', 'hours', 0, 24],
];

/** @throws ValidationError `FleetWorkload` which names the field that is wrong */
export function checkWorkload(workload: CompleteWorkload): void {
  for (const [name, min, max] of WHOLE) checkRange(undefined, CODE, name, workload[name] as number, { min, max });
  for (const [name, min, max] of ANY) {
    checkRange(undefined, CODE, name, workload[name] as number | undefined, { min, max, whole: false });
  }
  for (const [name, unit, min, max] of DURATIONS) {
    checkDuration(undefined, CODE, name, workload[name] as Duration, { min, max, unit, whole: false });
  }
  for (const [id, limit] of Object.entries(workload.quotas)) {
    checkRange(undefined, CODE, `quotas.${id}`, limit, { min: 0, max: MANY, whole: false });
  }
}
