import * as z from 'zod';
import { requestId } from './request';

const count = z.number().int().min(0);
const digest = z.string().regex(/^[0-9a-f]{64}$/);

export const outcome = z.enum(['ERASED', 'ERASED_IN_PART', 'INCOMPLETE', 'PLANNED']);

export type Outcome = z.infer<typeof outcome>;

/** What shows that a request was carried out, for whoever asks years later. */
export const erasureCertificate = z
  .object({
    schemaVersion: z.string().regex(/^1\.\d+$/),
    requestId,
    fleet: z.string().min(1),
    outcome: outcome.describe(
      'ERASED: nothing is left. ERASED_IN_PART: what is left has to be. INCOMPLETE: somebody has to look. PLANNED: counted only.',
    ),
    request: z.object({
      device: z.string().optional(),
      subject: z
        .object({
          externalImageId: digest.optional().describe('SHA-256 of `<requestId>:<externalImageId>`.'),
          faceIds: z.array(z.string()).optional(),
        })
        .optional(),
      from: z.iso.datetime({ offset: true }).optional(),
      to: z.iso.datetime({ offset: true }).optional(),
      recreate: z.boolean(),
      plan: z.boolean(),
      reason: z.string(),
      requestedBy: z.string(),
    }),
    execution: z.string().describe('The ARN of the execution.'),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime(),
    places: z
      .array(
        z.object({
          name: z.string(),
          found: count.describe('Found by the last pass.'),
          deleted: count.describe('Deleted by all passes.'),
        }),
      )
      .describe('Where was looked.'),
    kept: z
      .array(z.object({ reason: z.string(), count, until: z.iso.datetime().optional() }))
      .describe('What was found and stays, and until when at the latest.'),
    verification: z.object({
      passes: count.describe('How often all places were looked through, the last time to verify.'),
      left: count.describe('What the last pass found.'),
      unexplained: count.describe('What of that has no reason to stay.'),
    }),
    manifest: z
      .object({ list: z.string(), files: count, sha256: digest.describe('Of the list, which has those of all files.') })
      .describe('What was found and what became of it, thing by thing.'),
    elsewhere: z
      .array(z.object({ what: z.string(), gone: z.string() }))
      .describe('Where there may be more, which the request did not reach.'),
  })
  .meta({ title: 'Erasure certificate', description: 'What became of an erasure request.' });

export type ErasureCertificate = z.infer<typeof erasureCertificate>;

/** What is out of reach of any erasure, and when it is gone. */
export const ELSEWHERE: ErasureCertificate['elsewhere'] = [
  { what: 'backups of tables by point-in-time recovery', gone: 'after 35 days at most' },
  { what: 'messages in queues and dead-letter queues', gone: 'after 14 days' },
  { what: 'matches of faces in data streams', gone: 'with the retention of the data stream' },
  { what: 'alerts that were sent, and what viewers downloaded', gone: 'when their recipients delete it' },
  { what: 'logs and records of the audit trail, which have no media', gone: 'with their retention' },
];

/** Nothing says in which media a person is seen. */
export const MEDIA_OF_PERSONS: ErasureCertificate['elsewhere'][number] = {
  what: 'media in which the person is seen: erase that of the devices concerned',
  gone: 'with the retention of streams, frames, evidence and clips',
};
