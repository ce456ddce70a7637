import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod';
import { backgroundMedia } from '../common/background-media';
import { jsonText, parseEnvironment } from '../common/environment';
import { queueWorker, workerPorts } from '../common/queue-worker';
import { handle, type Ports } from './handler';
import { clipSettings } from './incident';

const environment = parseEnvironment(
  z.object({
    CLIP_BUCKET: z.string().min(1),
    INCIDENT_TABLE: z.string().min(1),
    CLIPS: jsonText(clipSettings),
    ALERT_TABLE: z.string().min(1).optional(),
  }),
);
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient());
const ports: Omit<Ports, 'remaining'> = {
  dynamodb,
  media: backgroundMedia(dynamodb).media,
  s3: new S3Client({ maxAttempts: 5 }),
  bucket: environment.CLIP_BUCKET,
  tableName: environment.INCIDENT_TABLE,
  alertTable: environment.ALERT_TABLE,
  settings: environment.CLIPS,
  now: Date.now,
};
/** Of the one invocation that goes on. */
let remaining: () => number;
const worker = queueWorker((body) => handle(body, { ...ports, remaining }), workerPorts());

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  remaining = () => context.getRemainingTimeInMillis();
  return worker(event, context);
}
