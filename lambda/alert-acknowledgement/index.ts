import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import * as z from 'zod';
import { parseEnvironment } from '../common/environment';
import { logger, metrics } from '../common/observability';
import { handle, type Ports } from './handler';

const environment = parseEnvironment(
  z.object({ ACKNOWLEDGEMENT_TABLE: z.string().min(1), RETENTION_DAYS: z.coerce.number().int().positive() }),
);
const ports: Ports = {
  dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient()),
  tableName: environment.ACKNOWLEDGEMENT_TABLE,
  retentionDays: environment.RETENTION_DAYS,
  now: Date.now,
};

export async function handler(event: unknown, context: Context): Promise<APIGatewayProxyStructuredResultV2> {
  logger.addContext(context);
  try {
    return await handle(event, ports);
  } finally {
    metrics.publishStoredMetrics();
  }
}
