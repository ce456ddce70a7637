import type { Duration } from 'aws-cdk-lib';
import type { FrameRegion } from './obstacle-class';

/**
 * What a thermal camera watches: a bearing, a switchgear panel, a transformer.
 */
export interface HeatAsset {
  /**
   * The name: 1 to 64 of `a-z A-Z 0-9 _ -`, the first of them a letter or a digit.
   */
  readonly name: string;

  /**
   * The thing whose camera sees it. One thing may see several assets.
   * @default - the thing has the name of the asset
   */
  readonly device?: string;

  /**
   * The camera, where the thing has several.
   * @default - the thing has one camera
   */
  readonly camera?: string;

  /**
   * Where it is in a grid. What counts is the mean of the hottest tenth of the pixels in there.
   * @default - the whole grid
   */
  readonly region?: FrameRegion;

  /**
   * How hot it may ever be, whatever is normal, in degrees Celsius: -100 to 2000. It counts while it is learned what is
   * normal, too.
   * @default - no limit
   */
  readonly maximumCelsius?: number;
}

/**
 * What is normal, and when something isn't. Temperatures are in kelvin above what is normal, which is learned of each asset.
 */
export interface HeatOptions {
  /**
   * Whether temperatures are compared as the rise above that of the air, which devices then have to tell with each reading.
   * Otherwise a hot day makes all assets abnormal.
   * @default true
   */
  readonly ambientCompensation?: boolean;

  /**
   * How long it is learned what is normal: 10 minutes to 30 days, with at least 30 readings. It should be a whole cycle of
   * what the asset does: a day, or a week.
   * @default Duration.days(1)
   */
  readonly learnFor?: Duration;

  /**
   * The time constant by which what is normal follows slow changes afterwards: 1 hour to 90 days. Nothing is learned of what
   * is warmer than `watchAbove`, nor while there is an alarm.
   * @default Duration.days(2)
   */
  readonly adaptOver?: Duration;

  /**
   * Warmer than normal by that is watched: 0.5 to 200 K. At least 4 standard deviations of what was learned count.
   * @default 4
   */
  readonly watchAbove?: number;

  /**
   * Warmer than normal by that is a fault: 1 to 500 K, more than `watchAbove`. At least 6 standard deviations count.
   * @default 12
   */
  readonly alarmAbove?: number;

  /**
   * How far what is normal may move from what it was at first: 0.5 to 200 K. At least 2 standard deviations count.
   * @default 5
   */
  readonly driftAbove?: number;

  /**
   * For how long a fault must be seen without a break, in three readings at least: 0 seconds to 6 hours.
   * @default Duration.minutes(5)
   */
  readonly alarmAfter?: Duration;

  /**
   * For how long it must be over until the asset is calm: 0 seconds to 24 hours.
   * @default Duration.minutes(15)
   */
  readonly calmAfter?: Duration;

  /**
   * What is watched for so long without a break is a fault, too: 10 minutes to 30 days.
   * @default Duration.days(1)
   */
  readonly watchFor?: Duration;

  /**
   * Without a reading for so long a sensor is silent: 1 minute to 24 hours, and at least three times the time between two
   * readings.
   * @default Duration.minutes(15)
   */
  readonly silentAfter?: Duration;
}
