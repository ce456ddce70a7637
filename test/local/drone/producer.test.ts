import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { renderFilm, type Film } from '../../../local/drone/film';
import { startProducer, type Producer, type ProducerProps } from '../../../local/drone/producer';
import { ServiceError } from '../../../local/cloud/service';
import { REGION, startIngest } from './support/ingest';

let film: Film;
let ingest: Awaited<ReturnType<typeof startIngest>>;
let producer: Producer | undefined;
let failures: string[];

const START = 1_795_000_000_000;

beforeAll(async () => {
  film = await renderFilm();
});
beforeEach(async () => {
  failures = [];
  ingest = await startIngest();
});
afterEach(async () => {
  await producer?.stop();
  await ingest.stop();
});

function produce(props: Partial<ProducerProps> & { seconds?: number } = {}): Producer {
  const credentials = () => Promise.resolve(ingest.credentials(props.seconds));
  return (producer = startProducer({
    kinesisVideo: new KinesisVideoClient({ region: REGION, endpoint: ingest.url, credentials }),
    credentials,
    region: REGION,
    streamName: 'drone-1',
    header: film.header,
    onFailure: ({ message }) => failures.push(message),
    ...props,
  }));
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setTimeout(10);
}

const timeOf = (index: number) => START + 2000 * index;

test('what the stream gets is the film with its times, in fragments that begin with a key frame', async () => {
  const { put, waiting } = produce();
  const fragments = [...film.cruise.slice(0, 2), ...film.encounter];
  fragments.forEach((fragment, index) =>
    put(fragment, timeOf(index), index === 2 ? ['AWS_KINESISVIDEO_IMAGE_GENERATION'] : []),
  );
  await until(() => ingest.timecodes().length === 5 && waiting().length === 0);
  const [{ headers, bytes }] = ingest.sessions;
  expect(headers).toMatchObject({
    'x-amzn-stream-name': 'drone-1',
    'x-amzn-fragment-timecode-type': 'ABSOLUTE',
    'x-amzn-fragment-acknowledgment-required': '1',
    'transfer-encoding': 'chunked',
  });

  const file = join(tmpdir(), 'sent.mkv');
  writeFileSync(file, bytes);
  const packets = probe('-show_entries', 'packet=pts_time,flags', file);
  expect(packets).toHaveLength(100);
  const keyFrames = packets
    .filter((packet) => packet.includes('K'))
    .map((packet) => 1000 * Number(packet.split(',')[0]));
  expect(keyFrames).toEqual([0, 1, 2, 3, 4].map(timeOf));
  const [decoded] = probe(
    '-count_frames',
    '-show_entries',
    'stream=codec_name,profile,width,height,has_b_frames,nb_read_frames',
    file,
  );
  expect(decoded).toBe('h264,Constrained Baseline,640,360,0,100');
  // Which fragment is tagged is told after its cluster, and before the next one.
  const tag = bytes.indexOf('AWS_KINESISVIDEO_IMAGE_GENERATION');
  expect(bytes.indexOf('AWS_KINESISVIDEO_IMAGE_GENERATION', tag + 1)).toBe(-1);
  const clusters = [2, 3].map((index) =>
    bytes.indexOf(Buffer.from(BigInt(timeOf(index)).toString(16).padStart(16, '0'), 'hex')),
  );
  expect(clusters[0]).toBeLessThan(tag);
  expect(tag).toBeLessThan(clusters[1]);
});

test('when the connection is cut off, what was not persisted is sent again, and nothing else', async () => {
  const { put, waiting } = produce();
  ingest.state.onFragment = (session, timecode) => {
    if (timecode === timeOf(0)) session.say({ EventType: 'PERSISTED', FragmentTimecode: timecode });
    else session.say({ EventType: 'RECEIVED', FragmentTimecode: timecode });
    if (timecode === timeOf(2)) session.cut();
  };
  for (const index of [0, 1, 2]) put(film.cruise[index], timeOf(index));
  await until(() => failures.length === 1);
  expect(waiting()).toEqual([timeOf(1), timeOf(2)]);
  ingest.state.onFragment = (session, timecode) => session.say({ EventType: 'PERSISTED', FragmentTimecode: timecode });
  put(film.cruise[3], timeOf(3));
  await until(() => waiting().length === 0);
  expect(ingest.sessions.map(({ timecodes }) => timecodes)).toEqual([[0, 1, 2].map(timeOf), [1, 2, 3].map(timeOf)]);
});

test('while PutMedia refuses, fragments wait, and the oldest go when there are too many', async () => {
  ingest.state.refusal = new ServiceError('ConnectionLimitExceededException', 'There is another connection.', 400);
  const { put, waiting, report } = produce({ keeps: 4000 });
  for (const index of [0, 1, 2, 3]) put(film.cruise[index], timeOf(index));
  await until(() => failures.length > 0);
  expect(failures[0]).toMatch(/400, ConnectionLimitExceededException/);
  expect(report()).toMatchObject({ droppedFrames: 20, viewDuration: 6000 });
  expect(report().droppedFrames).toBe(0);
  ingest.state.refusal = undefined;
  await until(() => waiting().length === 0);
  expect(ingest.timecodes()).toEqual([1, 2, 3].map(timeOf));
});

test('a fragment that can never be taken is given up; one that a passing reason refused goes out again', async () => {
  const refused: number[] = [];
  ingest.state.onFragment = (session, timecode) => {
    const errorId = { [timeOf(0)]: 4006, [timeOf(1)]: 5000 }[timecode];
    if (errorId && !refused.includes(timecode)) {
      refused.push(timecode);
      session.say({ EventType: 'ERROR', FragmentTimecode: timecode, ErrorId: errorId });
    } else session.say({ EventType: 'PERSISTED', FragmentTimecode: timecode });
  };
  const { put, waiting, report } = produce();
  put(film.cruise[0], timeOf(0));
  await until(() => failures.length === 1);
  put(film.cruise[1], timeOf(1));
  await until(() => refused.length === 2 && waiting().length === 0);
  expect(ingest.timecodes()).toEqual([0, 1, 1].map(timeOf));
  expect(report().errorAcks).toBe(2);
});

test('a stream that says nothing any more is connected to anew', async () => {
  ingest.state.onFragment = () => undefined;
  const { put, waiting } = produce({ patience: 50 });
  put(film.cruise[0], timeOf(0));
  await until(() => ingest.timecodes().length === 1);
  await setTimeout(100);
  ingest.state.onFragment = (session, timecode) => session.say({ EventType: 'PERSISTED', FragmentTimecode: timecode });
  put(film.cruise[1], timeOf(1));
  await until(() => waiting().length === 0);
  expect(ingest.sessions[1].timecodes).toEqual([0, 1].map(timeOf));
});

test('before its credentials expire, a connection ends well, and the next goes on with the next fragment', async () => {
  const { put, waiting } = produce({ seconds: 31 });
  put(film.cruise[0], timeOf(0));
  await until(() => ingest.timecodes().length === 1 && waiting().length === 0);
  await setTimeout(1100);
  put(film.cruise[1], timeOf(1));
  await until(() => waiting().length === 0);
  expect(ingest.sessions.map(({ timecodes }) => timecodes)).toEqual([[timeOf(0)], [timeOf(1)]]);
  expect(ingest.sessions[0].isEnded).toBe(true);
  expect(failures).toEqual([]);
});

test('a producer that stops ends its connection after what was put', async () => {
  const { put, stop } = produce();
  put(film.cruise[0], timeOf(0));
  await until(() => ingest.sessions.length === 1);
  put(film.cruise[1], timeOf(1));
  await stop();
  expect(ingest.timecodes()).toEqual([0, 1].map(timeOf));
  expect(ingest.sessions[0].isEnded).toBe(true);
});

function probe(...options: string[]): string[] {
  return execFileSync('ffprobe', ['-v', 'error', '-of', 'csv=p=0', ...options], { encoding: 'utf8' })
    .trim()
    .split('\n');
}
