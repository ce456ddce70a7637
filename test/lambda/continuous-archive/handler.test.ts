import { captureOutput } from '../../support/handler-output';
import { handle } from '../../../lambda/continuous-archive/handler';
import { SLICE } from '../../../lambda/continuous-archive/stream-archiver';
import { metrics } from '../../../lambda/common/observability';
import { recording } from '../../support/clip-world';
import { LocalDynamoDB } from '../../support/dynamodb';
import { ObjectStore } from '../../support/object-store';
import { StreamModel, fragmentsIn } from '../../support/stream-model';

const written = captureOutput();
const NOW = Date.parse('2026-11-24T10:35:00.000Z');
let dynamodb: LocalDynamoDB;
let watermarkTable: string;
let video: StreamModel;
let s3: ObjectStore;
let remaining: number;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  metrics.clearMetrics();
  watermarkTable = await dynamodb.createTable('stream');
  video = new StreamModel();
  video.createdAt = NOW - 3 * SLICE;
  s3 = new ObjectStore();
  remaining = 900_000;
});

const PAGE = { kind: 'things', names: ['drone-1'], round: 0, next: 0, late: [], counts: { checked: 0 } };
const work = (page: object = {}, now = NOW, cameras: string[] = []) =>
  handle(
    { ...PAGE, ...page },
    {
      kinesisVideo: video.kinesisVideo,
      media: video.media,
      s3: s3.client,
      bucket: 'archive',
      dynamodb: dynamodb.client,
      watermarkTable,
      cameras,
      settleSeconds: 120,
      now: () => now,
      remaining: () => remaining,
    },
  ).finally(() => metrics.publishStoredMetrics());
const mark = async () =>
  Object.fromEntries((await dynamodb.items(watermarkTable)).map((item) => [item.stream, item.archivedTo]));

test('media is stored by ten minutes, as it was sent, with a list of it', async () => {
  const from = Date.parse('2026-11-24T10:19:00.000Z');
  const sent = recording(from, 60);
  video.streams.set('drone-1', sent);
  expect(await work()).toEqual({
    progress: { round: 1, next: 1, late: [], counts: { checked: 1 } },
    done: true,
    reported: 0,
    report: { orphaned: [], failed: [] },
  });
  const folder = 'continuous/drone-1/2026/11/24';
  const lists = [...s3.objects.keys()].filter((key) => key.endsWith('slice.json')).sort();
  expect(lists).toEqual([`${folder}/1010/slice.json`, `${folder}/1020/slice.json`]);
  const stored = lists.flatMap((list) => {
    const { segments } = s3.json<{ segments: { key: string; bytes: number; fragments: { number: string }[] }[] }>(list);
    return segments.flatMap(({ key, bytes, fragments }) => {
      const { content, contentType } = s3.find(key);
      expect({ bytes, contentType }).toEqual({ bytes: content.length, contentType: 'video/x-matroska' });
      expect(fragmentsIn(content)).toEqual(fragments.map(({ number }) => number));
      return fragmentsIn(content);
    });
  });
  expect(stored).toEqual(sent.map(({ number }) => number));
  expect(await mark()).toEqual({ 'drone-1': Date.parse('2026-11-24T10:30:00.000Z') });
  expect(written().metrics).toMatchObject({ SegmentStored: [1, 1] });
});

test('each camera has a stream of its own', async () => {
  for (const name of ['drone-1.front', 'drone-1.rear']) video.streams.set(name, recording(NOW - 2 * SLICE, 3));
  await work({}, NOW, ['front', 'rear']);
  expect(Object.keys(await mark()).sort()).toEqual(['drone-1.front', 'drone-1.rear']);
});

test('a device without a stream is no failure', async () => {
  expect(await work()).toMatchObject({ done: true, reported: 0, progress: { counts: { checked: 1 } } });
  expect(await mark()).toEqual({});
});

test('a stream that keeps nothing is none either', async () => {
  video.streams.set('drone-1', []);
  video.retentionHours = 0;
  expect(await work()).toMatchObject({ done: true, reported: 0 });
  expect(await mark()).toEqual({});
});

test('one that fails is reported, holds no other up, and goes on next time', async () => {
  const names = ['drone-1', 'drone-2'];
  for (const name of names) video.streams.set(name, recording(NOW - 2 * SLICE, 3));
  let failures = 1;
  video.before = (operation) =>
    operation === 'GetMediaForFragmentList' && failures-- > 0 ? 'ClientLimitExceededException' : undefined;
  const round = await work({ names });
  expect(round).toMatchObject({ done: true, reported: 1, progress: { counts: { checked: 2, failed: 1 } } });
  const [{ thing, error }] = round.report.failed;
  expect(error).toMatch(/^ClientLimitExceededException/);
  expect(await mark()).not.toHaveProperty(thing);
  expect(written().metrics).toMatchObject({ ArchiveFailed: [1] });
  await work({ names });
  expect(Object.keys(await mark()).sort()).toEqual(names);
});

test('what the time is not enough for comes in the next round', async () => {
  video.streams.set('drone-1', recording(NOW - 2 * SLICE, 3));
  const list = video.before;
  // The time is up when the first media is to be fetched.
  video.before = (operation) => {
    if (operation === 'ListFragments') remaining = 59_000;
    return undefined;
  };
  const { progress, done } = await work();
  expect({ progress, done }).toMatchObject({ done: false, progress: { next: 1, late: [0], counts: { checked: 0 } } });
  expect(await mark()).toEqual({});
  video.before = list;
  remaining = 900_000;
  expect(await work(progress)).toMatchObject({ done: true, progress: { round: 2, late: [], counts: { checked: 1 } } });
  expect(await mark()).toHaveProperty('drone-1');
});

test('what was deleted before it was stored is told of, and the rest is stored', async () => {
  video.createdAt = 0;
  video.retentionHours = 1;
  video.streams.set('drone-1', []);
  await work();
  const later = NOW + 5 * 3_600_000;
  const kept = recording(later - 2 * SLICE, 3);
  video.streams.set('drone-1', kept);
  expect(await work({}, later)).toMatchObject({ done: true });
  const { metrics: values, logs } = written();
  // From 10:30, up to which was stored, until a minute after what is an hour old at 15:35.
  expect(values.ArchiveLost).toEqual([(4 * 60 + 6) * 60_000]);
  expect(logs).toContainEqual(
    expect.objectContaining({ level: 'ERROR', stream: 'drone-1', from: '2026-11-24T10:30:00.000Z' }),
  );
  const stored = [...s3.objects].filter(([key]) => key.endsWith('.mkv'));
  expect(stored.flatMap(([, { content }]) => fragmentsIn(content))).toEqual(kept.map(({ number }) => number));
});

test('a page that is none is refused', async () => {
  await expect(work({ names: 'drone-1' })).rejects.toThrow(/names/);
});
