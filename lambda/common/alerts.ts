import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { openWindow } from './alert-window';
import type { DetectionEvent } from './detection-event';
import { logger, metrics } from './observability';
import { isQuiet, quietWindow } from './quiet-window';

/** What `AlertTopic` puts into the environment of a detector. */
export const alertSettings = z.object({
  topicArn: z.string(),
  tableName: z.string(),
  repeatAfterSeconds: z.number(),
  quietWindows: z.array(quietWindow).optional(),
});

export interface AlertPorts {
  readonly sns: SNSClient;
  readonly dynamodb: DynamoDBDocumentClient;
  readonly settings: z.infer<typeof alertSettings>;
  readonly now: () => number;
}

/**
 * Raises an alert, unless one was raised for the same device and class a short while ago.
 *
 * The window is opened before the alert is published, and remembers for which detection: if publishing fails, the same
 * detection finds its own window when it is tried again, and is published then.
 */
export async function raiseAlert(event: DetectionEvent, ports: AlertPorts): Promise<'raised' | 'suppressed'> {
  metrics.addMetric('Detected', MetricUnit.Count, 1);
  if (!(await openWindow(event, ports))) {
    metrics.addMetric('AlertSuppressed', MetricUnit.Count, 1);
    logger.info('Alert suppressed: one was raised a short while ago', { detection: event });
    return 'suppressed';
  }
  // Of now, and not of when it was captured: it is now that somebody would be woken.
  const quiet = isQuiet(event.severity, ports.now(), ports.settings.quietWindows ?? []);
  const { subject, forms, attributes } = alertMessage(event);
  await ports.sns.send(
    new PublishCommand({
      TopicArn: ports.settings.topicArn,
      Subject: subject,
      MessageStructure: 'json',
      Message: JSON.stringify(forms),
      MessageAttributes: { ...attributes, quiet: attribute(String(quiet)) },
    }),
  );
  metrics.addMetric('AlertRaised', MetricUnit.Count, 1);
  metrics.addMetric('AlertLatency', MetricUnit.Milliseconds, Math.max(0, ports.now() - Date.parse(event.capturedAt)));
  logger.info('Alert raised', { detection: event });
  return 'raised';
}

/** What SNS is given of an alert: a subject, the forms for JSON, e-mail and SMS, and attributes to filter on. */
export function alertMessage(event: DetectionEvent) {
  return {
    subject: subject(event),
    forms: { default: JSON.stringify(event), email: text(event), sms: subject(event) },
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
    `Seen:       ${event.label}, ${event.confidence.toFixed(1)} % sure`,
    `Device:     ${event.device}${camera ? `, camera ${camera}` : ''} (fleet ${event.fleet})`,
    `Captured:   ${event.capturedAt}`,
    `Detected:   ${event.detectedAt} (${event.source})`,
    ...(frame ? [`Frame:      s3://${frame.bucket}/${frame.key}`] : []),
    `Detection:  ${event.id}`,
  ].join('\n');
}
