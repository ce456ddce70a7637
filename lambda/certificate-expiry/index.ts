import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { jsonText, parseEnvironment } from '../common/environment';
import { observed } from '../common/observability';
import { handle, type Findings, type Ports } from './handler';

const environment = parseEnvironment(
  z.object({ ALLOW_LIST_TABLE: z.string(), EXPIRY_WARNING_HOURS: jsonText(z.number().positive()) }),
);
const ports: Ports = {
  dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient()),
  tableName: environment.ALLOW_LIST_TABLE,
  warningHours: environment.EXPIRY_WARNING_HOURS,
  now: Date.now,
};

export const handler = observed((): Promise<Findings> => handle(ports));
