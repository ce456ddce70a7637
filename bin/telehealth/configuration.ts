import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Duration, type App } from 'aws-cdk-lib';
import * as z from 'zod';
import type { ConsultationsProps } from '../../lib';

/** What can be configured of the clinic. The constructs check the rest, and say what is wrong with it. */
const configuration = z.strictObject({
  name: z
    .string()
    .regex(/^[a-zA-Z][a-zA-Z0-9-]{0,31}$/, 'must be 1 to 32 of a-z A-Z 0-9 -, and start with a letter')
    .default('clinic'),
  env: z.strictObject({ account: z.string().optional(), region: z.string().optional() }).default({}),
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
  const given: unknown = app.node.tryGetContext('clinic') ?? {};
  const result = configuration.safeParse(typeof given === 'string' ? readJson(given) : given);
  if (result.success) return result.data;
  throw new Error(`The configuration of the clinic is wrong:\n${z.prettifyError(result.error)}`);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(resolve(path), 'utf8'));
  } catch (error) {
    throw new Error(`The configuration ${path} can't be read: ${(error as Error).message}`);
  }
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
