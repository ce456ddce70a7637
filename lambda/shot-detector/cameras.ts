import { paginateQuery, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { logger } from '../common/observability';
import { distance, project, type Position } from './geometry';

/** A square of a hundredth of a degree, in which cameras are found. */
const PER_DEGREE = 100;

export function cellOf({ latitude, longitude }: Position, north = 0, east = 0): string {
  return `${Math.floor(latitude * PER_DEGREE) + north}:${Math.floor(longitude * PER_DEGREE) + east}`;
}

/** What the table has, as those put it there who mount cameras. */
const camera = z.object({
  // `<thing>`, or `<thing>.<camera>` of a thing with several.
  stream: z.string().regex(/^[a-zA-Z0-9:_-]{1,128}(\.[a-zA-Z0-9_-]{1,32})?$/),
  latitude: z.number(),
  longitude: z.number(),
});

export interface NearCamera {
  readonly stream: string;
  readonly meters: number;
}

/** The nearest cameras, from the nearest one on. What is wrong in the table is told in the log, and holds nothing up. */
export async function camerasNear(
  position: Position,
  { most, rangeMeters }: { readonly most: number; readonly rangeMeters: number },
  { dynamodb, tableName }: { readonly dynamodb: DynamoDBDocumentClient; readonly tableName: string },
): Promise<NearCamera[]> {
  const steps = [-1, 0, 1];
  const cells = steps.flatMap((north) => steps.map((east) => cellOf(position, north, east)));
  const pages = await Promise.all(cells.map((cell) => itemsOf(cell, dynamodb, tableName)));
  return pages
    .flat()
    .flatMap((item) => {
      const { success, data, error } = camera.safeParse(item);
      if (!success) logger.warn('A camera in the table is wrong', { stream: item.stream, reason: error.message });
      return success ? [data] : [];
    })
    .map(({ stream, ...place }) => ({ stream, meters: distance(project(place, position), { x: 0, y: 0 }) }))
    .filter(({ meters }) => meters <= rangeMeters)
    .sort((one, other) => one.meters - other.meters)
    .slice(0, most);
}

async function itemsOf(cell: string, client: DynamoDBDocumentClient, TableName: string) {
  const items: Record<string, unknown>[] = [];
  const query = { TableName, KeyConditionExpression: 'cell = :cell', ExpressionAttributeValues: { ':cell': cell } };
  for await (const { Items = [] } of paginateQuery({ client }, query)) items.push(...Items);
  return items;
}
