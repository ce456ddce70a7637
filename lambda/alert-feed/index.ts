import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { parseEnvironment } from '../common/environment';
import { queueWorker, workerPorts } from '../common/queue-worker';
import { handle, type Ports } from './handler';

const environment = parseEnvironment(
  z.object({
    ALERT_TABLE: z.string().min(1),
    RETENTION_DAYS: z.coerce.number().int().positive(),
    TOPIC_PREFIX: z.string().min(1),
  }),
);
const ports: Ports = {
  dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient()),
  iotData: new IoTDataPlaneClient(),
  tableName: environment.ALERT_TABLE,
  retentionDays: environment.RETENTION_DAYS,
  topicPrefix: environment.TOPIC_PREFIX,
  now: Date.now,
};

export const handler = queueWorker((body) => handle(body, ports), workerPorts());
