import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

/** Service name, namespace and level come from the environment that `HandlerFunction` sets. */
export const logger = new Logger();
export const metrics = new Metrics();
