import { captureOutput } from '../../support/handler-output';
import { GetClipCommand, GetImagesCommand, ListFragmentsCommand } from '@aws-sdk/client-kinesis-video-archived-media';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { NORTH_REVIEWER, NOW, awsError, viewingOf } from '../../support/viewing';

const written = captureOutput();
const viewing = viewingOf();
const at = (time: string) => `2026-11-24T${time}Z`;
const CLIP = '/v1/devices/drone-1/clip';
const IMAGES = '/v1/devices/drone-1/images';
const FRAGMENTS = '/v1/devices/drone-1/fragments';
const WINDOW = { from: at('09:00:00'), to: at('09:05:00') };
const RANGE = { StartTimestamp: new Date(WINDOW.from), EndTimestamp: new Date(WINDOW.to) };

const get = (path: string, query: Record<string, string> = WINDOW) => viewing.get(path, NORTH_REVIEWER, query);

describe('a clip', () => {
  test('is put into the bucket, and a link to it given', async () => {
    const { status, content } = await viewing.post(CLIP, NORTH_REVIEWER, WINDOW);
    expect(status).toBe(200);
    expect(viewing.archivedMedia).toHaveReceivedCommandWith(GetClipCommand, {
      StreamName: 'drone-1',
      ClipFragmentSelector: { FragmentSelectorType: 'PRODUCER_TIMESTAMP', TimestampRange: RANGE },
    });
    const [{ input }] = viewing.s3.commandCalls(PutObjectCommand).map(({ args }) => args[0]);
    expect(input).toMatchObject({ Bucket: 'clip-bucket', Key: 'clips/drone-1/id-1.mp4', ContentType: 'video/mp4' });
    expect(Buffer.from(input.Body as Uint8Array).toString()).toBe('clip');

    const url = new URL(content.url as string);
    expect(url.host).toBe('clip-bucket.s3.eu-west-1.amazonaws.com');
    expect(url.pathname).toBe('/clips/drone-1/id-1.mp4');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      'X-Amz-Expires': '900',
      'X-Amz-Date': '20261124T100000Z',
      'response-content-disposition': 'attachment; filename="drone-1-2026-11-24T09-00-00-000Z.mp4"',
    });
    expect(content.expiresAt).toBe(new Date(NOW + 900_000).toISOString());
    expect(written().logs).toEqual([
      expect.objectContaining({ message: 'Access granted', action: 'clip', key: 'clips/drone-1/id-1.mp4', ...WINDOW }),
    ]);
  });

  test.each<[string, object, RegExp]>([
    ['reversed', { from: WINDOW.to, to: WINDOW.from }, /after/],
    ['over an hour', { from: at('08:00:00'), to: at('09:00:00.001') }, /60 minutes/],
    ['in the future', { from: at('09:59:00'), to: at('10:00:01') }, /future/],
    ['without an end', { from: WINDOW.from }, /to/],
    ['with a bucket', { ...WINDOW, bucket: 'mine' }, /bucket/],
  ])('%s is refused', async (_what, body, detail) => {
    expect(await viewing.post(CLIP, NORTH_REVIEWER, body)).toMatchObject({
      status: 400,
      content: { detail: expect.stringMatching(detail) },
    });
    expect(viewing.archivedMedia).not.toHaveReceivedCommand(GetClipCommand);
  });

  test.each([
    ['InvalidArgumentException', 400],
    ['InvalidMediaFrameException', 409],
    ['ResourceNotFoundException', 404],
    ['ClientLimitExceededException', 429],
  ])('%s is %i, and nothing is stored', async (name, status) => {
    viewing.archivedMedia.on(GetClipCommand).rejects(awsError(name));
    expect(await viewing.post(CLIP, NORTH_REVIEWER, WINDOW)).toMatchObject({ status });
    expect(viewing.s3).not.toHaveReceivedCommand(PutObjectCommand);
  });

  test('that can not be stored is none', async () => {
    viewing.s3.on(PutObjectCommand).rejects(awsError('AccessDenied'));
    expect(await viewing.post(CLIP, NORTH_REVIEWER, WINDOW)).toMatchObject({ status: 502 });
    expect(written().logs).not.toContainEqual(expect.objectContaining({ message: 'Access granted' }));
  });
});

describe('images', () => {
  test('are given with their times, and what is missing with its reason', async () => {
    viewing.archivedMedia.on(GetImagesCommand).resolves({
      Images: [
        { TimeStamp: new Date(at('09:00:00')), ImageContent: '/9j/4AA=' },
        { TimeStamp: new Date(at('09:00:03')), Error: 'NO_MEDIA' },
      ],
      NextToken: 'more',
    });
    expect(await get(IMAGES)).toMatchObject({
      status: 200,
      content: {
        images: [
          { at: '2026-11-24T09:00:00.000Z', jpeg: '/9j/4AA=' },
          { at: '2026-11-24T09:00:03.000Z', error: 'NO_MEDIA' },
        ],
        nextToken: 'more',
      },
    });
    expect(viewing.archivedMedia).toHaveReceivedCommandWith(GetImagesCommand, {
      StreamName: 'drone-1',
      ImageSelectorType: 'PRODUCER_TIMESTAMP',
      ...RANGE,
      SamplingInterval: 3000,
      Format: 'JPEG',
      WidthPixels: 640,
      MaxResults: 20,
      NextToken: undefined,
    });
  });

  test('are as many, as far apart and as wide as asked', async () => {
    const query = { ...WINDOW, interval: '200', width: '3840', limit: '100', nextToken: 'more' };
    expect(await get(IMAGES, query)).toMatchObject({ status: 200 });
    expect(viewing.archivedMedia).toHaveReceivedCommandWith(GetImagesCommand, {
      SamplingInterval: 200,
      WidthPixels: 3840,
      MaxResults: 100,
      NextToken: 'more',
    });
  });

  test.each<[string, Record<string, string>]>([
    ['over 5 minutes', { from: at('09:00:00'), to: at('09:05:00.001') }],
    ['reversed', { from: WINDOW.to, to: WINDOW.from }],
    ['in the future', { from: at('09:59:00'), to: at('10:00:01') }],
    ['without a beginning', { to: WINDOW.to }],
    ['too close', { ...WINDOW, interval: '199' }],
    ['too far apart', { ...WINDOW, interval: '20001' }],
    ['too many', { ...WINDOW, limit: '101' }],
    ['none', { ...WINDOW, limit: '0' }],
    ['not whole', { ...WINDOW, limit: '1.5' }],
    ['no number', { ...WINDOW, width: 'wide' }],
    ['too wide', { ...WINDOW, width: '3841' }],
    ['of another format', { ...WINDOW, format: 'PNG' }],
  ])('%s are refused', async (_what, query) => {
    expect(await get(IMAGES, query)).toMatchObject({ status: 400 });
    expect(viewing.archivedMedia).not.toHaveReceivedCommand(GetImagesCommand);
  });

  test('that are too much for an answer are asked for in smaller pages', async () => {
    const image = (length: number) => ({ TimeStamp: new Date(at('09:00:00')), ImageContent: 'A'.repeat(length) });
    viewing.archivedMedia.on(GetImagesCommand).resolves({ Images: [image(2_750_000), image(2_750_000)] });
    expect(await get(IMAGES)).toMatchObject({ status: 200 });
    viewing.archivedMedia.on(GetImagesCommand).resolves({ Images: [image(2_750_000), image(2_750_001)] });
    expect(await get(IMAGES)).toMatchObject({ status: 400, content: { detail: expect.stringContaining('`limit`') } });
  });
});

describe('fragments', () => {
  const fragment = (second: number) => ({
    FragmentNumber: `9134385233318150666957910${second}`,
    FragmentSizeInBytes: 250_000,
    ProducerTimestamp: new Date(NOW - 3_600_000 + 1000 * second),
    ServerTimestamp: new Date(NOW - 3_599_000 + 1000 * second),
    FragmentLengthInMilliseconds: 2000,
  });

  test('are a page of the timeline', async () => {
    viewing.archivedMedia
      .on(ListFragmentsCommand)
      .resolves({ Fragments: [fragment(4), fragment(2)], NextToken: 'more' });
    const { status, content } = await get(FRAGMENTS, { ...WINDOW, limit: '2', nextToken: 'start' });
    expect(status).toBe(200);
    expect(content).toEqual({
      fragments: [
        {
          number: '91343852333181506669579102',
          producedAt: '2026-11-24T09:00:02.000Z',
          receivedAt: '2026-11-24T09:00:03.000Z',
          milliseconds: 2000,
          bytes: 250_000,
        },
        expect.objectContaining({ producedAt: '2026-11-24T09:00:04.000Z' }),
      ],
      nextToken: 'more',
    });
    expect(viewing.archivedMedia).toHaveReceivedCommandWith(ListFragmentsCommand, {
      StreamName: 'drone-1',
      FragmentSelector: { FragmentSelectorType: 'PRODUCER_TIMESTAMP', TimestampRange: RANGE },
      MaxResults: 2,
      NextToken: 'start',
    });
  });

  test('of a whole day can be listed, and no longer', async () => {
    expect(await get(FRAGMENTS, { from: '2026-11-23T10:00:00Z', to: at('10:00:00') })).toMatchObject({ status: 200 });
    expect(await get(FRAGMENTS, { from: '2026-11-23T09:59:59Z', to: at('10:00:00') })).toMatchObject({ status: 400 });
  });

  test.each<Record<string, string>>([
    { limit: '1001' },
    { limit: '-1' },
    { nextToken: '' },
    { nextToken: 'x'.repeat(4097) },
    { other: '1' },
  ])('%j is refused', async (wrong) => {
    expect(await get(FRAGMENTS, { ...WINDOW, ...wrong })).toMatchObject({ status: 400 });
    expect(viewing.archivedMedia).not.toHaveReceivedCommand(ListFragmentsCommand);
  });

  test('a body that a GET should not have does no harm', async () => {
    expect(await viewing.send('GET', FRAGMENTS, { claims: NORTH_REVIEWER, query: WINDOW, body: {} })).toMatchObject({
      status: 200,
    });
  });
});
