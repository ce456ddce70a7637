import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { parseEnvironment } from '../common/environment';
import { queueWorker } from '../common/queue-worker';
import { handle } from './handler';

const environment = parseEnvironment(
  z.object({ STATE_MACHINE_ARN: z.string().min(1), DEAD_LETTER_QUEUE_URL: z.url() }),
);
const ports = { sfn: new SFNClient(), stateMachineArn: environment.STATE_MACHINE_ARN };

export const handler = queueWorker((body) => handle(body, ports), {
  sqs: new SQSClient(),
  deadLetterQueueUrl: environment.DEAD_LETTER_QUEUE_URL,
});
