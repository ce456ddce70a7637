import { type APIName, GetDataEndpointCommand, type KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import {
  KinesisVideoArchivedMediaClient,
  type KinesisVideoArchivedMediaClientConfig,
} from '@aws-sdk/client-kinesis-video-archived-media';
import { LRUCache } from 'lru-cache';
import { isNamed, retryAlso } from './errors';

export interface MediaPorts {
  readonly kinesisVideo: KinesisVideoClient;
  readonly archivedMedia: (endpoint: string) => KinesisVideoArchivedMediaClient;
  readonly now: () => number;
}

/** Tries: somebody is waiting, so with the pauses between them it is some seconds at most. */
export const MAX_ATTEMPTS = 4;

/** A client that also tries again when it is told to be slower, as URLs of sessions have 25 calls a second to share. */
export function archivedMediaClient(
  config: KinesisVideoArchivedMediaClientConfig = {},
): KinesisVideoArchivedMediaClient {
  const client = new KinesisVideoArchivedMediaClient({ maxAttempts: MAX_ATTEMPTS, ...config });
  return retryAlso(client, (error) => (isNamed(error, 'ClientLimitExceededException') ? 'throttled' : undefined));
}

/** Clients for the calls on recordings: each stream and kind of call has an endpoint, which seldom changes. */
export class ArchivedMedia {
  private readonly endpoints: LRUCache<string, string>;

  constructor(private readonly ports: MediaPorts) {
    this.endpoints = new LRUCache({ max: 1000, ttl: 300_000, ttlResolution: 0, perf: { now: ports.now } });
  }

  async clientFor(streamName: string, api: APIName): Promise<KinesisVideoArchivedMediaClient> {
    const key = `${api} ${streamName}`;
    const endpoint = this.endpoints.get(key) ?? (await this.ask(streamName, api));
    this.endpoints.set(key, endpoint);
    return this.ports.archivedMedia(endpoint);
  }

  private async ask(StreamName: string, api: APIName): Promise<string> {
    const { DataEndpoint } = await this.ports.kinesisVideo.send(
      new GetDataEndpointCommand({ StreamName, APIName: api }),
    );
    if (!DataEndpoint) throw new Error(`The stream '${StreamName}' has no endpoint for ${api}.`);
    return DataEndpoint;
  }
}
