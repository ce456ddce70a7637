import * as z from 'zod';
import { deviceName } from '../common/access/devices';
import type { Interval } from '../common/fragments';

/** It is the name of the execution, and the folder of the proof. */
export const requestId = z
  .string()
  .regex(/^[a-zA-Z0-9_-]{1,80}$/)
  .describe('The name of the execution, too: 1 to 80 of a-z A-Z 0-9 _ -.');

const time = z.iso.datetime({ offset: true });

const subject = z
  .strictObject({
    externalImageId: z
      .string()
      .regex(/^[a-zA-Z0-9_.:-]{1,255}$/)
      .optional()
      .describe('What their faces are known by; alerts that name it are erased too.'),
    faceIds: z.array(z.uuid()).min(1).max(1000).optional().describe('Single faces.'),
  })
  .refine((value) => value.externalImageId !== undefined || value.faceIds !== undefined, {
    error: '`externalImageId` or `faceIds` is needed',
  });

export const erasureRequest = z
  .strictObject({
    requestId,
    device: deviceName.optional().describe('The thing whose media is erased: 1 to 128 of a-z A-Z 0-9 _ -.'),
    subject: subject.optional().describe('The person whose faces are erased.'),
    from: time.optional().describe('Of a device, what was captured since then.'),
    to: time.optional().describe('Of a device, what was captured until then.'),
    recreate: z.boolean().optional().describe('Whether the device gets empty streams at the end, because it goes on.'),
    plan: z.boolean().optional().describe('Whether it is only counted what would be erased.'),
    reason: z.string().min(1).max(500).describe('Why, for the certificate. No names of those who are erased.'),
    requestedBy: z.string().min(1).max(256).describe('Who decided it, for the certificate.'),
  })
  .refine(({ device, subject: person }) => (device === undefined) !== (person === undefined), {
    error: 'one of `device` and `subject` is needed',
  })
  .refine(({ device, from, to }) => device !== undefined || (from === undefined && to === undefined), {
    error: '`from` and `to` are for a `device` only',
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
    error: '`from` must be before `to`',
  })
  .refine(
    ({ device, from, to, recreate, plan }) =>
      !recreate || (device !== undefined && from === undefined && to === undefined && !plan),
    { error: '`recreate` is for all media of a `device` only, and not for a `plan`' },
  )
  .meta({
    title: 'Erasure request',
    description: 'What is to be erased: the input of an execution of `MediaErasure`.',
  });

export type ErasureRequest = z.infer<typeof erasureRequest>;

/** When something was captured, if it says so, and when the cloud had it. In milliseconds since 1970. */
export interface Moment {
  /** At the earliest, and at the latest. */
  readonly captured?: Interval;
  readonly storedAt?: number;
}

export function exactly(time: number): Interval {
  return { from: time, to: time };
}

/** The windows of incidents reach so far at most. */
const LONGEST_WINDOW = 3_600_000;

const DAY = 86_400_000;

/** What incidents of a day in UTC have media of: they are erased by whole days, of which their folders are. */
export function ofDay(time: number): Interval {
  const start = Math.floor(time / DAY) * DAY;
  return { from: start - LONGEST_WINDOW, to: start + DAY + LONGEST_WINDOW };
}

/** Whether a request is about a part of the time only. */
export function isPartial({ from, to }: Pick<ErasureRequest, 'from' | 'to'>): boolean {
  return from !== undefined || to !== undefined;
}

/**
 * Whether the request is about it. What doesn't say when it was captured may be of any time before it was stored.
 *
 * Without an end it is about what there was when the request was made: by the one clock or the other, as that of a device
 * may be ahead.
 */
export function isConcerned(
  { from, to }: Pick<ErasureRequest, 'from' | 'to'>,
  { captured, storedAt }: Moment,
  startedAt: number,
): boolean {
  const latest = captured?.to ?? storedAt;
  if (from !== undefined && latest !== undefined && latest < Date.parse(from)) return false;
  if (captured === undefined) return true;
  if (to !== undefined) return captured.from <= Date.parse(to);
  return Math.min(captured.from, storedAt ?? captured.from) <= startedAt;
}
