import { Duration, type App } from 'aws-cdk-lib';
import * as z from 'zod';
import { UnconfirmedShot, type AlertAcknowledgements, type ShotConfirmation, type ShotOptions } from '../../lib';
import { environment, name, readContext } from '../context';

const amount = z.number().optional();
const email = z.array(z.email()).default([]);

/** What can be configured of the city. The constructs check the rest, and say what is wrong with it. */
const configuration = z.strictObject({
  name: name.default('city'),
  env: environment,
  dispatchUrl: z.string().default('https://dispatch.example.com/incidents'),
  dispatch: z.enum(['automatic', 'confirm']).default('confirm'),
  confirmation: z
    .strictObject({
      withinSeconds: z.number().default(120),
      otherwise: z.enum(UnconfirmedShot).default(UnconfirmedShot.DISPATCH),
      supervisorsAfterSeconds: z.number().default(30),
    })
    .prefault({}),
  shots: z
    .strictObject({
      minimumSensors: amount,
      minimumConfidence: amount,
      rangeMeters: amount,
      speedOfSound: amount,
      clockJitterMilliseconds: amount,
      settleAfterSeconds: amount,
      nearestCameras: amount,
      cameraRangeMeters: amount,
    })
    .default({}),
  retentionHours: z.number().default(24),
  operatorEmails: email,
  supervisorEmails: email,
  alarmEmails: email,
});

export type City = z.infer<typeof configuration>;

/**
 * The configuration: the context value `city`, either itself or the path of a JSON file that has it (`-c city=…`).
 * @throws Error which names each field that is wrong, and says why
 */
export function readCity(app: App): City {
  return readContext(app, 'city', configuration);
}

export function shotsOf({ shots }: City): ShotOptions {
  const { clockJitterMilliseconds, settleAfterSeconds, ...options } = shots;
  return {
    ...options,
    clockJitter: clockJitterMilliseconds === undefined ? undefined : Duration.millis(clockJitterMilliseconds),
    settleAfter: settleAfterSeconds === undefined ? undefined : Duration.seconds(settleAfterSeconds),
  };
}

export function confirmationOf(
  { dispatch, confirmation }: City,
  acknowledgements: AlertAcknowledgements,
): ShotConfirmation | undefined {
  if (dispatch === 'automatic') return undefined;
  const { withinSeconds, otherwise } = confirmation;
  return { within: Duration.seconds(withinSeconds), otherwise, acknowledgements };
}
