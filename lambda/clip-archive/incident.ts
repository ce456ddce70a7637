import * as z from 'zod';
import { deviceName } from '../common/access/devices';
import { detectionEvent, type DetectionEvent } from '../common/detection-event';
import type { Interval } from '../common/fragments';
import { clipRequest, type IncidentKey } from '../common/incident';
import { UnusableMessage, parseMessage } from '../common/queue-worker';
import { streamNameOf } from '../common/video-source';

export const clipSettings = z.object({
  beforeSeconds: z.number().min(0),
  afterSeconds: z.number().min(0),
  /** From the end of the window until its media is listed. */
  settleSeconds: z.number().min(0),
  /** From the end of the window until gaps are taken for what they seem. */
  patienceSeconds: z.number().min(0),
  legalHolds: z.boolean(),
  /** Of what the index has, after which S3 deletes the objects. */
  expireDays: z.number().int().positive().optional(),
});

export type ClipSettings = z.infer<typeof clipSettings>;

export interface Incident {
  readonly key: IncidentKey;
  readonly camera?: string;
  readonly stream: string;
  readonly window: Interval;
  readonly trigger: 'ALERT' | 'REQUEST';
  readonly reason?: string;
  readonly requestedBy?: string;
  readonly detection?: DetectionEvent;
  readonly legalHold: boolean;
}

/** Both parts become the name of a stream, and the device also a folder. */
const alert = detectionEvent.extend({
  id: z.string().min(1).max(512),
  device: deviceName,
  camera: z
    .string()
    .regex(/^[\w.-]{1,128}$/)
    .optional(),
});

/** That which says that it is a request is one; everything else has to be an alert. */
const kind = z.looseObject({ kind: z.unknown().optional() });

/** How far the clock of who sends may be ahead. */
const TOLERANCE = 300_000;

/** @throws UnusableMessage if it is neither an alert nor a request, or of the future */
export function incidentOf(body: string, settings: ClipSettings, now: number): Incident {
  const incident =
    parseMessage(kind, body).kind === undefined
      ? ofAlert(parseMessage(alert, body), settings)
      : ofRequest(parseMessage(clipRequest, body), settings);
  if (Date.parse(incident.key.at) > now + TOLERANCE) {
    throw new UnusableMessage(`It is of ${incident.key.at}, which is in the future.`);
  }
  if (incident.legalHold && !settings.legalHolds) {
    throw new UnusableMessage('`legalHold` is asked for, and this archive has no legal holds.');
  }
  return incident;
}

function ofAlert(event: z.infer<typeof alert>, settings: ClipSettings): Incident {
  const { id, device, camera, capturedAt } = event;
  const { window, at } = around(capturedAt, settings.beforeSeconds, settings.afterSeconds);
  return {
    key: { device, id, at },
    camera,
    stream: streamNameOf({ device, camera }),
    window,
    trigger: 'ALERT',
    detection: event,
    legalHold: false,
  };
}

function ofRequest(request: z.infer<typeof clipRequest>, settings: ClipSettings): Incident {
  const { id, device, camera, legalHold = false, reason, requestedBy } = request;
  const { beforeSeconds = settings.beforeSeconds, afterSeconds = settings.afterSeconds } = request;
  const { window, at } = around(request.at, beforeSeconds, afterSeconds);
  return {
    key: { device, id, at },
    camera,
    stream: streamNameOf({ device, camera }),
    window,
    trigger: 'REQUEST',
    reason,
    requestedBy,
    legalHold,
  };
}

function around(moment: string, before: number, after: number): { window: Interval; at: string } {
  const time = Date.parse(moment);
  return {
    window: { from: time - 1000 * before, to: time + 1000 * after },
    // In one form, since it is a part of keys.
    at: new Date(time).toISOString(),
  };
}
