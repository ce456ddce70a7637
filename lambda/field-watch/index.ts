import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { detector } from '../common/detector';
import { jsonText, parseEnvironment } from '../common/environment';
import { queueWorker } from '../common/queue-worker';
import { handle } from './handler';
import { watchSettings } from './settings';
import { Watch } from './watch';

const { worker, obstacles, alerts, fleet } = detector();
const { WATCH: settings } = parseEnvironment(z.object({ WATCH: jsonText(watchSettings) }));
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(), {
  marshallOptions: { removeUndefinedValues: true },
});

const ports = {
  watch: new Watch({ dynamodb, s3: new S3Client(), alerts, fleet, settings }),
  classes: obstacles,
  settings,
  now: Date.now,
};

export const handler = queueWorker((body, delivery) => handle(body, ports, delivery), worker);
