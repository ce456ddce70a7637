import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { backgroundMedia } from '../common/background-media';
import { jsonText, parseEnvironment } from '../common/environment';
import { observed } from '../common/observability';
import type { Round } from '../common/page';
import { handle } from './handler';

const environment = parseEnvironment(
  z.object({
    CLIP_BUCKET: z.string().min(1),
    WATERMARK_TABLE: z.string().min(1),
    CAMERAS: jsonText(z.array(z.string())),
    SETTLE_SECONDS: z.coerce.number().int().positive(),
  }),
);
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient());
const ports = {
  ...backgroundMedia(dynamodb),
  dynamodb,
  s3: new S3Client({ maxAttempts: 5 }),
  bucket: environment.CLIP_BUCKET,
  watermarkTable: environment.WATERMARK_TABLE,
  cameras: environment.CAMERAS,
  settleSeconds: environment.SETTLE_SECONDS,
  now: Date.now,
};

export const handler = observed((event: unknown, context): Promise<Round> =>
  handle(event, { ...ports, remaining: () => context.getRemainingTimeInMillis() }),
);
