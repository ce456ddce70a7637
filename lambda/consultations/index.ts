import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisVideoSignalingClient } from '@aws-sdk/client-kinesis-video-signaling';
import { KinesisVideoWebRTCStorageClient } from '@aws-sdk/client-kinesis-video-webrtc-storage';
import { STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import * as z from 'zod';
import { MAX_ATTEMPTS } from '../common/archived-media';
import { roomConfiguration } from '../common/consultation/rooms';
import { jsonText, parseEnvironment } from '../common/environment';
import { isNamed, retryAlso } from '../common/errors';
import { kinesisVideoClient } from '../common/kinesis-video';
import { logger, metrics } from '../common/observability';
import { consultationsApi } from './handler';

const environment = parseEnvironment(
  z.object({
    AWS_REGION: z.string().min(1),
    APPOINTMENT_TABLE: z.string().min(1),
    RECORD_DAYS: z.coerce.number().int().min(1),
    ROOMS: jsonText(roomConfiguration),
    PATIENT_ROLE: z.string().min(1),
    CLINICIAN_ROLE: z.string().min(1),
    ROLES_CLAIM: z.string().min(1),
    SCHEDULER_ROLE: z.string().min(1),
    EARLY_SECONDS: z.coerce.number().int().min(0),
  }),
);

// Somebody waits for the answer, so nothing is tried for long.
const patience = { maxAttempts: MAX_ATTEMPTS, retryMode: 'standard' };

const api = consultationsApi({
  dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(patience)),
  tableName: environment.APPOINTMENT_TABLE,
  recordDays: environment.RECORD_DAYS,
  kinesisVideo: kinesisVideoClient(patience),
  rooms: environment.ROOMS,
  sts: new STSClient(patience),
  roleArns: { patient: environment.PATIENT_ROLE, clinician: environment.CLINICIAN_ROLE },
  region: environment.AWS_REGION,
  kinesisVideoFor: (credentials) => kinesisVideoClient({ ...patience, credentials }),
  signalingFor: (endpoint, credentials) =>
    retryAlso(new KinesisVideoSignalingClient({ ...patience, endpoint, credentials }), (error) =>
      isNamed(error, 'ClientLimitExceededException') ? 'throttled' : undefined,
    ),
  // A call that is repeated is another one, which sends another offer.
  storageFor: (endpoint, credentials) => new KinesisVideoWebRTCStorageClient({ endpoint, credentials, maxAttempts: 1 }),
  rolesClaim: environment.ROLES_CLAIM,
  schedulerRole: environment.SCHEDULER_ROLE,
  earlySeconds: environment.EARLY_SECONDS,
  newId: randomUUID,
  now: Date.now,
});

export async function handler(
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  logger.addContext(context);
  try {
    return await api(event, context);
  } finally {
    metrics.publishStoredMetrics();
  }
}
