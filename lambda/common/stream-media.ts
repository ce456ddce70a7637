import { Transform, pipeline, type Readable } from 'node:stream';
import {
  ClipFragmentSelectorType,
  GetClipCommand,
  GetMediaForFragmentListCommand,
} from '@aws-sdk/client-kinesis-video-archived-media';
import type { ArchivedMedia } from './archived-media';
import type { Fragment } from './fragments';

/** The stream has given less than was asked of it. */
export class IncompleteMedia extends Error {}

/**
 * The fragments as MP4: all that begin from the first to the last, which must be within the limits and overlap no other one.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_reader_GetClip.html
 */
export async function openClip(
  media: ArchivedMedia,
  streamName: string,
  fragments: readonly Fragment[],
): Promise<Readable> {
  const client = await media.clientFor(streamName, 'GET_CLIP');
  const start = fragments[0].producedAt;
  const { Payload } = await client.send(
    new GetClipCommand({
      StreamName: streamName,
      ClipFragmentSelector: {
        FragmentSelectorType: ClipFragmentSelectorType.PRODUCER_TIMESTAMP,
        TimestampRange: {
          StartTimestamp: new Date(start),
          // The end must be later than the start, and takes in what begins right then.
          EndTimestamp: new Date(Math.max(fragments.at(-1)!.producedAt, start + 1)),
        },
      },
    }),
  );
  return Payload as Readable;
}

/**
 * The fragments as they were sent, as MKV. It fails at its end unless each of them was in it: what goes wrong on the way is
 * said within the media only.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_reader_GetMediaForFragmentList.html
 */
export async function openFragments(
  media: ArchivedMedia,
  streamName: string,
  fragments: readonly Fragment[],
): Promise<Readable> {
  const client = await media.clientFor(streamName, 'GET_MEDIA_FOR_FRAGMENT_LIST');
  const numbers = fragments.map(({ number }) => number);
  const { Payload } = await client.send(
    new GetMediaForFragmentListCommand({ StreamName: streamName, Fragments: numbers }),
  );
  const check = new FragmentCheck(numbers);
  pipeline(Payload as Readable, check, () => undefined);
  return check;
}

/** In the tags that AWS adds to each fragment: a name, and a text with its EBML id and length before it. */
const TAG = /AWS_KINESISVIDEO_(?:FRAGMENT_NUMBER[^0-9]{1,11}(\d{1,128})|(EXCEPTION_ERROR_CODE))/g;

/** Longer than a tag is. */
const OVERLAP = 256;

/** Lets media through, and looks which fragments are in it. */
class FragmentCheck extends Transform {
  private readonly missing: Set<string>;
  private before = '';
  private hasFailed = false;

  constructor(numbers: readonly string[]) {
    super();
    this.missing = new Set(numbers);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.look(this.before + chunk.toString('latin1'), false);
    done(null, chunk);
  }

  override _flush(done: (error?: Error) => void): void {
    this.look(this.before, true);
    const isWhole = this.missing.size === 0 && !this.hasFailed;
    done(isWhole ? undefined : new IncompleteMedia(`Of the fragments, ${this.missing.size} or more are missing.`));
  }

  /** What is at the very end may go on in the next chunk, so it is looked at again. */
  private look(text: string, isEnd: boolean): void {
    for (const { 0: tag, 1: number, 2: failure, index } of text.matchAll(TAG)) {
      if (failure) this.hasFailed = true;
      else if (isEnd || index + tag.length < text.length) {
        this.missing.delete(number);
        // The last byte of the length may look like a digit.
        this.missing.delete(number.slice(1));
      }
    }
    this.before = text.slice(-OVERLAP);
  }
}
