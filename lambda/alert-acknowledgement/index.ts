import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { parseEnvironment } from '../common/environment';
import { observed } from '../common/observability';
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

export const handler = observed((event: unknown): Promise<APIGatewayProxyStructuredResultV2> => handle(event, ports));
