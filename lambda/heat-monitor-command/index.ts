import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { jsonText, parseEnvironment } from '../common/environment';
import { observed } from '../common/observability';
import { heatSettings } from '../heat-monitor/settings';
import { handle, type Ports } from './handler';

const { HEAT: settings } = parseEnvironment(z.object({ HEAT: jsonText(heatSettings) }));
const ports: Ports = {
  dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(), { marshallOptions: { removeUndefinedValues: true } }),
  settings,
  now: Date.now,
};

export const handler = observed((event: unknown): Promise<APIGatewayProxyStructuredResultV2> => handle(event, ports));
