import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { DeviceRate } from '../common/device-rate';
import { parseEnvironment } from '../common/environment';
import { queueWorker, workerPorts } from '../common/queue-worker';
import { handle, type Ports } from './handler';

/** How many acknowledgements of one device are worked on in a second: more than a pilot sends commands. */
const PER_SECOND = 20;

const { COMMAND_TABLE } = parseEnvironment(z.object({ COMMAND_TABLE: z.string().min(1) }));
const ports: Ports = {
  dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient()),
  commandTable: COMMAND_TABLE,
  rate: new DeviceRate(PER_SECOND),
  now: Date.now,
};

export const handler = queueWorker((body, delivery) => handle(body, ports, delivery), workerPorts());
