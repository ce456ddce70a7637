import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import type { ArchivedMedia } from '../common/archived-media';
import { listFragments, type Fragment } from '../common/fragments';
import { findStream } from '../common/kinesis-video';
import { MediaStore, type StorePorts, type StoredObject } from '../common/media-store';
import { logger, metrics } from '../common/observability';
import { pieces } from '../common/parts';
import { openFragments } from '../common/stream-media';
import { Watermarks, type WatermarkPorts } from './watermarks';

export interface ArchiverPorts extends StorePorts, WatermarkPorts {
  readonly kinesisVideo: KinesisVideoClient;
  readonly media: ArchivedMedia;
  readonly settleSeconds: number;
  readonly now: () => number;
  /** Milliseconds until the function is ended. */
  readonly remaining: () => number;
}

/** Media is stored by the slice, whose bounds are the same whenever it is looked at. */
export const SLICE = 600_000;

/** How much is listed at once: a fragment a second makes 22 pages of it. */
const SPAN = 36 * SLICE;

/** What is about to be deleted may be gone before it is read. */
const HEAD = 60_000;

/** A piece that has begun ends within this time, in milliseconds. */
const RESERVE = 60_000;

/**
 * Stores what a stream has received since the last time, up to the last slice that has settled.
 *
 * The watermark moves on after a slice is stored, and from where it was read only: it never passes what isn't stored, and
 * of two who work on the same stream, one gives way.
 *
 * @returns whether that was all, rather than that the time is up
 */
export async function archiveStream(stream: string, ports: ArchiverPorts): Promise<boolean> {
  const info = await findStream(ports.kinesisVideo, stream);
  // It is yet to be made, or gone already; or it keeps nothing that could be stored.
  if (!info?.DataRetentionInHours) return true;
  const oldest = Math.max(info.CreationTime!.getTime(), ports.now() - 3_600_000 * info.DataRetentionInHours + HEAD);
  const settled = sliceOf(ports.now() - 1000 * ports.settleSeconds);
  const watermarks = new Watermarks(ports);
  let archivedTo = await watermarks.read(stream);
  if (archivedTo !== undefined && archivedTo < oldest) noteLoss(stream, archivedTo, Math.min(oldest, settled));

  let from = Math.max(archivedTo ?? oldest, oldest);
  while (from < settled) {
    const to = Math.min(sliceOf(from) + SPAN, settled);
    const client = await ports.media.clientFor(stream, 'LIST_FRAGMENTS');
    const fragments = await listFragments(client, stream, 'aws', { from, to });
    for (const [slice, content] of bySlice(fragments)) {
      if (!(await storeSlice(stream, slice, content, ports))) return false;
      if (!(await watermarks.move(stream, archivedTo, slice + SLICE))) return giveWay(stream);
      archivedTo = slice + SLICE;
    }
    if (archivedTo !== to && !(await watermarks.move(stream, archivedTo, to))) return giveWay(stream);
    archivedTo = to;
    from = to;
  }
  return true;
}

/** Whether there was time for it. */
async function storeSlice(
  stream: string,
  slice: number,
  fragments: Fragment[],
  ports: ArchiverPorts,
): Promise<boolean> {
  const store = new MediaStore(ports);
  const folder = sliceFolder(stream, slice);
  const keys = await store.list(folder);
  if (keys.has(`${folder}slice.json`)) return true;
  const segments: (StoredObject & { fragments: Fragment[] })[] = [];
  for (const piece of pieces(fragments)) {
    if (ports.remaining() < RESERVE) return false;
    const key = `${folder}${piece[0].number}-${piece.length}.mkv`;
    if (keys.has(key)) {
      segments.push({ ...(await store.measure(key)), fragments: piece });
      continue;
    }
    const body = await openFragments(ports.media, stream, piece);
    const object = await store.put({ key, contentType: 'video/x-matroska', body });
    segments.push({ ...object, fragments: piece });
    metrics.addMetric('SegmentStored', MetricUnit.Count, 1);
    metrics.addMetric('SegmentBytes', MetricUnit.Bytes, object.bytes);
  }
  const content = {
    schemaVersion: '1.0',
    stream,
    from: new Date(slice).toISOString(),
    to: new Date(slice + SLICE).toISOString(),
    segments,
  };
  await store.put({ key: `${folder}slice.json`, contentType: 'application/json', body: JSON.stringify(content) });
  return true;
}

/** `continuous/<stream>/<yyyy>/<mm>/<dd>/<hhmm>/` */
function sliceFolder(stream: string, slice: number): string {
  const [, year, month, day, hour, minute] = /^(\d+)-(\d+)-(\d+)T(\d+):(\d+)/.exec(new Date(slice).toISOString())!;
  return `continuous/${stream}/${year}/${month}/${day}/${hour}${minute}/`;
}

function sliceOf(time: number): number {
  return Math.floor(time / SLICE) * SLICE;
}

/** The slices that have any, in the order of time; fragments keep theirs. */
function bySlice(fragments: Fragment[]): [number, Fragment[]][] {
  const slices = new Map<number, Fragment[]>();
  for (const fragment of fragments) {
    const slice = sliceOf(fragment.receivedAt);
    slices.set(slice, [...(slices.get(slice) ?? []), fragment]);
  }
  return [...slices].sort(([one], [other]) => one - other);
}

function noteLoss(stream: string, from: number, to: number): void {
  logger.error('Media was deleted before it was stored', {
    stream,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  });
  metrics.addMetric('ArchiveLost', MetricUnit.Milliseconds, to - from);
}

function giveWay(stream: string): true {
  logger.info('Somebody else stores this stream', { stream });
  return true;
}
