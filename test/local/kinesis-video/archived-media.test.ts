import { execFileSync } from 'node:child_process';
import {
  GetClipCommand,
  GetHLSStreamingSessionURLCommand,
  GetImagesCommand,
  GetMediaForFragmentListCommand,
  ListFragmentsCommand,
  type GetHLSStreamingSessionURLInput,
} from '@aws-sdk/client-kinesis-video-archived-media';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { playHls } from '../../../lambda/canary/playback';
import { ArchivedMedia } from '../../../lambda/common/archived-media';
import { listFragments } from '../../../lambda/common/fragments';
import { openClip, openFragments } from '../../../lambda/common/stream-media';
import { ID } from '../../../local/cloud/kinesis-video/matroska';
import { film, H264, rebuilt, shifted, tagged, withPrivate } from './media';
import { startWorld, type World } from './world';

/** As a recording of ten minutes ago. */
const START = Date.now() - 600_000;

let recorded: Buffer;
let reordered: Buffer;
let world: World;

beforeAll(() => {
  recorded = film(`| ${H264}`);
  reordered = film(`| ${H264.replace('-bf 0', '-bf 2')}`);
});

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.stop());

async function record(name: string, media: Buffer, startedAt = START): Promise<void> {
  const producer = await world.producer(name, { startedAt });
  await producer.send(media);
  await producer.end();
}

const range = (from: number, to: number) => ({ StartTimestamp: new Date(from), EndTimestamp: new Date(to) });

/** What ffprobe says of media. */
function probe(media: Buffer, ...what: string[]): string[] {
  const output = execFileSync('ffprobe', ['-v', 'error', ...what, '-of', 'csv=p=0', '-'], { input: media });
  return output.toString().trim().split('\n');
}

const timesOf = (media: Buffer) => probe(media, '-show_entries', 'packet=pts_time').map(parseFloat);

describe('fragments', () => {
  test('are listed by the time of the producer and of the service, page by page', async () => {
    await world.stream('drone-1');
    await record('drone-1', recorded);
    const listed = await listFragments(world.archive, 'drone-1', 'device', { from: START + 1000, to: START + 4001 });
    expect(listed.map(({ producedAt, milliseconds }) => [producedAt - START, milliseconds])).toEqual([
      [2000, 2000],
      [4000, 2000],
    ]);
    expect(await listFragments(world.archive, 'drone-1', 'aws', { from: START, to: START + 60_000 })).toEqual([]);

    const first = await world.archive.send(new ListFragmentsCommand({ StreamName: 'drone-1', MaxResults: 2 }));
    expect(first.Fragments).toHaveLength(2);
    const { NextToken } = first;
    const second = await world.archive.send(
      new ListFragmentsCommand({ StreamName: 'drone-1', MaxResults: 2, NextToken }),
    );
    expect(second.Fragments).toMatchObject([{ ProducerTimestamp: new Date(START + 4000) }]);
    expect(second.NextToken).toBeUndefined();
  });

  test('are given as they were sent', async () => {
    await world.stream('drone-1');
    await record('drone-1', recorded);
    const { Fragments = [] } = await world.archive.send(new ListFragmentsCommand({ StreamName: 'drone-1' }));
    const numbers = Fragments.slice(1).map(({ FragmentNumber }) => FragmentNumber!);
    const { Payload } = await world.archive.send(
      new GetMediaForFragmentListCommand({ StreamName: 'drone-1', Fragments: numbers }),
    );
    const media = await buffer(Payload as Readable);
    for (const number of numbers)
      expect(media.includes(`AWS_KINESISVIDEO_FRAGMENT_NUMBER`) && media.includes(number)).toBe(true);
    expect(timesOf(media)).toHaveLength(40);
    await expect(
      world.archive.send(new GetMediaForFragmentListCommand({ StreamName: 'drone-1', Fragments: ['123'] })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('a clip', () => {
  const clip = async (from: number, to: number) => {
    const { ContentType, Payload } = await world.archive.send(
      new GetClipCommand({
        StreamName: 'drone-1',
        ClipFragmentSelector: { FragmentSelectorType: 'PRODUCER_TIMESTAMP', TimestampRange: range(from, to) },
      }),
    );
    expect(ContentType).toBe('video/mp4');
    return buffer(Payload as Readable);
  };

  test('has the fragments of the time as MP4, with their gaps', async () => {
    await world.stream('drone-1');
    await record('drone-1', recorded);
    await record('drone-1', recorded, START + 20_000);
    const media = await clip(START + 2000, START + 22_000);
    expect(probe(media, '-show_entries', 'format=format_name')).toEqual([expect.stringContaining('mp4')]);
    const times = timesOf(media);
    expect(times).toHaveLength(80);
    expect(times[0]).toBeCloseTo(0, 1);
    expect(times[40]).toBeCloseTo(18, 1);
    expect(times.at(-1)).toBeCloseTo(21.9, 1);
  });

  test('shows frames in their order, in whatever order they were sent', async () => {
    await world.stream('drone-1');
    await record('drone-1', reordered);
    const decoded = execFileSync('ffmpeg', '-v error -i - -f framecrc -'.split(' '), {
      input: await clip(START, START + 10_000),
    });
    const frames = (text: string) =>
      text
        .split('\n')
        .filter((line) => /^\d/.test(line))
        .map((line) => line.split(',').at(-1));
    const original = execFileSync('ffmpeg', '-v error -i - -f framecrc -'.split(' '), { input: reordered });
    expect(frames(decoded.toString())).toEqual(frames(original.toString()));
  });

  test('has the sound too', async () => {
    await world.stream('drone-1');
    await record('drone-1', film(`-f lavfi -i testsrc2=size=320x180:rate=10 -f lavfi -i sine | ${H264} -c:a aac`));
    const codecs = probe(await clip(START, START + 10_000), '-show_entries', 'stream=codec_name');
    expect(codecs).toEqual(['h264', 'aac']);
  });

  test.each([
    ['of a time when nothing was recorded', -10_000, -5000, 'ResourceNotFoundException'],
    ['that ends before it begins', 1000, 0, 'InvalidArgumentException'],
    ['of more than a day', 0, 86_400_001, 'InvalidArgumentException'],
  ])('%s is refused', async (_, from, to, name) => {
    await world.stream('drone-1');
    await record('drone-1', recorded);
    await expect(clip(START + from, START + to)).rejects.toMatchObject({ name });
  });

  test('of more than 200 fragments is refused', async () => {
    await world.stream('drone-1');
    const second = film('-f lavfi -i testsrc2=size=32x32:rate=10 | -c:v libx264 -g 10', 1);
    const many = Array.from({ length: 201 }, (_, index) => index * 1000);
    await record(
      'drone-1',
      rebuilt(second, ({ id, whole }) => (id === ID.cluster ? many.map((at) => shifted(whole, at)) : [whole])),
      START - 300_000,
    );
    await expect(clip(START - 300_000, START)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
    expect(timesOf(await clip(START - 299_000, START))).toHaveLength(2000);
  });

  test('goes to handlers as they ask for it', async () => {
    await world.stream('drone-1');
    await record('drone-1', recorded);
    const ports = { kinesisVideo: world.control, archivedMedia: () => world.archive, now: Date.now };
    const media = new ArchivedMedia(ports);
    const all = await listFragments(world.archive, 'drone-1', 'device', { from: START, to: START + 10_000 });
    expect(timesOf(await buffer(await openClip(media, 'drone-1', all)))).toHaveLength(60);
    expect(timesOf(await buffer(await openFragments(media, 'drone-1', all)))).toHaveLength(60);
  });
});

describe('images', () => {
  const images = (change: object = {}) =>
    world.archive.send(
      new GetImagesCommand({
        StreamName: 'drone-1',
        ImageSelectorType: 'PRODUCER_TIMESTAMP',
        ...range(START, START + 7000),
        SamplingInterval: 3000,
        Format: 'JPEG',
        WidthPixels: 160,
        HeightPixels: 90,
        ...change,
      }),
    );

  test('are taken at each time that there is media of', async () => {
    await world.stream('drone-1');
    await record('drone-1', recorded);
    const { Images = [] } = await images();
    expect(Images.map(({ TimeStamp, Error }) => [TimeStamp!.getTime() - START, Error])).toEqual([
      [0, undefined],
      [3000, undefined],
      [6000, 'NO_MEDIA'],
    ]);
    const picture = Buffer.from(Images[1].ImageContent!, 'base64');
    expect(probe(picture, '-show_entries', 'stream=codec_name,width,height')).toEqual(['mjpeg,160,90']);
    expect(Images[0].ImageContent).not.toEqual(Images[1].ImageContent);
  });

  test('come page by page', async () => {
    await world.stream('drone-1');
    await record('drone-1', recorded);
    const first = await images({ MaxResults: 2, Format: 'PNG' });
    expect(first.Images).toHaveLength(2);
    expect((await images({ MaxResults: 2, Format: 'PNG', NextToken: first.NextToken })).Images).toHaveLength(1);
  });

  test.each([
    ['of more than 300 seconds', range(START, START + 300_001)],
    ['more often than every 200 ms', { SamplingInterval: 100 }],
  ])('%s are refused', async (_, change) => {
    await world.stream('drone-1');
    await expect(images(change)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  });
});

describe('playback', () => {
  const open = async (input: Partial<GetHLSStreamingSessionURLInput> = {}) => {
    const command = new GetHLSStreamingSessionURLCommand({ StreamName: 'drone-1', ...input });
    return (await world.archive.send(command)).HLSStreamingSessionURL!;
  };
  const recordedOf = (from: number, to: number): Partial<GetHLSStreamingSessionURLInput> => ({
    PlaybackMode: 'ON_DEMAND',
    HLSFragmentSelector: { FragmentSelectorType: 'PRODUCER_TIMESTAMP', TimestampRange: range(from, to) },
  });
  const text = async (url: string | URL) => (await fetch(url)).text();
  const uriOf = (playlist: string) => playlist.split('\n').find((line) => line !== '' && !line.startsWith('#'))!;
  const mediaPlaylist = async (url: string) => text(new URL(uriOf(await text(url)), url));
  const linesOf = (playlist: string, tag: string) => playlist.split('\n').filter((line) => line.startsWith(tag));

  test('of a recording has all of it, and ends', async () => {
    await world.stream('drone-1');
    await record('drone-1', recorded);
    const url = await open({ ...recordedOf(START, START + 10_000), DisplayFragmentTimestamp: 'ALWAYS' });
    expect(await text(url)).toMatch(/^#EXT-X-STREAM-INF:BANDWIDTH=\d+,CODECS="avc1\.[0-9a-f]{6}",RESOLUTION=320x180$/m);
    const playlist = await mediaPlaylist(url);
    expect(linesOf(playlist, '#EXTINF')).toEqual(['#EXTINF:2,', '#EXTINF:2,', '#EXTINF:2,']);
    expect(linesOf(playlist, '#EXT-X-MAP')).toHaveLength(1);
    expect(linesOf(playlist, '#EXT-X-DISCONTINUITY')).toEqual([]);
    expect(linesOf(playlist, '#EXT-X-PROGRAM-DATE-TIME')[1]).toBe(
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(START + 2000).toISOString()}`,
    );
    expect(playlist).toContain('#EXT-X-PLAYLIST-TYPE:VOD');
    expect(playlist.trimEnd().endsWith('#EXT-X-ENDLIST')).toBe(true);
  });

  test('gives media that players can decode one after the other', async () => {
    await world.stream('drone-1');
    await record('drone-1', reordered);
    const url = await open(recordedOf(START, START + 10_000));
    const playlist = await mediaPlaylist(url);
    const [, map] = /#EXT-X-MAP:URI="([^"]+)"/.exec(playlist)!;
    const names = [map, ...playlist.split('\n').filter((line) => line.startsWith('getMP4Media'))];
    const parts = await Promise.all(
      names.map(async (name) => Buffer.from(await (await fetch(new URL(name, url))).arrayBuffer())),
    );
    const times = timesOf(Buffer.concat(parts)).sort((one, other) => one - other);
    expect(times).toHaveLength(60);
    expect(times.at(-1)! - times[0]).toBeCloseTo(5.9, 1);
    // Each by itself, as after a jump.
    expect(timesOf(Buffer.concat([parts[0], parts[2]]))).toHaveLength(20);
  });

  test('is what the canary plays', async () => {
    await world.stream('drone-1');
    await record('drone-1', recorded);
    const media = () => Promise.resolve(world.archive);
    const bytes = await playHls('drone-1', new Date(START), new Date(START + 10_000), { media, fetch });
    expect(bytes).toBeGreaterThan(1000);
  });

  test('live has the newest fragments, and goes on with those that come', async () => {
    await world.stream('drone-1');
    await record('drone-1', recorded, Date.now() - 20_000);
    const url = await open({
      HLSFragmentSelector: { FragmentSelectorType: 'PRODUCER_TIMESTAMP' },
      MaxMediaPlaylistFragmentResults: 3,
      DiscontinuityMode: 'ON_DISCONTINUITY',
    });
    const before = await mediaPlaylist(url);
    expect(before).toContain('#EXT-X-MEDIA-SEQUENCE:1\n');
    expect(before).not.toContain('#EXT-X-ENDLIST');
    await record(
      'drone-1',
      rebuilt(recorded, (part) => [part.whole]),
      Date.now() - 10_000,
    );
    const after = await mediaPlaylist(url);
    expect(linesOf(after, '#EXTINF')).toHaveLength(3);
    expect(after).toContain('#EXT-X-MEDIA-SEQUENCE:4\n');
    expect(after).toContain('#EXT-X-DISCONTINUITY-SEQUENCE:1\n');
    expect(uriOf(after)).not.toBe(uriOf(before));
  });

  test('live again begins then, and plays on in the time that it takes', async () => {
    await world.stream('drone-1');
    await record('drone-1', recorded);
    const url = await open({
      PlaybackMode: 'LIVE_REPLAY',
      MaxMediaPlaylistFragmentResults: 1,
      HLSFragmentSelector: {
        FragmentSelectorType: 'PRODUCER_TIMESTAMP',
        TimestampRange: { StartTimestamp: new Date(START + 2000) },
      },
      DisplayFragmentTimestamp: 'ALWAYS',
    });
    const startOf = async () => linesOf(await mediaPlaylist(url), '#EXT-X-PROGRAM-DATE-TIME');
    expect(await startOf()).toEqual([`#EXT-X-PROGRAM-DATE-TIME:${new Date(START + 2000).toISOString()}`]);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 2500);
    expect(await startOf()).toEqual([`#EXT-X-PROGRAM-DATE-TIME:${new Date(START + 4000).toISOString()}`]);
    jest.restoreAllMocks();
  });

  test.each<[NonNullable<GetHLSStreamingSessionURLInput['DiscontinuityMode']> | undefined, number]>([
    ['ON_DISCONTINUITY', 1],
    ['ALWAYS', 3],
    ['NEVER', 0],
    [undefined, 0],
  ])('marks gaps as it is told: %s', async (DiscontinuityMode, marks) => {
    await world.stream('drone-1');
    let clusters = 0;
    // The second fragment is missing, and another one comes late.
    const media = rebuilt(recorded, ({ id, whole }) => {
      if (id !== ID.cluster) return [whole];
      const index = clusters++;
      return index < 2 ? [whole] : [shifted(whole, 3000), shifted(whole, 5000)];
    });
    await record('drone-1', media);
    const url = await open({ ...recordedOf(START, START + 20_000), DiscontinuityMode });
    expect(linesOf(await mediaPlaylist(url), '#EXT-X-DISCONTINUITY')).toHaveLength(marks);
  });

  test('has another set-up where the media change', async () => {
    await world.stream('drone-1');
    await record('drone-1', recorded);
    await record('drone-1', film(`-f lavfi -i testsrc2=size=640x360:rate=10 | ${H264}`), START + 6000);
    const playlist = await mediaPlaylist(await open(recordedOf(START, START + 20_000)));
    expect(linesOf(playlist, '#EXT-X-MAP')).toHaveLength(2);
    expect(linesOf(playlist, '#EXT-X-DISCONTINUITY')).toHaveLength(1);
  });

  test('ends when its session does', async () => {
    await world.stream('drone-1');
    await record('drone-1', recorded);
    const url = await open({ ...recordedOf(START, START + 10_000), Expires: 300 });
    const response = await fetch(url);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 300_000);
    expect((await fetch(url)).status).toBe(403);
    jest.restoreAllMocks();
    expect((await fetch(url.replace(/SessionToken=.*/, 'SessionToken=another'))).status).toBe(403);
  });

  test.each<[string, Partial<GetHLSStreamingSessionURLInput>, string]>([
    ['of a time when nothing was recorded', recordedOf(START - 10_000, START - 5000), 'ResourceNotFoundException'],
    ['of no time', { PlaybackMode: 'ON_DEMAND' }, 'InvalidArgumentException'],
    [
      'that is live at a time',
      { HLSFragmentSelector: recordedOf(1, 2).HLSFragmentSelector },
      'InvalidArgumentException',
    ],
    ['of too short a session', { ...recordedOf(START, START + 9000), Expires: 299 }, 'InvalidArgumentException'],
  ])('%s is refused', async (_, input, name) => {
    await world.stream('drone-1');
    await record('drone-1', recorded);
    await expect(open(input)).rejects.toMatchObject({ name });
  });

  test('live of what is over is refused', async () => {
    await world.stream('drone-1');
    await record('drone-1', recorded);
    await open();
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 31_000);
    await expect(open()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    jest.restoreAllMocks();
  });

  test('needs retention', async () => {
    await world.stream('drone-1', 0);
    await record('drone-1', recorded);
    await expect(open()).rejects.toMatchObject({ name: 'NoDataRetentionException' });
  });

  test.each<[string, () => Buffer, string]>([
    [
      'of another codec',
      () => film('-f lavfi -i testsrc2=size=64x64:rate=10 | -c:v mjpeg -g 20'),
      'UnsupportedStreamMediaTypeException',
    ],
    ['without set-up', () => withPrivate(tagged(recorded), () => Buffer.alloc(0)), 'MissingCodecPrivateDataException'],
    [
      'with a set-up in another form',
      () => withPrivate(tagged(recorded), (content) => Buffer.concat([Buffer.from([0, 0, 0, 1]), content.subarray(4)])),
      'InvalidCodecPrivateDataException',
    ],
  ])('of media %s is refused', async (_, media, name) => {
    await world.stream('drone-1');
    await record('drone-1', media());
    await expect(open(recordedOf(START, START + 10_000))).rejects.toMatchObject({ name });
  });

  test('is on record', async () => {
    await world.stream('drone-1');
    await record('drone-1', recorded);
    await open(recordedOf(START, START + 10_000));
    expect(world.records.at(-1)).toMatchObject({
      eventName: 'GetHLSStreamingSessionURL',
      readOnly: true,
      requestParameters: { streamName: 'drone-1', playbackMode: 'ON_DEMAND' },
      resources: [{ type: 'AWS::KinesisVideo::Stream' }],
    });
  });
});
