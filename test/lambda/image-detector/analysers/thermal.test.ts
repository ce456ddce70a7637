import { PNG } from 'pngjs';
import { captureOutput } from '../../../support/handler-output';
import { UnusableMessage } from '../../../../lambda/common/queue-worker';
import { decodeGray } from '../../../../lambda/image-detector/analysers/gray-image';
import { hotRegions } from '../../../../lambda/image-detector/analysers/hot-regions';
import { thermal } from '../../../../lambda/image-detector/analysers/thermal';
import { frameKey, objectCreated } from '../../../events/s3';
import { AlertTarget } from '../../../support/alert-target';
import { LocalDynamoDB } from '../../../support/dynamodb';
import { FRAME, FrameDetector, testFrame } from '../../../support/frame-detector';

captureOutput();

/** Of which a level of gray is one degree. */
const CAMERA = { kind: 'thermal', coldest: -55, hottest: 200, hotspotAbove: 80 } as const;

function analyse(bytes: Buffer, camera: Parameters<typeof thermal>[0] = CAMERA) {
  return thermal(camera, { readFrame: async () => bytes }).analyse(FRAME);
}

/** An image of the characters: a digit is a level of 25 times as much. */
function drawn(...rows: string[]) {
  const levels = Uint8Array.from(rows.join(''), (digit) => 25 * Number(digit));
  return { width: rows[0].length, height: rows.length, levels };
}

describe('a thermal frame', () => {
  test('has each hot place, the hottest first, with its temperature', async () => {
    expect(await analyse(testFrame('thermal-two-hotspots.png'))).toEqual([
      {
        label: 'hotspot',
        confidence: 100,
        value: 175,
        boundingBox: { left: 40 / 160, top: 30 / 120, width: 20 / 160, height: 10 / 120 },
      },
      {
        label: 'hotspot',
        confidence: 100,
        value: 145,
        boundingBox: { left: 100 / 160, top: 80 / 120, width: 8 / 160, height: 32 / 120 },
      },
    ]);
  });

  test('as JPEG has them too, give or take what is lost', async () => {
    const [hotspot, ...more] = await analyse(testFrame('thermal-hotspot.jpg'));
    expect(more).toEqual([]);
    expect(Math.abs(hotspot.value! - 175)).toBeLessThanOrEqual(2);
    expect(hotspot.boundingBox).toEqual({ left: 40 / 160, top: 32 / 120, width: 16 / 160, height: 8 / 120 });
  });

  test.each(['thermal-cool.jpg', 'thermal-textured.jpg'])('without any has none: %s', async (name) => {
    expect(await analyse(testFrame(name), { ...CAMERA, hotspotAbove: 75 })).toEqual([]);
  });

  test('in colours is taken by its brightness', async () => {
    // Red is level 76.
    expect(await analyse(testFrame('red.png'))).toEqual([]);
    const [all] = await analyse(testFrame('red.png'), { ...CAMERA, hotspotAbove: 20.5 });
    expect(all).toMatchObject({ value: 21, boundingBox: { left: 0, top: 0, width: 1, height: 1 } });
  });

  test.each([
    [174.9, 1],
    [175, 0],
  ])('of 175 °C with a threshold of %d °C has %i hot places', async (hotspotAbove, count) => {
    expect(await analyse(testFrame('thermal-two-hotspots.png'), { ...CAMERA, hotspotAbove })).toHaveLength(count);
  });

  test.each([
    [0, 100, 90.2],
    [-20, 20, 16.1],
    [20, 20.5, 20.5],
  ])('from %d to %d °C has %d °C at level 230', async (coldest, hottest, value) => {
    const [hotspot] = await analyse(testFrame('thermal-two-hotspots.png'), {
      kind: 'thermal',
      coldest,
      hottest,
      hotspotAbove: (coldest + hottest) / 2,
    });
    expect(hotspot.value).toBe(value);
  });

  test('full of noise has a hundred hot places at most', async () => {
    const png = new PNG({ width: 64, height: 64 });
    for (let index = 0; index < 64 * 64; index++) {
      const isHot = index % 2 === 0 && Math.floor(index / 64) % 2 === 0;
      png.data.fill(isHot ? 255 : 0, 4 * index, 4 * index + 3);
      png.data[4 * index + 3] = 255;
    }
    const bytes = PNG.sync.write(png);
    expect(hotRegions(decodeGray(bytes), 128)).toHaveLength(1024);
    expect(await analyse(bytes)).toHaveLength(100);
  });
});

describe('a hot region', () => {
  const boxes = (...rows: string[]) =>
    hotRegions(drawn(...rows), 100).map(({ level, boundingBox: { left, top, width, height } }) => [
      level / 25,
      ...[left * rows[0].length, width * rows[0].length, top * rows.length, height * rows.length].map(Math.round),
    ]);

  test.each<[string, string[], number[][]]>([
    ['is what touches', ['0000', '0560', '0700', '0000'], [[7, 1, 2, 1, 2]]],
    ['is what touches at a corner', ['5000', '0600', '0050', '0000'], [[6, 0, 3, 0, 3]]],
    [
      'is another one beyond a gap',
      ['5050'],
      [
        [5, 0, 1, 0, 1],
        [5, 2, 1, 0, 1],
      ],
    ],
    [
      'does not go on at the other edge',
      ['0005', '5000', '0000'],
      [
        [5, 3, 1, 0, 1],
        [5, 0, 1, 1, 1],
      ],
    ],
    ['may be the whole frame', ['99', '99'], [[9, 0, 2, 0, 2]]],
    ['may wind', ['55555', '00005', '55505', '50005', '55555'], [[5, 0, 5, 0, 5]]],
    ['is above the threshold, not at it', ['4440'], []],
  ])('%s', (_what, rows, expected) => {
    expect(boxes(...rows)).toEqual(expected);
  });
});

describe('a frame that can not be read', () => {
  const png = testFrame('thermal-two-hotspots.png');
  const jpeg = testFrame('thermal-hotspot.jpg');
  const textured = testFrame('thermal-textured.jpg');
  const withHeader = (offset: number, ...bytes: number[]) => {
    const changed = Buffer.from(png);
    Buffer.from(bytes).copy(changed, offset);
    return changed;
  };

  test.each<[string, Buffer, RegExp]>([
    ['is a text', Buffer.from('no frame'), /it is neither a JPEG nor a PNG/],
    ['is empty', Buffer.alloc(0), /it is neither a JPEG nor a PNG/],
    // What is missing would have a temperature too.
    ['is half a JPEG', textured.subarray(0, textured.length / 2), /./],
    ['is a JPEG but for its end', textured.subarray(0, -2), /./],
    ['is half a JPEG with an end', Buffer.concat([textured.subarray(0, 4000), textured.subarray(-2)]), /./],
    ['is the begin of a JPEG', jpeg.subarray(0, 40), /./],
    ['is half a PNG', png.subarray(0, png.length / 2), /./],
    ['is the begin of a PNG', png.subarray(0, 20), /it has no header/],
    ['is a PNG with a wrong checksum', withHeader(24, 16), /./],
    ['is a JPEG of over two million pixels', testFrame('too-many-pixels.jpg'), /maxResolutionInMP/],
    ['is a PNG of over two million pixels', testFrame('too-many-pixels.png'), /it has 2097664 pixels; 2073600 are/],
    ['says that it is gigantic', withHeader(16, 0x7f, 0xff, 0xff, 0xff), /it has 257698037640 pixels/],
    ['is interlaced, which is not bounded', withHeader(28, 1), /it is interlaced/],
    [
      'has a scan for each of its bytes',
      Buffer.concat([jpeg, ...Array.from({ length: 32 }, () => Buffer.from([0xff, 0xda]))]),
      /it has over 32 scans/,
    ],
  ])('%s: it is unusable', async (_what, bytes, reason) => {
    const error = await analyse(bytes).then(
      () => Promise.reject(new Error('There should be an error.')),
      (thrown: Error) => thrown,
    );
    expect(error).toBeInstanceOf(UnusableMessage);
    expect(error.message).toContain(`s3://${FRAME.bucket}/${FRAME.key} can't be read: `);
    expect(error.message).toMatch(reason);
  });

  test('is not one that could not be fetched', async () => {
    const failure = new Error('S3 is busy.');
    const analyser = thermal(CAMERA, { readFrame: () => Promise.reject(failure) });
    await expect(analyser.analyse(FRAME)).rejects.toBe(failure);
  });
});

describe('with the detector', () => {
  let dynamodb: LocalDynamoDB;
  beforeAll(async () => {
    dynamodb = await LocalDynamoDB.start();
  });
  afterAll(() => dynamodb.stop());

  test('a hot place raises an alert, a cool frame none, and a broken one is put aside', async () => {
    const target = await AlertTarget.in(dynamodb);
    const { bucket, queue } = new FrameDetector(
      target,
      [{ name: 'hot-insulator', labels: ['hotspot'], minimumConfidence: 80, severity: 'CRITICAL' }],
      (readFrame) => thermal(CAMERA, { readFrame }),
    );
    const keyOf = (device: string) => frameKey({ folder: `frames/${device}`, stream: device });
    bucket.objects.set(keyOf('cool'), testFrame('thermal-cool.jpg'));
    bucket.objects.set(keyOf('hot'), testFrame('thermal-hotspot.jpg'));
    bucket.objects.set(keyOf('broken'), testFrame('thermal-hotspot.jpg').subarray(0, 300));
    expect(await queue.process(objectCreated(keyOf('cool')))).toBe('done');
    expect(await queue.process(objectCreated(keyOf('broken')))).toBe('unusable');
    expect(target.events).toEqual([]);
    expect(await queue.process(objectCreated(keyOf('hot')))).toBe('done');
    expect(target.events).toMatchObject([{ device: 'hot', obstacle: 'hot-insulator', label: 'hotspot' }]);
  });
});
