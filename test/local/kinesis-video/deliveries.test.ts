import { execFileSync } from 'node:child_process';
import {
  UpdateImageGenerationConfigurationCommand,
  UpdateNotificationConfigurationCommand,
  type ImageGenerationConfiguration,
} from '@aws-sdk/client-kinesis-video';
import { timeOfImage } from '../../../lambda/common/image-name';
import { film, H264, tagged } from './media';
import { REGION, startWorld, type World } from './world';

const START = 1_795_514_398_000;
const IMAGE = ['AWS_KINESISVIDEO_IMAGE_GENERATION'] as const;
const NOTIFICATION = ['AWS_KINESISVIDEO_NOTIFICATION'] as const;

let recorded: Buffer;
let world: World;

beforeAll(() => {
  recorded = film(`| ${H264}`);
});

beforeEach(async () => {
  world = await startWorld();
  await world.stream('drone-1');
});

afterEach(() => world.stop());

async function configure(change: Partial<ImageGenerationConfiguration> = {}): Promise<void> {
  await world.control.send(
    new UpdateImageGenerationConfigurationCommand({
      StreamName: 'drone-1',
      ImageGenerationConfiguration: {
        Status: 'ENABLED',
        ImageSelectorType: 'PRODUCER_TIMESTAMP',
        DestinationConfig: { Uri: 's3://frames/drone-1/front', DestinationRegion: REGION },
        SamplingInterval: 1000,
        Format: 'JPEG',
        ...change,
      },
    }),
  );
  await world.settled('drone-1');
}

async function record(media: Buffer, startedAt = START): Promise<string[]> {
  const producer = await world.producer('drone-1', { startedAt, credentials: world.device('drone-1') });
  await producer.send(media);
  const acknowledgements = await producer.end();
  await world.video.deliveries.end();
  return acknowledgements.filter((one) => one.EventType === 'PERSISTED').map((one) => one.FragmentNumber!);
}

/** Those of several fragments are made at once, so that they come in any order. */
const images = () =>
  world.bucket.taken
    .map((taken) => ({ ...taken, key: decodeURIComponent(taken.url.split('?')[0]) }))
    .sort((one, other) => timeOfImage(one.key)! - timeOfImage(other.key)!);
const keys = () => images().map(({ key }) => key);
const timesOf = () => keys().map((key) => timeOfImage(key)! - START);

function probe(picture: Buffer, what: string): string {
  const options = `-v error -show_entries stream=${what} -of csv=p=0 -`;
  return execFileSync('ffprobe', options.split(' '), { input: picture }).toString().trim();
}

describe('images', () => {
  test('are made of tagged fragments, as often as is configured, and named as AWS names them', async () => {
    await configure();
    const [first] = await record(
      tagged(recorded, IMAGE, ['AWS_KINESISVIDEO_IMAGE_PREFIX', 'drone-1'], ['lens', 'wide']),
    );
    expect(timesOf()).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
    expect(keys()[1]).toMatch(
      new RegExp(`^/frames/drone-1/front/drone-1_111122223333_drone-1_${START + 1000}_[0-9a-f-]{36}\\.jpg$`),
    );
    const { headers, body } = images()[1];
    expect(headers).toMatchObject({
      'content-type': 'image/jpeg',
      'x-amz-meta-aws_kinesisvideo_fragment_number': first,
      'x-amz-meta-aws_kinesisvideo_producer_timestamp': String(START + 1000),
      'x-amz-meta-lens': 'wide',
    });
    expect(probe(body, 'codec_name,width,height')).toBe('mjpeg,320,180');
    expect(new Set(world.bucket.taken.map((taken) => taken.body.toString('base64'))).size).toBe(6);
  });

  test('are put by whoever sent the media', async () => {
    await configure();
    await record(tagged(recorded, IMAGE));
    expect(world.bucket.taken[0].principal).toBe('arn:aws:sts::111122223333:assumed-role/Device/drone-1');
  });

  test('are of the size, the kind and the quality that are configured', async () => {
    await configure({ Format: 'PNG', WidthPixels: 64, HeightPixels: 48, SamplingInterval: 3000 });
    await record(tagged(recorded, IMAGE));
    expect(keys()).toEqual([expect.stringMatching(/\.png$/), expect.stringMatching(/\.png$/)]);
    expect(probe(world.bucket.taken[0].body, 'codec_name,width,height')).toBe('png,64,48');

    const sizes: number[] = [];
    for (const [index, JPEGQuality] of ['90', '10'].entries()) {
      await configure({ FormatConfig: { JPEGQuality } });
      world.bucket.taken.length = 0;
      await record(tagged(recorded, IMAGE), START + 60_000 * (index + 1));
      sizes.push(world.bucket.taken[0].body.length);
    }
    expect(sizes[0]).toBeGreaterThan(2 * sizes[1]);
  });

  test('are not made of fragments without a tag, nor when they are switched off', async () => {
    await configure();
    await record(tagged(recorded, ['lens', 'wide']));
    await configure({ Status: 'DISABLED' });
    await record(tagged(recorded, IMAGE));
    expect(keys()).toEqual([]);
  });

  test('keep their distance from one fragment to the next', async () => {
    await configure({ SamplingInterval: 1500 });
    await record(tagged(recorded, IMAGE));
    expect(timesOf()).toEqual([0, 1500, 3000, 4500]);
  });

  test('that the bucket refuses are missing, and nobody is told', async () => {
    await configure();
    world.bucket.state.refuses = true;
    expect(await record(tagged(recorded, IMAGE))).toHaveLength(3);
    expect(world.video.deliveries.counts).toEqual({ images: 0, notifications: 0, failed: 3 });
    expect(world.video.deliveries.lastFailure).toMatchObject({ name: 'AccessDenied' });
  });
});

test('a tagged fragment is told of to the topic', async () => {
  const TopicArn = 'arn:aws:sns:eu-west-1:111122223333:fragments';
  await world.control.send(
    new UpdateNotificationConfigurationCommand({
      StreamName: 'drone-1',
      NotificationConfiguration: { Status: 'ENABLED', DestinationConfig: { Uri: TopicArn } },
    }),
  );
  await world.settled('drone-1');
  const [first] = await record(tagged(recorded, NOTIFICATION, ['lens', 'wide']));
  expect(world.topic.taken).toHaveLength(3);
  const sent = new URLSearchParams(world.topic.taken[0].body.toString());
  expect(Object.fromEntries(sent)).toMatchObject({ TopicArn, Subject: 'Kinesis Video Streams Notification' });
  expect(JSON.parse(sent.get('Message')!)).toEqual({
    StreamArn: (await world.describe('drone-1')).StreamARN,
    FragmentNumber: first,
    FragmentStartProducerTimestamp: START,
    FragmentStartServerTimestamp: expect.any(Number),
    NotificationType: 'PERSISTED',
    NotificationPayload: { lens: 'wide' },
  });
});
