import {
  blockHead,
  contentOf,
  element,
  ElementReader,
  elementsOf,
  ID,
  MalformedMedia,
  numberOf,
  openSegment,
  textOf,
} from './matroska';

export interface Track {
  readonly number: number;
  readonly codec: string;
  readonly codecPrivate?: Buffer;
  readonly width?: number;
  readonly height?: number;
}

/** What is the same for many fragments. */
export interface Head {
  readonly tracks: readonly Track[];
  /** As it was sent. */
  readonly matroska: Buffer;
  /** Milliseconds that are one in a time code. */
  readonly scale: number;
}

/** A cluster as a producer sent it, with the tags that came after it. */
export interface SentFragment {
  readonly head: Head;
  /** Of its cluster, in milliseconds. */
  readonly timecode: number;
  /** When its frames are shown, in milliseconds after its time code, in the order in which they were sent. */
  readonly frames: readonly { readonly track: number; readonly at: number }[];
  readonly cluster: Buffer;
  readonly tags: readonly Tag[];
}

export interface Tag {
  readonly name: string;
  readonly value: string;
}

/** Why a fragment isn't taken, as acknowledgements have it. */
export const REFUSALS = {
  STREAM_READ_ERROR: 4000,
  MAX_FRAGMENT_SIZE_REACHED: 4001,
  MAX_FRAGMENT_DURATION_REACHED: 4002,
  FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS: 4004,
  MORE_THAN_ALLOWED_TRACKS_FOUND: 4005,
  INVALID_MKV_DATA: 4006,
  STREAM_NOT_ACTIVE: 4008,
  FRAGMENT_METADATA_LIMIT_REACHED: 4009,
  TRACK_NUMBER_MISMATCH: 4010,
  FRAMES_MISSING_FOR_TRACK: 4011,
} as const;

export class FragmentRefused extends Error {
  constructor(
    readonly code: keyof typeof REFUSALS,
    readonly timecode?: number,
  ) {
    super(code);
  }
}

/** https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/limits.html */
const LIMITS = { bytes: 50_000_000, milliseconds: 20_000, tracks: 3, tags: 10, tagName: 128, tagValue: 256 };

/** What a cluster isn't ended by: what is in it, what fills gaps, and its tags. */
const WITHIN = new Set<number>([ID.timecode, ID.simpleBlock, ID.blockGroup, 0xab, 0xa7, 0xec, 0xbf, ID.tags]);

export interface ReaderEvents {
  /** The first bytes of a fragment have come. */
  readonly onBegin: (timecode: number) => void;
  readonly onFragment: (fragment: SentFragment) => void;
}

interface Open {
  timecode?: number;
  readonly frames: { track: number; at: number }[];
  readonly parts: Buffer[];
  readonly tags: Tag[];
  bytes: number;
}

/**
 * Takes fragments out of what a producer sends, wherever it is cut.
 * https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-data.html
 */
export class FragmentReader {
  private readonly elements = new ElementReader(LIMITS.bytes);
  private header: Buffer = Buffer.alloc(0);
  private info: Buffer = Buffer.alloc(0);
  private head?: Head;
  private open?: Open;
  private last = -Infinity;

  constructor(private readonly events: ReaderEvents) {}

  /** @throws FragmentRefused */
  read(bytes: Buffer): void {
    try {
      for (const { id, content, whole } of this.elements.read(bytes)) this.take(id, content, whole);
    } catch (error) {
      if (error instanceof MalformedMedia) throw new FragmentRefused('INVALID_MKV_DATA', this.open?.timecode);
      throw error;
    }
  }

  /** @throws FragmentRefused */
  end(): void {
    if (this.elements.isWithin) throw new FragmentRefused('STREAM_READ_ERROR', this.open?.timecode);
    this.close();
  }

  private take(id: number, content: Buffer, whole: Buffer): void {
    if (this.open && !WITHIN.has(id)) this.close();
    if (id === ID.header) this.header = whole;
    else if (id === ID.info) this.info = whole;
    else if (id === ID.tracks) this.head = this.headOf(content, whole);
    else if (id === ID.cluster) this.begin();
    else if (this.open) this.add(this.open, id, content, whole);
  }

  private begin(): void {
    if (!this.head) throw new MalformedMedia('There is a cluster before the tracks.');
    this.open = { frames: [], parts: [], tags: [], bytes: 0 };
  }

  private add(open: Open, id: number, content: Buffer, whole: Buffer): void {
    const { scale, tracks } = this.head!;
    if (id === ID.tags) return void open.tags.push(...tagsOf(content));
    if (id === ID.timecode) {
      open.timecode = (numberOf(content) ?? 0) * scale;
      if (open.timecode < this.last) this.refuse('FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS');
      this.events.onBegin(open.timecode);
    }
    const block = id === ID.simpleBlock ? content : id === ID.blockGroup ? contentOf(content, ID.block) : undefined;
    if (block) {
      const { track, timecode } = blockHead(block);
      if (!tracks.some(({ number }) => number === track)) this.refuse('TRACK_NUMBER_MISMATCH');
      open.frames.push({ track, at: timecode * scale });
      if (timecode * scale > LIMITS.milliseconds) this.refuse('MAX_FRAGMENT_DURATION_REACHED');
    }
    open.parts.push(Buffer.from(whole));
    open.bytes += whole.length;
    if (open.bytes > LIMITS.bytes) this.refuse('MAX_FRAGMENT_SIZE_REACHED');
  }

  /** What has been open is a fragment. */
  private close(): void {
    const { open, head } = this;
    if (!open || !head) return;
    if (open.timecode === undefined) throw new MalformedMedia('A cluster has no time code.');
    const isMissing = ({ number }: Track) => !open.frames.some(({ track }) => track === number);
    if (head.tracks.some(isMissing)) this.refuse('FRAMES_MISSING_FOR_TRACK');
    if (open.tags.length > LIMITS.tags || open.tags.some(isTooLong)) this.refuse('FRAGMENT_METADATA_LIMIT_REACHED');
    this.open = undefined;
    this.last = open.timecode;
    const { timecode, frames, tags, parts } = open;
    this.events.onFragment({ head, timecode, frames, tags, cluster: element(ID.cluster, ...parts) });
  }

  private headOf(content: Buffer, whole: Buffer): Head {
    const tracks = [...elementsOf(content)]
      .filter(({ id }) => id === ID.trackEntry)
      .map((entry) => trackOf(entry.content));
    if (tracks.length === 0) throw new MalformedMedia('There are no tracks.');
    if (tracks.length > LIMITS.tracks) this.refuse('MORE_THAN_ALLOWED_TRACKS_FOUND');
    const scale = (numberOf(contentOf(this.info, ID.info, ID.timecodeScale)) ?? 1_000_000) / 1_000_000;
    return { tracks, scale, matroska: Buffer.concat([this.header, openSegment(), this.info, whole]) };
  }

  private refuse(code: keyof typeof REFUSALS): never {
    throw new FragmentRefused(code, this.open?.timecode);
  }
}

function trackOf(entry: Buffer): Track {
  const codecPrivate = contentOf(entry, ID.codecPrivate);
  return {
    number: numberOf(contentOf(entry, ID.trackNumber)) ?? 1,
    codec: textOf(contentOf(entry, ID.codecId)),
    codecPrivate: codecPrivate && Buffer.from(codecPrivate),
    width: numberOf(contentOf(entry, ID.video, ID.pixelWidth)),
    height: numberOf(contentOf(entry, ID.video, ID.pixelHeight)),
  };
}

function tagsOf(content: Buffer): Tag[] {
  return [...elementsOf(content)]
    .filter(({ id }) => id === ID.tag)
    .flatMap((tag) => [...elementsOf(tag.content)])
    .filter(({ id }) => id === ID.simpleTag)
    .map((simple) => ({
      name: textOf(contentOf(simple.content, ID.tagName)),
      value: textOf(contentOf(simple.content, ID.tagString)),
    }));
}

function isTooLong({ name, value }: Tag): boolean {
  return Buffer.byteLength(name) > LIMITS.tagName || Buffer.byteLength(value) > LIMITS.tagValue;
}
