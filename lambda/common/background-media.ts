import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { ArchivedMedia, archivedMediaClient } from './archived-media';
import { jsonText, parseEnvironment } from './environment';
import { kinesisVideoClient } from './kinesis-video';
import { paceClient, pacer, pacerSettings } from './pacer';

/** For nobody waits, it is tried for some minutes: players of the same stream have the same quota. */
const PATIENT = { maxAttempts: 10, retryMode: 'adaptive' } as const;

/** Recordings for functions that nobody waits for, whose questions for endpoints take turns with those of the fleet. */
export function backgroundMedia(dynamodb: DynamoDBDocumentClient): ArchivedMedia {
  const { PACER } = parseEnvironment(z.object({ PACER: jsonText(pacerSettings) }));
  const pace = pacer({
    dynamodb,
    settings: PACER,
    now: Date.now,
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
  });
  return new ArchivedMedia({
    kinesisVideo: paceClient(kinesisVideoClient(), pace),
    archivedMedia: (endpoint) => archivedMediaClient({ endpoint, ...PATIENT }),
    now: Date.now,
  });
}
