import type { Duration } from 'aws-cdk-lib';
import type { AlertAcknowledgements } from '../alert/alert-acknowledgements';

/**
 * What becomes of an incident of which nobody has decided in time.
 */
export enum UnconfirmedShot {
  /** It is dispatched. */
  DISPATCH = 'DISPATCH',

  /** It is dismissed. */
  DISMISS = 'DISMISS',
}

/**
 * That somebody has to look at an incident before it is dispatched.
 */
export interface ShotConfirmation {
  /**
   * How long somebody has for it: 10 seconds to 15 minutes.
   */
  readonly within: Duration;

  /**
   * What becomes of it then.
   * @default UnconfirmedShot.DISPATCH
   */
  readonly otherwise?: UnconfirmedShot;

  /**
   * Where a decision is noted as an acknowledgement, so that an `AlertEscalation` that has the same calls nobody else.
   * @default - it is noted with the incident only
   */
  readonly acknowledgements?: AlertAcknowledgements;
}

/**
 * When sensors have heard the same shot.
 */
export interface ShotOptions {
  /**
   * How many sensors must have heard it: 2 to 10. Two say that there was one, three say where, and four say how sure that is.
   * @default 3
   */
  readonly minimumSensors?: number;

  /**
   * How sure a classifier must be for its sensor to count, in percent: 0 to 100.
   * @default 50
   */
  readonly minimumConfidence?: number;

  /**
   * How far away sensors hear a shot, in meters: 100 to 3000.
   * @default 1000
   */
  readonly rangeMeters?: number;

  /**
   * In meters a second: 300 to 360. It is 331 at 0 °C, and 0.6 more for each degree; a difference of 2 percent is allowed for.
   * @default 343
   */
  readonly speedOfSound?: number;

  /**
   * How far the clocks of sensors are off: the standard deviation, 1 to 100 milliseconds.
   * @default Duration.millis(10)
   */
  readonly clockJitter?: Duration;

  /**
   * How long it is waited for what other sensors have heard: 1 to 60 seconds. Sound takes 3 seconds for a kilometer.
   * @default Duration.seconds(5)
   */
  readonly settleAfter?: Duration;

  /**
   * How many cameras an incident has: 0 to 20.
   * @default 4
   */
  readonly nearestCameras?: number;

  /**
   * How near they must be, in meters: 10 to 500.
   * @default 300
   */
  readonly cameraRangeMeters?: number;

  /**
   * How much of the time before is to be looked at: 0 to 10 minutes.
   * @default Duration.seconds(30)
   */
  readonly before?: Duration;

  /**
   * How much of the time after is to be looked at: 10 seconds to 30 minutes.
   * @default Duration.minutes(2)
   */
  readonly after?: Duration;

  /**
   * How long it is kept what happened and who decided: 7 to 3650 days.
   * @default Duration.days(365)
   */
  readonly retention?: Duration;
}
