import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import * as z from 'zod';
import { jsonText, parseEnvironment } from '../common/environment';
import { logger, metrics } from '../common/observability';
import { heatSettings } from '../heat-monitor/settings';
import { handle, type Ports } from './handler';

const { HEAT: settings } = parseEnvironment(z.object({ HEAT: jsonText(heatSettings) }));
const ports: Ports = {
  dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(), { marshallOptions: { removeUndefinedValues: true } }),
  settings,
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
