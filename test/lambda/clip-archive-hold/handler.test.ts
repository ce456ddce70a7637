import { captureOutput } from '../../support/handler-output';
import { handle as hold, type HoldAnswer } from '../../../lambda/clip-archive-hold/handler';
import { metrics } from '../../../lambda/common/observability';
import { ALERT, AT, ClipWorld, recording } from '../../support/clip-world';
import { LocalDynamoDB } from '../../support/dynamodb';

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let world: ClipWorld;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  metrics.clearMetrics();
  world = new ClipWorld(dynamodb.client, await dynamodb.createTable('device', 'at'), { expireDays: 365 });
  world.video.streams.set('drone-1', recording(AT - 30_000, 45));
  await world.handle(JSON.stringify(ALERT));
  metrics.clearMetrics();
  written();
});

const INCIDENT = { device: 'drone-1', id: ALERT.id, at: ALERT.capturedAt };
const ask = (request: unknown): Promise<HoldAnswer> =>
  hold(request, {
    s3: world.store.client,
    bucket: 'archive',
    dynamodb: dynamodb.client,
    tableName: world.tableName,
  }).finally(() => metrics.publishStoredMetrics());
const held = () => [...world.store.objects.values()].map(({ legalHold }) => legalHold);
const entry = async () => (await dynamodb.items(world.tableName))[0];

test('an incident comes under a hold with all its objects, is not forgotten, and is free again', async () => {
  const { expiresAt } = await entry();
  expect(expiresAt).toEqual(expect.any(Number));
  expect(await ask({ ...INCIDENT, legalHold: true, reason: 'Case 7' })).toEqual({
    ok: true,
    legalHold: true,
    objects: 3,
  });
  expect(held()).toEqual([true, true, true]);
  expect(await entry()).toMatchObject({ legalHold: true });
  expect(await entry()).not.toHaveProperty('expiresAt');
  expect(written()).toMatchObject({
    metrics: { ClipHeld: [1] },
    logs: [expect.objectContaining({ message: 'Legal hold', ...INCIDENT, legalHold: true, reason: 'Case 7' })],
  });

  expect(await ask({ ...INCIDENT, legalHold: false })).toMatchObject({ ok: true, legalHold: false, objects: 3 });
  expect(held()).toEqual([false, false, false]);
  expect(await entry()).toMatchObject({ legalHold: false, expiresAt });
  expect(written().metrics).toEqual({ ClipReleased: [1] });
});

test('who names the moment otherwise means the same incident', async () => {
  expect(await ask({ ...INCIDENT, at: '2026-11-24T12:00:00+02:00', legalHold: true })).toMatchObject({ objects: 3 });
});

test('a hold that fails half-way is one that is not forgotten, and is asked for again', async () => {
  let calls = 0;
  world.store.before = (operation) => {
    if (operation === 'PutObjectLegalHold' && ++calls === 2) throw new Error('SlowDown');
  };
  await expect(ask({ ...INCIDENT, legalHold: true })).rejects.toThrow('SlowDown');
  expect(await entry()).not.toHaveProperty('expiresAt');
  expect(await ask({ ...INCIDENT, legalHold: true })).toMatchObject({ ok: true });
  expect(held()).toEqual([true, true, true]);
  // Neither is one that is taken away half-way.
  calls = 0;
  await expect(ask({ ...INCIDENT, legalHold: false })).rejects.toThrow('SlowDown');
  expect(await entry()).toMatchObject({ legalHold: true });
});

test.each<[string, unknown, string]>([
  ['of another device', { ...INCIDENT, device: 'drone-10', legalHold: true }, 'UNKNOWN'],
  ['of another moment', { ...INCIDENT, at: '2026-11-24T10:00:00.001Z', legalHold: false }, 'UNKNOWN'],
  ['of no device', { ...INCIDENT, device: '../drone-1', legalHold: true }, 'INVALID'],
  ['without a word on the hold', INCIDENT, 'INVALID'],
  ['that is none', null, 'INVALID'],
])('a request %s is refused, and changes nothing', async (_what, request, code) => {
  const before = await entry();
  expect(await ask(request)).toMatchObject({ ok: false, error: { code } });
  expect(held()).toEqual([false, false, false]);
  expect(await entry()).toEqual(before);
  expect(written().metrics).toEqual({ HoldRefused: [1] });
});
