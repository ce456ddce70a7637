import * as z from 'zod';
import { quietWindow } from '../common/quiet-window';

const latitude = z.number().min(-90).max(90);
const longitude = z.number().min(-180).max(180);

/** Corners as [latitude, longitude], in the order in which they are connected. */
const area = z.object({ name: z.string().min(1), corners: z.array(z.tuple([latitude, longitude])).min(3) });

const night = z.discriminatedUnion('by', [
  /** The sun is so many degrees below the horizon, where it was seen or else here. */
  z.object({ by: z.literal('sun'), latitude, longitude, degreesBelow: z.number() }),
  z.object({
    by: z.literal('hours'),
    ...quietWindow.pick({ start: true, end: true, timeZone: true, days: true }).shape,
  }),
]);

/** As `FieldWatch` renders it into the environment. */
export const watchSettings = z.object({
  tableName: z.string().min(1),
  snapshotBucket: z.string().min(1),
  areas: z.array(area).min(1),
  /** @default - it is of concern by day, too */
  night: night.optional(),
  gapSeconds: z.number().positive(),
  lateAfterSeconds: z.number().positive(),
  recordOnlyAfterSeconds: z.number().positive(),
  recordDays: z.number().int().positive(),
  linkSeconds: z.number().positive(),
});

export type WatchSettings = z.infer<typeof watchSettings>;
export type Area = z.infer<typeof area>;
export type Night = z.infer<typeof night>;
