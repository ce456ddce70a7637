import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { parseEnvironment } from '../common/environment';
import { queueWorker, workerPorts } from '../common/queue-worker';
import { handle, type Ports } from './handler';
import { Secrets } from './secrets';

/** A third of what the function has. */
const TIMEOUT = 10_000;

const { WEBHOOK_URL: url, SECRET_ARN: secretArn } = parseEnvironment(
  z.object({ WEBHOOK_URL: z.url({ protocol: /^https$/ }), SECRET_ARN: z.string().min(1) }),
);
const now = Date.now;
const ports: Ports = {
  secrets: new Secrets({ secretsManager: new SecretsManagerClient(), secretArn, now }),
  url,
  fetch,
  timeoutMilliseconds: TIMEOUT,
  now,
};

export const handler = queueWorker((body) => handle(body, ports), workerPorts());
