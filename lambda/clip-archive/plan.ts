import { QueryCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { ArchivedMedia } from '../common/archived-media';
import { detectionEvent, type DetectionEvent } from '../common/detection-event';
import { jsonText } from '../common/environment';
import { isNamed } from '../common/errors';
import { LONGEST_FRAGMENT, fragment, listFragments } from '../common/fragments';
import { logger } from '../common/observability';
import { gapsIn, isWithin, planParts } from '../common/parts';
import { UnusableMessage } from '../common/queue-worker';
import type { Incident } from './incident';

/** What is to be stored of an incident. It is decided once: what comes late to the stream changes nothing any more. */
export const plan = z.object({
  plannedAt: z.number(),
  parts: z.array(z.object({ format: z.enum(['MP4', 'MKV']), fragments: z.array(fragment).min(1) })),
  gaps: z.array(z.object({ from: z.number(), to: z.number() })),
  detections: z.array(detectionEvent),
});

export type Plan = z.infer<typeof plan>;

export interface PlanPorts {
  readonly media: ArchivedMedia;
  readonly dynamodb: DynamoDBDocumentClient;
  /** The table of `AlertFeed`, if there is one. */
  readonly alertTable?: string;
  readonly now: () => number;
}

/** @throws UnusableMessage if there is no such stream, or the window is longer ago than the stream keeps */
export async function makePlan(incident: Incident, ports: PlanPorts): Promise<Plan> {
  const { window } = incident;
  const plannedAt = ports.now();
  const listed = await fragmentsOf(incident, ports);
  return {
    plannedAt,
    parts: planParts(window, listed),
    gaps: gapsIn(
      window,
      listed.filter((candidate) => isWithin(candidate, window)),
    ),
    detections: await detectionsOf(incident, ports),
  };
}

async function fragmentsOf({ stream, window }: Incident, { media }: PlanPorts) {
  try {
    const client = await media.clientFor(stream, 'LIST_FRAGMENTS');
    // One that begins before the window may reach into it, and AWS lists by the beginning.
    return await listFragments(client, stream, 'device', { ...window, from: window.from - LONGEST_FRAGMENT });
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException', 'InvalidArgumentException')) {
      throw new UnusableMessage(`The stream '${stream}' has no list of such fragments: ${error.message}`);
    }
    throw error;
  }
}

/** The incident's own, and what else the device has seen within the window. */
async function detectionsOf(incident: Incident, { dynamodb, alertTable }: PlanPorts): Promise<DetectionEvent[]> {
  const found = new Map<string, DetectionEvent>();
  const add = (event: DetectionEvent) => found.set(event.id, withoutLink(event));
  if (incident.detection) add(incident.detection);
  if (alertTable) {
    const { Items = [] } = await dynamodb.send(
      new QueryCommand({
        TableName: alertTable,
        KeyConditionExpression: 'device = :device AND #at BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#at': 'at' },
        ExpressionAttributeValues: {
          ':device': incident.key.device,
          ':from': new Date(incident.window.from).toISOString(),
          ':to': new Date(incident.window.to).toISOString(),
        },
        Limit: MOST_DETECTIONS,
      }),
    );
    for (const { event } of Items) {
      const parsed = jsonText(detectionEvent).safeParse(event);
      if (parsed.success) add(parsed.data);
      else logger.warn('An alert of the feed can not be read', { ...incident.key, error: parsed.error });
    }
  }
  return [...found.values()].sort((one, other) => one.capturedAt.localeCompare(other.capturedAt));
}

/** A manifest is no index of alerts: those that follow are in the feed. */
const MOST_DETECTIONS = 500;

/** A link would work no more when somebody reads the manifest. */
function withoutLink({ frame, ...event }: DetectionEvent): DetectionEvent {
  return frame ? { ...event, frame: { bucket: frame.bucket, key: frame.key } } : event;
}
