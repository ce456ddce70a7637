import { IoTClient } from '@aws-sdk/client-iot';
import { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { BUILT_IN, functionAuthorizer } from '../common/access/authorizer';
import { jsonText, parseEnvironment } from '../common/environment';
import { observed } from '../common/observability';
import { viewerMessages, type Answer } from './handler';

const environment = parseEnvironment(
  z.object({
    THING_TYPE: z.string().min(1),
    CLAIMS: jsonText(z.object({ roles: z.string().min(1), groups: z.string().min(1) })),
    AUTHORIZER: z.string().min(1).optional(),
    ISSUER: jsonText(
      z.object({ issuerUrl: z.url({ protocol: /^https$/ }), audience: z.array(z.string().min(1)).min(1) }),
    ),
    TOPIC_PREFIX: z.string().min(1),
    IOT_ARN: z.string().min(1),
    SESSION_SECONDS: z.coerce.number().int().min(300).max(86_400),
  }),
);

// Somebody waits for the answer, so nothing is tried for long.
const patience = { maxAttempts: 3, retryMode: 'standard' };
const lambda = new LambdaClient({
  maxAttempts: 2,
  requestHandler: { requestTimeout: 5000, throwOnRequestTimeout: true },
});

const authorize = viewerMessages({
  iot: new IoTClient(patience),
  thingTypeName: environment.THING_TYPE,
  authorizer: environment.AUTHORIZER ? functionAuthorizer(lambda, environment.AUTHORIZER) : BUILT_IN,
  claims: environment.CLAIMS,
  ...environment.ISSUER,
  topicPrefix: environment.TOPIC_PREFIX,
  arnPrefix: environment.IOT_ARN,
  sessionSeconds: environment.SESSION_SECONDS,
  fetchPage: async (url) => {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(2000) });
    if (!response.ok) throw new Error(`${url} answers with ${response.status}.`);
    return response.arrayBuffer();
  },
  now: Date.now,
});

export const handler = observed((event: unknown): Promise<Answer> => authorize(event));
