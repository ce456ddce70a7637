import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';

/** A DynamoDB in memory, which evaluates condition expressions as the service does. To be stopped after all tests. */
export class LocalDynamoDB {
  static async start(): Promise<LocalDynamoDB> {
    const server = dynalite({ createTableMs: 0 });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LocalDynamoDB(server);
  }

  readonly endpoint: string;
  readonly client: DynamoDBDocumentClient;
  private readonly lowLevel: DynamoDBClient;
  private tables = 0;

  private constructor(private readonly server: Server) {
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
    this.lowLevel = new DynamoDBClient({ region: 'eu-west-1', endpoint: this.endpoint, credentials });
    this.client = DynamoDBDocumentClient.from(this.lowLevel);
    this.returnItemsOnFailure();
  }

  /** A new table, with keys of strings. */
  async createTable(partitionKey: string, sortKey?: string): Promise<string> {
    const TableName = `Table-${++this.tables}`;
    const keys = sortKey ? [partitionKey, sortKey] : [partitionKey];
    await this.lowLevel.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: keys.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
      }),
    );
    const isActive = async () =>
      (await this.lowLevel.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus === 'ACTIVE';
    while (!(await isActive()));
    return TableName;
  }

  /** All that is in a table. */
  async items(TableName: string): Promise<Record<string, unknown>[]> {
    const { Items = [] } = await this.client.send(new ScanCommand({ TableName }));
    return Items;
  }

  async stop(): Promise<void> {
    this.lowLevel.destroy();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** Dynalite ignores `ReturnValuesOnConditionCheckFailure`, so the item is looked up. */
  private returnItemsOnFailure(): void {
    this.client.middlewareStack.add(
      (next) => async (args) => {
        const { TableName, Key, ReturnValuesOnConditionCheckFailure } = args.input as UpdateItemCommandInput;
        try {
          return await next(args);
        } catch (error) {
          if (error instanceof ConditionalCheckFailedException && ReturnValuesOnConditionCheckFailure === 'ALL_OLD') {
            error.Item = (await this.lowLevel.send(new GetItemCommand({ TableName, Key }))).Item;
          }
          throw error;
        }
      },
      // Here documents are attribute values already.
      { step: 'build', name: 'returnItemsOnFailure' },
    );
  }
}
