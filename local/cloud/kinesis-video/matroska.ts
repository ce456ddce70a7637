/** https://www.matroska.org/technical/elements.html */
export const ID = {
  header: 0x1a45dfa3,
  segment: 0x18538067,
  info: 0x1549a966,
  timecodeScale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  cluster: 0x1f43b675,
  timecode: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
  tags: 0x1254c367,
  tag: 0x7373,
  simpleTag: 0x67c8,
  tagName: 0x45a3,
  tagString: 0x4487,
};

export interface Element {
  readonly id: number;
  readonly content: Buffer;
  /** With its id and its size. */
  readonly whole: Buffer;
}

/** What there is at a place, unless more bytes are needed to tell. */
interface Head {
  readonly id: number;
  /** Where the content begins. */
  readonly start: number;
  /** None of what goes on until something else begins. */
  readonly size?: number;
}

export class MalformedMedia extends Error {}

/** Bytes that come bit by bit, as the elements that are whole by then: those of a segment and of its clusters one by one. */
export class ElementReader {
  private waiting: Buffer = Buffer.alloc(0);
  private hasBegun = false;

  /** @param longest that an element can be */
  constructor(private readonly longest: number) {}

  /** @throws MalformedMedia */
  *read(bytes: Buffer): Generator<Element> {
    this.waiting = Buffer.concat([this.waiting, bytes]);
    for (;;) {
      const head = headOf(this.waiting);
      if (!head) return;
      const { id, start, size } = head;
      if (!this.hasBegun && id !== ID.header) throw new MalformedMedia('It begins with something else than a header.');
      this.hasBegun = true;
      // Its elements come one by one. Where it ends is seen by what comes next.
      const isEntered = id === ID.segment || id === ID.cluster;
      if (!isEntered && size === undefined) throw new MalformedMedia(`The element ${id.toString(16)} has no size.`);
      if (!isEntered && size! > this.longest) throw new MalformedMedia(`An element has ${size} bytes.`);
      const end = isEntered ? start : start + size!;
      if (this.waiting.length < end) return;
      const element = { id, content: this.waiting.subarray(start, end), whole: this.waiting.subarray(0, end) };
      this.waiting = this.waiting.subarray(end);
      yield element;
    }
  }

  /** Whether there is the beginning of something. */
  get isWithin(): boolean {
    return this.waiting.length > 0;
  }
}

/** The elements within an element. */
export function* elementsOf(bytes: Buffer): Generator<Element> {
  for (let rest = bytes; rest.length > 0;) {
    const head = headOf(rest);
    const end = head?.size === undefined ? Infinity : head.start + head.size;
    if (!head || end > rest.length) throw new MalformedMedia('An element ends before it should.');
    yield { id: head.id, content: rest.subarray(head.start, end), whole: rest.subarray(0, end) };
    rest = rest.subarray(end);
  }
}

/** The first one of that kind, as deep as the path goes. */
export function contentOf(bytes: Buffer, ...path: number[]): Buffer | undefined {
  let found: Buffer | undefined = bytes;
  for (const id of path) found = found && [...elementsOf(found)].find((element) => element.id === id)?.content;
  return found;
}

export function numberOf(content: Buffer | undefined): number | undefined {
  return content && content.length > 0 && content.length <= 8
    ? Number(BigInt(`0x${content.toString('hex')}`))
    : undefined;
}

export function textOf(content: Buffer | undefined): string {
  return content?.toString('utf8').replace(/\0+$/, '') ?? '';
}

export function element(id: number, ...content: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(content.map((part) => Buffer.from(part as string)));
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(2n ** 56n + BigInt(body.length));
  return Buffer.concat([idOf(id), size, body]);
}

/** A segment that goes on for as long as it does. */
export function openSegment(): Buffer {
  return Buffer.concat([idOf(ID.segment), Buffer.from('01ffffffffffffff', 'hex')]);
}

/** Of a block: which track it is of, and when, relative to its cluster. */
export function blockHead(content: Buffer): { track: number; timecode: number; isKey: boolean } {
  const length = lengthOf(content[0]);
  if (length === undefined || content.length < length + 3) throw new MalformedMedia('A block is too short.');
  const track = Number(valueOf(content.subarray(0, length), true));
  return { track, timecode: content.readInt16BE(length), isKey: (content[length + 2] & 0x80) !== 0 };
}

function headOf(bytes: Buffer): Head | undefined {
  if (bytes.length === 0) return undefined;
  const idLength = lengthOf(bytes[0]);
  if (idLength === undefined || idLength > 4) throw new MalformedMedia('This is no element of Matroska.');
  if (bytes.length <= idLength) return undefined;
  const sizeLength = lengthOf(bytes[idLength]);
  if (sizeLength === undefined) throw new MalformedMedia('The size of an element is too long.');
  const start = idLength + sizeLength;
  if (bytes.length < start) return undefined;
  const size = valueOf(bytes.subarray(idLength, start), true);
  const isUnknown = size === 2n ** BigInt(7 * sizeLength) - 1n;
  return { id: bytes.readUIntBE(0, idLength), start, size: isUnknown ? undefined : Number(size) };
}

function valueOf(bytes: Buffer, isMarked: boolean): bigint {
  const value = BigInt(`0x${bytes.toString('hex')}`);
  return isMarked ? value & (2n ** BigInt(7 * bytes.length) - 1n) : value;
}

/** How many bytes a number has is in its first one. */
function lengthOf(first: number): number | undefined {
  return first === 0 ? undefined : Math.clz32(first) - 24 + 1;
}

function idOf(id: number): Buffer {
  return Buffer.from(id.toString(16), 'hex');
}
