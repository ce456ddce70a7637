import type { Duration } from 'aws-cdk-lib';
import type { Bitrate } from './bitrate';
import { seconds } from './units';

/** A number for people, with commas: whole when it is large, and three digits of it that count when it is small. */
export function amount(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1000) return grouped(Math.round(value).toString());
  return trimmed(size >= 1 ? value.toFixed(2) : value.toPrecision(3));
}

/** Dollars and cents. What isn't nothing but less than a cent is said to be that. */
export function dollars(value: number): string {
  const cents = Math.round(Math.abs(value) * 100);
  if (cents === 0) return value === 0 ? '$0.00' : '< $0.01';
  const [whole, rest] = (cents / 100).toFixed(2).split('.');
  return `${value < 0 ? '-' : ''}$${grouped(whole)}.${rest}`;
}

/** The price of a unit, all of its digits. */
export function unitPrice(value: number): string {
  return `$${trimmed(value.toFixed(10))}`;
}

/** The largest unit in which it is a short number. */
export function time(duration: Duration): string {
  return timeOf(seconds(duration));
}

export function timeOf(total: number): string {
  // A day is 24 hours, for somebody who counts the hours of streaming.
  if (total >= 2 * 86_400) return `${amount(total / 86_400)} days`;
  const units: [string, number][] = [
    ['h', 3600],
    ['min', 60],
  ];
  const [name, size] = units.find(([, length]) => total >= length) ?? ['s', 1];
  return `${amount(total / size)} ${name}`;
}

export function megabits(bitrate: Bitrate): string {
  return `${amount(bitrate.toBitsPerSecond() / 1_000_000)} Mbps`;
}

export function percent(share: number): string {
  return `${amount(share * 100)}%`;
}

/** The name of one of what the unit counts. */
export function one(unit: string): string {
  return unit.replace(/s$/, '');
}

/** As many of it, in the singular or the plural. */
export function counted(value: number, what: string): string {
  return `${amount(value)} ${what}${value === 1 ? '' : 's'}`;
}

/** Rounded to what money and measurements need, so that a plan reads the same wherever it is made. */
export function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

function trimmed(digits: string): string {
  return digits.includes('.') && !digits.includes('e') ? digits.replace(/\.?0+$/, '') : digits;
}
