import type { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { ArchivedMedia, archivedMediaClient } from './archived-media';
import { jsonText, parseEnvironment } from './environment';
import { kinesisVideoClient } from './kinesis-video';
import { paceClient, pacer, pacerSettings } from './pacer';

/** For nobody waits, it is tried for some minutes: players of the same stream have the same quota. */
const PATIENT = { maxAttempts: 10, retryMode: 'adaptive' } as const;

export interface BackgroundMedia {
  readonly kinesisVideo: KinesisVideoClient;
  readonly media: ArchivedMedia;
}

/** Recordings for functions that nobody waits for, whose questions about streams take turns with those of the fleet. */
export function backgroundMedia(dynamodb: DynamoDBDocumentClient): BackgroundMedia {
  const { PACER } = parseEnvironment(z.object({ PACER: jsonText(pacerSettings) }));
  const pace = pacer({
    dynamodb,
    settings: PACER,
    now: Date.now,
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
  });
  const kinesisVideo = paceClient(kinesisVideoClient(), pace);
  const archivedMedia = (endpoint: string) => archivedMediaClient({ endpoint, ...PATIENT });
  return { kinesisVideo, media: new ArchivedMedia({ kinesisVideo, archivedMedia, now: Date.now }) };
}
