import { setTimeout as pause } from 'node:timers/promises';
import { IoTClient } from '@aws-sdk/client-iot';
import type { CdkCustomResourceHandler } from 'aws-lambda';
import { NOT_YET_ALLOWED, isNamed, retryAlso } from '../common/errors';
import { handle } from './handler';

const client = new IoTClient({ maxAttempts: 12, retryMode: 'adaptive' });
const ports = {
  iot: retryAlso(client, (error) => (isNamed(error, ...NOT_YET_ALLOWED) ? 'transient' : undefined)),
  pause,
};

export const handler: CdkCustomResourceHandler = (event) => handle(event, ports);
