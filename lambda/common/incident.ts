import { createHash } from 'node:crypto';
import * as z from 'zod';
import { deviceName } from './access/devices';
import { detectionEvent, schemaVersion } from './detection-event';
import { fragment } from './fragments';

const moment = z.iso.datetime({ offset: true });

/** What an incident is found by: the same three always mean the same one. */
export const incidentKey = z.object({
  device: deviceName.describe('The name of the thing.'),
  id: z.string().min(1).max(512).describe('Of the incident: that of the alert, or one that the requester made up.'),
  at: moment.describe('When it happened, by the clock of the device.'),
});

export type IncidentKey = z.infer<typeof incidentKey>;

const seconds = z.number().int().min(0).max(3600);

/** What a button or an application sends to the queue of `ClipArchive`. */
export const clipRequest = incidentKey
  .extend({
    schemaVersion,
    kind: z.literal('CLIP_REQUEST'),
    camera: z
      .string()
      .regex(/^[\w.-]{1,128}$/)
      .optional()
      .describe('The camera, where a thing has several.'),
    beforeSeconds: seconds.optional().describe('How much before `at`; as the archive is configured if absent.'),
    afterSeconds: seconds.optional().describe('How much after `at`; as the archive is configured if absent.'),
    legalHold: z.boolean().optional().describe('Whether nobody can delete it until the hold is taken away.'),
    reason: z.string().max(1000).optional().describe('For who reads the manifest.'),
    requestedBy: z.string().max(256).optional().describe('For who reads the manifest. Nobody checks it.'),
  })
  .refine(({ beforeSeconds, afterSeconds }) => beforeSeconds !== 0 || afterSeconds !== 0, {
    message: 'nothing before and nothing after is no clip',
    path: ['afterSeconds'],
  })
  .meta({ title: 'Clip request', description: 'That the media of a device around a moment is to be kept.' });

/** The folder of an incident. */
export function incidentFolder({ device, id, at }: IncidentKey): string {
  const [year, month, day] = new Date(at).toISOString().slice(0, 10).split('-');
  return `clips/${device}/${year}/${month}/${day}/${folderName(id)}/`;
}

export function manifestKey(key: IncidentKey): string {
  return `${incidentFolder(key)}manifest.json`;
}

/** What can be read of the id, and a hash of all of it, since anything may be in an id. */
function folderName(id: string): string {
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 16);
  const readable = id.replace(/[^a-zA-Z0-9_-]+/g, '-').slice(0, 64);
  return `${readable}-${hash}`;
}

const interval = { from: z.iso.datetime(), to: z.iso.datetime() };

/** What was made of an incident, beside its parts. */
export const incidentManifest = z
  .object({
    schemaVersion,
    incident: incidentKey.extend({
      camera: z.string().optional(),
      trigger: z.enum(['ALERT', 'REQUEST']),
      reason: z.string().optional(),
      requestedBy: z.string().optional(),
      ...interval,
    }),
    stream: z.string().describe('The name of the stream.'),
    parts: z
      .array(
        z.object({
          key: z.string().describe('Of the object in the bucket.'),
          format: z.enum(['MP4', 'MKV']).describe('MKV is what the device sent, where AWS can make no MP4 of it.'),
          ...interval,
          receivedFrom: z.iso.datetime().describe('When its first fragment was received, by the clock of AWS.'),
          receivedTo: z.iso.datetime().describe('When its last fragment was received, by the clock of AWS.'),
          bytes: z.number().int(),
          sha256: z.string().describe('Of the whole object, in hexadecimal.'),
          fragments: z.array(fragment),
        }),
      )
      .describe('In the order of time, by the clock of the device, as all times but those that say otherwise.'),
    gaps: z
      .array(
        z.object({
          ...interval,
          reason: z
            .enum(['NOT_RECORDED', 'EXPIRED'])
            .describe('The stream held nothing; or what it held was gone before it was stored.'),
        }),
      )
      .describe('What of the incident is in no part.'),
    detections: z.array(detectionEvent).describe('What was detected, as the alerts said.'),
    plannedAt: z.iso.datetime().describe('When the fragments were listed.'),
    storedAt: z.iso.datetime().describe('When the last part was stored.'),
  })
  .meta({ title: 'Incident', description: 'The parts of an incident, what they are made of, and what is missing.' });

export type IncidentManifest = z.infer<typeof incidentManifest>;
