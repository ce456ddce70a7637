import { captureOutput } from '../../support/handler-output';
import fc from 'fast-check';
import { ruleOutput } from '../../events/iot-rule';
import { TestCity } from '../../support/city';
import { LocalDynamoDB } from '../../support/dynamodb';
import { gaussian } from '../../support/heat';
import { heard, NOON, off, sensorsOf } from '../../support/shots';

const SHOT = { x: 520, y: 610, time: 0 };
const SENSORS = sensorsOf(7);
const gauss = gaussian(7);
const HEARINGS = heard(SHOT, SENSORS, () => 3 * gauss());

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let city: TestCity;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  city = await TestCity.in(dynamodb);
});

/** All have told, and had their time. */
async function shoot(): Promise<void> {
  await city.hear(HEARINGS);
  city.now += 6000;
  expect(await city.decide()).toBe('done');
}

describe('a shot', () => {
  test('is one incident, with its place, its sensors and the nearest cameras', async () => {
    await city.mount('camera-near', { x: 600, y: 600 });
    await city.mount('mast-3.north', { x: 520, y: 700 });
    await city.mount('camera-third', { x: 700, y: 700 });
    await city.mount('camera-far', { x: 1200, y: 600 });
    await shoot();
    expect(city.dispatched).toHaveLength(1);
    const [{ position, occurredAt, cameras, sensors, ...incident }] = city.dispatched;
    expect(off(position, SHOT)).toBeLessThan(incident.radiusMeters);
    expect(Math.abs(Date.parse(occurredAt) - NOON)).toBeLessThan(20);
    expect(sensors).toHaveLength(HEARINGS.length);
    expect(cameras.map(({ stream }) => stream)).toEqual(['camera-near', 'mast-3.north']);
    expect(Date.parse(cameras[0].to) - Date.parse(cameras[0].from)).toBe(150_000);
    expect(cameras[1].device).toBe('mast-3');
    expect(incident).toMatchObject({
      schemaVersion: '1.0',
      fleet: 'city-1',
      method: 'MULTILATERATION',
      confidence: 80,
      decision: { by: 'automatic' },
    });
    expect(written().metrics).toMatchObject({ ShotIncident: [1], ShotDispatched: [1] });
  });

  test('is told of, and clips are requested, once', async () => {
    await city.mount('camera-near', { x: 600, y: 600 });
    await shoot();
    await city.decide();
    const [{ id, occurredAt }] = city.dispatched;
    expect(city.published).toHaveLength(1);
    expect(JSON.parse(JSON.parse(city.published[0].Message!).default)).toMatchObject({ id, obstacle: 'gunshot' });
    expect(city.published[0].MessageAttributes).toMatchObject({ severity: { StringValue: 'CRITICAL' } });
    expect(city.clips).toEqual([
      expect.objectContaining({ kind: 'CLIP_REQUEST', device: 'camera-near', id, at: occurredAt }),
    ]);
  });

  test('is decided on when all have had their time, and not before', async () => {
    await city.hear(HEARINGS);
    expect(city.due).toHaveLength(HEARINGS.length);
    expect(city.due[0]).toEqual({ body: '{"kind":"DECIDE"}', seconds: 6 });
    expect(await city.decide()).toBe('done');
    expect(city.dispatched).toEqual([]);
  });

  test('that is delivered twice is dispatched once', async () => {
    await shoot();
    await city.hear(HEARINGS);
    city.now += 6000;
    await city.decide();
    expect(city.dispatched).toHaveLength(1);
    expect(await city.incidents()).toHaveLength(1);
    expect(written().metrics.HearingRepeated).toHaveLength(HEARINGS.length);
  });

  test('is joined once by a sensor that comes late, and is not dispatched again', async () => {
    const [last, ...first] = [...HEARINGS].reverse();
    await city.hear(first);
    city.now += 6000;
    await city.decide();
    city.now += 60_000;
    for (let time = 0; time < 2; time++) {
      expect(await city.queue.process(city.message(last))).toBe('done');
      await city.decide();
    }
    expect(city.dispatched).toHaveLength(1);
    const incidents = await city.incidents();
    expect(incidents).toHaveLength(1);
    expect((incidents[0].shot as { hearings: unknown[] }).hearings).toHaveLength(HEARINGS.length);
  });

  test('is one, however many functions decide at once', async () => {
    await city.hear(HEARINGS);
    city.now += 6000;
    await Promise.all([city.decide(), city.decide(), city.decide()]);
    await city.decide();
    expect(await city.incidents()).toHaveLength(1);
    // At least once, under one id.
    expect(new Set(city.dispatched.map(({ id }) => id)).size).toBe(1);
  });

  test('that only two have heard, or that is faint, is none', async () => {
    await city.hear(HEARINGS.slice(0, 2));
    await city.hear(HEARINGS.slice(2), { confidence: 49 });
    city.now += 6000;
    await city.decide();
    expect(await city.incidents()).toEqual([]);
    expect(written().metrics.HearingFaint).toHaveLength(HEARINGS.length - 2);
  });

  test('of long ago is told in the metrics only', async () => {
    city.now = NOON + 400_000;
    await city.hear(HEARINGS);
    expect(written().metrics.HearingLate).toHaveLength(HEARINGS.length);
    expect(city.due).toEqual([]);
  });
});

test.each(['webhook', 'topic', 'clips'] as const)(
  'while the %s does not answer it is tried again, and each is done once',
  async (failing) => {
    await city.mount('camera-near', { x: 600, y: 600 });
    await city.hear(HEARINGS);
    city.now += 6000;
    city.failing = failing;
    expect(await city.decide()).toBe('failed');
    city.failing = undefined;
    expect(await city.decide()).toBe('done');
    expect([city.dispatched.length, city.published.length, city.clips.length]).toEqual([1, 1, 1]);
  },
);

describe('with confirmation', () => {
  const within = async (otherwise: 'DISPATCH' | 'DISMISS') => {
    city = await TestCity.in(dynamodb, { confirmation: { withinSeconds: 60, otherwise } });
    await shoot();
    const { body, seconds } = city.due.at(-1)!;
    expect([JSON.parse(body).kind, seconds]).toEqual(['INCIDENT', 60]);
    return body;
  };

  test('nothing is dispatched before somebody has decided, but somebody is told', async () => {
    await within('DISPATCH');
    expect(city.dispatched).toEqual([]);
    expect(city.published).toHaveLength(1);
  });

  test.each([
    ['DISPATCH', 1, 'APPROVED'],
    ['DISMISS', 0, 'DISMISSED'],
  ] as const)('if nobody decides the time does: %s', async (otherwise, dispatched, status) => {
    const deadline = await within(otherwise);
    expect(await city.queue.process(deadline)).toBe('done');
    expect(city.dispatched).toEqual([]);
    city.now += 60_000;
    for (let time = 0; time < 2; time++) await city.queue.process(deadline);
    expect(city.dispatched).toHaveLength(dispatched);
    expect(await city.incidents()).toEqual([expect.objectContaining({ status, decidedBy: 'deadline' })]);
  });
});

describe('a message that can not be used', () => {
  const right = () => city.message(HEARINGS[0]);
  const wrong = (change: object) => city.message(HEARINGS[0], change);
  test.each<[string, () => unknown, RegExp]>([
    ['is none of the rule', () => ({ topic: 'devices/sensor-1/shots' }), /at device/],
    ['is no JSON', () => ruleOutput('sensor-1', 'bang'), /not JSON/],
    ['says what is due', () => ruleOutput('sensor-1', '{"kind":"DECIDE"}'), /at heardAt/],
    ['has no place', () => wrong({ position: undefined }), /at position/],
    ['is nowhere', () => wrong({ position: { latitude: 91, longitude: 0 } }), /at position\.latitude/],
    ['is surer than sure', () => wrong({ confidence: 101 }), /at confidence/],
    ['has a clock that is ahead', () => wrong({ heardAt: new Date(city.now + 5000).toISOString() }), /5000 ms ahead/],
  ])('because it %s goes to the dead-letter queue', async (_what, body, reason) => {
    expect(await city.queue.process(body())).toBe('unusable');
    expect(city.queue.reason).toMatch(reason);
    expect(written().metrics).toEqual({ MessageUnusable: [1] });
  });

  test('never is a crash, whatever it is', async () => {
    const envelope = right() as { content: string };
    const content = JSON.parse(Buffer.from(envelope.content, 'base64').toString()) as Record<string, unknown>;
    const spoiled = fc.record(
      Object.fromEntries(
        Object.entries(content).map(([name, value]) => [
          name,
          fc.oneof({ weight: 4, arbitrary: fc.constant<unknown>(value) }, fc.jsonValue()),
        ]),
      ),
    );
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .oneof(
          fc.json(),
          spoiled.map((value) => JSON.stringify(value)),
        )
        .map((each) => JSON.stringify(ruleOutput('sensor-1', each))),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        city.now += 1000;
        expect(['done', 'unusable']).toContain(await city.queue.process(text));
      }),
      { numRuns: 200 },
    );
  });
});

test('a sensor that floods is limited', async () => {
  for (let index = 0; index < 60; index++) await city.queue.process(city.message(HEARINGS[0]));
  expect(written().metrics.MessageLimited).toHaveLength(20);
});
