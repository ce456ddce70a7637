import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { reportPorts } from '../common/detector';
import { parseEnvironment } from '../common/environment';
import { streamWorker } from '../common/stream-worker';
import { handle } from './handler';

const { DEAD_LETTER_QUEUE_URL } = parseEnvironment(z.object({ DEAD_LETTER_QUEUE_URL: z.url() }));
const ports = reportPorts();

export const handler = streamWorker((data, arrival) => handle(data, ports, arrival), {
  sqs: new SQSClient(),
  deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
});
