import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { parseEnvironment } from '../common/environment';
import { observed } from '../common/observability';
import { handle, type HoldAnswer, type Ports } from './handler';

const environment = parseEnvironment(z.object({ CLIP_BUCKET: z.string().min(1), INCIDENT_TABLE: z.string().min(1) }));
const ports: Ports = {
  dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient()),
  s3: new S3Client({ maxAttempts: 5 }),
  bucket: environment.CLIP_BUCKET,
  tableName: environment.INCIDENT_TABLE,
};

export const handler = observed((event: unknown): Promise<HoldAnswer> => handle(event, ports));
