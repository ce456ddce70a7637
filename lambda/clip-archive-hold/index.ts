import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { parseEnvironment } from '../common/environment';
import { logger, metrics } from '../common/observability';
import { handle, type HoldAnswer, type Ports } from './handler';

const environment = parseEnvironment(z.object({ CLIP_BUCKET: z.string().min(1), INCIDENT_TABLE: z.string().min(1) }));
const ports: Ports = {
  dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient()),
  s3: new S3Client({ maxAttempts: 5 }),
  bucket: environment.CLIP_BUCKET,
  tableName: environment.INCIDENT_TABLE,
};

export async function handler(event: unknown, context: Context): Promise<HoldAnswer> {
  logger.addContext(context);
  try {
    return await handle(event, ports);
  } finally {
    metrics.publishStoredMetrics();
  }
}
