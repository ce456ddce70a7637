import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { DeviceRate } from '../common/device-rate';
import { jsonText, parseEnvironment } from '../common/environment';
import { queueWorker, workerPorts } from '../common/queue-worker';
import { handle, type Ports } from './handler';
import { Monitor } from './monitor';
import { heatSettings } from './settings';

/** Of one device; each has a reading every ten seconds or so. */
const MESSAGES_PER_SECOND = 10;

const { HEAT: settings, EVENT_BUS: eventBusName } = parseEnvironment(
  z.object({ HEAT: jsonText(heatSettings), EVENT_BUS: z.string().min(1) }),
);
const now = Date.now;
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(), {
  marshallOptions: { removeUndefinedValues: true },
});

const ports: Ports = {
  monitor: new Monitor({ dynamodb, events: new EventBridgeClient(), eventBusName, settings, now }),
  settings,
  rate: new DeviceRate(MESSAGES_PER_SECOND),
  now,
};

export const handler = queueWorker((body, delivery) => handle(body, ports, delivery), workerPorts());
