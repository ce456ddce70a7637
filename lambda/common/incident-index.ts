import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { incidentFolder, manifestKey, type IncidentKey, type IncidentManifest } from './incident';
import type { MediaStore } from './media-store';

export interface IndexPorts {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly tableName: string;
  /** After so many days S3 deletes the objects, and the index forgets them. */
  readonly expireDays?: number;
}

/** Where incidents are found by device and time. What is under a hold isn't forgotten. */
export class IncidentIndex {
  constructor(private readonly ports: IndexPorts) {}

  /** Notes what was stored. A hold that came meanwhile stays. */
  async note({ incident, parts, gaps, storedAt }: IncidentManifest, isHeld: boolean): Promise<void> {
    const { device, id, at, camera, trigger, from, to } = incident;
    const { expireDays } = this.ports;
    const content = {
      id,
      camera,
      trigger,
      from,
      to,
      manifest: manifestKey({ device, id, at }),
      parts: parts.length,
      bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
      gaps: gaps.length,
      storedAt,
      deletableAt: expireDays && Math.ceil(Date.parse(storedAt) / 1000) + expireDays * 86_400,
    };
    const known = Object.entries(content).filter(([, value]) => value !== undefined);
    await this.update(
      incident,
      `SET ${known.map(([name]) => `#${name} = :${name}`).join(', ')}, legalHold = if_not_exists(legalHold, :held)`,
      {
        ExpressionAttributeNames: Object.fromEntries(known.map(([name]) => [`#${name}`, name])),
        ExpressionAttributeValues: {
          ...Object.fromEntries(known.map(([name, value]) => [`:${name}`, value])),
          ':held': isHeld,
        },
      },
    );
    await this.forgetUnlessHeld(incident);
  }

  /** Whether there is such an incident, which is now under a hold or isn't any more. */
  async noteHold(key: IncidentKey, isHeld: boolean): Promise<boolean> {
    const isKnown = await this.update(key, `SET legalHold = :held${isHeld ? ' REMOVE expiresAt' : ''}`, {
      ConditionExpression: 'attribute_exists(manifest)',
      ExpressionAttributeValues: { ':held': isHeld },
    });
    if (isKnown && !isHeld) await this.forgetUnlessHeld(key);
    return isKnown;
  }

  private async forgetUnlessHeld(key: IncidentKey): Promise<void> {
    await this.update(key, 'SET expiresAt = deletableAt', {
      ConditionExpression: 'legalHold = :free AND attribute_exists(deletableAt)',
      ExpressionAttributeValues: { ':free': false },
    });
  }

  /** Whether the condition was met. */
  private async update({ device, id, at }: IncidentKey, expression: string, more: object): Promise<boolean> {
    try {
      await this.ports.dynamodb.send(
        new UpdateCommand({
          TableName: this.ports.tableName,
          Key: { device, at: `${new Date(at).toISOString()}#${id}` },
          UpdateExpression: expression,
          ...more,
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

/**
 * Puts an incident under a legal hold, or takes it away: what protects comes first, and what protects less comes last.
 *
 * @returns how many versions of objects that were, or nothing if there is no such incident
 */
export async function holdIncident(
  key: IncidentKey,
  isHeld: boolean,
  store: MediaStore,
  index: IncidentIndex,
): Promise<number | undefined> {
  if (isHeld && !(await index.noteHold(key, true))) return undefined;
  const count = await store.hold(incidentFolder(key), isHeld);
  if (!isHeld && !(await index.noteHold(key, false))) return undefined;
  return count;
}
