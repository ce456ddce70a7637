import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetHLSStreamingSessionURLCommand, type HLSPlaybackMode } from '@aws-sdk/client-kinesis-video-archived-media';
import type HlsPlayer from 'hls.js';
import { chromium, type Browser, type Page } from 'playwright-core';
import { LAUNCH } from '../../console/support/chromium';
import { film, H264, partsOf } from './media';
import { startWorld, type World } from './world';

const HLS = readFileSync(require.resolve('hls.js/dist/hls.min.js'), 'utf8');

let world: World;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await chromium.launch(LAUNCH);
});

afterAll(() => browser.close());

beforeEach(async () => {
  world = await startWorld();
  await world.stream('drone-1');
  page = await browser.newPage();
  await page.setContent('<video muted width="320"></video>');
  await page.addScriptTag({ content: HLS });
});

afterEach(async () => {
  await page.close();
  await world.stop();
});

async function record(media: Buffer, startedAt: number): Promise<void> {
  const producer = await world.producer('drone-1', { startedAt });
  await producer.send(media);
  await producer.end();
}

/** Plays it until the player is that far, in seconds, and tells what went wrong on the way. */
async function play(
  url: string,
  until: number,
  speed = 4,
): Promise<{ errors: string[]; width: number; corrupted: number }> {
  return page.evaluate(
    async ([source, time, rate]) => {
      const { Hls } = globalThis as unknown as { Hls: typeof HlsPlayer };
      const video = document.querySelector('video')!;
      const errors: string[] = [];
      const player = new Hls();
      // It tells of a slow machine too, and goes on.
      player.on(
        Hls.Events.ERROR,
        (_, { details, fatal }) => (fatal || details !== 'bufferStalledError') && errors.push(details),
      );
      player.loadSource(source);
      player.attachMedia(video);
      await video.play();
      const from = video.currentTime;
      video.playbackRate = rate;
      while (video.currentTime < from + time) await new Promise((resolve) => setTimeout(resolve, 20));
      return {
        errors,
        width: video.videoWidth,
        corrupted: video.getVideoPlaybackQuality().corruptedVideoFrames,
      };
    },
    [url, until, speed] as const,
  );
}

async function open(
  PlaybackMode: HLSPlaybackMode,
  range?: { StartTimestamp: Date; EndTimestamp: Date },
): Promise<string> {
  const { HLSStreamingSessionURL } = await world.archive.send(
    new GetHLSStreamingSessionURLCommand({
      StreamName: 'drone-1',
      PlaybackMode,
      HLSFragmentSelector: { FragmentSelectorType: 'PRODUCER_TIMESTAMP', TimestampRange: range },
      DiscontinuityMode: 'ON_DISCONTINUITY',
      DisplayFragmentTimestamp: 'ALWAYS',
    }),
  );
  return HLSStreamingSessionURL!;
}

test.each<[string, () => Buffer]>([
  ['in the order of its frames', () => film(`| ${H264}`)],
  ['with frames that refer to later ones', () => film(`| ${H264.replace('-bf 0', '-bf 2')}`)],
  ['with sound', () => film(`-f lavfi -i testsrc2=size=320x180:rate=10 -f lavfi -i sine | ${H264} -c:a aac`)],
])('a browser plays a recording %s to its end', async (_, media) => {
  const start = Date.now() - 60_000;
  await record(media(), start);
  const url = await open('ON_DEMAND', { StartTimestamp: new Date(start), EndTimestamp: new Date(start + 30_000) });
  expect(await play(url, 5.5)).toEqual({ errors: [], width: 320, corrupted: 0 });
});

test('a browser plays over a gap', async () => {
  const start = Date.now() - 60_000;
  const media = film(`| ${H264}`);
  await record(media, start);
  await record(media, start + 20_000);
  const url = await open('ON_DEMAND', { StartTimestamp: new Date(start), EndTimestamp: new Date(start + 30_000) });
  expect(await play(url, 11)).toMatchObject({ errors: [] });
});

test('a browser plays what is live, while it comes', async () => {
  const { head, clusters } = partsOf(film(`| ${H264.replaceAll('20', '10')}`, 14));
  expect(clusters).toHaveLength(14);
  const producer = await world.producer('drone-1', { startedAt: Date.now() - 5000 });
  await producer.send(Buffer.concat([head, ...clusters.slice(0, 6)]));
  while (producer.acknowledgements.filter(({ EventType }) => EventType === 'PERSISTED').length < 5) await sleep(20);
  const sending = (async () => {
    for (const cluster of clusters.slice(6)) {
      await sleep(1000);
      await producer.send(cluster);
    }
  })();
  expect(await play(await open('LIVE'), 5, 1)).toMatchObject({ errors: [], width: 320 });
  await sending;
  await producer.end();
});
