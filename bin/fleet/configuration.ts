import type { App } from 'aws-cdk-lib';
import * as z from 'zod';
import { AlertSeverity, LapseAction, MediaRemoval, PriceId, Registration, StorageTier } from '../../lib';
import { name, readContext } from '../context';

const share = z.number().min(0).max(1);

const cell = z.strictObject({
  name,
  account: z
    .string()
    .regex(/^\d{12}$/, 'must be the 12 digits of an account')
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]+(-[a-z]+)+-\d$/, "must be a region, like 'eu-west-1'")
    .optional(),
  devices: z.int().min(1).optional(),
  streamQuota: z.int().min(1).optional(),
  channelQuota: z.int().min(1).optional(),
});

const obstacle = z.strictObject({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'must be 1 to 64 of a-z A-Z 0-9 _ -'),
  labels: z.array(z.string().min(1).max(128)).min(1),
  minimumConfidence: z.number().min(0).max(100).optional(),
  severity: z.enum(AlertSeverity).optional(),
  region: z.strictObject({ left: share, top: share, width: share, height: share }).optional(),
  minimumCount: z.int().min(1).max(100).optional(),
  minimumValue: z.number().optional(),
  confirmation: z
    .strictObject({ sightings: z.int().min(2).max(20), withinSeconds: z.int().min(1).max(3600) })
    .optional(),
  clearAfterSeconds: z.int().min(1).max(86_400).optional(),
  releaseConfidence: z.number().min(0).max(100).optional(),
  repeatAfterSeconds: z.int().min(1).max(86_400).optional(),
});

function differByName(items: { name: string }[], context: z.RefinementCtx): void {
  items.forEach(({ name: own }, index) => {
    if (items.findIndex((item) => item.name === own) === index) return;
    context.addIssue({ code: 'custom', path: [index, 'name'], message: `'${own}' is there already` });
  });
}

const hours = z.number().min(0).max(24);
const count = z.int().min(0);

const usage = z.strictObject({
  streamingHoursPerDay: hours.optional(),
  busiestShare: z.number().positive().max(1).optional(),
  megabitsPerSecond: z.number().positive().max(100).optional(),
  fragmentSeconds: z.number().min(1).max(20).optional(),
  startsPerDay: z.number().min(0).optional(),
  reconnectWithinSeconds: z.int().min(1).max(86_400).optional(),
  imageKilobytes: z.int().min(1).optional(),
  analysedShare: share.optional(),
  messagesPerHour: z.number().min(0).optional(),
  basicIngest: z.boolean().optional(),
  alertsPerDay: z.number().min(0).optional(),
  viewers: count.optional(),
  playbackHoursPerDay: hours.optional(),
  liveHoursPerDay: hours.optional(),
  relayedShare: share.optional(),
  viewersPerDevice: count.optional(),
  newDevicesPerMonth: count.optional(),
  quotas: z.record(z.string(), z.number().min(0)).optional(),
});

/** What can be configured of the reference fleet, and what it is if nobody says anything. */
const configuration = z.strictObject({
  name: name.default('drone-fleet'),
  devices: z.int().min(1).optional(),
  cells: z
    .array(cell)
    .min(1)
    .superRefine(differByName)
    .default([{ name: 'cell-1' }]),
  cameras: z.array(z.string().regex(/^[a-zA-Z0-9_-]{1,32}$/, 'must be 1 to 32 of a-z A-Z 0-9 _ -')).default([]),
  signaling: z.boolean().default(true),
  registration: z.enum(Registration).default(Registration.ONCE),
  retentionHours: z.int().min(1).max(87_600).default(24),
  storageTier: z.enum(StorageTier).default(StorageTier.HOT),
  mediaRemoval: z.enum(MediaRemoval).default(MediaRemoval.KEEP),
  thingsAheadOfBoot: z.boolean().default(false),
  detection: z
    .strictObject({
      onDevice: z.boolean().default(true),
      images: z.boolean().default(true),
      imageIntervalMs: z.int().min(200).default(3000),
      framesPerSecond: z.number().min(1).max(10_000).optional(),
      motion: z
        .strictObject({
          fleetHoursPerDay: z.number().min(1),
          streamHoursPerDay: z.number().min(1).max(24).optional(),
          openForSeconds: z.int().min(4).max(3600).optional(),
        })
        .optional(),
      repeatAlertsAfterSeconds: z.int().min(1).max(86_400).default(60),
    })
    .prefault({}),
  obstacles: z
    .array(obstacle)
    .min(1)
    .superRefine(differByName)
    .default([
      { name: 'power-line', labels: ['Power Line', 'Power Lines', 'Wire', 'Cable'], severity: AlertSeverity.CRITICAL },
      { name: 'bird', labels: ['Bird', 'Flock'], severity: AlertSeverity.CRITICAL },
      { name: 'aircraft', labels: ['Aircraft', 'Airplane', 'Helicopter', 'Drone'], severity: AlertSeverity.CRITICAL },
      { name: 'person', labels: ['Person'], severity: AlertSeverity.WARNING },
    ]),
  pilots: z
    .strictObject({
      domainPrefix: z
        .string()
        .regex(/^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/, 'must be 1 to 30 of a-z 0-9 -, without a dash at either end'),
      sessionMinutes: z.int().min(5).max(30).optional(),
      commands: z
        .array(z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'must be of A-Z 0-9 _, like RETURN'))
        .min(1)
        .optional(),
      onLapse: z.enum(LapseAction).optional(),
    })
    .optional(),
  usage: usage.optional(),
  prices: z.partialRecord(z.enum(PriceId), z.number().min(0)).optional(),
  monitoring: z
    .strictObject({
      telemetryIntervalSeconds: z.int().min(30).max(900).optional(),
      canary: z.boolean().default(false),
      alarmOnStreams: z.boolean().optional(),
      monthlyBudget: z
        .strictObject({ limitInDollars: z.number().min(1), emails: z.array(z.email()).min(1).max(10) })
        .optional(),
    })
    .optional(),
  alertEmails: z.array(z.email()).default([]),
  alarmEmails: z.array(z.email()).default([]),
  removalPolicy: z.enum(['RETAIN', 'DESTROY']).default('RETAIN'),
});

export type Configuration = z.infer<typeof configuration>;

/**
 * The configuration: the context value `fleet`, either itself or the path of a JSON file that has it (`-c fleet=…`).
 * @throws Error which names each field that is wrong, and says why
 */
export function readConfiguration(app: App): Configuration {
  return readContext(app, 'fleet', configuration);
}
