import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { parseEnvironment } from '../common/environment';
import { streamWorker, type StreamWorker } from '../common/stream-worker';
import { handle, tellOf } from './handler';
import { RollCall } from './roll-call';

const { DEAD_LETTER_QUEUE_URL, INTERVAL_SECONDS } = parseEnvironment(
  z.object({ DEAD_LETTER_QUEUE_URL: z.url(), INTERVAL_SECONDS: z.coerce.number().positive() }),
);
const ports = { rollCall: new RollCall(1000 * INTERVAL_SECONDS) };
const worker = streamWorker((data) => handle(data, ports), {
  sqs: new SQSClient(),
  deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
});

export const handler: StreamWorker = async (event, context) => {
  const response = await worker(event, context);
  tellOf(ports);
  return response;
};
