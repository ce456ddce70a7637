import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { UnconfirmedShot, type ShotConfirmation, type ShotOptions } from '../detection/shot-options';
import { checkDuration, checkRange, lit, type DurationUnit } from './validation';

/** The options as lambda/shot-detector/settings.ts reads them. */
export function renderShots(scope: Construct, options: ShotOptions) {
  const { minimumSensors = 3, minimumConfidence = 50, rangeMeters = 1000, speedOfSound = 343 } = options;
  const { nearestCameras = 4, cameraRangeMeters = 300 } = options;
  const code = lit`ShotLimits`;
  checkRange(scope, code, 'minimumSensors', minimumSensors, { min: 2, max: 10 });
  const confidence = { min: 0, max: 100, unit: 'percent', whole: false };
  checkRange(scope, code, 'minimumConfidence', minimumConfidence, confidence);
  checkRange(scope, code, 'rangeMeters', rangeMeters, { min: 100, max: 3000, unit: 'm', whole: false });
  checkRange(scope, code, 'speedOfSound', speedOfSound, { min: 300, max: 360, unit: 'm/s', whole: false });
  checkRange(scope, lit`ShotCameras`, 'nearestCameras', nearestCameras, { min: 0, max: 20 });
  const near = { min: 10, max: 500, unit: 'm', whole: false };
  checkRange(scope, lit`ShotCameras`, 'cameraRangeMeters', cameraRangeMeters, near);
  const time = (prop: string, duration: Duration, unit: DurationUnit, min: number, max: number) =>
    checkDuration(scope, lit`ShotTimes`, prop, duration, { min, max, unit });
  const { clockJitter = Duration.millis(10), settleAfter = Duration.seconds(5) } = options;
  const { before = Duration.seconds(30), after = Duration.minutes(2), retention = Duration.days(365) } = options;
  return {
    minimumSensors,
    minimumConfidence,
    rangeMeters,
    speedOfSound,
    jitterMilliseconds: time('clockJitter', clockJitter, 'milliseconds', 1, 100),
    settleSeconds: time('settleAfter', settleAfter, 'seconds', 1, 60),
    cameras: {
      most: nearestCameras,
      rangeMeters: cameraRangeMeters,
      beforeSeconds: time('before', before, 'seconds', 0, 600),
      afterSeconds: time('after', after, 'seconds', 10, 1800),
    },
    retentionDays: time('retention', retention, 'days', 7, 3650),
  };
}

export function renderConfirmation(scope: Construct, { within, otherwise }: ShotConfirmation) {
  const range = { min: 10, max: 900, unit: 'seconds' } as const;
  return {
    withinSeconds: checkDuration(scope, lit`ShotConfirmation`, 'within', within, range),
    otherwise: otherwise ?? UnconfirmedShot.DISPATCH,
  };
}
