import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { openWindow } from './alert-window';
import type { DetectionEvent } from './detection-event';
import { logger, metrics } from './observability';

/** What `AlertTopic` puts into the environment of a detector. */
export const alertSettings = z.object({
  topicArn: z.string(),
  tableName: z.string(),
  repeatAfterSeconds: z.number(),
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
 *
 * @param keepFrame what the alert says of the frame, asked only when it is published
 */
export async function raiseAlert(
  detection: DetectionEvent,
  ports: AlertPorts,
  keepFrame?: () => Promise<DetectionEvent['frame']>,
): Promise<'raised' | 'suppressed'> {
  metrics.addMetric('Detected', MetricUnit.Count, 1);
  if (!(await openWindow(detection, ports))) {
    metrics.addMetric('AlertSuppressed', MetricUnit.Count, 1);
    logger.info('Alert suppressed: one was raised a short while ago', { detection });
    return 'suppressed';
  }
  const event = keepFrame ? { ...detection, frame: await keepFrame() } : detection;
  await ports.sns.send(
    new PublishCommand({
      TopicArn: ports.settings.topicArn,
      Subject: subject(event),
      MessageStructure: 'json',
      Message: JSON.stringify({ default: JSON.stringify(event), email: text(event), sms: subject(event) }),
      MessageAttributes: {
        device: attribute(event.device),
        label: attribute(event.label),
        obstacle: attribute(event.obstacle),
        severity: attribute(event.severity),
        source: attribute(event.source),
      },
    }),
  );
  metrics.addMetric('AlertRaised', MetricUnit.Count, 1);
  metrics.addMetric('AlertLatency', MetricUnit.Milliseconds, Math.max(0, ports.now() - Date.parse(event.capturedAt)));
  logger.info('Alert raised', { detection: withoutLink(event) });
  return 'raised';
}

/** Who reads logs isn't necessarily one who may see frames. */
function withoutLink({ frame, ...event }: DetectionEvent): DetectionEvent {
  return frame ? { ...event, frame: { bucket: frame.bucket, key: frame.key } } : event;
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
    ...(frame?.url ? [`Picture:    ${frame.url}`, `            until ${frame.urlExpiresAt}`] : []),
    `Detection:  ${event.id}`,
  ].join('\n');
}
