import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { Stack } from 'aws-cdk-lib';
import type { CloudTrailRecord } from '../events/cloudtrail';
import { DeployedStack, type DeployedResource } from './cloudformation-resolver';

type Row = Record<string, unknown>;

/** What Trino has, and DuckDB under another name, or in another form. */
const FUNCTIONS = [
  'CREATE MACRO json_extract_scalar(json, path) AS json_extract_string(json, path)',
  'CREATE OR REPLACE MACRO element_at(list, index) AS list[index]',
  // Where nothing matches, Trino returns nothing, and DuckDB an empty text.
  `CREATE MACRO trino_regexp_extract
    (text, pattern) AS nullif(regexp_extract(text, pattern), ''),
    (text, pattern, part) AS nullif(regexp_extract(text, pattern, part), '')`,
];

/** The fields that the serializer of the table hands on as JSON. */
const AS_JSON = ['requestParameters', 'responseElements', 'additionalEventData', 'serviceEventDetails'];

/** A table of Glue and the kept queries of Athena, with an engine that runs here. */
export class AuditLake {
  static async of(stack: Stack, records: CloudTrailRecord[]): Promise<AuditLake> {
    const resources = new DeployedStack(stack, [], {}).resources;
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    for (const statement of FUNCTIONS) await connection.run(statement);
    const table = resources.find(({ type }) => type === 'AWS::Glue::Table')!;
    await createTable(
      connection,
      table,
      resources.find(({ type }) => type === 'AWS::Glue::Database')!,
      records,
    );
    return new AuditLake(
      connection,
      resources.filter(({ type }) => type === 'AWS::Athena::NamedQuery'),
    );
  }

  private constructor(
    private readonly connection: DuckDBConnection,
    private readonly kept: DeployedResource[],
  ) {}

  get queries(): { name: string; sql: string; description: string }[] {
    return this.kept.map((query) => ({
      name: query.get<string>('Name')!,
      sql: query.get<string>('QueryString')!,
      description: query.get<string>('Description')!,
    }));
  }

  /** Asks a kept query, with what stands for its question marks. */
  async ask(name: string, ...values: string[]): Promise<Row[]> {
    const { sql } = this.queries.find((query) => query.name === name)!;
    const reader = await this.connection.runAndReadAll(
      sql.replaceAll('regexp_extract(', 'trino_regexp_extract('),
      values,
    );
    return reader.getRowObjectsJson() as Row[];
  }

  close(): void {
    this.connection.closeSync();
  }
}

async function createTable(
  connection: DuckDBConnection,
  table: DeployedResource,
  database: DeployedResource,
  records: CloudTrailRecord[],
): Promise<void> {
  const { StorageDescriptor, PartitionKeys, Name } = table.get<{
    Name: string;
    PartitionKeys: Column[];
    StorageDescriptor: { Columns: Column[] };
  }>('TableInput')!;
  const columns = [...StorageDescriptor.Columns, ...PartitionKeys];
  const schema = database.get<{ Name: string }>('DatabaseInput')!.Name;
  const folder = mkdtempSync(join(tmpdir(), 'audit-'));
  const file = join(folder, 'records.json');
  writeFileSync(file, records.map((record) => JSON.stringify(asRow(record))).join('\n'));
  const types = columns.map(({ Name, Type }) => `'${Name}': '${duckType(Type)}'`).join(', ');
  await connection.run(`CREATE SCHEMA "${schema}"`);
  await connection.run(
    `CREATE TABLE "${schema}"."${Name}" AS SELECT * FROM read_json('${file}', format = 'newline_delimited', columns = {${types}})`,
  );
  rmSync(folder, { recursive: true });
}

interface Column {
  readonly Name: string;
  readonly Type: string;
}

/** Hive knows no case of letters, and the partition is the day of the file. */
function asRow(record: CloudTrailRecord): Row {
  const flat = Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      name,
      AS_JSON.includes(name) && value !== null ? JSON.stringify(value) : value,
    ]),
  );
  return { ...(lowerCase(flat) as Row), day: record.eventTime.slice(0, 10).replaceAll('-', '/') };
}

function lowerCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name.toLowerCase(), lowerCase(item)]));
}

/** `struct<a:string,b:array<string>>` → `STRUCT("a" VARCHAR, "b" VARCHAR[])`. */
function duckType(type: string): string {
  const [, kind, inner] = /^(\w+)(?:<(.*)>)?$/.exec(type)!;
  switch (kind) {
    case 'string':
      return 'VARCHAR';
    case 'array':
      return `${duckType(inner)}[]`;
    case 'map':
      return `MAP(${parts(inner).map(duckType).join(', ')})`;
    case 'struct':
      return `STRUCT(${parts(inner)
        .map((field) => field.split(/:(.*)/s))
        .map(([name, of]) => `"${name}" ${duckType(of)}`)
        .join(', ')})`;
    default:
      throw new Error(`The type ${type} is not known here.`);
  }
}

/** Splits at the commas that are within no brackets. */
function parts(types: string): string[] {
  let depth = 0;
  const found = [''];
  for (const character of types) {
    if (character === '<') depth++;
    if (character === '>') depth--;
    if (character === ',' && depth === 0) found.push('');
    else found[found.length - 1] += character;
  }
  return found;
}
