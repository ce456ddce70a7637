import type { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ArchivedMedia, archivedMediaClient } from './archived-media';
import { connectedPacer } from './connected-pacer';
import { kinesisVideoClient } from './kinesis-video';
import { paceClient } from './pacer';

/** For nobody waits, it is tried for some minutes: players of the same stream have the same quota. */
const PATIENT = { maxAttempts: 10, retryMode: 'adaptive' } as const;

export interface BackgroundMedia {
  readonly kinesisVideo: KinesisVideoClient;
  readonly media: ArchivedMedia;
}

/** Recordings for functions that nobody waits for, whose questions about streams take turns with those of the fleet. */
export function backgroundMedia(dynamodb: DynamoDBDocumentClient): BackgroundMedia {
  const kinesisVideo = paceClient(kinesisVideoClient(), connectedPacer(dynamodb));
  const archivedMedia = (endpoint: string) => archivedMediaClient({ endpoint, ...PATIENT });
  return { kinesisVideo, media: new ArchivedMedia({ kinesisVideo, archivedMedia, now: Date.now }) };
}
