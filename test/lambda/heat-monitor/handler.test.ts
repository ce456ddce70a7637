import { captureOutput } from '../../support/handler-output';
import fc from 'fast-check';
import { deviceHeat } from '../../../lambda/heat-monitor/reading';
import { ruleOutput } from '../../events/iot-rule';
import { LocalDynamoDB } from '../../support/dynamodb';
import { TestPlant } from '../../support/plant';

const SECOND = 1000;
const ASSETS = [
  { name: 'pump', device: 'camera-1', region: { left: 0, top: 0, width: 0.5, height: 1 } },
  { name: 'motor', device: 'camera-1', region: { left: 0.5, top: 0, width: 0.5, height: 1 } },
  { name: 'bus-bar', device: 'camera-2', camera: 'left', limit: 90 },
];

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let plant: TestPlant;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  plant = await TestPlant.in(dynamodb, ASSETS);
});

/** An 8 x 8 grid of 25 °C, whose left half has a spot of 45 °C and whose right half one that is given. */
function tenths(right = 40): number[] {
  const grid = Array.from({ length: 64 }, () => 250);
  for (const [column, celsius] of [
    [1, 45],
    [6, right],
  ])
    for (const row of [3, 4, 5, 6]) grid[row * 8 + column] = celsius * 10;
  return grid;
}

function message(change: object = {}) {
  return {
    schemaVersion: '1.0',
    id: 'message-1',
    capturedAt: new Date(plant.now).toISOString(),
    ambientCelsius: 20,
    grid: { columns: 8, rows: 8, tenths: tenths() },
    ...change,
  };
}

const heat = (change: object = {}, device = 'camera-1') => ruleOutput(device, JSON.stringify(message(change)));
const hot = { grid: { columns: 8, rows: 8, tenths: tenths(80) } };

/** A reading each twenty seconds. */
async function read(times: number, change: object = {}): Promise<void> {
  for (let time = 0; time < times; time++) {
    plant.now += 20 * SECOND;
    expect(await plant.queue.process(heat(change))).toBe('done');
  }
}

describe('a grid', () => {
  test('becomes the temperature of each asset of the camera, and its rise above the air', async () => {
    expect(await plant.queue.process(heat())).toBe('done');
    const remembered = await plant.remembered();
    const capturedAt = plant.now;
    expect(remembered).toMatchObject({
      pump: { state: 'LEARNING', last: { capturedAt, celsius: 45, rise: 25 }, baseline: { readings: 1, mean: 25 } },
      motor: { last: { celsius: 40, rise: 20 } },
    });
    expect(Object.keys(remembered)).toHaveLength(2);
    expect(written().metrics).toEqual({ AssetTemperature: [45, 40], MessageProcessed: [1] });
  });

  test('may be of a sensor of any shape', async () => {
    const grid = {
      columns: 32,
      rows: 24,
      tenths: Array.from({ length: 768 }, (_each, index) => (index % 32 < 16 ? 300 : 500)),
    };
    await plant.queue.process(heat({ grid }));
    expect(written().metrics.AssetTemperature).toEqual([30, 50]);
  });

  test('that is the largest there is fits into a message of MQTT', () => {
    const grid = { columns: 160, rows: 120, tenths: Array.from({ length: 160 * 120 }, () => 12_345) };
    const content = JSON.stringify(message({ grid }));
    expect(deviceHeat.safeParse(JSON.parse(content)).success).toBe(true);
    // https://docs.aws.amazon.com/general/latest/gr/iot-core.html#message-broker-limits
    expect(Buffer.byteLength(content)).toBeLessThan(128 * 1024);
  });
});

test('a camera that knows where the assets are tells their temperatures', async () => {
  const temperatures = [{ asset: 'bus-bar', celsius: 61.5 }];
  await plant.queue.process(heat({ grid: undefined, temperatures, camera: 'left' }, 'camera-2'));
  expect(written().metrics.AssetTemperature).toEqual([61.5]);
});

test('where the air does not count, nobody has to tell how warm it is', async () => {
  plant = await TestPlant.in(dynamodb, ASSETS, { needsAmbient: false });
  expect(await plant.queue.process(heat({ ambientCelsius: undefined }))).toBe('done');
  expect(await plant.remembered()).toMatchObject({ pump: { last: { celsius: 45, rise: 45 } } });
});

describe('a reading', () => {
  test('that comes twice counts once, and one that comes late is in the series only', async () => {
    await read(3);
    const before = await plant.remembered();
    await plant.queue.process(heat());
    expect(written().metrics.ReadingRepeated).toEqual([1, 1]);
    await plant.queue.process(heat({ capturedAt: new Date(plant.now - 50 * SECOND).toISOString() }));
    expect(written().metrics).toMatchObject({ ReadingLate: [1, 1], AssetTemperature: [45, 40] });
    expect(await plant.remembered()).toEqual(before);
  });

  test('older than CloudWatch takes is not even there', async () => {
    await read(1);
    written();
    await plant.queue.process(heat({ capturedAt: '2001-01-01T00:00:00Z' }));
    expect(written().metrics).toEqual({ ReadingLate: [1, 1], MessageProcessed: [1] });
  });

  test('of a clock that is ahead counts from when it was sent', async () => {
    await plant.queue.process(heat({ capturedAt: new Date(plant.now + 3_600_000).toISOString() }));
    expect(await plant.remembered()).toMatchObject({ pump: { last: { capturedAt: plant.now } } });
  });
});

describe('a work order', () => {
  beforeEach(() => read(31));

  test('is given once, of the asset that is hot', async () => {
    await read(6, hot);
    expect(plant.entries).toEqual([]);
    await read(20, hot);
    expect(plant.entries).toHaveLength(1);
    expect(plant.entries[0]).toMatchObject({
      EventBusName: 'maintenance',
      Source: 'cdk-kinesis-video.heat-monitor',
      DetailType: 'Maintenance Work Order',
    });
    const [{ raisedAt }] = plant.orders;
    expect(plant.orders).toEqual([
      {
        schemaVersion: '1.0',
        id: `plant-1:motor:${raisedAt}`,
        fleet: 'plant-1',
        asset: 'motor',
        device: 'camera-1',
        reason: 'HOTSPOT',
        since: new Date(Date.parse(raisedAt) - 120 * SECOND).toISOString(),
        raisedAt,
        celsius: 80,
        rise: 60,
        normalRise: 20,
      },
    ]);
    expect(written().metrics.WorkOrder).toEqual([1]);
    expect(await plant.remembered()).toMatchObject({ motor: { outbox: [] }, pump: { state: 'NORMAL' } });
  });

  test.each([
    ['did not answer', new Error('The bus did not answer.')],
    ['did not take it', { FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }] }],
  ])('that the bus %s is given later, by whatever comes first', async (_what, failure) => {
    await read(6, hot);
    plant.failure = failure;
    plant.now += 20 * SECOND;
    const raisedAt = new Date(plant.now).toISOString();
    const deciding = heat(hot);
    expect(await plant.queue.process(deciding)).toBe('failed');
    plant.failure = undefined;
    plant.now += 20 * SECOND;
    expect(await plant.queue.process({ kind: 'TICK' })).toBe('done');
    expect(await plant.queue.process(deciding)).toBe('done');
    expect(plant.orders.map(({ id }) => id)).toEqual([`plant-1:motor:${raisedAt}`]);
  });

  test('is one, however many functions see it at once', async () => {
    await read(6, hot);
    plant.now += 20 * SECOND;
    const readings = ['a', 'b', 'c', 'd'].map((id) => heat({ ...hot, id }));
    expect(await Promise.all(readings.map((each) => plant.queue.process(each)))).toContain('done');
    expect(new Set(plant.orders.map(({ id }) => id)).size).toBe(1);
  });
});

describe('each minute', () => {
  const tick = () => plant.queue.process({ kind: 'TICK' });

  test('it is counted how the assets are', async () => {
    await read(31);
    await read(10, hot);
    written();
    expect(await tick()).toBe('done');
    expect(written().metrics).toEqual({
      AssetsInAlarm: [1],
      AssetsSilent: [0],
      AssetsLearning: [1],
      MessageProcessed: [1],
    });
  });

  test('it is looked which sensors are silent, and told of each once', async () => {
    await read(1);
    await tick();
    plant.now += 901 * SECOND;
    await tick();
    await tick();
    expect(plant.orders.map(({ asset, reason }) => [asset, reason])).toEqual([
      ['pump', 'SILENT'],
      ['motor', 'SILENT'],
      ['bus-bar', 'SILENT'],
    ]);
    expect(written().metrics.AssetsSilent).toEqual([0, 3, 3]);
  });

  test('what can not be told of one asset does not hide the others', async () => {
    await read(1);
    plant.now += 901 * SECOND;
    plant.failure = new Error('The bus did not answer.');
    expect(await tick()).toBe('failed');
    const silent = { silentSince: expect.any(Number) };
    expect(await plant.remembered()).toMatchObject({ pump: silent, motor: silent, 'bus-bar': { state: 'LEARNING' } });
  });

  test('is nothing that a device could say', async () => {
    expect(await plant.queue.process(ruleOutput('camera-1', '{"kind":"TICK"}'))).toBe('unusable');
  });
});

describe('a message that can not be used', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['is none of the rule', () => ({ topic: 'devices/camera-1/heat' }), /at device.*at content/],
    ['is no JSON', () => ruleOutput('camera-1', 'hot'), /not JSON/],
    ['has no temperatures', () => heat({ grid: undefined }), /either a grid or temperatures/],
    ['has both', () => heat({ temperatures: [{ asset: 'pump', celsius: 1 }] }), /either a grid or temperatures/],
    ['lacks a pixel', () => heat({ grid: { columns: 8, rows: 8, tenths: tenths().slice(1) } }), /for each pixel/],
    ['has a broken pixel', () => heat({ grid: { columns: 1, rows: 1, tenths: [65_535] } }), /at grid\.tenths\[0\]/],
    ['has no air', () => heat({ ambientCelsius: undefined }), /`ambientCelsius` is missing/],
    ['is of a camera of none', () => heat({}, 'camera-9'), /'camera-9' has no assets/],
    ['is of another camera', () => heat({ camera: 'right' }, 'camera-2'), /camera 'right', has no assets/],
    [
      'is of the asset of another device',
      () => heat({ grid: undefined, temperatures: [{ asset: 'pump', celsius: 1 }] }, 'camera-2'),
      /'pump' is not an asset of .*'camera-2'/,
    ],
  ])('because it %s goes to the dead-letter queue', async (_what, body, reason) => {
    expect(await plant.queue.process(body())).toBe('unusable');
    expect(plant.queue.reason).toMatch(reason);
    expect(await plant.remembered()).toEqual({});
    expect(written().metrics).toEqual({ MessageUnusable: [1] });
  });

  test('never is a crash, whatever it is', async () => {
    const content = fc.oneof(
      fc.json(),
      fc.string(),
      fc.uint8Array(),
      fc.record(spoiled()).map((value) => JSON.stringify(value)),
    );
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      content.map((each) => JSON.stringify(ruleOutput('camera-1', each))),
      fc.record({ device: fc.jsonValue(), content: fc.jsonValue() }).map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        plant.now += SECOND;
        expect(['done', 'unusable']).toContain(await plant.queue.process(text));
      }),
      { numRuns: 300 },
    );
  });
});

/** A message of which each field is right, or anything else. */
function spoiled(): Record<string, fc.Arbitrary<unknown>> {
  return Object.fromEntries(
    Object.entries(message()).map(([name, value]) => [
      name,
      fc.oneof({ weight: 4, arbitrary: fc.constant<unknown>(value) }, fc.jsonValue()),
    ]),
  );
}

test('a device that floods is limited', async () => {
  for (let index = 0; index < 30; index++) await plant.queue.process(heat({ id: `m-${index}` }));
  expect(written().metrics.MessageLimited).toHaveLength(10);
});
