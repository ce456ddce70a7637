import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { AlertPorts } from './alerts';
import type { DetectionEvent } from './detection-event';

/** Whether no alert was raised for the same device and class a short while ago, or only for this very detection. */
export async function openWindow({ device, obstacle, id }: DetectionEvent, ports: AlertPorts): Promise<boolean> {
  const { tableName, repeatAfterSeconds } = ports.settings;
  const now = Math.floor(ports.now() / 1000);
  try {
    await ports.dynamodb.send(
      new PutCommand({
        TableName: tableName,
        Item: { device, obstacle, detectionId: id, expiresAt: now + repeatAfterSeconds },
        // Items that are expired stay for a while.
        ConditionExpression: 'attribute_not_exists(device) OR expiresAt <= :now OR detectionId = :id',
        ExpressionAttributeValues: { ':now': now, ':id': id },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
