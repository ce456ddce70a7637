import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { cellMembership } from '../common/cells';
import { connectedPacer } from '../common/connected-pacer';
import { jsonText, parseEnvironment } from '../common/environment';
import { logger, observed } from '../common/observability';
import { paceClient } from '../common/pacer';
import { handle, thingSettings, type Ports, type Result } from './handler';

/** What a row that has begun may take, its turns and retries included. */
const RESERVE_MILLISECONDS = 5 * 60_000;

const environment = parseEnvironment(
  z.object({
    ALLOW_LIST_TABLE: z.string(),
    THING_NAME_PREFIX: z.string(),
    THINGS: jsonText(thingSettings.nullable()),
    CELL: jsonText(cellMembership.nullable()),
  }),
);
// Throttling and outages pass within a batch's time.
const patient = {
  maxAttempts: 10,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(patient));
const ports: Ports = {
  dynamodb,
  tableName: environment.ALLOW_LIST_TABLE,
  thingNamePrefix: environment.THING_NAME_PREFIX,
  things: environment.THINGS ? { ...environment.THINGS, iot: pacedIot() } : undefined,
  cell: environment.CELL ?? undefined,
  now: Date.now,
};

export const handler = observed(async (event: unknown, context): Promise<Result> => {
  try {
    return await handle(event, ports, Date.now() + context.getRemainingTimeInMillis() - RESERVE_MILLISECONDS);
  } catch (error) {
    logger.error('Batch failed and will be tried again', { error: error as Error });
    throw error;
  }
});

/** Only functions that make things have a pacer. */
function pacedIot(): IoTClient {
  return paceClient(new IoTClient(patient), connectedPacer(dynamodb));
}
