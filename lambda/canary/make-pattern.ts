import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes pattern.mkv, what the canary films, with ffmpeg: `npx tsx lambda/canary/make-pattern.ts`.
 *
 * Three fragments of two seconds. Each is a cluster that begins with a key frame, and carries the tag of which Kinesis Video
 * Streams makes images: https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/images.html
 */
export const PATTERN = join(__dirname, 'pattern.mkv');

export const IMAGE_TAG = 'AWS_KINESISVIDEO_IMAGE_GENERATION';

/** https://www.matroska.org/technical/elements.html */
export const ID = {
  header: 0x1a45dfa3,
  segment: 0x18538067,
  info: 0x1549a966,
  tracks: 0x1654ae6b,
  cluster: 0x1f43b675,
  timecode: 0xe7,
  simpleBlock: 0xa3,
  tags: 0x1254c367,
  tag: 0x7373,
  simpleTag: 0x67c8,
  tagName: 0x45a3,
};

export interface Element {
  readonly id: number;
  readonly content: Buffer;
  /** With its id and its size. */
  readonly whole: Buffer;
}

/** The elements one after another; one of unknown size goes on to the end. */
export function elementsOf(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const idLength = lengthOf(bytes[at]);
    const sizeLength = lengthOf(bytes[at + idLength]);
    const start = at + idLength + sizeLength;
    const unknown = 2n ** BigInt(7 * sizeLength) - 1n;
    const size = BigInt(`0x${bytes.toString('hex', at + idLength, start)}`) & unknown;
    const end = size === unknown ? bytes.length : start + Number(size);
    found.push({
      id: bytes.readUIntBE(at, idLength),
      content: bytes.subarray(start, end),
      whole: bytes.subarray(at, end),
    });
    at = end;
  }
  return found;
}

function lengthOf(first: number): number {
  return Math.clz32(first) - 24 + 1;
}

/** An element of a size that is known. */
export function element(id: number, content: Buffer): Buffer {
  const name = Buffer.from(id.toString(16), 'hex');
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(2n ** 56n + BigInt(content.length));
  return Buffer.concat([name, size, content]);
}

/** What tells of the cluster before it that it has the tag. */
export function tagged(name: string): Buffer {
  return element(ID.tags, element(ID.tag, element(ID.simpleTag, element(ID.tagName, Buffer.from(name)))));
}

/** As producers send it: without an index, since it goes on, and with tags after the cluster that they are about. */
function make(): Buffer {
  const filmed = execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=10', '-t', '6'],
    ...['-c:v', 'libx264', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p', '-crf', '36'],
    ...['-g', '20', '-keyint_min', '20', '-sc_threshold', '0'],
    ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-map_metadata', '-1'],
    ...['-live', '1', '-cluster_time_limit', '60000', '-f', 'matroska', '-'],
  ]);
  const [header, segment] = elementsOf(filmed);
  const parts = elementsOf(segment.content).flatMap(({ id, whole }) => {
    if (id === ID.cluster) return [whole, tagged(IMAGE_TAG)];
    return id === ID.info || id === ID.tracks ? [whole] : [];
  });
  const opened = Buffer.concat([Buffer.from(ID.segment.toString(16), 'hex'), Buffer.from('01ffffffffffffff', 'hex')]);
  return Buffer.concat([header.whole, opened, ...parts]);
}

if (require.main === module) writeFileSync(PATTERN, make());
