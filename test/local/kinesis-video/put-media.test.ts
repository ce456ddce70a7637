import { Sha256 } from '@aws-crypto/sha256-js';
import { DeleteStreamCommand } from '@aws-sdk/client-kinesis-video';
import { ListFragmentsCommand } from '@aws-sdk/client-kinesis-video-archived-media';
import { SignatureV4 } from '@smithy/signature-v4';
import { putMedia } from '../../../lambda/canary/producer';
import { ID } from '../../../local/cloud/kinesis-video/matroska';
import { film, H264, pattern, rebuilt, shifted, tagged } from './media';
import { REGION, startWorld, type World } from './world';

let world: World;
let recorded: Buffer;

beforeAll(() => {
  recorded = film(`| ${H264}`);
});

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.stop());

const fragments = async (StreamName: string) =>
  (await world.archive.send(new ListFragmentsCommand({ StreamName }))).Fragments!;

test('the canary puts its media', async () => {
  await world.stream('drone-1');
  const signer = new SignatureV4({
    service: 'kinesisvideo',
    region: REGION,
    credentials: world.admin,
    sha256: Sha256,
  });
  const startedAt = Date.now() - 6000;
  const persisted = await putMedia('drone-1', pattern(), startedAt, { kinesisVideo: world.control, signer, fetch });
  expect(persisted).toBe(3);
  const found = await fragments('drone-1');
  expect(found.map(({ ProducerTimestamp }) => ProducerTimestamp!.getTime() - startedAt)).toEqual([0, 2000, 4000]);
  expect(found.map(({ FragmentLengthInMilliseconds }) => FragmentLengthInMilliseconds)).toEqual([2000, 2000, 2000]);
});

test.each([1, 7, 1000, 65_536])('media come in pieces of %d bytes', async (size) => {
  await world.stream('drone-1');
  const producer = await world.producer('drone-1');
  await producer.send(tagged(recorded), size);
  const acknowledgements = await producer.end();
  expect(acknowledgements.map(({ EventType, FragmentTimecode }) => [EventType, FragmentTimecode])).toEqual(
    [0, 2000, 4000].flatMap((timecode) => [
      ['BUFFERING', timecode],
      ['RECEIVED', timecode],
      ['PERSISTED', timecode],
    ]),
  );
  const numbers = (await fragments('drone-1')).map(({ FragmentNumber }) => FragmentNumber!);
  expect(numbers).toEqual(
    acknowledgements.filter((one) => one.EventType === 'PERSISTED').map((one) => one.FragmentNumber),
  );
  expect(numbers).toEqual([...numbers].sort());
  for (const number of numbers) expect(number).toMatch(/^\d{47}$/);
});

test('what ffmpeg sends is taken as it is', async () => {
  await world.stream('drone-1');
  const producer = await world.producer('drone-1');
  await producer.send(recorded, 4096);
  await producer.end();
  expect(await fragments('drone-1')).toHaveLength(3);
});

test('a fragment is acknowledged while the next one is on its way', async () => {
  await world.stream('drone-1');
  const producer = await world.producer('drone-1');
  const media = tagged(recorded);
  const third = media.lastIndexOf(Buffer.from('1f43b675', 'hex'));
  await producer.send(media.subarray(0, third + 20));
  while (producer.acknowledgements.length < 6) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await fragments('drone-1')).toHaveLength(2);
  producer.cut();
});

test('time codes can be those of the clock', async () => {
  await world.stream('drone-1');
  const producer = await world.producer('drone-1', {
    headers: { 'x-amzn-fragment-timecode-type': 'ABSOLUTE' },
  });
  const startedAt = 1_795_514_398_000;
  const moved = rebuilt(recorded, ({ id, whole }) => [id === ID.cluster ? shifted(whole, startedAt) : whole]);
  await producer.send(moved);
  await producer.end();
  const found = await fragments('drone-1');
  expect(found.map(({ ProducerTimestamp }) => ProducerTimestamp!.getTime() - startedAt)).toEqual([0, 2000, 4000]);
});

test('a stream without retention receives, and keeps nothing', async () => {
  await world.stream('drone-1', 0);
  const producer = await world.producer('drone-1');
  await producer.send(tagged(recorded));
  const events = (await producer.end()).map(({ EventType }) => EventType);
  expect(events).toContain('RECEIVED');
  expect(events).not.toContain('PERSISTED');
  expect(await fragments('drone-1')).toEqual([]);
});

test('media beyond what a stream has room for push the oldest out', async () => {
  await world.stop();
  world = await startWorld({ bytesPerStream: recorded.length * 0.75 });
  await world.stream('drone-1');
  const producer = await world.producer('drone-1');
  await producer.send(tagged(recorded));
  const numbers = (await producer.end())
    .filter((one) => one.EventType === 'PERSISTED')
    .map((one) => one.FragmentNumber);
  expect((await fragments('drone-1')).map(({ FragmentNumber }) => FragmentNumber)).toEqual(numbers.slice(1));
});

describe('refused is', () => {
  const refusal = async (media: Buffer, name = 'drone-1') => {
    const producer = await world.producer(name);
    await producer.send(media);
    const last = (await producer.end()).at(-1);
    return last;
  };

  test.each<[string, () => Buffer, number, string]>([
    ['what is no Matroska', () => Buffer.from('This is text.'.repeat(20)), 4006, 'INVALID_MKV_DATA'],
    ['what ends within an element', () => tagged(recorded).subarray(0, -100), 4000, 'STREAM_READ_ERROR'],
    [
      'a fragment that is longer than 20 seconds',
      () => film(`-f lavfi -i testsrc2=size=32x32:rate=2 | -c:v libx264 -g 1000`, 24),
      4002,
      'MAX_FRAGMENT_DURATION_REACHED',
    ],
    [
      'a fragment that begins before the one that was before it',
      () => rebuilt(recorded, ({ id, whole }) => (id === ID.cluster ? [shifted(whole, 5000), whole] : [whole])),
      4004,
      'FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS',
    ],
    [
      'more than three tracks',
      () => film(`-f lavfi -i testsrc2=size=32x32:rate=2 | -map 0 -map 0 -map 0 -map 0 -c:v libx264 -g 4`),
      4005,
      'MORE_THAN_ALLOWED_TRACKS_FOUND',
    ],
    [
      'more than ten tags of a fragment',
      () => tagged(recorded, ...Array.from({ length: 11 }, (_, index) => [`tag-${index}`, 'x'] as const)),
      4009,
      'FRAGMENT_METADATA_LIMIT_REACHED',
    ],
    [
      'a tag that is too long',
      () => tagged(recorded, ['tag', 'x'.repeat(257)]),
      4009,
      'FRAGMENT_METADATA_LIMIT_REACHED',
    ],
  ])('%s', async (_, media, ErrorId, ErrorCode) => {
    await world.stream('drone-1');
    expect(await refusal(media())).toMatchObject({ EventType: 'ERROR', ErrorId, ErrorCode });
  });

  test('a stream that is deleted meanwhile', async () => {
    const StreamARN = await world.stream('drone-1');
    const producer = await world.producer('drone-1');
    await producer.send(tagged(recorded).subarray(0, 3000));
    await world.control.send(new DeleteStreamCommand({ StreamARN }));
    await producer.send(tagged(recorded).subarray(3000));
    expect((await producer.end()).at(-1)).toMatchObject({ EventType: 'ERROR', ErrorId: 4008 });
  });

  test('a stream that there is none of', async () => {
    expect(await world.producer('drone-1')).toMatchObject({ status: 404, errorType: 'ResourceNotFoundException' });
  });

  test.each([
    ['no stream', { 'x-amzn-stream-name': '' }],
    ['an unknown type of time codes', { 'x-amzn-fragment-timecode-type': 'OTHER' }],
    ['no time to begin', { 'x-amzn-producer-start-timestamp': 'now' }],
  ])('%s', async (_, headers) => {
    await world.stream('drone-1');
    const producer = await world.producer('drone-1', { headers: headers as never });
    expect(producer).toMatchObject({ status: 400, errorType: 'InvalidArgumentException' });
  });

  test('a second producer, as long as there is a first one', async () => {
    await world.stream('drone-1');
    const first = await world.producer('drone-1');
    expect(await world.producer('drone-1')).toMatchObject({
      status: 400,
      errorType: 'ConnectionLimitExceededException',
    });
    first.cut();
    await first.ended;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await world.producer('drone-1')).toMatchObject({ status: 200 });
  });

  test('the sixth connection in a second', async () => {
    await world.stream('drone-1');
    const statuses: number[] = [];
    for (let index = 0; index < 8; index++) {
      const producer = await world.producer('drone-1');
      statuses.push(producer.status);
      await producer.end();
    }
    expect(statuses.slice(0, 5)).toEqual([200, 200, 200, 200, 200]);
    expect(statuses).toContain(400);
  });

  test('a device at the stream of its neighbour', async () => {
    await world.stream('drone-1');
    await world.stream('drone-10');
    const credentials = world.device('drone-1');
    expect(await world.producer('drone-1', { credentials })).toMatchObject({ status: 200 });
    expect(await world.producer('drone-10', { credentials })).toMatchObject({
      status: 403,
      errorType: 'AccessDeniedException',
    });
  });
});

test('a producer that falls silent is told so, and then cut off', async () => {
  await world.stop();
  world = await startWorld({ idleAfter: 100 });
  await world.stream('drone-1');
  const producer = await world.producer('drone-1');
  await producer.ended;
  expect(producer.acknowledgements).toEqual([{ EventType: 'IDLE' }, { EventType: 'IDLE' }, { EventType: 'IDLE' }]);
});

test('who puts media is on record', async () => {
  const StreamARN = await world.stream('drone-1');
  const credentials = world.device('drone-1');
  const producer = await world.producer('drone-1', { credentials });
  await producer.end();
  expect(world.records.at(-1)).toMatchObject({
    eventSource: 'kinesisvideo.amazonaws.com',
    eventName: 'PutMedia',
    eventCategory: 'Data',
    readOnly: false,
    awsRegion: REGION,
    userIdentity: {
      type: 'AssumedRole',
      arn: 'arn:aws:sts::111122223333:assumed-role/Device/drone-1',
      accessKeyId: credentials.accessKeyId,
      sessionContext: { sessionIssuer: { arn: 'arn:aws:iam::111122223333:role/Device', userName: 'Device' } },
    },
    resources: [{ accountId: '111122223333', type: 'AWS::KinesisVideo::Stream', ARN: StreamARN }],
    requestParameters: { streamName: 'drone-1' },
  });
  await world.stream('drone-2');
  await world.producer('drone-2', { credentials });
  expect(world.records.at(-1)).toMatchObject({ eventName: 'PutMedia', errorCode: 'AccessDenied' });
});
