import { setTimeout as pause } from 'node:timers/promises';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, GetCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { logger, metrics } from './observability';
import { tooManyRequests } from './problem';

/** The id of a detection, where it is the key of a table: of 2048 bytes at most, and a character has up to 4. */
export const acknowledgeableId = z.string().min(1).max(512);

export const acknowledgementNote = z.string().max(1000);

/** What the table has. */
const acknowledgement = z.object({
  detectionId: z.string(),
  acknowledgedAt: z.string(),
  /** Who was authenticated: the ARN that signed a request, or `viewer:<sub>` of a token. */
  principal: z.string(),
  /** The person, if the principal has said it or is one. */
  acknowledgedBy: z.string().optional(),
  note: z.string().optional(),
});

export type Acknowledgement = z.infer<typeof acknowledgement>;

export interface AcknowledgementPorts {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly retentionDays: number;
  readonly now: () => number;
}

/** Tries: somebody is waiting, so with the pauses between them it is less than a second. */
const MAX_ATTEMPTS = 4;

/** Which alerts are acknowledged. The first acknowledgement of an alert stays. */
export class Acknowledgements {
  constructor(private readonly ports: AcknowledgementPorts) {}

  /** Acknowledges an alert, unless that is done already. The answer is the acknowledgement that counts. */
  async acknowledge(given: Omit<Acknowledgement, 'acknowledgedAt'>): Promise<Acknowledgement> {
    const { detectionId, principal, acknowledgedBy } = given;
    const added = await this.add({ ...given, acknowledgedAt: new Date(this.ports.now()).toISOString() });
    if (added) {
      metrics.addMetric('AlertAcknowledged', MetricUnit.Count, 1);
      logger.info('Alert acknowledged', { detectionId, principal, acknowledgedBy });
      return added;
    }
    logger.info('The alert is acknowledged already', { detectionId, principal });
    // If it is forgotten meanwhile, this one counts.
    return (await this.find(detectionId)) ?? this.acknowledge(given);
  }

  async find(detectionId: string): Promise<Acknowledgement | undefined> {
    const { dynamodb, tableName } = this.ports;
    const { Item } = await dynamodb.send(
      new GetCommand({ TableName: tableName, Key: { detectionId }, ConsistentRead: true }),
    );
    return Item && acknowledgement.parse(Item);
  }

  /**
   * Those of up to 100 alerts, by their ids.
   * @throws Problem 429 if the table gives some of them only
   */
  async findAll(detectionIds: readonly string[]): Promise<Map<string, Acknowledgement>> {
    const { dynamodb, tableName } = this.ports;
    const found = new Map<string, Acknowledgement>();
    // No key twice, which DynamoDB refuses.
    let Keys: Record<string, unknown>[] = [...new Set(detectionIds)].map((detectionId) => ({ detectionId }));
    for (let attempt = 0; Keys.length > 0; attempt++) {
      if (attempt === MAX_ATTEMPTS) throw tooManyRequests();
      if (attempt > 0) await pause(50 * 2 ** attempt);
      const { Responses, UnprocessedKeys } = await dynamodb.send(
        new BatchGetCommand({ RequestItems: { [tableName]: { Keys, ConsistentRead: true } } }),
      );
      for (const item of Responses?.[tableName] ?? []) {
        const one = acknowledgement.parse(item);
        found.set(one.detectionId, one);
      }
      Keys = UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
    return found;
  }

  private async add(given: Acknowledgement): Promise<Acknowledgement | undefined> {
    const { dynamodb, tableName, retentionDays, now } = this.ports;
    const { detectionId, ...rest } = given;
    const values = Object.entries({ ...rest, expiresAt: Math.floor(now() / 1000) + retentionDays * 86_400 }).filter(
      ([, value]) => value !== undefined,
    );
    try {
      await dynamodb.send(
        new UpdateCommand({
          TableName: tableName,
          Key: { detectionId },
          UpdateExpression: `SET ${values.map(([name]) => `${name} = :${name}`).join(', ')}`,
          ConditionExpression: 'attribute_not_exists(detectionId)',
          ExpressionAttributeValues: Object.fromEntries(values.map(([name, value]) => [`:${name}`, value])),
        }),
      );
      return given;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }
}
