import type { Duration } from 'aws-cdk-lib';

declare const unit: unique symbol;

/** A number that can't be taken for one of another unit. */
export type Quantity<U extends string> = number & { readonly [unit]: U };

export type Bytes = Quantity<'bytes'>;
export type Seconds = Quantity<'seconds'>;
export type PerSecond = Quantity<'per second'>;

/** How often something happens in a month. */
export type Times = Quantity<'times'>;

/** Media that is kept, averaged over the month. */
export type ByteMonths = Quantity<'byte-months'>;

/** A month is 30 days, as in the examples of AWS's pricing pages. */
export const DAYS_PER_MONTH = 30;

/** What AWS bills as a gigabyte: the examples of its pricing pages divide megabytes by 1,024. */
const BYTES_PER_GB = 2 ** 30;

export const bytes = (amount: number) => amount as Bytes;
export const times = (amount: number) => amount as Times;
export const perSecond = (amount: number) => amount as PerSecond;
export const byteMonths = (amount: Bytes, days: number) => (amount * (days / DAYS_PER_MONTH)) as number as ByteMonths;

export function seconds(duration: Duration): Seconds {
  return (duration.toMilliseconds({ integral: false }) / 1000) as Seconds;
}

/** As AWS bills it. */
export function gigabytes(amount: Bytes | ByteMonths): number {
  return amount / BYTES_PER_GB;
}
