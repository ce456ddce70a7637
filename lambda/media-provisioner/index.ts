import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { parseEnvironment } from '../common/environment';
import { pacedMedia } from '../common/paced-media';
import { queueWorker } from '../common/queue-worker';
import { handle } from './handler';

const ports = pacedMedia();
const { DEAD_LETTER_QUEUE_URL } = parseEnvironment(z.object({ DEAD_LETTER_QUEUE_URL: z.url() }));

export const handler = queueWorker((body) => handle(body, ports), {
  sqs: new SQSClient(),
  deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
});
