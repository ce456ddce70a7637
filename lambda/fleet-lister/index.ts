import { IoTClient } from '@aws-sdk/client-iot';
import * as z from 'zod';
import { parseEnvironment } from '../common/environment';
import { kinesisVideoClient } from '../common/kinesis-video';
import { observed } from '../common/observability';
import { COUNTS, handle, type Page, type Ports } from './handler';

const { THING_TYPE, PAGE_SIZE, COUNT_AS } = parseEnvironment(
  z.object({
    THING_TYPE: z.string(),
    // At 128 characters each, the names are half of the 256 KiB that a state may have.
    PAGE_SIZE: z.coerce.number().int().min(1).max(1000).default(1000),
    COUNT_AS: z.enum(COUNTS).default('DevicesRegistered'),
  }),
);
const ports: Ports = {
  iot: new IoTClient({ maxAttempts: 8, retryMode: 'adaptive' }),
  kinesisVideo: kinesisVideoClient(),
  thingTypeName: THING_TYPE,
  pageSize: PAGE_SIZE,
  countAs: COUNT_AS,
};

export const handler = observed((event: unknown): Promise<Page> => handle(event, ports));
