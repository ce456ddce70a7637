import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ComeAgain } from '../common/queue-worker';
import type { Decision } from './record';

export interface LedgerPorts {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly now: () => number;
}

/** A decision that somebody has to be told of, and what has come of it. */
export interface Entry {
  readonly decision: Decision;
  /** When the line was told, in milliseconds since 1970. */
  readonly sentAt?: number;
  /** When the evidence was complete. */
  readonly keptAt?: number;
}

/** As long as a message may lie in the dead-letter queue and be redriven, and a day more, in milliseconds. */
const KEPT = 15 * 86_400_000;

/** How long whoever tells the line has for it, in seconds: less than passes until a message that failed comes again. */
const CLAIM_SECONDS = 5;

/**
 * What was decided of pieces that are not known to be good. It is written before the line is told, by one of those that have
 * the same image: the others find that it is told already.
 */
export class Ledger {
  constructor(private readonly ports: LedgerPorts) {}

  async find(id: string): Promise<Entry | undefined> {
    const { dynamodb, tableName } = this.ports;
    const { Item } = await dynamodb.send(new GetCommand({ TableName: tableName, Key: { id }, ConsistentRead: true }));
    return Item && { decision: JSON.parse(Item.decision), sentAt: Item.sentAt, keptAt: Item.keptAt };
  }

  /**
   * Takes it on oneself to tell the line.
   * @returns the entry of who was first, if it isn't the caller
   * @throws ComeAgain while somebody else is at it
   */
  async claim(decision: Decision): Promise<Entry | undefined> {
    const { dynamodb, tableName, now } = this.ports;
    const { id } = decision;
    try {
      await dynamodb.send(
        new PutCommand({
          TableName: tableName,
          Item: {
            id,
            decision: JSON.stringify(decision),
            claimedUntil: now() + 1000 * CLAIM_SECONDS,
            expiresAt: Math.ceil((now() + KEPT) / 1000),
          },
          ConditionExpression: 'attribute_not_exists(id) OR (attribute_not_exists(sentAt) AND claimedUntil <= :now)',
          ExpressionAttributeValues: { ':now': now() },
        }),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const entry = await this.find(id);
      if (entry?.sentAt !== undefined || entry?.keptAt !== undefined) return entry;
      throw new ComeAgain(CLAIM_SECONDS, 'The same image is being told of already.');
    }
  }

  async note(id: string, what: 'sentAt' | 'keptAt'): Promise<void> {
    const { dynamodb, tableName, now } = this.ports;
    await dynamodb.send(
      new UpdateCommand({
        TableName: tableName,
        Key: { id },
        UpdateExpression: 'SET #what = :now',
        ExpressionAttributeNames: { '#what': what },
        ExpressionAttributeValues: { ':now': now() },
      }),
    );
  }
}
