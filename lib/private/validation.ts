import { Token, type Duration } from 'aws-cdk-lib';
import { UnscopedValidationError, ValidationError } from 'aws-cdk-lib/core/lib/errors';
import { lit } from 'aws-cdk-lib/core/lib/helpers-internal';
import type { IConstruct } from 'constructs';

export { lit };

/** The code of an error: a literal, so that people can search for it. */
export type ErrorCode = ReturnType<typeof lit>;

/** Throws a `ValidationError` that carries the construct's path, or an unscoped one for value classes. */
export function fail(scope: IConstruct | undefined, code: ErrorCode, message: string): never {
  throw scope ? new ValidationError(code, message, scope) : new UnscopedValidationError(code, message);
}

/** Bounds of a number, and what to tell somebody who is outside of them. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
  /** The number must be whole. @default true */
  readonly whole?: boolean;
  /** What to do instead. @default - nothing beyond naming the range */
  readonly remedy?: string;
}

/** Checks a number against its bounds. Absent values and tokens pass: they are known at deployment only. */
export function checkRange(
  scope: IConstruct | undefined,
  code: ErrorCode,
  prop: string,
  value: number | undefined,
  range: Range,
): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  const whole = range.whole ?? true;
  if (value >= range.min && value <= range.max && (!whole || Number.isInteger(value))) return;
  const unit = range.unit ? ` ${range.unit}` : '';
  const remedy = range.remedy ? ` ${range.remedy}` : '';
  const kind = whole ? 'a whole number between' : 'between';
  fail(
    scope,
    code,
    `\`${prop}\` is ${value}${unit}; it must be ${kind} ${range.min} and ${range.max}${unit}.${remedy}`,
  );
}

/** The units in which AWS counts the durations of this library. */
export type DurationUnit = 'milliseconds' | 'seconds' | 'hours' | 'days';

/** Checks a duration against bounds in `unit`, and returns it in that unit. */
export function checkDuration(
  scope: IConstruct | undefined,
  code: ErrorCode,
  prop: string,
  value: Duration,
  range: Range & { unit: DurationUnit },
): number {
  const convert = { milliseconds: 'toMilliseconds', seconds: 'toSeconds', hours: 'toHours', days: 'toDays' } as const;
  const amount = value[convert[range.unit]](value.isUnresolved() ? undefined : { integral: false });
  checkRange(scope, code, prop, amount, range);
  return amount;
}

/** Checks a string against a pattern and a length. Absent values and tokens pass. */
export function checkPattern(
  scope: IConstruct | undefined,
  code: ErrorCode,
  prop: string,
  value: string | undefined,
  pattern: RegExp,
  rule: string,
): void {
  if (value === undefined || Token.isUnresolved(value) || pattern.test(value)) return;
  fail(scope, code, `\`${prop}\` is '${value}'; it must be ${rule}.`);
}

/** Checks the name of a fleet, which stands in tags, attributes of things and detection events. */
export function checkFleetName(scope: IConstruct, fleetName: string): void {
  const pattern = /^[a-zA-Z0-9_-]{1,64}$/;
  checkPattern(scope, lit`FleetName`, 'fleetName', fleetName, pattern, '1 to 64 of a-z A-Z 0-9 _ -');
}
