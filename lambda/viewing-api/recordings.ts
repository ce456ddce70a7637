import { APIName } from '@aws-sdk/client-kinesis-video';
import { GetClipCommand, GetImagesCommand, ListFragmentsCommand } from '@aws-sdk/client-kinesis-video-archived-media';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Readable } from 'node:stream';
import type * as z from 'zod';
import type { ArchivedMedia } from '../common/archived-media';
import { Problem } from '../common/problem';
import type { clipRequest, fragmentsAnswer, fragmentsQuery, imagesAnswer, imagesQuery } from './requests';
import { HOUR, MINUTE, pastWindow } from './window';

export interface RecordingPorts {
  readonly media: ArchivedMedia;
  readonly s3: S3Client;
  readonly clipBucket: string;
  readonly sessionSeconds: number;
  readonly newId: () => string;
  readonly now: () => number;
}

/** A function answers with 6 MB at most, and there is more in an answer than images. */
const MOST_IMAGE_BYTES = 5_500_000;

const FROM_DEVICE = 'PRODUCER_TIMESTAMP';

export interface Clip {
  readonly url: string;
  readonly key: string;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Puts a clip into the bucket while it is read, and makes a link to it. */
export async function makeClip(
  streamName: string,
  { from, to }: z.infer<typeof clipRequest>,
  { media, s3, clipBucket, sessionSeconds, newId, now }: RecordingPorts,
): Promise<Clip> {
  const { start, end } = pastWindow(from, to, HOUR, now());
  const client = await media.clientFor(streamName, APIName.GET_CLIP);
  const { Payload, ContentType } = await client.send(
    new GetClipCommand({
      StreamName: streamName,
      ClipFragmentSelector: {
        FragmentSelectorType: FROM_DEVICE,
        TimestampRange: { StartTimestamp: start, EndTimestamp: end },
      },
    }),
  );
  const object = { Bucket: clipBucket, Key: `clips/${streamName}/${newId()}.mp4` };
  await new Upload({ client: s3, params: { ...object, Body: Payload as Readable, ContentType } }).done();
  const name = `${streamName}-${start.toISOString().replaceAll(/[:.]/g, '-')}.mp4`;
  const expiresAt = now() + 1000 * sessionSeconds;
  const url = await getSignedUrl(
    s3,
    new GetObjectCommand({ ...object, ResponseContentDisposition: `attachment; filename="${name}"` }),
    { expiresIn: sessionSeconds, signingDate: new Date(now()) },
  );
  return { url, key: object.Key, expiresAt };
}

/** @throws Problem 400 if the images are too many for an answer */
export async function listImages(
  streamName: string,
  query: z.infer<typeof imagesQuery>,
  { media, now }: RecordingPorts,
): Promise<z.infer<typeof imagesAnswer>> {
  const { start, end } = pastWindow(query.from, query.to, 5 * MINUTE, now());
  const client = await media.clientFor(streamName, APIName.GET_IMAGES);
  const { Images = [], NextToken } = await client.send(
    new GetImagesCommand({
      StreamName: streamName,
      ImageSelectorType: FROM_DEVICE,
      StartTimestamp: start,
      EndTimestamp: end,
      SamplingInterval: query.interval,
      Format: 'JPEG',
      WidthPixels: query.width,
      MaxResults: query.limit,
      NextToken: query.nextToken,
    }),
  );
  const bytes = Images.reduce((sum, { ImageContent = '' }) => sum + ImageContent.length, 0);
  if (bytes > MOST_IMAGE_BYTES) {
    throw new Problem(
      400,
      'Too much',
      `${Images.length} images of this \`width\` are too much; lower \`limit\` or \`width\`.`,
    );
  }
  return {
    images: Images.map(({ TimeStamp, ImageContent, Error: error }) => ({
      at: TimeStamp!.toISOString(),
      jpeg: ImageContent,
      error,
    })),
    nextToken: NextToken,
  };
}

export async function listFragments(
  streamName: string,
  query: z.infer<typeof fragmentsQuery>,
  { media, now }: RecordingPorts,
): Promise<z.infer<typeof fragmentsAnswer>> {
  const { start, end } = pastWindow(query.from, query.to, 24 * HOUR, now());
  const client = await media.clientFor(streamName, APIName.LIST_FRAGMENTS);
  const { Fragments = [], NextToken } = await client.send(
    new ListFragmentsCommand({
      StreamName: streamName,
      FragmentSelector: {
        FragmentSelectorType: FROM_DEVICE,
        TimestampRange: { StartTimestamp: start, EndTimestamp: end },
      },
      MaxResults: query.limit,
      NextToken: query.nextToken,
    }),
  );
  return {
    fragments: Fragments.map((fragment) => ({
      number: fragment.FragmentNumber!,
      producedAt: fragment.ProducerTimestamp!.toISOString(),
      receivedAt: fragment.ServerTimestamp!.toISOString(),
      milliseconds: fragment.FragmentLengthInMilliseconds!,
      bytes: fragment.FragmentSizeInBytes!,
    })).sort((a, b) => a.producedAt.localeCompare(b.producedAt)),
    nextToken: NextToken,
  };
}
