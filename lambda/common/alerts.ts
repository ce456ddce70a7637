import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';
import type { DetectionEvent } from './detection-event';
import type { Judgement, Rule } from './encounter';
import type { Encounters } from './encounters';
import { logger, metrics } from './observability';
import { isQuiet, quietWindow } from './quiet-window';

/** What `AlertTopic` puts into the environment of a detector. */
export const alertSettings = z.object({
  topicArn: z.string(),
  tableName: z.string(),
  repeatAfterSeconds: z.number(),
  quietWindows: z.array(quietWindow).optional(),
});

export interface Alert {
  readonly event: DetectionEvent;
  /** Nobody should be woken by it. */
  readonly isQuiet: boolean;
}

export interface AlertPorts {
  /** Tells whoever waits for alerts. */
  readonly publish: (alert: Alert) => Promise<void>;
  readonly encounters: Encounters;
  readonly settings: Pick<z.infer<typeof alertSettings>, 'repeatAfterSeconds' | 'quietWindows'>;
  readonly now: () => number;
}

export interface Detected {
  readonly detection: DetectionEvent;
  /** When AWS had heard of it first, in milliseconds since 1970: the same whenever it is tried again. */
  readonly arrivedAt: number;
  readonly isFaint: boolean;
  readonly rule: Rule;
  /** What the alert says of the frame, asked only when it is published. */
  readonly keepFrame?: () => Promise<DetectionEvent['frame']>;
}

/**
 * Raises an alert, if its rule is fulfilled.
 *
 * That it is raised is remembered before it is published, and for which detection: if publishing fails, the same
 * detection finds itself when it is tried again, and is published then.
 */
export async function raiseAlert(
  { detection, arrivedAt, isFaint, rule, keepFrame }: Detected,
  ports: AlertPorts,
): Promise<Judgement['verdict']> {
  const { id, device, obstacle } = detection;
  if (!isFaint) metrics.addMetric('Detected', MetricUnit.Count, 1);
  const capturedAt = Math.min(Date.parse(detection.capturedAt), arrivedAt);
  const verdict = await ports.encounters.judge(device, obstacle, { id, arrivedAt, capturedAt, isFaint }, rule);
  if (verdict === 'ignore') return verdict;
  if (verdict !== 'raise') {
    metrics.addMetric(verdict === 'suppress' ? 'AlertSuppressed' : 'AlertUnconfirmed', MetricUnit.Count, 1);
    logger.debug('Alert not raised', { verdict, detection });
    return verdict;
  }
  await publishAlert(keepFrame ? { ...detection, frame: await keepFrame() } : detection, ports);
  return verdict;
}

/** Tells of an alert, whose id is the same each time that it is told of. */
export async function publishAlert(
  event: DetectionEvent,
  ports: Pick<AlertPorts, 'publish' | 'settings' | 'now'>,
): Promise<void> {
  // Of now, and not of when it was captured: it is now that somebody would be woken.
  await ports.publish({ event, isQuiet: isQuiet(event.severity, ports.now(), ports.settings.quietWindows ?? []) });
  metrics.addMetric('AlertRaised', MetricUnit.Count, 1);
  metrics.addMetric('AlertLatency', MetricUnit.Milliseconds, Math.max(0, ports.now() - Date.parse(event.capturedAt)));
  logger.info('Alert raised', { detection: withoutLink(event) });
}

/** Publishes alerts to the topic. */
export function topicPublisher(sns: SNSClient, topicArn: string): AlertPorts['publish'] {
  return async ({ event, isQuiet }) => {
    const { subject, forms, attributes } = alertMessage(event);
    await sns.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: subject,
        MessageStructure: 'json',
        Message: JSON.stringify(forms),
        MessageAttributes: { ...attributes, quiet: attribute(String(isQuiet)) },
      }),
    );
  };
}

/** Who reads logs isn't necessarily one who may see frames. */
function withoutLink({ frame, ...event }: DetectionEvent): DetectionEvent {
  return frame ? { ...event, frame: { bucket: frame.bucket, key: frame.key } } : event;
}

/** What SNS is given of an alert: a subject, the forms for JSON, e-mail and SMS, and attributes to filter on. */
export function alertMessage(event: DetectionEvent) {
  return {
    subject: subject(event),
    forms: { default: JSON.stringify(event), email: text(event), sms: smsText(event) },
    attributes: {
      device: attribute(event.device),
      label: attribute(event.label),
      obstacle: attribute(event.obstacle),
      severity: attribute(event.severity),
      source: attribute(event.source),
    },
  };
}

function attribute(value: string): { DataType: string; StringValue: string } {
  return { DataType: 'String', StringValue: value };
}

/** SNS takes 100 ASCII characters at most. */
function subject({ severity, obstacle, device }: DetectionEvent): string {
  return `${severity}: ${obstacle} at ${device}`.slice(0, 100);
}

function text(event: DetectionEvent): string {
  const { camera, frame } = event;
  return [
    subject(event),
    '',
    `Seen:       ${seen(event)}, ${event.confidence.toFixed(1)} % sure`,
    `Device:     ${event.device}${camera ? `, camera ${camera}` : ''} (fleet ${event.fleet})`,
    ...(event.area ? [`Area:       ${event.area}`] : []),
    ...(event.position ? [`Position:   ${geoUri(event.position)}`] : []),
    ...(event.incident ? [`Incident:   ${event.incident.sightings} seen since ${event.incident.firstAt}`] : []),
    `Captured:   ${event.capturedAt}`,
    ...(event.ageSeconds === undefined ? [] : [`LATE:       by ${duration(event.ageSeconds)}`]),
    `Detected:   ${event.detectedAt} (${event.source})`,
    ...(frame ? [`Frame:      s3://${frame.bucket}/${frame.key}`] : []),
    ...(frame?.url ? [`Picture:    ${frame.url}`, `            until ${frame.urlExpiresAt}`] : []),
    `Detection:  ${event.id}`,
  ].join('\n');
}

/**
 * Of one part, in characters that each phone has: 140 at most, of the 160 that there are.
 * https://docs.aws.amazon.com/sns/latest/dg/sms_sending-overview.html
 */
function smsText(event: DetectionEvent): string {
  const { position, incident, ageSeconds, obstacle, device, area } = event;
  if (!position && !incident) return subject(event);
  const times = incident && incident.sightings > 1 ? ` x${incident.sightings}` : '';
  const late = ageSeconds === undefined ? '' : ` LATE ${duration(ageSeconds)}`;
  const where = position ? ` ${geoUri(position)}` : '';
  const when = `${event.capturedAt.slice(5, 16)}Z`;
  const rest = `${times} ${when}${late}${where}`;
  return `${`${obstacle} ${area ?? device}`.slice(0, 140 - rest.length)}${rest}`;
}

/** https://www.rfc-editor.org/rfc/rfc5870: a metre is the fifth digit, and phones open their map with it. */
export function geoUri({ latitude, longitude, uncertaintyMeters }: NonNullable<DetectionEvent['position']>): string {
  const degrees = (value: number) => String(Number(value.toFixed(5)));
  const uncertainty = uncertaintyMeters === undefined ? '' : `;u=${Math.ceil(uncertaintyMeters)}`;
  return `geo:${degrees(latitude)},${degrees(longitude)}${uncertainty}`;
}

function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes}min` : `${Math.round(minutes / 60)}h`;
}

function seen({ label, count, value }: DetectionEvent): string {
  const times = count !== undefined && count > 1 ? `${count} × ` : '';
  return `${times}${label}${value === undefined ? '' : ` (${value})`}`;
}
