import {
  FragmentSelectorType,
  ListFragmentsCommand,
  type KinesisVideoArchivedMediaClient,
} from '@aws-sdk/client-kinesis-video-archived-media';
import * as z from 'zod';

const milliseconds = z.number().int();

/** A fragment as a stream lists it. */
export const fragment = z.object({
  number: z.string().describe('Its number in the stream, which rises with each fragment that is received.'),
  producedAt: milliseconds.describe('When it begins, by the clock of the device, in milliseconds since 1970.'),
  receivedAt: milliseconds.describe('When it was received, by the clock of AWS, in milliseconds since 1970.'),
  milliseconds: milliseconds.min(0).describe('From its first frame to its last.'),
  bytes: z.number().int().min(0),
});

export type Fragment = z.infer<typeof fragment>;

/** From the first moment up to the second, which is not part of it; in milliseconds since 1970. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** No fragment is longer. https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/limits.html */
export const LONGEST_FRAGMENT = 20_000;

const BY_CLOCK = { device: FragmentSelectorType.PRODUCER_TIMESTAMP, aws: FragmentSelectorType.SERVER_TIMESTAMP };

/**
 * All fragments that begin in the interval by one of the clocks, in the order in which they were received. AWS lists them in
 * no order, across pages too.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_reader_ListFragments.html
 */
export async function listFragments(
  client: KinesisVideoArchivedMediaClient,
  streamName: string,
  clock: keyof typeof BY_CLOCK,
  { from, to }: Interval,
): Promise<Fragment[]> {
  const found = new Map<string, Fragment>();
  let nextToken: string | undefined;
  do {
    const { Fragments = [], NextToken } = await client.send(
      new ListFragmentsCommand({
        StreamName: streamName,
        FragmentSelector: {
          FragmentSelectorType: BY_CLOCK[clock],
          // The end is part of the range, as AWS takes it.
          TimestampRange: { StartTimestamp: new Date(from), EndTimestamp: new Date(to - 1) },
        },
        MaxResults: 1000,
        NextToken: nextToken,
      }),
    );
    for (const { FragmentNumber, ProducerTimestamp, ServerTimestamp, ...size } of Fragments) {
      found.set(FragmentNumber!, {
        number: FragmentNumber!,
        producedAt: ProducerTimestamp!.getTime(),
        receivedAt: ServerTimestamp!.getTime(),
        milliseconds: size.FragmentLengthInMilliseconds ?? 0,
        bytes: size.FragmentSizeInBytes ?? 0,
      });
    }
    nextToken = NextToken ?? undefined;
  } while (nextToken);
  return [...found.values()].sort((one, other) => compareNumbers(one.number, other.number));
}

/** Numbers of fragments are longer than what is a number here. */
export function compareNumbers(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : Number(one > other));
}
