import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { jsonText, parseEnvironment } from './environment';
import { pacer, pacerSettings, type Pacer } from './pacer';

/** The pacer that `ApiPacer` has connected the function with, from its environment. */
export function connectedPacer(dynamodb: DynamoDBDocumentClient): Pacer {
  const { PACER } = parseEnvironment(z.object({ PACER: jsonText(pacerSettings) }));
  return pacer({
    dynamodb,
    settings: PACER,
    now: Date.now,
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
  });
}
