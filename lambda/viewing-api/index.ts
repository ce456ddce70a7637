import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { jsonText, parseEnvironment } from '../common/environment';
import { kinesisVideoClient } from '../common/kinesis-video';
import { observed } from '../common/observability';
import { participantClients, patience } from '../common/participant-clients';
import { archivedMediaClient } from '../common/archived-media';
import { BUILT_IN, functionAuthorizer } from '../common/access/authorizer';
import { viewingApi } from './handler';

const environment = parseEnvironment(
  z.object({
    AWS_REGION: z.string().min(1),
    THING_TYPE: z.string().min(1),
    CAMERAS: jsonText(z.array(z.string())),
    SESSION_SECONDS: z.coerce.number().int().min(300).max(1800),
    CLIP_BUCKET: z.string().min(1),
    CLAIMS: jsonText(z.object({ roles: z.string().min(1), groups: z.string().min(1) })),
    VIEWER_ROLE: z.string().min(1).optional(),
    AUTHORIZER: z.string().min(1).optional(),
    TAKEOVER_FUNCTION: z.string().min(1).optional(),
    ALERT_TABLE: z.string().min(1).optional(),
    ACKNOWLEDGEMENTS: jsonText(
      z.object({ tableName: z.string().min(1), retentionDays: z.number().int().positive() }),
    ).optional(),
  }),
);

const kinesisVideo = kinesisVideoClient(patience);
const lambda = new LambdaClient({
  maxAttempts: 2,
  requestHandler: { requestTimeout: 5000, throwOnRequestTimeout: true },
});

const api = viewingApi({
  iot: new IoTClient(patience),
  kinesisVideo,
  archivedMedia: (endpoint) => archivedMediaClient({ endpoint }),
  s3: new S3Client(),
  thingTypeName: environment.THING_TYPE,
  cameras: environment.CAMERAS,
  clipBucket: environment.CLIP_BUCKET,
  sessionSeconds: environment.SESSION_SECONDS,
  claims: environment.CLAIMS,
  authorizer: environment.AUTHORIZER ? functionAuthorizer(lambda, environment.AUTHORIZER) : BUILT_IN,
  live: environment.VIEWER_ROLE
    ? {
        sts: new STSClient(patience),
        viewerRoleArn: environment.VIEWER_ROLE,
        region: environment.AWS_REGION,
        ...participantClients,
      }
    : undefined,
  takeover: environment.TAKEOVER_FUNCTION ? { lambda, functionName: environment.TAKEOVER_FUNCTION } : undefined,
  alerts: environment.ALERT_TABLE
    ? {
        dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(patience)),
        alertTable: environment.ALERT_TABLE,
        acknowledgements: environment.ACKNOWLEDGEMENTS,
      }
    : undefined,
  newId: randomUUID,
  now: Date.now,
});

export const handler = observed((event: APIGatewayProxyEventV2, context): Promise<APIGatewayProxyStructuredResultV2> =>
  api(event, context),
);
