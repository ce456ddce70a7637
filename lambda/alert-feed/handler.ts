import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { PublishCommand, type IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { deviceName } from '../common/access/devices';
import { detectionEvent } from '../common/detection-event';
import { logger, metrics } from '../common/observability';
import { UnusableMessage, parseMessage } from '../common/queue-worker';

export interface Ports {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly iotData: IoTDataPlaneClient;
  readonly tableName: string;
  readonly retentionDays: number;
  readonly topicPrefix: string;
  readonly now: () => number;
}

/** The name becomes a level of a topic, where a slash or a wildcard would make it another one. */
const alert = detectionEvent.extend({ device: deviceName });

/** How long the broker keeps an alert for a viewer whose connection is interrupted, in seconds: later it is no news. */
const MESSAGE_EXPIRY = 300;

/** The bytes that DynamoDB allows in a sort key. */
const MAX_KEY = 1024;

/**
 * Keeps an alert and tells viewers of it.
 *
 * It is kept before it is published, and that it is published is noted only afterwards: an alert that comes again is
 * published again unless that is certain.
 */
export async function handle(body: string, ports: Ports): Promise<void> {
  const { id, device, ...event } = parseMessage(alert, body);
  // Texts in one form, so that they are in the order of time.
  const at = `${new Date(event.capturedAt).toISOString()}#${id}`;
  if (Buffer.byteLength(at) > MAX_KEY) throw new UnusableMessage('`id` is too long for the key of a table.');
  const key = { device, at };
  if (await keep(key, body, ports)) {
    logger.info('The alert is published already', { detectionId: id, device });
    return;
  }
  await ports.iotData.send(
    new PublishCommand({
      topic: `${ports.topicPrefix}/${device}/alerts`,
      qos: 1,
      // As it came: fields of a later version are for readers that know them.
      payload: Buffer.from(body),
      contentType: 'application/json',
      payloadFormatIndicator: 'UTF8_DATA',
      messageExpiry: MESSAGE_EXPIRY,
    }),
  );
  await note(key, ports);
  metrics.addMetric('AlertPublished', MetricUnit.Count, 1);
  metrics.addMetric(
    'AlertFeedLatency',
    MetricUnit.Milliseconds,
    Math.max(0, ports.now() - Date.parse(event.detectedAt)),
  );
  logger.info('Alert published', { detectionId: id, device });
}

interface Key {
  readonly device: string;
  readonly at: string;
}

/** Keeps the alert as it first came. Whether it is known to be published. */
async function keep(Key: Key, event: string, { dynamodb, tableName, retentionDays, now }: Ports): Promise<boolean> {
  const { Attributes } = await dynamodb.send(
    new UpdateCommand({
      TableName: tableName,
      Key,
      UpdateExpression: 'SET #event = if_not_exists(#event, :event), expiresAt = if_not_exists(expiresAt, :expiresAt)',
      ExpressionAttributeNames: { '#event': 'event' },
      ExpressionAttributeValues: { ':event': event, ':expiresAt': Math.floor(now() / 1000) + retentionDays * 86_400 },
      ReturnValues: 'ALL_NEW',
    }),
  );
  return Attributes?.publishedAt !== undefined;
}

async function note(Key: Key, { dynamodb, tableName, now }: Ports): Promise<void> {
  await dynamodb.send(
    new UpdateCommand({
      TableName: tableName,
      Key,
      UpdateExpression: 'SET publishedAt = :now',
      ExpressionAttributeValues: { ':now': new Date(now()).toISOString() },
    }),
  );
}
