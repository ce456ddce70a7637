import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { Acknowledgements } from '../common/acknowledgement';
import { jsonText, parseEnvironment } from '../common/environment';
import { observed } from '../common/observability';
import { shotSettings } from '../shot-detector/settings';
import { handle, type Ports } from './handler';

const { ACKNOWLEDGEMENTS, ...environment } = parseEnvironment(
  z.object({
    SHOTS: jsonText(shotSettings),
    QUEUE_URL: z.url(),
    ACKNOWLEDGEMENTS: jsonText(
      z.object({ tableName: z.string().min(1), retentionDays: z.number().int().positive() }),
    ).optional(),
  }),
);
const now = Date.now;
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(), {
  marshallOptions: { removeUndefinedValues: true },
});
const ports: Ports = {
  dynamodb,
  sqs: new SQSClient(),
  queueUrl: environment.QUEUE_URL,
  settings: environment.SHOTS,
  acknowledgements: ACKNOWLEDGEMENTS && new Acknowledgements({ dynamodb, now, ...ACKNOWLEDGEMENTS }),
  now,
};

export const handler = observed((event: unknown): Promise<APIGatewayProxyStructuredResultV2> => handle(event, ports));
