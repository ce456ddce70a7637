import { captureOutput } from '../../support/handler-output';
import { createHash } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { IncidentManifest } from '../../../lambda/common/incident';
import { metrics } from '../../../lambda/common/observability';
import { ALERT, AT, ClipWorld, FOLDER, recording } from '../../support/clip-world';
import { LocalDynamoDB } from '../../support/dynamodb';
import { fragmentNumber, fragmentsIn, type StoredFragment } from '../../support/stream-model';
import { TestQueue } from '../../support/work-queue';

const written = captureOutput();
let dynamodb: LocalDynamoDB;
let tableName: string;
let world: ClipWorld;
let queue: TestQueue;

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  metrics.clearMetrics();
  tableName = await dynamodb.createTable('device', 'at');
  worldOf();
});

function worldOf(settings: ConstructorParameters<typeof ClipWorld>[2] = {}, alertTable?: string): void {
  world = new ClipWorld(dynamodb.client, tableName, settings, alertTable);
  queue = new TestQueue((body) => world.handle(body));
}

const at = (seconds: number) => new Date(AT + 1000 * seconds).toISOString();
const record = (...fragments: StoredFragment[]) => world.video.streams.set('drone-1', fragments);
const manifest = () => world.store.json<IncidentManifest>(world.keyOf('manifest.json'));
const contents = (ending: string) => fragmentsIn(world.store.find(world.keyOf(ending)).content);
const numbers = (fragments: StoredFragment[]) => fragments.map(({ number }) => number);
const index = () => dynamodb.items(tableName);
const called = (operation: string) => world.video.calls.filter((call) => call.operation === operation);

const REQUEST = {
  schemaVersion: '1.0',
  kind: 'CLIP_REQUEST',
  device: 'drone-1',
  id: 'ticket-7',
  at: at(0),
  reason: 'Near miss at the crane',
  requestedBy: 'dispatcher-2',
};

describe('an alert', () => {
  test('becomes a clip of what was before and after, with a manifest', async () => {
    const before = recording(AT - 40_000, 5);
    const within = recording(AT - 30_000, 45);
    record(...before, ...within, ...recording(AT + 60_000, 5));
    expect(await queue.process(ALERT)).toBe('done');

    const [{ key, sha256, fragments, ...part }, ...others] = manifest().parts;
    expect(others).toEqual([]);
    expect(key).toMatch(new RegExp(`^${FOLDER}[0-9a-f]{16}/20261124T095930.000Z-\\d{47}-45\\.mp4$`));
    const { content, contentType, legalHold } = world.store.find(key);
    expect({ contentType, legalHold }).toEqual({ contentType: 'video/mp4', legalHold: false });
    expect(fragmentsIn(content)).toEqual(numbers(within));
    expect(part).toEqual({
      format: 'MP4',
      from: at(-30),
      to: at(60),
      receivedFrom: at(-27.5),
      receivedTo: at(60.5),
      bytes: content.length,
    });
    expect(sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect(fragments.map(({ number }) => number)).toEqual(numbers(within));
    const { url: _link, ...frame } = ALERT.frame!;
    expect(manifest()).toMatchObject({
      schemaVersion: '1.0',
      incident: { device: 'drone-1', id: ALERT.id, at: at(0), trigger: 'ALERT', from: at(-30), to: at(60) },
      stream: 'drone-1',
      gaps: [],
      detections: [{ ...ALERT, frame }],
      plannedAt: at(3600),
      storedAt: at(3600),
    });
    expect(manifest().detections[0].frame).not.toHaveProperty('url');
  });

  test('is in the index, and in what is measured', async () => {
    worldOf({ expireDays: 365 });
    record(...recording(AT - 30_000, 40));
    await queue.process(ALERT);
    expect(await index()).toEqual([
      {
        device: 'drone-1',
        at: `${at(0)}#${ALERT.id}`,
        id: ALERT.id,
        trigger: 'ALERT',
        from: at(-30),
        to: at(60),
        manifest: world.keyOf('manifest.json'),
        parts: 1,
        bytes: manifest().parts[0].bytes,
        gaps: 1,
        storedAt: at(3600),
        legalHold: false,
        deletableAt: AT / 1000 + 3600 + 365 * 86_400,
        expiresAt: AT / 1000 + 3600 + 365 * 86_400,
      },
    ]);
    expect(written().metrics).toMatchObject({
      ClipStored: [1],
      ClipPartStored: [1],
      ClipBytes: [manifest().parts[0].bytes],
      ClipEmpty: [0],
      ClipExpired: [0],
      ClipGap: [10_000],
      ClipLatency: [3_540_000],
    });
  });

  test('of one camera of several is of its stream', async () => {
    world.video.streams.set('drone-1.front', recording(AT - 30_000, 45));
    expect(await queue.process({ ...ALERT, camera: 'front' })).toBe('done');
    expect(manifest()).toMatchObject({ stream: 'drone-1.front', incident: { camera: 'front' } });
  });

  test('has beside it what else was detected meanwhile, by this device', async () => {
    const alertTable = await dynamodb.createTable('device', 'at');
    worldOf({}, alertTable);
    const other = { ...ALERT, id: 'drone-1:2:bird', capturedAt: at(20), frame: undefined };
    for (const event of [
      ALERT,
      other,
      { ...other, id: 'later', capturedAt: at(61) },
      { ...other, id: 'another', device: 'drone-10' },
    ]) {
      const Item = { device: event.device, at: `${event.capturedAt}#${event.id}`, event: JSON.stringify(event) };
      await putItem(alertTable, Item);
    }
    await putItem(alertTable, { device: 'drone-1', at: `${at(5)}#broken`, event: '{' });
    expect(await queue.process(ALERT)).toBe('done');
    expect(manifest().detections.map(({ id }) => id)).toEqual([ALERT.id, other.id]);
    expect(written().logs).toContainEqual(
      expect.objectContaining({ level: 'WARN', message: 'An alert of the feed can not be read' }),
    );
  });
});

async function putItem(TableName: string, Item: Record<string, unknown>): Promise<void> {
  await dynamodb.client.send(new PutCommand({ TableName, Item }));
}

describe('a request', () => {
  test('becomes a clip of the time that it names', async () => {
    record(...recording(AT - 30_000, 45));
    expect(await queue.process({ ...REQUEST, beforeSeconds: 4, afterSeconds: 0 })).toBe('done');
    expect(manifest()).toMatchObject({
      incident: {
        trigger: 'REQUEST',
        reason: REQUEST.reason,
        requestedBy: REQUEST.requestedBy,
        from: at(-4),
        to: at(0),
      },
      parts: [{ from: at(-4), to: at(0), fragments: [{ producedAt: AT - 4000 }, { producedAt: AT - 2000 }] }],
      detections: [],
    });
  });

  test('with a legal hold has each object under it from the first moment, and is not forgotten', async () => {
    worldOf({ expireDays: 1 });
    record(...recording(AT - 30_000, 45));
    expect(await queue.process({ ...REQUEST, legalHold: true })).toBe('done');
    expect([...world.store.objects.values()].map(({ legalHold }) => legalHold)).toEqual([true, true, true]);
    expect(await index()).toEqual([expect.objectContaining({ legalHold: true })]);
    expect((await index())[0]).not.toHaveProperty('expiresAt');
  });

  test('puts what is there already under a legal hold too', async () => {
    worldOf({ expireDays: 1 });
    record(...recording(AT - 30_000, 45));
    await queue.process(ALERT);
    const before = world.keys;
    expect((await index())[0]).toMatchObject({ legalHold: false, expiresAt: expect.any(Number) });
    expect(await queue.process({ ...REQUEST, id: ALERT.id, legalHold: true })).toBe('done');
    expect(world.keys).toEqual(before);
    expect([...world.store.objects.values()].map(({ legalHold }) => legalHold)).toEqual(before.map(() => true));
    expect((await index())[0]).toMatchObject({ legalHold: true });
    expect((await index())[0]).not.toHaveProperty('expiresAt');
    // The alert, once more, takes nothing away.
    expect(await queue.process(ALERT)).toBe('done');
    expect((await index())[0]).toMatchObject({ legalHold: true });
    expect((await index())[0]).not.toHaveProperty('expiresAt');
  });

  test('puts what another message has begun under a legal hold too', async () => {
    record(...recording(AT - 30_000, 45));
    world.remaining = 0;
    await queue.process(ALERT);
    expect(world.keys).toEqual([expect.stringMatching(/plan\.json$/)]);
    world.remaining = 300_000;
    expect(await queue.process({ ...REQUEST, id: ALERT.id, legalHold: true })).toBe('done');
    expect([...world.store.objects.values()].map(({ legalHold }) => legalHold)).toEqual([true, true, true]);
  });

  test('puts what another message stores meanwhile under a legal hold too', async () => {
    record(...recording(AT - 30_000, 45));
    let isFirst = true;
    world.store.before = async (operation) => {
      if (operation !== 'PutObject' || !isFirst) return;
      isFirst = false;
      expect(await queue.process(ALERT)).toBe('done');
    };
    expect(await queue.process({ ...REQUEST, id: ALERT.id, legalHold: true })).toBe('done');
    expect([...world.store.objects.values()].map(({ legalHold }) => legalHold)).toEqual([true, true, true]);
    expect(await index()).toEqual([expect.objectContaining({ legalHold: true })]);
  });
});

describe('what is early', () => {
  test.each([
    ['before the window is over', 0, /yet to come/],
    ['before it has settled', 60 + 59, /yet to come/],
  ])('%s comes again when it has', async (_when, seconds, reason) => {
    record(...recording(AT - 30_000, 45));
    world.now = AT + 1000 * seconds;
    await expect(world.handle(JSON.stringify(ALERT))).rejects.toMatchObject({
      seconds: 120 - seconds,
      message: expect.stringMatching(reason),
    });
    expect(world.keys).toEqual([]);
    world.now = AT + 120_000;
    expect(await queue.process(ALERT)).toBe('done');
  });

  test('and has gaps waits for media that is late, and takes it', async () => {
    const [all, late] = [recording(AT - 30_000, 45), 20];
    record(...all.slice(0, late));
    world.now = AT + 120_000;
    expect(await queue.process(ALERT)).toBe('failed');
    await expect(world.handle(JSON.stringify(ALERT))).rejects.toMatchObject({ seconds: 840 });
    expect(world.keys).toEqual([]);
    expect(written().metrics).toEqual({});

    record(...all);
    world.now = AT + 960_000;
    expect(await queue.process(ALERT)).toBe('done');
    expect(manifest()).toMatchObject({ gaps: [], parts: [{ fragments: { length: 45 } }] });
  });

  test('but not for longer than it may', async () => {
    record(...recording(AT - 30_000, 20), ...recording(AT + 30_000, 15));
    world.now = AT + 960_000;
    expect(await queue.process(ALERT)).toBe('done');
    expect(manifest()).toMatchObject({
      gaps: [{ from: at(10), to: at(30), reason: 'NOT_RECORDED' }],
      parts: [
        { from: at(-30), to: at(10) },
        { from: at(30), to: at(60) },
      ],
    });
  });

  test('ends in nothing but a manifest where nothing came', async () => {
    expect(await queue.process(ALERT)).toBe('done');
    expect(manifest()).toMatchObject({ parts: [], gaps: [{ from: at(-30), to: at(60), reason: 'NOT_RECORDED' }] });
    expect(written().metrics).toMatchObject({ ClipStored: [1], ClipEmpty: [1], ClipGap: [90_000] });
  });
});

describe('a window is stored in parts', () => {
  test('of 200 fragments', async () => {
    record(...recording(AT - 900_000, 450, { bytes: 100_000 }));
    expect(await queue.process({ ...REQUEST, beforeSeconds: 900, afterSeconds: 1 })).toBe('done');
    expect(manifest().parts.map(({ fragments }) => fragments.length)).toEqual([200, 200, 50]);
    expect(manifest().gaps).toEqual([]);
  });

  test('of less than 100 MB', async () => {
    record(...recording(AT - 30_000, 10, { bytes: 30_000_000 }));
    expect(await queue.process(ALERT)).toBe('done');
    expect(manifest().parts.map(({ fragments }) => fragments.length)).toEqual([3, 3, 3, 1]);
  });

  test('that begins with the fragment which reaches into it', async () => {
    record(...recording(AT - 31_000, 46));
    expect(await queue.process(ALERT)).toBe('done');
    expect(manifest()).toMatchObject({ gaps: [], parts: [{ from: at(-31), to: at(61) }] });
  });

  test('at a change of the codec, in clips on both sides of it', async () => {
    const first = recording(AT - 30_000, 16);
    const second = recording(AT + 2000, 29, { codec: 'h265' });
    record(...first, ...second);
    expect(await queue.process(ALERT)).toBe('done');
    const parts = manifest().parts;
    expect(parts.every(({ format }) => format === 'MP4')).toBe(true);
    expect(parts.flatMap(({ fragments }) => numbers(fragments as never))).toEqual(numbers([...first, ...second]));
    for (const { key, fragments } of parts) expect(contents(key)).toEqual(numbers(fragments as never));
  });

  test.each<[string, StoredFragment[]]>([
    ['has no codec', recording(AT - 30_000, 45, { codec: undefined })],
    ['is sent twice', [...recording(AT - 30_000, 45), ...recording(AT - 30_000, 45).map(again)]],
  ])('as it was sent where it %s', async (_what, fragments) => {
    record(...fragments);
    expect(await queue.process(ALERT)).toBe('done');
    expect(manifest().parts).toEqual([expect.objectContaining({ format: 'MKV' })]);
    expect(world.store.find(world.keyOf('.mkv')).contentType).toBe('video/x-matroska');
    expect(contents('.mkv').sort()).toEqual(numbers(fragments).sort());
    expect(manifest().gaps).toEqual([]);
  });
});

/** The same once more, received a day later. */
function again(fragment: StoredFragment, index: number): StoredFragment {
  return { ...fragment, number: fragmentNumber(2e9 + index), receivedAt: fragment.receivedAt + 86_400_000 };
}

describe('what goes wrong', () => {
  const SOME = recording(AT - 30_000, 45);

  test.each(['ListFragments', 'GetClip', 'GetDataEndpoint'])(
    '%s that is throttled is tried again',
    async (operation) => {
      record(...SOME);
      let refusals = 2;
      world.video.before = (call) =>
        call === operation && refusals-- > 0 ? 'ClientLimitExceededException' : undefined;
      expect(await queue.process(ALERT)).toBe('failed');
      expect(await queue.process(ALERT)).toBe('failed');
      expect(await queue.process(ALERT)).toBe('done');
      expect(manifest()).toMatchObject({ gaps: [], parts: [{ fragments: { length: 45 } }] });
    },
  );

  test('a clip that breaks off leaves nothing behind, and is made again', async () => {
    record(...SOME);
    // More than one part of an upload.
    world.video.padding = 200_000;
    let breaks = 1;
    world.store.before = (operation) => {
      if (operation === 'UploadPart' && breaks-- > 0) throw new Error('The connection is lost.');
    };
    expect(await queue.process(ALERT)).toBe('failed');
    expect(world.keys).toEqual([expect.stringMatching(/plan\.json$/)]);
    expect(world.store.uploads.size).toBe(0);
    expect(await queue.process(ALERT)).toBe('done');
    expect(contents('.mp4')).toEqual(numbers(SOME));
  });

  test('what is stored already is not fetched again', async () => {
    record(...recording(AT - 900_000, 450, { bytes: 100_000 }));
    let refusals = 1;
    world.video.before = () =>
      called('GetClip').length === 3 && refusals-- > 0 ? 'ClientLimitExceededException' : undefined;
    const request = { ...REQUEST, beforeSeconds: 900, afterSeconds: 1 };
    expect(await queue.process(request)).toBe('failed');
    expect(await queue.process(request)).toBe('done');
    expect(called('GetClip')).toHaveLength(4);
    const { parts } = manifest();
    expect(parts).toHaveLength(3);
    for (const { key, sha256, bytes } of parts) {
      const { content } = world.store.find(key);
      expect({ sha256, bytes }).toEqual({
        sha256: createHash('sha256').update(content).digest('hex'),
        bytes: content.length,
      });
    }
  });

  test('an alert that comes twice changes nothing', async () => {
    record(...SOME);
    await queue.process(ALERT);
    const before = new Map(world.store.objects);
    record(...SOME, ...SOME.map(again));
    expect(await queue.process(ALERT)).toBe('done');
    expect(new Map(world.store.objects)).toEqual(before);
    expect(called('GetClip')).toHaveLength(1);
    expect(await index()).toHaveLength(1);
  });

  test('what the time is not enough for goes on next time', async () => {
    record(...SOME);
    world.remaining = 59_000;
    await expect(world.handle(JSON.stringify(ALERT))).rejects.toMatchObject({ seconds: 0 });
    world.remaining = 61_000;
    expect(await queue.process(ALERT)).toBe('done');
    // Once for the plan, and once for the clip, right before it is made.
    expect(called('ListFragments').filter(({ request }) => !request.NextToken)).toHaveLength(2);
  });

  test('media that comes late, between what is planned, gets into no clip', async () => {
    const planned = recording(AT - 30_000, 45);
    record(...planned);
    world.remaining = 0;
    await queue.process(ALERT);
    record(...planned, { ...planned[3], number: fragmentNumber(4_000_000_000), producedAt: AT - 23_000 });
    world.remaining = 300_000;
    expect(await queue.process(ALERT)).toBe('done');
    expect(manifest().parts).toHaveLength(1);
    expect(contents('.mkv')).toEqual(numbers(planned));
  });

  test('media that expires on the way is a gap, and what is left is stored', async () => {
    record(...SOME);
    world.video.before = (operation) => {
      if (operation !== 'GetClip') return undefined;
      record(...SOME.slice(10));
      return called('GetClip').length === 1 ? 'ResourceNotFoundException' : undefined;
    };
    expect(await queue.process(ALERT)).toBe('done');
    expect(manifest()).toMatchObject({
      gaps: [{ from: at(-30), to: at(-10), reason: 'EXPIRED' }],
      parts: [{ from: at(-10), to: at(60) }],
    });
    expect(contents('.mp4')).toEqual(numbers(SOME.slice(10)));
    expect(written().metrics).toMatchObject({ ClipExpired: [1] });
  });

  test('a stream that goes away on the way leaves a manifest', async () => {
    record(...SOME);
    world.video.before = (operation) => {
      if (operation === 'GetClip') world.video.streams.clear();
      return undefined;
    };
    expect(await queue.process(ALERT)).toBe('done');
    expect(manifest()).toMatchObject({ parts: [], gaps: [{ from: at(-30), to: at(60), reason: 'EXPIRED' }] });
  });

  test('media that is there and not given is not taken for expired', async () => {
    record(...SOME);
    world.video.before = (operation) => (operation === 'GetClip' ? 'ResourceNotFoundException' : undefined);
    expect(await queue.process(ALERT)).toBe('failed');
    expect(world.keys).toEqual([expect.stringMatching(/plan\.json$/)]);
  });

  test.each(['NotAuthorizedException', 'NoDataRetentionException'])('%s is for somebody to look at', async (name) => {
    record(...SOME);
    world.video.before = (operation) => (operation === 'GetClip' ? name : undefined);
    expect(await queue.process(ALERT)).toBe('failed');
    expect(written().metrics).toMatchObject({ MessageFailed: [1] });
  });
});

describe('unusable is', () => {
  test.each<[string, unknown, RegExp]>([
    ['what is no JSON', '{', /not JSON/],
    ['what is neither', {}, /schemaVersion/],
    ['an alert of another major version', { ...ALERT, schemaVersion: '2.0' }, /schemaVersion/],
    ['an alert of no device', { ...ALERT, device: '' }, /device/],
    ['an alert that would be in the folder of another device', { ...ALERT, device: 'drone-1/../drone-2' }, /device/],
    ['an alert of a camera that is no name', { ...ALERT, camera: '../drone-2' }, /camera/],
    ['an alert with an id that fits into no key', { ...ALERT, id: 'i'.repeat(513) }, /id/],
    ['an alert of the future', { ...ALERT, capturedAt: at(3600 + 301) }, /future/],
    ['an alert of no time', { ...ALERT, capturedAt: 'yesterday' }, /capturedAt/],
    ['another kind of message', { ...REQUEST, kind: 'FRAME_REQUEST' }, /kind/],
    ['a request without an id', { ...REQUEST, id: undefined }, /id/],
    ['a request for more than an hour', { ...REQUEST, beforeSeconds: 3601 }, /beforeSeconds/],
    ['a request for no time', { ...REQUEST, beforeSeconds: 0, afterSeconds: 0 }, /no clip/],
    ['a request that wants what it may not', { ...REQUEST, bucket: 'mine', legalHold: 'yes' }, /legalHold/],
    ['what is of a device without a stream', { ...ALERT, device: 'drone-9' }, /no list/],
  ])('%s', async (_what, body, reason) => {
    expect(await queue.process(body)).toBe('unusable');
    expect(queue.reason).toMatch(reason);
    expect(world.keys).toEqual([]);
    expect(await index()).toEqual([]);
    expect(written().metrics).toEqual({ MessageUnusable: [1] });
  });

  test('what is longer ago than the stream keeps', async () => {
    world.video.before = (operation) => (operation === 'ListFragments' ? 'InvalidArgumentException' : undefined);
    expect(await queue.process(ALERT)).toBe('unusable');
    expect(queue.reason).toMatch(/no list of such fragments/);
  });

  test('a legal hold where there are none', async () => {
    worldOf({ legalHolds: false });
    expect(await queue.process({ ...REQUEST, legalHold: true })).toBe('unusable');
    expect(queue.reason).toMatch(/no legal holds/);
  });
});

test('incidents whose ids look alike have folders of their own', async () => {
  for (const id of ['a:b', 'a-b', 'a/b', '../a-b']) {
    expect(await queue.process({ ...ALERT, id })).toBe('done');
  }
  const folders = world.keys.filter((key) => key.endsWith('manifest.json'));
  expect(folders).toHaveLength(4);
  for (const key of folders) expect(key).toMatch(/^clips\/drone-1\/2026\/11\/24\/[a-zA-Z0-9_-]+\/manifest\.json$/);
});
