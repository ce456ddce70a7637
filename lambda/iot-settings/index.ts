import { IoTClient } from '@aws-sdk/client-iot';
import type { CdkCustomResourceHandler } from 'aws-lambda';
import { handle } from './handler';

const ports = { iot: new IoTClient({ maxAttempts: 8, retryMode: 'adaptive' }) };

export const handler: CdkCustomResourceHandler = (event) => handle(event, ports);
