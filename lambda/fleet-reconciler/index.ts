import type { Context } from 'aws-lambda';
import { logger, metrics } from '../common/observability';
import { pacedMedia } from '../common/paced-media';
import type { Round } from '../common/page';
import { handle } from './handler';

const ports = pacedMedia();

export async function handler(event: unknown, context: Context): Promise<Round> {
  logger.addContext(context);
  try {
    return await handle(event, { ...ports, remaining: () => context.getRemainingTimeInMillis() });
  } finally {
    metrics.publishStoredMetrics();
  }
}
