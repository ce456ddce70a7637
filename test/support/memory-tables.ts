import {
  DeleteCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  type DeleteCommandInput,
  type PutCommandInput,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';

type Row = Record<string, unknown>;

/**
 * Tables for tests with thousands of runs, which would be too many for `LocalDynamoDB`: it knows no conditions and no
 * filters, and queries for one `:value` of the partition key only.
 */
export class MemoryTables {
  private readonly tables = new Map<string, { readonly keys: string[]; rows: Row[] }>();
  /** At most so many rows in a page. */
  pageSize = 1000;

  readonly client = {
    send: async (command: { readonly input: unknown }): Promise<unknown> => this.call(command),
  };

  async createTable(...keys: string[]): Promise<string> {
    const name = `Table-${this.tables.size + 1}`;
    this.tables.set(name, { keys, rows: [] });
    return name;
  }

  async items(name: string): Promise<Row[]> {
    return this.tables.get(name)!.rows;
  }

  private call(command: { readonly input: unknown }): unknown {
    const input = command.input as PutCommandInput & DeleteCommandInput & QueryCommandInput;
    const table = this.tables.get(input.TableName!)!;
    const nameOf = (row: Row) => JSON.stringify(table.keys.map((key) => row[key]));
    const without = (row: Row) => table.rows.filter((other) => nameOf(other) !== nameOf(row));
    if (command instanceof PutCommand) table.rows = [...without(input.Item!), input.Item!];
    else if (command instanceof DeleteCommand) table.rows = without(input.Key!);
    else if (command instanceof QueryCommand || command instanceof ScanCommand) {
      const [value] = command instanceof QueryCommand ? Object.values(input.ExpressionAttributeValues!) : [undefined];
      const all = table.rows
        .filter((row) => value === undefined || row[table.keys[0]] === value)
        .filter((row) => !input.ExclusiveStartKey || nameOf(row) > nameOf(input.ExclusiveStartKey))
        .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
      const Items = all.slice(0, this.pageSize);
      const last = Items.at(-1);
      const hasMore = all.length > Items.length;
      return {
        Items,
        LastEvaluatedKey: hasMore ? Object.fromEntries(table.keys.map((key) => [key, last![key]])) : undefined,
      };
    } else throw new Error(`The tables don't know ${command.constructor.name}.`);
    return {};
  }
}
