import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { parseEnvironment } from '../lambda/common/environment';
import { obstacleClass } from '../lambda/common/obstacles';

/** Where the services are, and what it takes to be let in: from the environment, as secrets are. */
const environment = z.object({
  SITE_FILE: z.string().min(1),
  JANUS_URL: z.url(),
  JANUS_ADMIN_KEY: z.string().min(16),
  /** As Janus sees this machine. */
  MEDIA_HOST: z.string().min(1),
  STORE_URL: z.url(),
  STORE_BUCKET: z.string().min(3),
  MODEL_URL: z.url(),
  MQTT_URL: z.url(),
  RECORDINGS_FOLDER: z.string().min(1),
});

const camera = z.strictObject({
  device: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,128}$/)
    .describe('The name of the device, which is that of its room.'),
  pin: z.string().min(16).describe('What the device has to say to enter its room.'),
  port: z.number().int().min(1024).max(65534).multipleOf(2).describe('Where its media arrive; even, as of RTP.'),
});

/** What is watched for, and by whom: from a file. */
export const site = z
  .strictObject({
    name: z.string().min(1).describe('The name of the fleet in detection events.'),
    cameras: z.array(camera).min(1),
    codec: z.enum(['h264', 'vp8']).default('h264').describe('The only one that devices may send.'),
    imageIntervalSeconds: z.number().min(0.2).max(3600).default(1),
    fragmentSeconds: z
      .number()
      .int()
      .min(2)
      .max(60)
      .default(10)
      .describe('Of the recordings; key frames are asked for.'),
    retentionDays: z.number().int().min(1).default(7),
    labels: z
      .array(z.string())
      .optional()
      .describe('Names of the classes of the model, where it answers with numbers.'),
    repeatAfterSeconds: z.number().min(0).default(60),
    obstacles: z.array(obstacleClass).min(1),
  })
  .refine(({ cameras }) => new Set(cameras.map(({ device }) => device)).size === cameras.length, {
    error: 'Two cameras have the same device.',
  })
  .refine(({ cameras }) => new Set(cameras.map(({ port }) => port)).size === cameras.length, {
    error: 'Two cameras have the same port.',
  });

export type Site = z.infer<typeof site>;
export type Camera = Site['cameras'][number];

export type Settings = z.infer<typeof environment> & { readonly site: Site };

/** @throws Error which says which setting is wrong, and how */
export function readSettings(): Settings {
  const settings = parseEnvironment(environment);
  const parsed = site.safeParse(JSON.parse(readFileSync(settings.SITE_FILE, 'utf8')));
  if (!parsed.success) throw new Error(`${settings.SITE_FILE}: ${z.prettifyError(parsed.error)}`);
  return { ...settings, site: parsed.data };
}
