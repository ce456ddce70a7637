import * as z from 'zod';
import { acknowledgeableId, acknowledgementNote } from '../common/acknowledgement';
import { detectionEvent } from '../common/detection-event';
import { commandId } from '../common/device-command';
import { commandStatus, control, leaseToken, pilotCommand } from '../common/takeover';

const camera = z
  .string()
  .regex(/^[a-zA-Z0-9_-]{1,32}$/)
  .optional()
  .describe('The camera, where the devices of the fleet have several; there it is needed.');

const moment = z.iso.datetime({ offset: true });
const from = moment.describe('The beginning, by the clock of the device.');
const to = moment.describe('The end, by the clock of the device; after the beginning, and not in the future.');
const nextToken = z.string().min(1).max(4096).optional().describe('Of the page before; all else must be the same.');

export const playbackRequest = z
  .discriminatedUnion('mode', [
    z.strictObject({ mode: z.literal('LIVE'), camera }),
    z.strictObject({ mode: z.literal('LIVE_REPLAY'), from, camera }),
    z.strictObject({ mode: z.literal('ON_DEMAND'), from, to, camera }),
  ])
  .describe(
    'What comes now, what came since a moment of the last 3 hours and comes now, or up to 3 hours of the past.',
  );

export type PlaybackRequest = z.infer<typeof playbackRequest>;

/** The body may be left out: API Gateway hands on nothing then. */
export const liveRequest = z.preprocess((body) => (body === '' ? {} : body), z.strictObject({ camera }));

export const clipRequest = z
  .strictObject({ from, to, camera })
  .describe('Up to an hour, if that is no more than 200 fragments and 100 MB.');

export const imagesQuery = z.strictObject({
  from,
  to: to.describe('The end: up to 300 seconds later.'),
  camera,
  interval: z.coerce.number().int().min(200).max(20_000).default(3000).describe('Between two images, in milliseconds.'),
  width: z.coerce.number().int().min(1).max(3840).default(640).describe('In pixels; the height is in proportion.'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  nextToken,
});

export const fragmentsQuery = z.strictObject({
  from,
  to: to.describe('The end: up to 24 hours later.'),
  camera,
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  nextToken,
});

export const devicesQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(25).default(25),
  nextToken,
});

export const controlRequest = z
  .discriminatedUnion('action', [
    z.strictObject({ action: z.literal('take') }),
    z.strictObject({ action: z.literal('force') }),
    z.strictObject({ action: z.literal('heartbeat'), token: leaseToken }),
    z.strictObject({ action: z.literal('release'), token: leaseToken }),
  ])
  .describe('To begin a lease, to begin it whoever has one, to extend it, and to end it.');

export const commandRequest = z.strictObject({ token: leaseToken, ...pilotCommand.shape });

export const commandParameters = z.object({ device: z.string(), id: commandId });

export const alertsQuery = z.strictObject({
  from,
  to: moment.describe('The end: up to 24 hours later. What was captured right then is not in it.'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  nextToken,
});

export const acknowledgementRequest = z.strictObject({
  detectionId: acknowledgeableId.describe('`id` of the alert.'),
  capturedAt: moment.describe('That of the alert.'),
  note: acknowledgementNote.optional(),
});

const url = z.url();
const expiresAt = z.iso.datetime();

const stream = z.object({
  camera: z.string().optional(),
  status: z
    .enum(['ACTIVE', 'CREATING', 'UPDATING', 'DELETING', 'NONE'])
    .describe('Of the stream that is recorded to. It does not say whether the device is sending.'),
});

export const devicesAnswer = z.object({
  devices: z
    .array(z.object({ device: z.string(), streams: z.array(stream) }))
    .describe('May be fewer than the limit, or none, with more to come.'),
  nextToken: z.string().optional(),
});

export const deviceAnswer = z.object({
  device: z.string(),
  streams: z.array(
    stream.extend({
      receivedAt: z.iso
        .datetime()
        .optional()
        .describe(
          'When the last fragment of the last two minutes was received; not there if there is none, or none is kept.',
        ),
    }),
  ),
  control: z
    .object({ holder: z.string(), until: z.iso.datetime() })
    .optional()
    .describe('Who is in control, for who may take it. Not there if nobody is, or if it can not be told.'),
});

export const controlAnswer = control;

export const commandAnswer = commandStatus.omit({ pilot: true });

const acknowledgement = z.object({
  acknowledgedAt: z.iso.datetime(),
  acknowledgedBy: z.string().optional().describe('`sub` of who did, or whom an application has named.'),
  note: z.string().optional(),
});

export const alertsAnswer = z.object({
  alerts: z
    .array(detectionEvent.extend({ acknowledgement: acknowledgement.optional() }))
    .describe('The newest first, by when they were captured.'),
  nextToken: z.string().optional(),
});

export const acknowledgementAnswer = z
  .object({ detectionId: z.string(), ...acknowledgement.shape })
  .describe('The acknowledgement that counts, which is the first.');

export const playbackAnswer = z.object({
  url: url.describe('Of the playlist or the manifest. Whoever has it can watch until it expires.'),
  expiresAt,
});

export const liveAnswer = z.object({
  region: z.string(),
  channelArn: z.string(),
  clientId: z.string().describe('Of this viewer, new for each answer.'),
  endpoints: z.object({ wss: url, https: url }),
  signedUrl: url.describe('Of the WebSocket, to be opened at once, and once.'),
  signedUrlExpiresAt: expiresAt,
  iceServers: z
    .array(z.object({ urls: z.array(z.string()), username: z.string().optional(), credential: z.string().optional() }))
    .describe('As RTCPeerConnection takes them.'),
  expiresAt: expiresAt.describe('When the session is over; to go on, ask again.'),
});

export const clipAnswer = z.object({ url: url.describe('Of the MP4 file.'), expiresAt });

export const imagesAnswer = z.object({
  images: z.array(
    z.object({
      at: z.iso.datetime(),
      jpeg: z.base64().optional().describe('The image.'),
      error: z.enum(['NO_MEDIA', 'MEDIA_ERROR']).optional().describe('Why there is none.'),
    }),
  ),
  nextToken: z.string().optional(),
});

export const fragmentsAnswer = z.object({
  fragments: z
    .array(
      z.object({
        number: z.string(),
        producedAt: z.iso.datetime().describe('By the clock of the device.'),
        receivedAt: z.iso.datetime(),
        milliseconds: z.number().describe('How long it is.'),
        bytes: z.number(),
      }),
    )
    .describe('In order within a page; pages come in any order.'),
  nextToken: z.string().optional(),
});

export const problem = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z
    .enum(['LEASE_HELD', 'LEASE_LOST', 'NOT_HOLDER', 'FORBIDDEN', 'INVALID'])
    .optional()
    .describe('Why control or a command is refused.'),
  by: z.string().optional().describe('Who is in control instead.'),
  until: z.iso.datetime().optional().describe('When their lease is over, unless it is extended.'),
});
