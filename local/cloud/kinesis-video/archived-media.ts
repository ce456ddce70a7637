import type {
  GetClipInput,
  GetHLSStreamingSessionURLInput,
  GetImagesInput,
  GetMediaForFragmentListInput,
  Image,
  ListFragmentsInput,
} from '@aws-sdk/client-kinesis-video-archived-media';
import { ServiceError } from '../service';
import { framesOf, type Decoder } from './frames';
import { isOfAnotherKind, type HlsSessions } from './hls';
import type { Medium } from './medium';
import { invalid, noRetention } from './refusals';
import { matroskaOf, startOf, type Clock, type Fragment, type Interval, type Recordings } from './recordings';
import { checkPlayable, mp4Of, type Placed } from './transmux';

export interface ArchivePorts {
  readonly recordings: Recordings;
  readonly sessions: HlsSessions;
  readonly decoder: Decoder;
  readonly endpoint: () => string;
}

/** https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/limits.html */
const CLIP = { fragments: 200, bytes: 100_000_000 };
const DAY = 86_400_000;
/** A stream is live if it has something that is no older. */
const LIVE = 30_000;
const IMAGES = { window: 300_000, page: 25, interval: 3000, shortest: 200 };

interface TimestampRange {
  readonly StartTimestamp?: Date;
  readonly EndTimestamp?: Date;
}

/**
 * What can be had of streams later.
 * https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_Operations_Amazon_Kinesis_Video_Streams_Archived_Media.html
 */
export function archivedMedia({ recordings, sessions, decoder, endpoint }: ArchivePorts) {
  return {
    GetHLSStreamingSessionURL: (stream: Medium, input: GetHLSStreamingSessionURLInput) => {
      checkRetention(stream);
      const { PlaybackMode: mode = 'LIVE', HLSFragmentSelector: selector = {}, ContainerFormat, Expires = 300 } = input;
      if (ContainerFormat === 'MPEG_TS') throw new ServiceError('NotImplemented', 'There is no MPEG_TS here.', 501);
      const clock = selector.FragmentSelectorType ?? 'SERVER_TIMESTAMP';
      const { TimestampRange: range } = selector;
      if (mode === 'LIVE' && range) throw invalid('A session of LIVE has no TimestampRange.');
      if (mode !== 'LIVE' && !range?.StartTimestamp) throw invalid(`A session of ${mode} needs a TimestampRange.`);
      if (mode === 'ON_DEMAND' && !range?.EndTimestamp) throw invalid('A session of ON_DEMAND needs an EndTimestamp.');
      const interval = intervalOf(range, clock);
      const found = recordings.select(stream.arn, clock, interval);
      const isLive = found.some(({ receivedAt }) => receivedAt >= Date.now() - LIVE);
      if (found.length === 0 || (mode === 'LIVE' && !isLive)) throw nothing();
      checkPlayable(mode === 'LIVE' ? found.at(-1)! : found[0]);
      const path = sessions.open({
        streamArn: stream.arn,
        mode,
        clock,
        ...interval,
        expiresAt: Date.now() + 1000 * Expires,
        most: input.MaxMediaPlaylistFragmentResults ?? (mode === 'ON_DEMAND' ? 1000 : 5),
        discontinuities: input.DiscontinuityMode ?? (clock === 'SERVER_TIMESTAMP' ? 'ALWAYS' : 'NEVER'),
        showsTimes: input.DisplayFragmentTimestamp === 'ALWAYS',
      });
      return { HLSStreamingSessionURL: new URL(path, endpoint()).href };
    },

    GetClip: async (stream: Medium, input: GetClipInput) => {
      checkRetention(stream);
      const { FragmentSelectorType: clock, TimestampRange: range } = input.ClipFragmentSelector!;
      const found = recordings.select(stream.arn, clock!, intervalOf(range, clock!));
      if (found.length === 0) throw nothing();
      const bytes = found.reduce((sum, { cluster }) => sum + cluster.length, 0);
      if (found.length > CLIP.fragments || bytes > CLIP.bytes) {
        throw invalid(`A clip has at most ${CLIP.fragments} fragments and ${CLIP.bytes} bytes.`);
      }
      found.forEach(checkPlayable);
      if (found.some((fragment) => isOfAnotherKind(fragment, found[0]))) {
        throw new ServiceError('InvalidCodecPrivateDataException', 'The codec private data changes within the clip.');
      }
      return { ContentType: 'video/mp4', Payload: await mp4Of(placed(found, clock!)) };
    },

    ListFragments: (stream: Medium, input: ListFragmentsInput) => {
      const { FragmentSelector: selector, MaxResults = 1000, NextToken = '0' } = input;
      const clock = selector?.FragmentSelectorType ?? 'SERVER_TIMESTAMP';
      const { from = -Infinity, to = Infinity } = selector ? intervalOf(selector.TimestampRange, clock) : {};
      const all = recordings.of(stream.arn).filter((one) => startOf(one, clock) >= from && startOf(one, clock) <= to);
      const end = Number(NextToken) + MaxResults;
      return {
        Fragments: all.slice(Number(NextToken), end).map((fragment) => ({
          FragmentNumber: fragment.number,
          FragmentSizeInBytes: fragment.cluster.length,
          ProducerTimestamp: new Date(fragment.producedAt),
          ServerTimestamp: new Date(fragment.receivedAt),
          FragmentLengthInMilliseconds: fragment.milliseconds,
        })),
        NextToken: end < all.length ? String(end) : undefined,
      };
    },

    GetMediaForFragmentList: (stream: Medium, { Fragments = [] }: GetMediaForFragmentListInput) => {
      const all = recordings.of(stream.arn);
      const found = Fragments.map((number) => all.find((fragment) => fragment.number === number));
      if (found.includes(undefined)) throw nothing();
      return { ContentType: 'video/webm', Payload: matroskaOf(found as Fragment[], tagsOf) };
    },

    GetImages: async (stream: Medium, input: GetImagesInput) => {
      checkRetention(stream);
      const interval = input.SamplingInterval ?? IMAGES.interval;
      const [start, end] = [input.StartTimestamp!.getTime(), input.EndTimestamp!.getTime()];
      if (interval < IMAGES.shortest) throw invalid(`The SamplingInterval is ${IMAGES.shortest} ms or more.`);
      if (!(end > start && end - start <= IMAGES.window)) throw invalid('The images are of 300 seconds at most.');
      const times = Array.from(
        { length: Math.floor((end - start) / interval) + 1 },
        (_, index) => start + index * interval,
      );
      const first = Number(input.NextToken ?? 0);
      const after = first + Math.min(input.MaxResults ?? IMAGES.page, IMAGES.page);
      const found = recordings.select(stream.arn, input.ImageSelectorType!);
      const images = times.slice(first, after).map((time) => imageAt(time, found, input, decoder));
      return { Images: await Promise.all(images), NextToken: after < times.length ? String(after) : undefined };
    },
  };
}

async function imageAt(
  time: number,
  fragments: readonly Fragment[],
  { ImageSelectorType, Format, FormatConfig, WidthPixels, HeightPixels }: GetImagesInput,
  decoder: Decoder,
): Promise<Image> {
  const TimeStamp = new Date(time);
  const startAt = (fragment: Fragment) => startOf(fragment, ImageSelectorType!);
  const fragment = fragments.filter((one) => startAt(one) <= time && time < startAt(one) + one.milliseconds).at(-1);
  if (!fragment) return { TimeStamp, Error: 'NO_MEDIA' };
  const number = framesOf(fragment).filter((at) => at <= time - startAt(fragment)).length - 1;
  const [picture] = await decoder.pictures(fragment, [Math.max(0, number)], {
    format: Format === 'PNG' ? 'PNG' : 'JPEG',
    quality: FormatConfig?.JPEGQuality === undefined ? undefined : Number(FormatConfig.JPEGQuality),
    width: WidthPixels,
    height: HeightPixels,
  });
  return picture ? { TimeStamp, ImageContent: picture.toString('base64') } : { TimeStamp, Error: 'MEDIA_ERROR' };
}

/** Where each is in the clip. One that begins before the one before is over comes after it. */
function placed(fragments: readonly Fragment[], clock: Clock): Placed[] {
  let end = 0;
  return fragments.map((fragment) => {
    const at = Math.max(end, startOf(fragment, clock) - startOf(fragments[0], clock));
    end = at + framesOf(fragment).at(-1)! + 1;
    return { fragment, at };
  });
}

/** https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_reader_GetMediaForFragmentList.html */
function tagsOf({ number, receivedAt, producedAt }: Fragment) {
  const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(3);
  return [
    { name: 'AWS_KINESISVIDEO_FRAGMENT_NUMBER', value: number },
    { name: 'AWS_KINESISVIDEO_SERVER_SIDE_TIMESTAMP', value: seconds(receivedAt) },
    { name: 'AWS_KINESISVIDEO_PRODUCER_SIDE_TIMESTAMP', value: seconds(producedAt) },
  ];
}

/** @throws ServiceError */
function intervalOf(range: TimestampRange | undefined, clock: Clock): Interval {
  const [from, to] = [range?.StartTimestamp?.getTime(), range?.EndTimestamp?.getTime()];
  if (from === undefined || to === undefined) return { from, to };
  if (to <= from) throw invalid('The EndTimestamp is later than the StartTimestamp.');
  if (to - from > DAY) throw invalid('The range is 24 hours at most.');
  if (clock === 'SERVER_TIMESTAMP' && to > Date.now()) throw invalid('The EndTimestamp is in the past.');
  return { from, to };
}

function checkRetention({ settings }: Medium): void {
  if (!settings.retention) throw noRetention();
}

function nothing(): ServiceError {
  return new ServiceError('ResourceNotFoundException', 'No fragments found in the stream for the request.', 404);
}
