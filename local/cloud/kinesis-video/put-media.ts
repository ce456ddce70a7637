import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { FragmentReader, FragmentRefused, REFUSALS } from './fragment-reader';
import type { Medium } from './medium';
import type { Fragment, Recordings } from './recordings';
import { invalid } from './refusals';

/** Of a fragment, to whoever sent it. */
interface Acknowledgement {
  readonly EventType: 'BUFFERING' | 'RECEIVED' | 'PERSISTED' | 'ERROR' | 'IDLE';
  readonly FragmentTimecode?: number;
  readonly FragmentNumber?: string;
  readonly ErrorId?: number;
  readonly ErrorCode?: string;
}

export interface IngestPorts {
  readonly recordings: Recordings;
  /** Is told of what came, kept or not. */
  readonly onFragment: (fragment: Fragment) => void;
  /** Until a producer that sends nothing is told that it does, in milliseconds. */
  readonly idleAfter: number;
}

/** How often a producer that sends nothing is told so, before its connection is closed. */
const IDLE_TIMES = 3;

/** What the headers of a request say. */
export function putMediaInput(headers: IncomingHttpHeaders) {
  const type = headers['x-amzn-fragment-timecode-type'];
  const started = headers['x-amzn-producer-start-timestamp'];
  const StreamName = headers['x-amzn-stream-name'] as string | undefined;
  const StreamARN = headers['x-amzn-stream-arn'] as string | undefined;
  if (!StreamName === !StreamARN) throw invalid('Either x-amzn-stream-name or x-amzn-stream-arn is needed.');
  if (type !== 'ABSOLUTE' && type !== 'RELATIVE')
    throw invalid('x-amzn-fragment-timecode-type is ABSOLUTE or RELATIVE.');
  const startedAt = type === 'ABSOLUTE' ? 0 : 1000 * Number(started ?? NaN);
  if (Number.isNaN(startedAt)) throw invalid('x-amzn-producer-start-timestamp is in seconds since 1970.');
  return { StreamName, StreamARN, startedAt };
}

/**
 * Takes what a producer sends for as long as it does, and acknowledges each fragment.
 * https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_dataplane_PutMedia.html
 */
export async function ingest(
  stream: Medium,
  startedAt: number,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  { recordings, onFragment, idleAfter }: IngestPorts,
): Promise<void> {
  let idleTimes = 0;
  const tell = (acknowledgement: Acknowledgement) => void response.write(`${JSON.stringify(acknowledgement)}\r\n`);
  const idle = setInterval(() => {
    if (idleTimes++ >= IDLE_TIMES) request.destroy();
    else tell({ EventType: 'IDLE' });
  }, idleAfter);
  const reader = new FragmentReader({
    onBegin: (timecode) => tell({ EventType: 'BUFFERING', FragmentTimecode: timecode }),
    onFragment: (sent) => {
      if (stream.status === 'DELETING') throw new FragmentRefused('STREAM_NOT_ACTIVE', sent.timecode);
      const fragment = recordings.receive(sent, startedAt);
      const about = { FragmentTimecode: sent.timecode, FragmentNumber: fragment.number };
      const { retention = 0 } = stream.settings;
      tell({ EventType: 'RECEIVED', ...about });
      if (retention > 0) {
        recordings.keep(stream.arn, fragment, retention);
        tell({ EventType: 'PERSISTED', ...about });
      }
      onFragment(fragment);
    },
  });

  response.writeHead(200, {
    'content-type': 'application/json',
    'x-amzn-requestid': randomUUID(),
    connection: 'close',
  });
  response.flushHeaders();
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      idle.refresh();
      idleTimes = 0;
      reader.read(chunk as Buffer);
    }
    reader.end();
  } catch (error) {
    // A producer that is gone isn't told anything.
    if (!(error instanceof FragmentRefused)) return void response.destroy();
    const { code, timecode } = error;
    tell({ EventType: 'ERROR', FragmentTimecode: timecode, ErrorId: REFUSALS[code], ErrorCode: code });
    // What it still sends is in the way of what it is told.
    request.resume();
  } finally {
    clearInterval(idle);
  }
  response.end();
}
