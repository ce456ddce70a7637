import { backOff, sleep } from '../../console/src/back-off';
import { tagged } from '../../lambda/canary/make-pattern';
import { isHopeless, type Acknowledgement } from './acknowledgements';
import { clusterOf, type Fragment } from './matroska';
import { openPutMedia, type Connection, type PutMediaProps } from './put-media';

export interface ProducerProps extends Omit<PutMediaProps, 'onAcknowledged'> {
  /** What each connection begins with. */
  readonly header: Buffer;
  /** How much media is kept that the stream hasn't, in milliseconds, as `buffer-duration` of kvssink. @default 120000 */
  readonly keeps?: number;
  /** How long the stream may take to acknowledge, in milliseconds. @default 30000 */
  readonly patience?: number;
  readonly onAcknowledged?: (acknowledgement: Acknowledgement) => void;
  /** Each time that a connection wasn't opened, or was lost. */
  readonly onFailure?: (error: Error) => void;
}

interface Kept {
  readonly at: number;
  readonly fragment: Fragment;
  readonly bytes: Buffer;
  /** When it went out on this connection. */
  sentAt?: number;
}

/** What happened since the last time that somebody asked. */
interface Counts {
  droppedFrames: number;
  errorAcks: number;
  bytes: number;
}

/** A connection is renewed so long before its credentials expire, in milliseconds, as the producer SDK does. */
const GRACE = 30_000;

/** How long the stream has to acknowledge the last of a connection, in milliseconds. */
const FAREWELL = 5000;

/**
 * Sends fragments to a stream, as they come. What the stream hasn't persisted when a connection is lost is sent again on the
 * next one.
 */
export function startProducer({ header, keeps = 120_000, patience = 30_000, ...props }: ProducerProps) {
  const stopping = new AbortController();
  let kept: Kept[] = [];
  let connection: Connection | undefined;
  let counts: Counts = { droppedFrames: 0, errorAcks: 0, bytes: 0 };
  let failures = 0;
  let hangsUp = false;

  const send = (each: Kept) => {
    each.sentAt = performance.now();
    connection!.write(each.bytes);
    counts.bytes += each.bytes.length;
  };

  const onAcknowledged = (acknowledgement: Acknowledgement) => {
    const { EventType, FragmentTimecode } = acknowledgement;
    failures = 0;
    if (EventType === 'ERROR') counts.errorAcks++;
    const isOver = EventType === 'PERSISTED' || (EventType === 'ERROR' && isHopeless(acknowledgement));
    if (isOver && FragmentTimecode !== undefined) kept = kept.filter(({ at }) => at !== FragmentTimecode);
    // What was refused for a passing reason, and all after it, goes out again on another connection.
    if (EventType === 'ERROR') connection?.destroy();
    props.onAcknowledged?.(acknowledgement);
  };

  /** Ends the connection after what was sent, or a little later if the stream doesn't answer any more. */
  const hangUp = () => {
    const last = connection;
    connection = undefined;
    hangsUp = true;
    last?.end();
    setTimeout(() => last?.destroy(), FAREWELL).unref();
  };

  const session = async () => {
    hangsUp = false;
    const opened = await openPutMedia({ ...props, onAcknowledged });
    connection = opened;
    opened.write(header);
    for (const each of kept) send(each);
    if (stopping.signal.aborted) hangUp();
    await opened.closed.finally(() => (connection = undefined));
    // A stream that ends a connection by itself isn't to be asked again at once.
    if (!hangsUp) throw new Error('The stream ended the connection.');
  };

  const run = async () => {
    while (!stopping.signal.aborted) {
      try {
        await session();
      } catch (error) {
        if (stopping.signal.aborted) return;
        props.onFailure?.(error as Error);
        await sleep(backOff(failures++), stopping.signal);
      }
    }
  };

  const makeRoom = () => {
    const oldest = kept.at(-1)!.at - keeps;
    for (const { at, fragment } of kept) if (at < oldest) counts.droppedFrames += fragment.frames;
    kept = kept.filter(({ at }) => at >= oldest);
  };

  const isStale = (now: number) => kept.some(({ sentAt }) => sentAt !== undefined && now - sentAt > patience);

  const running = run();
  return {
    /** Takes a fragment that begins at a time in milliseconds since 1970, with names that it is tagged with. */
    put: (fragment: Fragment, at: number, tags: readonly string[] = []) => {
      const each: Kept = {
        at: Math.round(at),
        fragment,
        bytes: Buffer.concat([clusterOf(fragment, at), ...tags.map(tagged)]),
      };
      kept.push(each);
      makeRoom();
      if (!connection) return;
      if (isStale(performance.now())) return connection.destroy();
      if (Date.now() <= connection.goodUntil - GRACE) return send(each);
      // The stream persists what it has; the next connection begins with this fragment.
      hangUp();
    },
    /** Times of what isn't persisted. */
    waiting: () => kept.map(({ at }) => at),
    /** What waits, in milliseconds of media and in bytes, and what was counted since the last time. */
    report: () => {
      const report = {
        ...counts,
        viewDuration: kept.reduce((sum, { fragment }) => sum + fragment.duration, 0),
        waitingBytes: kept.reduce((sum, { bytes }) => sum + bytes.length, 0),
      };
      counts = { droppedFrames: 0, errorAcks: 0, bytes: 0 };
      return report;
    },
    /** Ends after what was put, as far as the stream takes it in time. */
    stop: async () => {
      stopping.abort();
      if (connection) hangUp();
      await running;
    },
  };
}

export type Producer = ReturnType<typeof startProducer>;
