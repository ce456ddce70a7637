import { logger } from '../lambda/common/observability';
import { readSettings } from './settings';
import { Site } from './site';

async function main(): Promise<void> {
  const site = await Site.start(readSettings());
  logger.info('Started');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void site.stop().then(() => process.exit(0));
    });
  }
}

void main();
