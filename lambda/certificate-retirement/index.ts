import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { parseEnvironment } from '../common/environment';
import { isNamed, retryAlso } from '../common/errors';
import { queueWorker, workerPorts } from '../common/queue-worker';
import { handle, type Ports } from './handler';

const environment = parseEnvironment(
  z.object({
    ALLOW_LIST_TABLE: z.string(),
    THING_NAME_PREFIX: z.string(),
    DEVICE_POLICY: z.string(),
    CERTIFICATES: z.string().regex(/^arn:.*:cert\/$/),
    RETIREMENT: z.enum(['DEACTIVATE', 'DELETE']),
  }),
);
const ports: Ports = {
  // A certificate is detached from its thing some seconds after that was asked for.
  iot: retryAlso(new IoTClient({ maxAttempts: 8, retryMode: 'adaptive' }), (error) =>
    isNamed(error, 'DeleteConflictException') ? 'transient' : undefined,
  ),
  dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient()),
  tableName: environment.ALLOW_LIST_TABLE,
  thingNamePrefix: environment.THING_NAME_PREFIX,
  policyName: environment.DEVICE_POLICY,
  certificates: environment.CERTIFICATES,
  deletes: environment.RETIREMENT === 'DELETE',
  now: Date.now,
};

export const handler = queueWorker((body) => handle(body, ports), workerPorts());
