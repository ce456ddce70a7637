import { IoTClient } from '@aws-sdk/client-iot';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { parseEnvironment } from '../common/environment';
import { kinesisVideoClient } from '../common/kinesis-video';
import { logger, metrics } from '../common/observability';
import { handle, type Page, type Ports } from './handler';

const { THING_TYPE } = parseEnvironment(z.object({ THING_TYPE: z.string() }));
const ports: Ports = {
  iot: new IoTClient({ maxAttempts: 8, retryMode: 'adaptive' }),
  kinesisVideo: kinesisVideoClient(),
  thingTypeName: THING_TYPE,
};

export async function handler(event: unknown, context: Context): Promise<Page> {
  logger.addContext(context);
  try {
    return await handle(event, ports);
  } finally {
    metrics.publishStoredMetrics();
  }
}
