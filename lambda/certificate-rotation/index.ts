import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { jsonText, parseEnvironment } from '../common/environment';
import { logger, metrics } from '../common/observability';
import type { Decision } from '../common/provisioning-hook';
import { handle, type Ports } from './handler';

const environment = parseEnvironment(
  z.object({
    ALLOW_LIST_TABLE: z.string(),
    TEMPLATE_NAME: z.string(),
    THING_NAME_PREFIX: z.string(),
    MINIMUM_INTERVAL_HOURS: jsonText(z.number().positive()),
  }),
);
const client = new DynamoDBClient({
  requestHandler: { connectionTimeout: 500, requestTimeout: 1000, throwOnRequestTimeout: true },
});
const ports: Ports = {
  dynamodb: DynamoDBDocumentClient.from(client),
  tableName: environment.ALLOW_LIST_TABLE,
  templateName: environment.TEMPLATE_NAME,
  thingNamePrefix: environment.THING_NAME_PREFIX,
  minimumIntervalHours: environment.MINIMUM_INTERVAL_HOURS,
  now: Date.now,
};

export async function handler(event: unknown, context: Context): Promise<Decision> {
  logger.addContext(context);
  try {
    return await handle(event, ports);
  } finally {
    metrics.publishStoredMetrics();
  }
}
