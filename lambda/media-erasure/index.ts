import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RekognitionClient } from '@aws-sdk/client-rekognition';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { connectedPacer } from '../common/connected-pacer';
import { jsonText, parseEnvironment } from '../common/environment';
import { kinesisVideoClient } from '../common/kinesis-video';
import { observed } from '../common/observability';
import { paceClient } from '../common/pacer';
import { handle, type Ports, type Step } from './handler';
import { erasurePlaces } from './places';

const environment = parseEnvironment(
  z.object({
    PLACES: jsonText(erasurePlaces),
    PROOF_BUCKET: z.string().min(1),
    PROVISIONING_QUEUE_URL: z.string().min(1),
  }),
);
const patient = { maxAttempts: 8, retryMode: 'adaptive' } as const;
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(patient));
const sqs = new SQSClient(patient);
const ports: Omit<Ports, 'remaining'> = {
  kinesisVideo: paceClient(kinesisVideoClient(), connectedPacer(dynamodb)),
  s3: new S3Client(patient),
  dynamodb,
  rekognition: new RekognitionClient(patient),
  places: environment.PLACES,
  proofBucket: environment.PROOF_BUCKET,
  provisioning: async (thingName) => {
    // As AWS IoT would tell: https://docs.aws.amazon.com/iot/latest/developerguide/registry-events.html
    const event = { eventType: 'THING_EVENT', operation: 'UPDATED', thingName };
    const { PROVISIONING_QUEUE_URL: QueueUrl } = environment;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event) }));
  },
  now: Date.now,
};

export const handler = observed((event: unknown, context): Promise<Step> =>
  handle(event, { ...ports, remaining: () => context.getRemainingTimeInMillis() }),
);
