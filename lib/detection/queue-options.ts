import type { Duration } from 'aws-cdk-lib';
import type { FrameRegion } from './obstacle-class';

/**
 * A place where people stand in line: a register, a counter, a gate.
 */
export interface QueueRegister {
  /**
   * The name: 1 to 64 of `a-z A-Z 0-9 _ -`, the first of them a letter or a digit.
   */
  readonly name: string;

  /**
   * The thing whose camera is above it. One thing may have several registers.
   * @default - the thing has the name of the register
   */
  readonly device?: string;

  /**
   * The camera, where the thing has several. In frames only.
   * @default - the thing has one camera
   */
  readonly camera?: string;

  /**
   * Where people wait. In frames only.
   * @default - the whole frame
   */
  readonly line?: FrameRegion;

  /**
   * Where the cashier is: the register is open while somebody is there, who doesn't count as waiting. In frames only.
   * @default - it counts as open
   */
  readonly cashier?: FrameRegion;
}

/**
 * When another register is needed, or one less.
 */
export interface StaffingOptions {
  /**
   * A register more is needed when more people than that wait for each open one: 0.1 to 1000.
   * @default 4
   */
  readonly openAbove?: number;

  /**
   * For how long they must have waited: 10 seconds to 1 hour. It also is the time until there is another such signal.
   * @default Duration.minutes(2)
   */
  readonly openAfter?: Duration;

  /**
   * A register less is needed when fewer people than that wait for each open one: 0 (never) to less than `openAbove`. There
   * is no such signal if the others would then have more than `openAbove`, or for the last one.
   * @default 1
   */
  readonly closeBelow?: number;

  /**
   * For how long: 10 seconds to 4 hours. It also is the time until there is another such signal.
   * @default Duration.minutes(10)
   */
  readonly closeAfter?: Duration;

  /**
   * How old a count may be to say how it is now: 5 seconds to 10 minutes, at least twice the time between two counts.
   * @default Duration.minutes(1)
   */
  readonly staleAfter?: Duration;
}

/**
 * How people are counted in frames.
 */
export interface FrameCountOptions {
  /**
   * How sure the model must be that somebody is there, in percent: 0 to 100.
   * @default 70
   */
  readonly minimumConfidence?: number;

  /**
   * How many frames a second are counted, by all invocations together: 1 to 10,000, as the account's quota of DetectLabels is.
   * @default 5
   * @see https://docs.aws.amazon.com/general/latest/gr/rekognition.html
   */
  readonly callsPerSecond?: number;
}
