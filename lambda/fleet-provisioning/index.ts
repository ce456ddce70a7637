import * as z from 'zod';
import { cellMembership } from '../common/cells';
import { jsonText, parseEnvironment } from '../common/environment';
import { observed } from '../common/observability';
import { hookDynamoDB, type Decision } from '../common/provisioning-hook';
import { handle, type Ports } from './handler';

const environment = parseEnvironment(
  z.object({
    ALLOW_LIST_TABLE: z.string(),
    TEMPLATE_NAME: z.string(),
    THING_NAME_PREFIX: z.string(),
    REGISTRATION: z.enum(['ONCE', 'REUSABLE']),
    CELL: jsonText(cellMembership.nullable()),
  }),
);
const ports: Ports = {
  dynamodb: hookDynamoDB(),
  tableName: environment.ALLOW_LIST_TABLE,
  templateName: environment.TEMPLATE_NAME,
  thingNamePrefix: environment.THING_NAME_PREFIX,
  once: environment.REGISTRATION === 'ONCE',
  cell: environment.CELL ?? undefined,
  now: Date.now,
};

export const handler = observed((event: unknown): Promise<Decision> => handle(event, ports));
