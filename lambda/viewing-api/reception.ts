import { APIName } from '@aws-sdk/client-kinesis-video';
import { ListFragmentsCommand } from '@aws-sdk/client-kinesis-video-archived-media';
import { LRUCache } from 'lru-cache';
import { isNamed } from '../common/errors';
import { logger } from '../common/observability';
import type { ArchivedMedia } from '../common/archived-media';
import { MINUTE } from './window';

export interface ReceptionPorts {
  readonly media: ArchivedMedia;
  readonly now: () => number;
}

/** For how long it is believed when a stream was received last, in milliseconds: a stream is asked for 5 times a second. */
export const RECEPTION_TTL = 3000;

/** Nothing is kept, or nothing is there, which says nothing of the device. */
const NOTHING_KEPT = ['NoDataRetentionException', 'ResourceNotFoundException', 'NotAuthorizedException'];

/** Whether devices are sending. */
export class Reception {
  private readonly received: LRUCache<string, { readonly at?: string }>;

  constructor(private readonly ports: ReceptionPorts) {
    this.received = new LRUCache({
      max: 1000,
      ttl: RECEPTION_TTL,
      ttlResolution: 0,
      perf: { now: ports.now },
      fetchMethod: (streamName) => this.look(streamName),
    });
  }

  /** When the last fragment of the last two minutes was received, if there is one, and it can be told. */
  async lastOf(streamName: string): Promise<string | undefined> {
    return (await this.received.fetch(streamName))?.at;
  }

  private async look(streamName: string): Promise<{ at?: string }> {
    try {
      return { at: await this.ask(streamName) };
    } catch (error) {
      // The device is to be seen all the same.
      if (!isNamed(error, ...NOTHING_KEPT)) {
        logger.warn('It is not known whether the device is sending', { streamName, error: error as Error });
      }
      return {};
    }
  }

  private async ask(StreamName: string): Promise<string | undefined> {
    const now = this.ports.now();
    const client = await this.ports.media.clientFor(StreamName, APIName.LIST_FRAGMENTS);
    const { Fragments = [] } = await client.send(
      new ListFragmentsCommand({
        StreamName,
        FragmentSelector: {
          // A device whose clock is wrong sends all the same.
          FragmentSelectorType: 'SERVER_TIMESTAMP',
          TimestampRange: { StartTimestamp: new Date(now - 2 * MINUTE), EndTimestamp: new Date(now) },
        },
        // In any order, but all of them: a stream takes 5 fragments a second, which are 600 in two minutes.
        MaxResults: 1000,
      }),
    );
    const times = Fragments.flatMap(({ ServerTimestamp }) => ServerTimestamp?.getTime() ?? []);
    return times.length > 0 ? new Date(Math.max(...times)).toISOString() : undefined;
  }
}
