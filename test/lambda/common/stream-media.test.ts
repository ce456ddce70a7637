import { Readable } from 'node:stream';
import type { GetMediaForFragmentListCommand } from '@aws-sdk/client-kinesis-video-archived-media';
import type { ArchivedMedia } from '../../../lambda/common/archived-media';
import { openFragments } from '../../../lambda/common/stream-media';
import { StreamModel, fragmentNumber } from '../../support/stream-model';

const NUMBERS = [fragmentNumber(1), fragmentNumber(2)];
const FRAGMENTS = NUMBERS.map((number) => ({ number, producedAt: 0, receivedAt: 0, milliseconds: 2000, bytes: 1 }));

/** A tag of Matroska: its name, the id of its text, the length of that, and the text. */
const tag = (name: string, text: string, length = [0x80 | text.length]) =>
  Buffer.concat([Buffer.from(name), Buffer.from([0x44, 0x87, ...length]), Buffer.from(text)]);
const numberTag = (number: string) => tag('AWS_KINESISVIDEO_FRAGMENT_NUMBER', number);

/** What is read of media that comes in chunks of so many bytes. */
async function read(content: Buffer, chunkSize: number): Promise<Buffer> {
  const chunks = Array.from({ length: Math.ceil(content.length / chunkSize) }, (_none, index) =>
    content.subarray(index * chunkSize, (index + 1) * chunkSize),
  );
  const send = async (command: GetMediaForFragmentListCommand) => {
    expect(command.input).toEqual({ StreamName: 'drone-1', Fragments: NUMBERS });
    return { Payload: Readable.from(chunks) };
  };
  const media = { clientFor: async () => ({ send }) } as unknown as ArchivedMedia;
  const parts: Buffer[] = [];
  for await (const part of await openFragments(media, 'drone-1', FRAGMENTS)) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const media = Buffer.concat(NUMBERS.flatMap((number) => [Buffer.alloc(700, 7), numberTag(number), Buffer.alloc(300)]));

describe.each([1, 31, 256, 100_000])('in chunks of %i bytes, media', (chunkSize) => {
  test('goes through as it is', async () => {
    expect((await read(media, chunkSize)).equals(media)).toBe(true);
  });

  test('may end with the tag', async () => {
    const content = media.subarray(0, media.length - 300);
    expect((await read(content, chunkSize)).equals(content)).toBe(true);
  });

  test.each<[string, Buffer]>([
    ['lacks a fragment', media.subarray(0, 1000)],
    ['breaks off within the last number', media.subarray(0, media.length - 301)],
    ['has another fragment', Buffer.concat([media.subarray(0, 1000), numberTag(fragmentNumber(3))])],
    ['is none', Buffer.alloc(0)],
    ['says of an error', Buffer.concat([media, tag('AWS_KINESISVIDEO_EXCEPTION_ERROR_CODE', '3002')])],
  ])('fails at its end if it %s', async (_what, content) => {
    await expect(read(content, chunkSize)).rejects.toThrow(/missing/);
  });
});

test('a length whose last byte looks like a digit is no part of the number', async () => {
  const content = Buffer.concat(
    NUMBERS.map((number) => tag('AWS_KINESISVIDEO_FRAGMENT_NUMBER', number, [0x01, 0, 0, 0, 0, 0, 0, 0x30])),
  );
  expect((await read(content, 50)).equals(content)).toBe(true);
});

test('who is told to be slower tries again, and then has all of it', async () => {
  jest.spyOn(Math, 'random').mockReturnValue(0);
  const video = new StreamModel({ maxAttempts: 4 });
  video.streams.set(
    'drone-1',
    FRAGMENTS.map((fragment) => ({ ...fragment, codec: 'h264' })),
  );
  let refusals = 2;
  video.before = (operation) =>
    operation === 'GetMediaForFragmentList' && refusals-- > 0 ? 'ClientLimitExceededException' : undefined;
  for await (const part of await openFragments(video.media, 'drone-1', FRAGMENTS)) void part;
  expect(video.calls.map(({ operation }) => operation)).toEqual([
    'GetDataEndpoint',
    ...Array<string>(3).fill('GetMediaForFragmentList'),
  ]);
  jest.restoreAllMocks();
});
