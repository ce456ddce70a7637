import type { SentFragment, Tag } from './fragment-reader';
import { element, ID } from './matroska';

/** A fragment as a stream keeps it. Times are in milliseconds since 1970. */
export interface Fragment extends SentFragment {
  readonly number: string;
  readonly producedAt: number;
  readonly receivedAt: number;
  /** How long it is, its last frame included. */
  readonly milliseconds: number;
}

/** By whose clock a fragment is looked for. */
export type Clock = 'PRODUCER_TIMESTAMP' | 'SERVER_TIMESTAMP';

export interface Interval {
  readonly from?: number;
  /** Is part of it. */
  readonly to?: number;
}

/** What a stream has of media is little, as all of it is in memory. */
export const BYTES_PER_STREAM = 24_000_000;

/** What streams keep of what producers sent, by ARN. The oldest is dropped when its time is over, or there is no room for more. */
export class Recordings {
  private readonly streams = new Map<string, Fragment[]>();
  private made = 0;

  constructor(private readonly bytesPerStream: number) {}

  /** @param startedAt what the time codes are relative to */
  receive(sent: SentFragment, startedAt: number): Fragment {
    const receivedAt = Date.now();
    return {
      ...sent,
      number: `91343852333${String(receivedAt).padStart(13, '0')}${String(++this.made).padStart(23, '0')}`,
      producedAt: Math.round(startedAt + sent.timecode),
      receivedAt,
      milliseconds: lengthOf(sent),
    };
  }

  /** @param hours that it is kept */
  keep(streamArn: string, fragment: Fragment, hours: number): void {
    const kept = [...(this.streams.get(streamArn) ?? []), fragment];
    const oldest = Date.now() - hours * 3_600_000;
    let bytes = kept.reduce((sum, { cluster }) => sum + cluster.length, 0);
    while (kept.length > 1 && (bytes > this.bytesPerStream || kept[0].receivedAt < oldest)) {
      bytes -= kept.shift()!.cluster.length;
    }
    this.streams.set(streamArn, kept);
  }

  /** In the order in which they were received. */
  of(streamArn: string): readonly Fragment[] {
    return this.streams.get(streamArn) ?? [];
  }

  /** Those that begin then, in the order of their time. Of several that begin at the same time, the newest one. */
  select(streamArn: string, clock: Clock, { from = -Infinity, to = Infinity }: Interval = {}): Fragment[] {
    const found = new Map<number, Fragment>();
    for (const fragment of this.of(streamArn)) {
      const at = startOf(fragment, clock);
      if (at >= from && at <= to) found.set(at, fragment);
    }
    return [...found.values()].sort((one, other) => startOf(one, clock) - startOf(other, clock));
  }

  forget(streamArn: string): void {
    this.streams.delete(streamArn);
  }
}

export function startOf(fragment: Fragment, clock: Clock): number {
  return clock === 'PRODUCER_TIMESTAMP' ? fragment.producedAt : fragment.receivedAt;
}

/** Fragments of one after another as Matroska, each with tags of its own after it. */
export function matroskaOf(fragments: readonly Fragment[], tagsOf: (fragment: Fragment) => readonly Tag[] = () => []) {
  return Buffer.concat(
    fragments.flatMap((fragment, index) => {
      const isAnother = fragment.head !== fragments[index - 1]?.head;
      const tags = tagsOf(fragment);
      return [
        ...(isAnother ? [fragment.head.matroska] : []),
        fragment.cluster,
        ...(tags.length > 0 ? [element(ID.tags, element(ID.tag, ...tags.map(written)))] : []),
      ];
    }),
  );
}

function written({ name, value }: Tag): Buffer {
  return element(ID.simpleTag, element(ID.tagName, name), element(ID.tagString, value));
}

/** The last frame takes as long as the others on average. */
function lengthOf({ frames, head }: SentFragment): number {
  const times = frames.filter(({ track }) => track === head.tracks[0].number).map(({ at }) => at);
  const length = Math.max(...times) - Math.min(...times);
  return Math.round(times.length > 1 ? (length * times.length) / (times.length - 1) : length);
}
