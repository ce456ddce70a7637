import { IoTClient } from '@aws-sdk/client-iot';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { jsonText, parseEnvironment } from '../common/environment';
import { kinesisVideoClient } from '../common/kinesis-video';
import { queueWorker } from '../common/queue-worker';
import { configuration, handle, type Ports } from './handler';

const { CONFIGURATION, DEAD_LETTER_QUEUE_URL } = parseEnvironment(
  z.object({ CONFIGURATION: jsonText(configuration), DEAD_LETTER_QUEUE_URL: z.url() }),
);
const ports: Ports = {
  iot: new IoTClient({ retryMode: 'adaptive' }),
  kinesisVideo: kinesisVideoClient(),
  configuration: CONFIGURATION,
};

export const handler = queueWorker((body) => handle(body, ports), {
  sqs: new SQSClient(),
  deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
});
