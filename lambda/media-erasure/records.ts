import {
  DeleteCommand,
  QueryCommand,
  ScanCommand,
  type DynamoDBDocumentClient,
  type QueryCommandOutput,
  type ScanCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import { exactly, isConcerned, ofDay, type ErasureRequest } from './request';
import { forEach, type Item, type Keep, type Page, type Source } from './source';

export interface RecordTable {
  readonly name: string;
  /** The sort key beside `device`. */
  readonly sortKey: 'at' | 'id';
  /** Whether they go by whole days, as what they are about does. */
  readonly isByDay?: boolean;
}

type Row = Record<string, unknown>;

const WIDTH = 25;

/**
 * Rows of a table. They are deleted one by one, because whoever may write batches may also put rows in.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/batch-operations-IAM.html
 */
abstract class RecordSource implements Source {
  abstract readonly name: string;

  constructor(
    protected readonly table: RecordTable,
    protected readonly dynamodb: DynamoDBDocumentClient,
    private readonly acknowledgementTable?: string,
  ) {}

  async find(token?: string): Promise<Page> {
    const ExclusiveStartKey = token === undefined ? undefined : (JSON.parse(token) as Row);
    const { Items = [], LastEvaluatedKey } = await this.read(ExclusiveStartKey);
    const { sortKey } = this.table;
    return {
      items: Items.filter((row) => this.isSought(row)).map((row) => ({
        id: { device: row.device as string, [sortKey]: row[sortKey] as string },
      })),
      token: LastEvaluatedKey && JSON.stringify(LastEvaluatedKey),
    };
  }

  async erase(ids: readonly Item['id'][]): Promise<(Keep | undefined)[]> {
    return forEach(ids, WIDTH, async (Key) => {
      if (this.acknowledgementTable !== undefined) {
        const detectionId = Key.at.slice(Key.at.indexOf('#') + 1);
        await this.dynamodb.send(new DeleteCommand({ TableName: this.acknowledgementTable, Key: { detectionId } }));
      }
      await this.dynamodb.send(new DeleteCommand({ TableName: this.table.name, Key }));
      return undefined;
    });
  }

  protected abstract read(start: Row | undefined): Promise<QueryCommandOutput | ScanCommandOutput>;
  protected abstract isSought(row: Row): boolean;
}

/** What a table has of a device: alerts with their acknowledgements, commands, or incidents. */
export class DeviceRecords extends RecordSource {
  constructor(
    readonly name: string,
    private readonly device: string,
    private readonly request: Pick<ErasureRequest, 'from' | 'to'>,
    private readonly startedAt: number,
    table: RecordTable,
    dynamodb: DynamoDBDocumentClient,
    acknowledgementTable?: string,
  ) {
    super(table, dynamodb, acknowledgementTable);
  }

  protected read(ExclusiveStartKey: Row | undefined): Promise<QueryCommandOutput> {
    return this.dynamodb.send(
      new QueryCommand({
        TableName: this.table.name,
        KeyConditionExpression: 'device = :device',
        ExpressionAttributeValues: { ':device': this.device },
        ProjectionExpression: 'device, #sortKey, publishedAt',
        ExpressionAttributeNames: { '#sortKey': this.table.sortKey },
        ConsistentRead: true,
        Limit: 1000,
        ExclusiveStartKey,
      }),
    );
  }

  protected isSought(row: Row): boolean {
    const storedAt = row.publishedAt === undefined ? undefined : new Date(row.publishedAt as string | number).getTime();
    const at = this.table.sortKey === 'at' ? Date.parse((row.at as string).split('#')[0]) : storedAt;
    const captured = at === undefined ? undefined : (this.table.isByDay ? ofDay : exactly)(at);
    return isConcerned(this.request, { captured, storedAt }, this.startedAt);
  }
}

/** Alerts, of whatever device, that name a person: their label is what a face is known by. */
export class NamedAlerts extends RecordSource {
  readonly name = 'alerts';

  constructor(
    private readonly externalImageId: string,
    tableName: string,
    dynamodb: DynamoDBDocumentClient,
    acknowledgementTable?: string,
  ) {
    super({ name: tableName, sortKey: 'at' }, dynamodb, acknowledgementTable);
  }

  protected read(ExclusiveStartKey: Row | undefined): Promise<ScanCommandOutput> {
    return this.dynamodb.send(
      new ScanCommand({
        TableName: this.table.name,
        // All that may name them, in whatever form the JSON is written.
        FilterExpression: 'contains(#event, :name)',
        ProjectionExpression: 'device, #at, #event',
        ExpressionAttributeNames: { '#at': 'at', '#event': 'event' },
        ExpressionAttributeValues: { ':name': JSON.stringify(this.externalImageId) },
        ConsistentRead: true,
        Limit: 1000,
        ExclusiveStartKey,
      }),
    );
  }

  protected isSought({ event }: Row): boolean {
    try {
      return (JSON.parse(event as string) as { label?: unknown }).label === this.externalImageId;
    } catch {
      // What can't be read, but has the very name between quotes, is rather erased.
      return true;
    }
  }
}
