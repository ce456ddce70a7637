import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { startTables, type Tables } from '../../local/cloud/tables';

/** A DynamoDB in memory, which evaluates condition expressions as the service does. To be stopped after all tests. */
export class LocalDynamoDB {
  static async start(): Promise<LocalDynamoDB> {
    return new LocalDynamoDB(await startTables());
  }

  readonly endpoint: string;
  readonly client: DynamoDBDocumentClient;
  private readonly lowLevel: DynamoDBClient;
  private tables = 0;

  private constructor(private readonly service: Tables) {
    this.endpoint = service.endpoint;
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
    this.lowLevel = new DynamoDBClient({ region: 'eu-west-1', endpoint: this.endpoint, credentials });
    this.client = DynamoDBDocumentClient.from(this.lowLevel);
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
    await this.service.stop();
  }
}
