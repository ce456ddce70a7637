import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';

/** Service name, namespace and level come from the environment that `HandlerFunction` sets. */
export const logger = new Logger();
export const metrics = new Metrics();

/** A handler whose log says which request it was, and whose metrics are published whatever becomes of it. */
export function observed<Event, Result>(
  work: (event: Event, context: Context) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
  return async (event, context) => {
    logger.addContext(context);
    try {
      return await work(event, context);
    } finally {
      metrics.publishStoredMetrics();
    }
  };
}
