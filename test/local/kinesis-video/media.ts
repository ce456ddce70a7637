import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PATTERN } from '../../../lambda/canary/make-pattern';
import { contentOf, element, elementsOf, ID, numberOf, openSegment } from '../../../local/cloud/kinesis-video/matroska';

/** Three fragments of two seconds with ten frames a second, each with the tag of which images are made. */
export const pattern = (): Buffer => readFileSync(PATTERN);

/** As ffmpeg sends it to a pipe, where it can't go back and write how long things are. */
export function film(options: string, seconds = 6): Buffer {
  const [input, output] = options.split('|');
  return execFileSync('ffmpeg', [
    ...`-v error ${input.trim() || '-f lavfi -i testsrc2=size=320x180:rate=10'} -t ${seconds}`.split(' '),
    ...output.trim().split(/\s+/),
    ...'-cluster_time_limit 60000 -cluster_size_limit 50000000 -f matroska -live 1 -'.split(' '),
  ]);
}

/** H.264 with key frames every two seconds. */
export const H264 = '-c:v libx264 -pix_fmt yuv420p -g 20 -keyint_min 20 -sc_threshold 0 -bf 0';

/** A cluster that begins so many milliseconds later. */
export function shifted(cluster: Buffer, by: number): Buffer {
  const [{ content }] = [...elementsOf(cluster)];
  const parts = [...elementsOf(content)].map((part) => {
    if (part.id !== ID.timecode) return part.whole;
    const timecode = Buffer.alloc(8);
    timecode.writeBigUInt64BE(BigInt(by + numberOf(part.content)!));
    return element(ID.timecode, timecode);
  });
  return element(ID.cluster, ...parts);
}

/** With another set-up of its first track. */
export function withPrivate(media: Buffer, change: (content: Buffer) => Buffer): Buffer {
  return rebuilt(media, ({ id, whole }) => {
    if (id !== ID.tracks) return [whole];
    const entry = contentOf(whole, ID.tracks, ID.trackEntry)!;
    const parts = [...elementsOf(entry)].map((part) =>
      part.id === ID.codecPrivate ? element(ID.codecPrivate, change(part.content)) : part.whole,
    );
    return [element(ID.tracks, element(ID.trackEntry, ...parts))];
  });
}

/** The parts of it that producers send, with tags after each cluster. */
export function tagged(media: Buffer, ...tags: readonly (readonly [name: string, value?: string])[]): Buffer {
  return rebuilt(media, (part) =>
    part.id === ID.cluster && tags.length > 0 ? [part.whole, tagsOf(tags)] : [part.whole],
  );
}

export function rebuilt(media: Buffer, change: (part: { id: number; whole: Buffer }) => Buffer[]): Buffer {
  const [header, segment] = [...elementsOf(sized(media))];
  const parts = [...elementsOf(segment.content)];
  const kept = parts.filter(({ id }) => id === ID.info || id === ID.tracks || id === ID.cluster);
  return Buffer.concat([header.whole, openSegment(), ...kept.flatMap(change)]);
}

/** What comes first, and the clusters after it. */
export function partsOf(media: Buffer): { readonly head: Buffer; readonly clusters: Buffer[] } {
  const clusters: Buffer[] = [];
  const head = rebuilt(media, ({ id, whole }) => {
    if (id !== ID.cluster) return [whole];
    clusters.push(whole);
    return [];
  });
  return { head, clusters };
}

function tagsOf(tags: readonly (readonly [name: string, value?: string])[]): Buffer {
  const simple = tags.map(([name, value]) =>
    element(ID.simpleTag, element(ID.tagName, name), ...(value === undefined ? [] : [element(ID.tagString, value)])),
  );
  return element(ID.tags, element(ID.tag, ...simple));
}

/** A segment without size ends with the media. */
function sized(media: Buffer): Buffer {
  const at = media.indexOf(Buffer.from('18538067', 'hex'));
  const length = Math.clz32(media[at + 4]) - 24 + 1;
  return Buffer.concat([media.subarray(0, at), element(ID.segment, media.subarray(at + 4 + length))]);
}
