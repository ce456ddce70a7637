import * as z from 'zod';
import { jsonText, parseEnvironment } from '../common/environment';
import { observed } from '../common/observability';
import { hookDynamoDB, type Decision } from '../common/provisioning-hook';
import { handle, type Ports } from './handler';

const environment = parseEnvironment(
  z.object({
    ALLOW_LIST_TABLE: z.string(),
    TEMPLATE_NAME: z.string(),
    THING_NAME_PREFIX: z.string(),
    MINIMUM_INTERVAL_HOURS: jsonText(z.number().positive()),
  }),
);
const ports: Ports = {
  dynamodb: hookDynamoDB(),
  tableName: environment.ALLOW_LIST_TABLE,
  templateName: environment.TEMPLATE_NAME,
  thingNamePrefix: environment.THING_NAME_PREFIX,
  minimumIntervalHours: environment.MINIMUM_INTERVAL_HOURS,
  now: Date.now,
};

export const handler = observed((event: unknown): Promise<Decision> => handle(event, ports));
