import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { jsonText, parseEnvironment } from '../common/environment';
import { observed } from '../common/observability';
import { handle, takeoverSettings, type Ports } from './handler';
import type { TakeoverResponse } from '../common/takeover';

const { TAKEOVER: settings } = parseEnvironment(z.object({ TAKEOVER: jsonText(takeoverSettings) }));
const ports: Ports = {
  dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient()),
  iotData: new IoTDataPlaneClient(),
  settings,
  newId: randomUUID,
  now: Date.now,
};

export const handler = observed((event: unknown): Promise<TakeoverResponse> => handle(event, ports));
