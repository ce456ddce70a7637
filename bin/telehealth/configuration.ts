import { Duration, type App } from 'aws-cdk-lib';
import * as z from 'zod';
import type { ConsultationsProps } from '../../lib';
import { environment, name, readContext } from '../context';

/** What can be configured of the clinic. The constructs check the rest, and say what is wrong with it. */
const configuration = z.strictObject({
  name: name.default('clinic'),
  env: environment,
  issuer: z.strictObject({ url: z.url(), audience: z.array(z.string()) }).optional(),
  rolesClaim: z.string().optional(),
  schedulerRole: z.string().optional(),
  application: z.url().default('http://localhost:3000/'),
  earlyEntryMinutes: z.number().optional(),
  recordingRetentionDays: z.number().optional(),
  recordRetentionDays: z.number().optional(),
  alarmEmails: z.array(z.email()).default([]),
});

export type Clinic = z.infer<typeof configuration>;

/**
 * The configuration: the context value `clinic`, either itself or the path of a JSON file that has it (`-c clinic=…`).
 * @throws Error which names each field that is wrong, and says why
 */
export function readClinic(app: App): Clinic {
  return readContext(app, 'clinic', configuration);
}

/** How people sign in, and how long things are open and kept. */
export function consultationsOf(clinic: Clinic): Omit<ConsultationsProps, 'fleetName'> {
  const { issuer, application, earlyEntryMinutes, recordingRetentionDays, recordRetentionDays } = clinic;
  const days = (amount: number | undefined) => (amount === undefined ? undefined : Duration.days(amount));
  return {
    ...(issuer
      ? { issuer: { issuerUrl: issuer.url, audience: issuer.audience } }
      : { signIn: { callbackUrls: [application], logoutUrls: [application] } }),
    rolesClaim: clinic.rolesClaim,
    schedulerRole: clinic.schedulerRole,
    allowedOrigins: [new URL(application).origin],
    earlyEntry: earlyEntryMinutes === undefined ? undefined : Duration.minutes(earlyEntryMinutes),
    recordingRetention: days(recordingRetentionDays),
    recordRetention: days(recordRetentionDays),
  };
}
