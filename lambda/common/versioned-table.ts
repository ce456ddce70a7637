import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export type Key = Readonly<Record<string, string>>;

export interface Versioned<T> {
  readonly content?: T;
  /** Nothing if there is no such item, or one that isn't versioned. */
  readonly version?: number;
}

/** As many functions as that don't write at once, unless one of them is stuck. */
const MAX_ATTEMPTS = 20;

/** Items that several change at once: each change is made to the version that was read, or not at all. */
export interface VersionedItems<T> {
  read(key: Key): Promise<Versioned<T>>;

  /**
   * Whether nobody else has written meanwhile.
   * @param expiresAt when it may be forgotten, in milliseconds since 1970; never if absent
   */
  write(key: Key, content: T, version: number | undefined, expiresAt?: number): Promise<boolean>;
}

/** They are in a table of DynamoDB. */
export class VersionedTable<T extends object> implements VersionedItems<T> {
  constructor(
    private readonly dynamodb: DynamoDBDocumentClient,
    private readonly tableName: string,
  ) {}

  async read(key: Key): Promise<Versioned<T>> {
    const { Item } = await this.dynamodb.send(
      new GetCommand({ TableName: this.tableName, Key: key, ConsistentRead: true }),
    );
    return { content: Item?.content as T | undefined, version: Item?.version as number | undefined };
  }

  async write(key: Key, content: T, version: number | undefined, expiresAt?: number): Promise<boolean> {
    const isAsRead =
      version === undefined
        ? { ConditionExpression: 'attribute_not_exists(version)' }
        : { ConditionExpression: 'version = :version', ExpressionAttributeValues: { ':version': version } };
    try {
      await this.dynamodb.send(
        new PutCommand({
          TableName: this.tableName,
          Item: {
            ...key,
            content,
            version: (version ?? 0) + 1,
            ...(expiresAt !== undefined && { expiresAt: Math.ceil(expiresAt / 1000) }),
          },
          ...isAsRead,
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /**
   * Changes an item, again if somebody else has meanwhile. If the change gives back what it was given, nothing is written.
   *
   * @throws Error when others write all the time
   */
  async change(
    key: Key,
    change: (content: T | undefined) => T | undefined,
    expiresAt?: number,
  ): Promise<{ readonly before?: T; readonly after?: T }> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { content, version } = await this.read(key);
      const after = change(content);
      if (after === undefined || after === content || (await this.write(key, after, version, expiresAt))) {
        return { before: content, after };
      }
    }
    throw new Error(`Too many functions write at once of ${JSON.stringify(key)}.`);
  }
}
