import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { DeviceRate } from '../common/device-rate';
import { jsonText, parseEnvironment } from '../common/environment';
import { queueWorker, workerPorts } from '../common/queue-worker';
import { Detector } from './detector';
import { handle, type Ports } from './handler';
import { shotSettings } from './settings';

/** Of one device: more rounds than that are a classifier that is broken. */
const MESSAGES_PER_SECOND = 20;

const { SHOTS: settings } = parseEnvironment(z.object({ SHOTS: jsonText(shotSettings) }));
const worker = workerPorts();
const now = Date.now;
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(), {
  marshallOptions: { removeUndefinedValues: true },
});
const { sqs, queueUrl } = worker;
const ports: Ports = {
  detector: new Detector({ dynamodb, sqs, sns: new SNSClient(), queueUrl, settings, now }),
  settings,
  rate: new DeviceRate(MESSAGES_PER_SECOND),
  now,
};

export const handler = queueWorker((body, delivery) => handle(body, ports, delivery), worker);
