import type { Duration } from 'aws-cdk-lib';
import { checkRange, lit } from '../private/validation';
import { seconds } from './units';

/**
 * How much a camera sends: bits in a second, as encoders have it, and not bytes.
 */
export class Bitrate {
  /** Bits a second. */
  public static bitsPerSecond(amount: number): Bitrate {
    return new Bitrate(amount);
  }

  /** Thousands of bits a second. */
  public static kilobitsPerSecond(amount: number): Bitrate {
    return new Bitrate(amount * 1000);
  }

  /** Millions of bits a second. */
  public static megabitsPerSecond(amount: number): Bitrate {
    return new Bitrate(amount * 1_000_000);
  }

  /**
   * @throws ValidationError `Bitrate` unless there are 1 to 100,000,000 bits a second: a stream takes 12.5 megabytes
   */
  private constructor(private readonly amount: number) {
    const max = 100_000_000;
    checkRange(undefined, lit`Bitrate`, 'bitrate', amount, { min: 1, max, unit: 'bits a second', whole: false });
  }

  /** In bits a second. */
  public toBitsPerSecond(): number {
    return this.amount;
  }

  /** What it comes to in that time, in bytes: eight bits each. */
  public toBytes(time: Duration): number {
    return (this.amount / 8) * seconds(time);
  }
}
