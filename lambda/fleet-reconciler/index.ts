import { observed } from '../common/observability';
import { pacedMedia } from '../common/paced-media';
import type { Round } from '../common/page';
import { handle } from './handler';

const ports = pacedMedia();

export const handler = observed((event: unknown, context): Promise<Round> =>
  handle(event, { ...ports, remaining: () => context.getRemainingTimeInMillis() }),
);
