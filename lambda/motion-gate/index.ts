import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RekognitionClient } from '@aws-sdk/client-rekognition';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { jsonText, parseEnvironment } from '../common/environment';
import { Gates, gateSettings } from '../common/gates';
import { queueWorker, workerPorts } from '../common/queue-worker';
import { handle, type Ports } from './handler';
import { processorSettings } from './processors';

const environment = z.object({ GATE: jsonText(gateSettings), PROCESSORS: jsonText(processorSettings) });
const { GATE: settings, PROCESSORS } = parseEnvironment(environment);
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient());
const ports: Ports = {
  gates: new Gates({ dynamodb, settings, now: Date.now }),
  processors: { rekognition: new RekognitionClient(), settings: PROCESSORS, now: Date.now },
  now: Date.now,
  staleAfter: 1000 * settings.openForSeconds,
};

export const handler = queueWorker((body, delivery) => handle(body, ports, delivery), workerPorts());
