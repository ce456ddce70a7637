import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { LRUCache } from 'lru-cache';
import { judge, type Encounter, type Judgement, type Rule, type Sighted } from './encounter';

export interface EncounterPorts {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly now: () => number;
}

/** What is remembered longer than it could matter. */
const MARGIN_SECONDS = 3600;

/** Others write at the same time only if they have seen the same device and class. */
const MAX_ATTEMPTS = 20;

/** The encounters of all devices and classes, in a table that all functions share. */
export class Encounters {
  /** What nobody has to ask the table for, so that a device which floods a function costs next to nothing. */
  private readonly settled = new LRUCache<string, { readonly until: number; readonly alertId?: string }>({
    max: 10_000,
  });

  constructor(private readonly ports: EncounterPorts) {}

  /** @throws Error when others write all the time, so that it has to be tried again later */
  async judge(device: string, obstacle: string, sighted: Sighted, rule: Rule): Promise<Judgement['verdict']> {
    const key = `${device} ${obstacle}`;
    const settled = this.settled.get(key);
    if (settled && this.ports.now() < settled.until && settled.alertId !== sighted.id) return 'suppress';

    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { before, version } = await this.read(device, obstacle);
      const now = this.ports.now();
      const { verdict, encounter, settledUntil } = judge(before, sighted, rule, now);
      const isNew = encounter !== before && verdict !== 'ignore';
      if (!isNew || (await this.write(device, obstacle, encounter, version, rule))) {
        if (settledUntil) this.settled.set(key, { until: settledUntil, alertId: encounter.alert?.id });
        return verdict;
      }
    }
    throw new Error(`Too many functions write at once of '${obstacle}' seen by '${device}'.`);
  }

  private async read(device: string, obstacle: string): Promise<{ before?: Encounter; version?: number }> {
    const { dynamodb, tableName: TableName } = this.ports;
    const { Item } = await dynamodb.send(
      new GetCommand({ TableName, Key: { device, obstacle }, ConsistentRead: true }),
    );
    return { before: Item?.encounter as Encounter | undefined, version: Item?.version as number | undefined };
  }

  /** Whether nobody else has written meanwhile. */
  private async write(
    device: string,
    obstacle: string,
    encounter: Encounter,
    version: number | undefined,
    { repeatAfter, clearAfter = 0, confirmation }: Rule,
  ): Promise<boolean> {
    const { dynamodb, tableName: TableName, now } = this.ports;
    const lasts = Math.max(repeatAfter, clearAfter, confirmation?.within ?? 0);
    const expiresAt = Math.ceil((now() + lasts) / 1000) + MARGIN_SECONDS;
    try {
      await dynamodb.send(
        new PutCommand({
          TableName,
          Item: { device, obstacle, encounter, version: (version ?? 0) + 1, expiresAt },
          ...(version === undefined
            ? { ConditionExpression: 'attribute_not_exists(version)' }
            : { ConditionExpression: 'version = :version', ExpressionAttributeValues: { ':version': version } }),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}
