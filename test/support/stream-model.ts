import { Readable } from 'node:stream';
import { archivedMediaClient, ArchivedMedia } from '../../lambda/common/archived-media';
import type { KinesisVideoArchivedMediaClientConfig } from '@aws-sdk/client-kinesis-video-archived-media';
import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';

export interface StoredFragment {
  readonly number: string;
  readonly producedAt: number;
  readonly receivedAt: number;
  readonly milliseconds: number;
  readonly bytes: number;
  /** What a decoder has to know; fragments that differ in it are no clip. None is media without. */
  readonly codec?: string;
}

/** As AWS has them: 47 digits, in the order in which fragments were received. */
export function fragmentNumber(index: number): string {
  return `91343852333185${String(index).padStart(33, '0')}`;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Readable | Buffer;
}

interface Range {
  readonly FragmentSelectorType: string;
  readonly TimestampRange: { readonly StartTimestamp: number; readonly EndTimestamp: number };
}

interface Request {
  readonly StreamName: string;
  readonly NextToken?: string;
  readonly MaxResults?: number;
  readonly FragmentSelector?: Range;
  readonly ClipFragmentSelector?: Range;
  readonly Fragments?: string[];
}

/** The members of each request, those that must be there first. */
const MEMBERS: Record<string, { required: string[]; optional: string[] }> = {
  '/describeStream': { required: ['StreamName'], optional: [] },
  '/getDataEndpoint': { required: ['StreamName', 'APIName'], optional: [] },
  '/listFragments': { required: ['StreamName'], optional: ['FragmentSelector', 'MaxResults', 'NextToken'] },
  '/getClip': { required: ['StreamName', 'ClipFragmentSelector'], optional: [] },
  '/getMediaForFragmentList': { required: ['StreamName', 'Fragments'], optional: [] },
};

class Refusal extends Error {
  constructor(override readonly name: string) {
    super(`It is ${name}.`);
  }
}

/** How much two fragments overlap that are of one recording, at most. */
const JITTER = 500;

const DAY = 86_400_000;

/**
 * Streams as their archived media is given out, at the level of HTTP: what the client of the SDK makes of calls and answers is
 * a part of what is tested. Limits are the service's, and it says no more of what it leaves out than the service does.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_Operations_Amazon_Kinesis_Video_Streams_Archived_Media.html
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/limits.html
 */
export class StreamModel {
  readonly streams = new Map<string, StoredFragment[]>();
  readonly calls: { readonly operation: string; readonly request: Request }[] = [];
  readonly media: ArchivedMedia;
  readonly kinesisVideo: KinesisVideoClient;
  /** Is asked before each call, by the name of the operation, and may fail it with the name of an error. */
  before: (operation: string) => string | undefined | Promise<string | undefined> = () => undefined;
  /** As large as media is, if it is to be large. */
  padding = 0;
  /** How many fragments a page of a listing has. */
  pageSize = 7;
  now = 0;
  /** Of all streams. */
  retentionHours = 24;
  createdAt = 0;

  constructor(config: KinesisVideoArchivedMediaClientConfig = { maxAttempts: 1 }) {
    const settings = {
      region: 'eu-west-1',
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
      requestHandler: { handle: async (request: unknown) => ({ response: await this.answer(request as never) }) },
      ...config,
    };
    this.kinesisVideo = new KinesisVideoClient(settings as never);
    this.media = new ArchivedMedia({
      kinesisVideo: this.kinesisVideo,
      archivedMedia: (endpoint) => archivedMediaClient({ ...settings, endpoint }),
      now: () => this.now,
    });
  }

  private async answer({ path, body }: { path: string; body: string }): Promise<Answer> {
    const request = JSON.parse(body) as Request;
    const operation = path.replace(/^\/(.)/, (_all, first: string) => first.toUpperCase());
    this.calls.push({ operation, request });
    try {
      const fault = await this.before(operation);
      if (fault) throw new Refusal(fault);
      checkMembers(path, request);
      return this.perform(path, request);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const statusCode = error.name === 'ResourceNotFoundException' ? 404 : 400;
      const headers = { 'content-type': 'application/json', 'x-amzn-errortype': error.name };
      return { statusCode, headers, body: Buffer.from(JSON.stringify({ Message: error.message })) };
    }
  }

  private perform(path: string, request: Request): Answer {
    const fragments = this.streams.get(request.StreamName);
    if (!fragments) throw new Refusal('ResourceNotFoundException');
    switch (path) {
      case '/describeStream':
        return json({
          StreamInfo: {
            StreamName: request.StreamName,
            Status: 'ACTIVE',
            CreationTime: this.createdAt / 1000,
            DataRetentionInHours: this.retentionHours,
          },
        });
      case '/getDataEndpoint':
        return json({ DataEndpoint: 'https://s-12345678.kinesisvideo.eu-west-1.amazonaws.com' });
      case '/listFragments':
        return json(this.list(fragments, request));
      case '/getClip':
        return media('video/mp4', this.clip(fragments, request.ClipFragmentSelector!), this.padding);
      default:
        return this.fragments(fragments, request.Fragments!);
    }
  }

  private list(fragments: StoredFragment[], { FragmentSelector, MaxResults, NextToken }: Request): object {
    const found = select(fragments, FragmentSelector!)
      // In no order, across pages too.
      .map((fragment) => ({ fragment, rank: (Number(fragment.number.slice(-9)) * 7919) % 1009 }))
      .sort((one, other) => one.rank - other.rank);
    const start = Number(NextToken ?? 0);
    const end = start + Math.min(this.pageSize, MaxResults ?? 100);
    return {
      Fragments: found.slice(start, end).map(({ fragment }) => ({
        FragmentNumber: fragment.number,
        FragmentSizeInBytes: fragment.bytes,
        ProducerTimestamp: fragment.producedAt / 1000,
        ServerTimestamp: fragment.receivedAt / 1000,
        FragmentLengthInMilliseconds: fragment.milliseconds,
      })),
      NextToken: end < found.length ? String(end) : null,
    };
  }

  /** The oldest of those that overlap, and of the rest the first 200, or the first 100 MB. */
  private clip(fragments: StoredFragment[], range: Range): StoredFragment[] {
    const { StartTimestamp, EndTimestamp } = range.TimestampRange;
    if (StartTimestamp >= EndTimestamp || 1000 * (EndTimestamp - StartTimestamp) > DAY) {
      throw new Refusal('InvalidArgumentException');
    }
    const given: StoredFragment[] = [];
    for (const fragment of select(fragments, range)) {
      if (!given.some((other) => overlap(other, fragment) > JITTER || other.producedAt === fragment.producedAt)) {
        given.push(fragment);
      }
    }
    if (given.length === 0) throw new Refusal('ResourceNotFoundException');
    if (given.some(({ codec }) => codec === undefined)) throw new Refusal('MissingCodecPrivateDataException');
    if (new Set(given.map(({ codec }) => codec)).size > 1) throw new Refusal('InvalidCodecPrivateDataException');
    const clip: StoredFragment[] = [];
    let bytes = 0;
    for (const fragment of given.sort((one, other) => one.producedAt - other.producedAt).slice(0, 200)) {
      bytes += fragment.bytes;
      if (bytes > 100_000_000) break;
      clip.push(fragment);
    }
    return clip;
  }

  private fragments(fragments: StoredFragment[], numbers: string[]): Answer {
    if (numbers.length === 0 || numbers.length > 1000) throw new Refusal('InvalidArgumentException');
    const found = numbers.map((number) => fragments.find((fragment) => fragment.number === number));
    if (found.includes(undefined)) throw new Refusal('InvalidArgumentException');
    return media('video/x-matroska', found as StoredFragment[], this.padding);
  }
}

/** The numbers of the fragments in what the model gives, in their order. */
export function fragmentsIn(content: Buffer): string[] {
  const tags = content.toString('latin1').matchAll(/AWS_KINESISVIDEO_FRAGMENT_NUMBER\x44\x87\xaf(\d{47})/g);
  return [...tags].map(([, number]) => number);
}

function media(type: string, fragments: StoredFragment[], padding: number): Answer {
  const chunks = function* () {
    for (const { number } of fragments) {
      yield Buffer.concat([
        Buffer.from('AWS_KINESISVIDEO_FRAGMENT_NUMBER'),
        // The id of a TagString, and its length of 47.
        Buffer.from([0x44, 0x87, 0xaf]),
        Buffer.from(number),
      ]);
      yield Buffer.alloc(padding, 0);
    }
  };
  return { statusCode: 200, headers: { 'content-type': type }, body: Readable.from(chunks()) };
}

function json(content: object): Answer {
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(content)),
  };
}

/** In the order in which they were received. Both ends of a range are in it. */
function select(fragments: StoredFragment[], { FragmentSelectorType, TimestampRange }: Range): StoredFragment[] {
  const [start, end] = [TimestampRange.StartTimestamp, TimestampRange.EndTimestamp].map((time) =>
    Math.round(1000 * time),
  );
  return fragments
    .filter((fragment) => {
      const time = FragmentSelectorType === 'SERVER_TIMESTAMP' ? fragment.receivedAt : fragment.producedAt;
      return time >= start && time <= end;
    })
    .sort((one, other) => (one.number < other.number ? -1 : 1));
}

function overlap(one: StoredFragment, other: StoredFragment): number {
  const end = Math.min(one.producedAt + one.milliseconds, other.producedAt + other.milliseconds);
  return end - Math.max(one.producedAt, other.producedAt);
}

function checkMembers(path: string, request: Request): void {
  const { required, optional } = MEMBERS[path];
  const members = Object.keys(request);
  const isComplete = required.every((member) => members.includes(member));
  if (!isComplete || members.some((member) => ![...required, ...optional].includes(member))) {
    throw new Error(`${path} has no request like ${JSON.stringify(request)}.`);
  }
}
