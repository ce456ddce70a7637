import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  CreateThingCommand,
  DescribeThingCommand,
  type DescribeThingCommandOutput,
  type IoTClient,
} from '@aws-sdk/client-iot';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { cellOf, type CellMembership } from '../common/cells';
import { isNamed, unlessNotFound } from '../common/errors';
import { logger, metrics } from '../common/observability';

/** What each thing is, and what it has beside its serial number and its row's own attributes. */
export const thingSettings = z.object({ thingTypeName: z.string(), attributes: z.record(z.string(), z.string()) });

export interface Ports {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly thingNamePrefix: string;
  /** Where things are made ahead of the first boot, by a client that is paced. */
  readonly things?: z.infer<typeof thingSettings> & { readonly iot: IoTClient };
  /** The cell whose devices are onboarded, if there are several. */
  readonly cell?: CellMembership;
  readonly now: () => number;
}

/** How many rows are worked on at once. */
const CONCURRENCY = 10;

/** How many failures of a batch that are no fault of its rows are an outage. */
const OUTAGE = 10;

const batch = z.object({ rows: z.array(z.record(z.string(), z.string())) });

type Row = z.infer<typeof batch>['rows'][number];

const ATTRIBUTE = 'attribute.';

/** What the columns of a row say. */
const device = z.strictObject(
  {
    serialNumber: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/, 'must be 1 to 128 of a-z A-Z 0-9 _ -'),
    [ATTRIBUTE]: z.record(
      z.string().regex(/^[a-zA-Z0-9_.,@/:#-]{1,128}$/),
      z.string().regex(/^[a-zA-Z0-9_.,@/:#=[\]-]{1,800}$/, 'must be up to 800 of a-z A-Z 0-9 _ . , @ / : # = [ ] -'),
      { error: 'must have a name of 1 to 128 of a-z A-Z 0-9 _ . , @ / : # -' },
    ),
  },
  { error: (issue) => (issue.code === 'unrecognized_keys' ? `unknown columns: ${issue.keys.join(', ')}` : undefined) },
);

/** Numbers of rows. */
export interface Counts {
  readonly rows: number;
  /** On the allow list now, whether they were before or not. */
  readonly listed: number;
  /** With a thing now, likewise. */
  readonly things: number;
  /** Devices of other cells. */
  readonly otherCells: number;
  readonly failed: number;
}

export interface Failure {
  readonly serialNumber: string;
  readonly reason: string;
}

export interface Result {
  readonly counts: Counts;
  readonly failures: Failure[];
}

/** The row is at fault: trying it again would change nothing. */
class BadRow extends Error {}

type Since = 'now' | 'before';

/** What became of a row; a row that failed may have come as far as the list. */
interface Outcome {
  listed?: Since;
  thing?: Since;
  otherCell?: boolean;
  error?: unknown;
}

/**
 * Brings a batch of rows onto the allow list and, where wished, into the registry. Doing it again changes nothing.
 *
 * A row that fails is reported and holds no other back. An outage isn't reported row by row: the batch fails, to be tried
 * again from where it was, and if that doesn't help, the execution stops until somebody redrives it.
 *
 * @param deadline when to begin no further row
 * @throws when there is an outage, and when rows are left at the deadline
 */
export async function handle(event: unknown, ports: Ports, deadline: number): Promise<Result> {
  const { rows } = batch.parse(event);
  const outcomes: Outcome[] = [];
  const outages: unknown[] = [];
  const remaining = rows.entries();
  const work = async (): Promise<void> => {
    for (const [index, row] of remaining) {
      if (ports.now() >= deadline || outages.length >= OUTAGE) return;
      const outcome = await onboard(row, ports);
      outcomes[index] = outcome;
      if (outcome.error !== undefined && !(outcome.error instanceof BadRow)) outages.push(outcome.error);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));

  const done = Object.values(outcomes);
  const count = (matches: (outcome: Outcome) => boolean) => done.filter(matches).length;
  const newlyListed = count(({ listed }) => listed === 'now');
  const created = count(({ thing }) => thing === 'now');
  metrics.addMetric('DeviceListed', MetricUnit.Count, newlyListed);
  metrics.addMetric('ThingCreated', MetricUnit.Count, created);
  const through = count(({ error, otherCell }) => error === undefined && !otherCell);
  if (outages.length >= OUTAGE || (outages.length > 0 && through === 0)) throw outages[0];
  if (done.length < rows.length) throw new Error(`There was no time left for ${rows.length - done.length} rows.`);

  const failures = rows.flatMap((row, index) => failureOf(row, outcomes[index]));
  const counts: Counts = {
    rows: rows.length,
    listed: count(({ listed }) => listed !== undefined),
    things: count(({ thing }) => thing !== undefined),
    otherCells: count(({ otherCell }) => otherCell === true),
    failed: failures.length,
  };
  metrics.addMetric('RowRejected', MetricUnit.Count, counts.failed);
  logger.info('Batch onboarded', { counts, newlyListed, created });
  return { counts, failures };
}

async function onboard(row: Row, ports: Ports): Promise<Outcome> {
  const outcome: Outcome = {};
  try {
    const { serialNumber, [ATTRIBUTE]: ofRow } = parseRow(row);
    if (ports.cell && cellOf(serialNumber, ports.cell.cells) !== ports.cell.name) return { otherCell: true };
    const thingName = `${ports.thingNamePrefix}${serialNumber}`;
    if (thingName.length > 128) throw new BadRow("the thing's name would be longer than 128 characters");
    if (thingName.startsWith('claim-')) throw new BadRow("the thing's name would start with 'claim-'");
    outcome.listed = await putOnList(serialNumber, ports);
    if (ports.things) {
      // As at registration, where the attributes of the fleet replace those that are there.
      const attributes = { ...ofRow, ...ports.things.attributes, serialNumber };
      outcome.thing = await makeThing(thingName, attributes, ports.things);
    }
  } catch (error) {
    outcome.error = error;
  }
  return outcome;
}

function parseRow(row: Row): z.infer<typeof device> {
  const columns = Object.entries(row).map(([name, value]) => [columnName(name), value.trim()]);
  const isAttribute = ([name]: string[]) => name.startsWith(ATTRIBUTE);
  const attributes = columns
    // Step Functions fills a row that is short of fields with empty ones.
    .filter((column) => isAttribute(column) && column[1] !== '')
    .map(([name, value]) => [name.slice(ATTRIBUTE.length), value]);
  const result = device.safeParse({
    ...Object.fromEntries(columns.filter((column) => !isAttribute(column))),
    [ATTRIBUTE]: Object.fromEntries(attributes),
  });
  if (result.success) return result.data;
  throw new BadRow(result.error.issues.map(({ path, message }) => `${path.join('')} ${message}`.trim()).join('; '));
}

/** Leaves what is known of the device alone, and a device that is kept out, out. */
async function putOnList(serialNumber: string, ports: Ports): Promise<Since> {
  try {
    const { Attributes: before } = await ports.dynamodb.send(
      new UpdateCommand({
        TableName: ports.tableName,
        Key: { serialNumber },
        UpdateExpression: 'SET listedAt = if_not_exists(listedAt, :now)',
        ConditionExpression: 'attribute_not_exists(blocked) OR blocked = :false',
        ExpressionAttributeValues: { ':now': new Date(ports.now()).toISOString(), ':false': false },
        ReturnValues: 'UPDATED_OLD',
      }),
    );
    return before?.listedAt === undefined ? 'now' : 'before';
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) throw new BadRow('the serial number is blocked');
    throw error;
  }
}

/** Looks first, because creations are few a second, and another run over the same list should need none. */
async function makeThing(
  thingName: string,
  attributes: Record<string, string>,
  { iot, thingTypeName }: NonNullable<Ports['things']>,
): Promise<Since> {
  const find = () => iot.send(new DescribeThingCommand({ thingName }));
  const create = async (): Promise<DescribeThingCommandOutput | undefined> => {
    try {
      await iot.send(new CreateThingCommand({ thingName, thingTypeName, attributePayload: { attributes } }));
      return undefined;
    } catch (error) {
      // The device was faster.
      if (isNamed(error, 'ResourceAlreadyExistsException')) return find();
      if (isNamed(error, 'InvalidRequestException')) throw new BadRow(`AWS IoT refuses the thing: ${error.message}`);
      throw error;
    }
  };
  const thing = (await unlessNotFound(find())) ?? (await create());
  if (!thing) return 'now';
  if (thing.thingTypeName !== thingTypeName) throw new BadRow('there is a thing of this name, of another type');
  // Whoever knows more of the device may have added some.
  const other = Object.keys(attributes).find((name) => thing.attributes?.[name] !== attributes[name]);
  if (other) throw new BadRow(`there is a thing of this name, whose attribute '${other}' is another`);
  return 'before';
}

/** Short enough for a batch of failures to be within the 256 KiB that a state may put out. */
function failureOf(row: Row, { error }: Outcome): Failure[] {
  if (error === undefined) return [];
  const serialNumber = Object.entries(row).find(([name]) => columnName(name) === 'serialNumber')?.[1] ?? '';
  const { name, message } = error as Error;
  const reason = error instanceof BadRow ? message : `${name}: ${message}`;
  return [{ serialNumber: plain(serialNumber, 128), reason: plain(reason, 160) }];
}

/** Spreadsheets put a mark before the first column, and blanks anywhere. */
function columnName(name: string): string {
  return name.replace(/^\ufeff/, '').trim();
}

/** Characters that are one byte each, in JSON too. */
function plain(text: string, length: number): string {
  return text.replace(/[^\x20-\x7e]+|["\\]/g, ' ').slice(0, length);
}
