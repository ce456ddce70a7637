import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { logger, metrics } from '../common/observability';
import { ComeAgain, parseMessage, UnusableMessage } from '../common/queue-worker';
import type { Secrets } from './secrets';
import { signedHeaders } from './signature';

export interface Ports {
  readonly secrets: Pick<Secrets, 'values'>;
  readonly url: string;
  readonly fetch: typeof fetch;
  readonly timeoutMilliseconds: number;
  readonly now: () => number;
}

/** What waits in the queue. */
export const webhookMessage = z.object({
  id: z.string().regex(/^[\w:.-]{1,256}$/),
  content: z.record(z.string(), z.unknown()),
});

/** The receiver has it already: that is as good as if it took it. */
const KNOWN = 409;

/** The message is what is wrong, and not the time: it would be refused for ever. */
const REFUSED = [400, 410, 413, 415, 422];

/** The longest time for which a receiver may ask to be left alone, in seconds. */
const LONGEST_PAUSE = 900;

/** Sends a message, signed. What the receiver doesn't take is sent again later, under the same id. */
export async function handle(body: string, ports: Ports): Promise<void> {
  const { id, content } = parseMessage(webhookMessage, body);
  const text = JSON.stringify(content);
  const headers = signedHeaders(id, text, await ports.secrets.values(), ports.now());
  const response = await ports.fetch(ports.url, {
    method: 'POST',
    headers,
    body: text,
    // Elsewhere nobody is who was meant.
    redirect: 'manual',
    signal: AbortSignal.timeout(ports.timeoutMilliseconds),
  });
  // Nothing of the answer is read, which could be as long as it likes.
  await response.body?.cancel();
  const { status } = response;
  if (response.ok || status === KNOWN) {
    metrics.addMetric('WebhookDelivered', MetricUnit.Count, 1);
    logger.info('Webhook delivered', { webhook: id, status });
    return;
  }
  metrics.addMetric('WebhookRefused', MetricUnit.Count, 1);
  if (REFUSED.includes(status)) throw new UnusableMessage(`The receiver refuses '${id}': status ${status}.`);
  const pause = Number(response.headers.get('retry-after'));
  if (status === 429 && pause > 0) {
    throw new ComeAgain(Math.min(LONGEST_PAUSE, pause), `The receiver has no time for '${id}'.`);
  }
  throw new Error(`The receiver did not take '${id}': status ${status}.`);
}
