import { setTimeout as sleep } from 'node:timers/promises';
import { Sha256 } from '@aws-crypto/sha256-js';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { APIName, GetDataEndpointCommand } from '@aws-sdk/client-kinesis-video';
import { KinesisVideoArchivedMediaClient } from '@aws-sdk/client-kinesis-video-archived-media';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod';
import { jsonText, parseEnvironment } from '../common/environment';
import { kinesisVideoClient } from '../common/kinesis-video';
import { observed } from '../common/observability';
import { handle, type Ports, type Result } from './handler';
import pattern from './pattern.mkv';

const { AWS_REGION, DEVICE, IMAGES, ALERTS } = parseEnvironment(
  z.object({
    AWS_REGION: z.string(),
    DEVICE: z.string(),
    IMAGES: jsonText(z.object({ bucket: z.string(), prefix: z.string() })).optional(),
    ALERTS: jsonText(z.object({ topic: z.string(), label: z.string(), queueUrl: z.string() })).optional(),
  }),
);
const kinesisVideo = kinesisVideoClient();
const signer = new SignatureV4({
  service: 'kinesisvideo',
  region: AWS_REGION,
  credentials: kinesisVideo.config.credentials,
  sha256: Sha256,
});
const ports: Ports = {
  device: DEVICE,
  pattern,
  kinesisVideo,
  signer,
  media: async (StreamName) => {
    const command = new GetDataEndpointCommand({ StreamName, APIName: APIName.GET_HLS_STREAMING_SESSION_URL });
    const { DataEndpoint } = await kinesisVideo.send(command);
    return new KinesisVideoArchivedMediaClient({ endpoint: DataEndpoint });
  },
  images: IMAGES && { s3: new S3Client(), ...IMAGES },
  alerts: ALERTS && { iot: new IoTDataPlaneClient(), sqs: new SQSClient(), ...ALERTS },
  fetch,
  now: Date.now,
  sleep,
};

export const handler = observed((): Promise<Result> => handle(ports));
