import { ID, element, elementsOf } from '../../lambda/canary/make-pattern';

/** Media of one key frame and what follows it, without a time of its own. */
export interface Fragment {
  /** In milliseconds. */
  readonly duration: number;
  readonly frames: number;
  /** Its blocks, whose times are relative to that of their cluster. */
  readonly blocks: Buffer;
}

/** What media begins with: of which format it is, and its track with the private data of the codec. */
export interface Media {
  readonly header: Buffer;
  readonly fragments: Fragment[];
}

const UNKNOWN_SIZE = Buffer.from('01ffffffffffffff', 'hex');

/**
 * Takes apart what ffmpeg has written with a cluster for each key frame.
 *
 * @param frameRate frames in a second
 */
export function takeApart(matroska: Buffer, frameRate: number): Media {
  const [header, segment] = elementsOf(matroska);
  const parts = elementsOf(segment.content);
  const described = parts.filter(({ id }) => id === ID.info || id === ID.tracks);
  const fragments = parts
    .filter(({ id }) => id === ID.cluster)
    .map(({ content }) => {
      const blocks = elementsOf(content).filter(({ id }) => id === ID.simpleBlock);
      return {
        duration: (1000 * blocks.length) / frameRate,
        frames: blocks.length,
        blocks: Buffer.concat(blocks.map(({ whole }) => whole)),
      };
    });
  // A producer doesn't know how long it will go on.
  const opened = Buffer.concat([Buffer.from(ID.segment.toString(16), 'hex'), UNKNOWN_SIZE]);
  return { header: Buffer.concat([header.whole, opened, ...described.map(({ whole }) => whole)]), fragments };
}

/** A fragment at a time, in milliseconds since 1970: its cluster, as ABSOLUTE timecodes of PutMedia have it. */
export function clusterOf({ blocks }: Fragment, at: number): Buffer {
  const timecode = Buffer.alloc(8);
  timecode.writeBigUInt64BE(BigInt(Math.round(at)));
  return element(ID.cluster, Buffer.concat([element(ID.timecode, timecode), blocks]));
}
