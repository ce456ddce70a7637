import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisVideoWebRTCStorageClient } from '@aws-sdk/client-kinesis-video-webrtc-storage';
import { STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { roomConfiguration } from '../common/consultation/rooms';
import { jsonText, parseEnvironment } from '../common/environment';
import { kinesisVideoClient } from '../common/kinesis-video';
import { observed } from '../common/observability';
import { participantClients, patience } from '../common/participant-clients';
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

const api = consultationsApi({
  dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(patience)),
  tableName: environment.APPOINTMENT_TABLE,
  recordDays: environment.RECORD_DAYS,
  kinesisVideo: kinesisVideoClient(patience),
  rooms: environment.ROOMS,
  sts: new STSClient(patience),
  roleArns: { patient: environment.PATIENT_ROLE, clinician: environment.CLINICIAN_ROLE },
  region: environment.AWS_REGION,
  ...participantClients,
  // A call that is repeated is another one, which sends another offer.
  storageFor: (endpoint, credentials) => new KinesisVideoWebRTCStorageClient({ endpoint, credentials, maxAttempts: 1 }),
  rolesClaim: environment.ROLES_CLAIM,
  schedulerRole: environment.SCHEDULER_ROLE,
  earlySeconds: environment.EARLY_SECONDS,
  newId: randomUUID,
  now: Date.now,
});

export const handler = observed((event: APIGatewayProxyEventV2, context): Promise<APIGatewayProxyStructuredResultV2> =>
  api(event, context),
);
