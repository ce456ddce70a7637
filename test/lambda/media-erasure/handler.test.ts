import { captureOutput } from '../../support/handler-output';
import { createHash } from 'node:crypto';
import { manifestKey } from '../../../lambda/common/incident';
import { metrics } from '../../../lambda/common/observability';
import { erasureCertificate } from '../../../lambda/media-erasure/certificate';
import { LocalDynamoDB } from '../../support/dynamodb';
import { ErasureWorld, EXECUTION, STARTED_AT } from '../../support/erasure-world';

const written = captureOutput();

/** How image generation names files: https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/images.html */
const frame = (stream: string, at: string, folder = 'frames') =>
  `${folder}/${stream}/${folder}_111122223333_${stream}_${Date.parse(at)}_7b4bd9c8-2b1d.jpg`;
const EARLY = '2026-02-28T08:00:00.000Z';
const LATE = '2026-02-28T11:00:00.000Z';
const BASE = { requestId: 'r-1', reason: 'Asked for by who was filmed', requestedBy: 'privacy@example.com' };
const DEVICE = { ...BASE, device: 'drone-1' };

let dynamodb: LocalDynamoDB;
let world: ErasureWorld;

/** Of each kind of place one thing of the device, and some of those whose names begin like it. */
async function fill(device: string): Promise<void> {
  for (const stream of [device, `${device}.front`]) {
    world.stream(stream);
    for (const at of [EARLY, LATE]) world.media.put(frame(stream, at));
    world.media.put(frame(stream, EARLY, 'evidence'));
    world.clips.put(`clips/${stream}/0f6c.mp4`);
  }
  await world.alert(device, EARLY, `${device}:1`);
  await world.alert(device, LATE, `${device}:2`);
  await world.command(device, `${device}-c1`, LATE);
  await world.incident(device, LATE, `${device}:2`);
}

/** Whether a line of the content is about `drone-1`. */
const isMine = (line: string) => /\bdrone-1(?!\d)/.test(line);
const NEIGHBOURS = ['drone-10', 'drone-11', 'adrone-1', 'drone'];

beforeAll(async () => {
  dynamodb = await LocalDynamoDB.start();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  metrics.clearMetrics();
  world = await ErasureWorld.create(dynamodb);
});

describe('a device', () => {
  beforeEach(async () => {
    for (const device of ['drone-1', ...NEIGHBOURS]) await fill(device);
  });

  test('is erased everywhere, and no other one is touched', async () => {
    const before = await world.content();
    const ending = await world.erase(DEVICE);
    expect(ending).toMatchObject({ outcome: 'ERASED', left: 0 });
    const after = await world.content();
    // Two streams, eight objects, two alerts and their acknowledgements, a command, an incident.
    expect(before.filter(isMine)).toHaveLength(16);
    expect(after).toEqual(before.filter((line) => !isMine(line)));
  });

  test('has a certificate of what was there and is gone', async () => {
    const { certificateSha256, certificate } = await world.erase(DEVICE);
    expect(certificate).toBe('s3://proofs/r-1/certificate.json');
    expect(createHash('sha256').update(world.proofs.text('r-1/certificate.json')).digest('hex')).toBe(
      certificateSha256,
    );
    const found = world.certificate('r-1');
    expect(erasureCertificate.safeParse(found).error).toBeUndefined();
    expect(found).toMatchObject({
      outcome: 'ERASED',
      fleet: 'delivery',
      request: { device: 'drone-1', plan: false, recreate: false, requestedBy: 'privacy@example.com' },
      execution: `${EXECUTION}:r-1`,
      startedAt: STARTED_AT,
      places: [
        { name: 'streams', found: 0, deleted: 2 },
        { name: 's3://media/frames/drone-1/', found: 0, deleted: 2 },
        { name: 's3://media/frames/drone-1.', found: 0, deleted: 2 },
        { name: 's3://media/evidence/drone-1/', found: 0, deleted: 1 },
        { name: 's3://media/evidence/drone-1.', found: 0, deleted: 1 },
        { name: 's3://clips/clips/drone-1/', found: 0, deleted: 1 },
        { name: 's3://clips/clips/drone-1.', found: 0, deleted: 1 },
        { name: 'incidents', found: 0, deleted: 1 },
        { name: 'alerts', found: 0, deleted: 2 },
        { name: 'commands', found: 0, deleted: 1 },
      ],
      kept: [],
      verification: { passes: 2, left: 0, unexplained: 0 },
    });
    metrics.publishStoredMetrics();
    expect(written().metrics).toEqual({ ErasureCertified: [1] });
  });

  test('has a manifest of each thing, whose checksums can be checked', async () => {
    await world.erase(DEVICE);
    const { manifest } = world.certificate('r-1');
    const list = world.proofs.text('r-1/manifest.sha256');
    expect(createHash('sha256').update(list).digest('hex')).toBe(manifest.sha256);
    const lines = list.trimEnd().split('\n');
    expect(lines).toHaveLength(manifest.files);
    for (const line of lines) {
      const [, sum, file] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line)!;
      expect(
        createHash('sha256')
          .update(world.proofs.text(`r-1/${file}`))
          .digest('hex'),
      ).toBe(sum);
    }
    const all = lines.map((line) => world.proofs.text(`r-1/${line.slice(66)}`)).join('');
    expect(all).toContain(frame('drone-1.front', LATE));
    expect(all).not.toContain('drone-10');
  });

  test('has as many files as it takes, of which no invocation has to read all', async () => {
    world.pageSize = 1;
    for (let index = 0; index < 700; index++) world.media.put(`frames/drone-1/${index}.jpg`);
    world.patience = 100;
    const reads: number[] = [];
    const ofStep = () => world.calls.splice(0).filter((call) => call === 'GetObject').length;
    const invoke = world.invoke.bind(world);
    jest.spyOn(world, 'invoke').mockImplementation(async (event) => {
      const step = await invoke(event);
      reads.push(ofStep());
      return step;
    });
    await world.erase(DEVICE);
    const { manifest } = world.certificate('r-1');
    expect(manifest.files).toBeGreaterThan(1400);
    // A thousand at once, and then the lists of their checksums.
    expect(Math.max(...reads)).toBe(1000);
    const list = world.proofs.text('r-1/manifest.sha256');
    expect(new Set(list.trimEnd().split('\n')).size).toBe(manifest.files);
    expect(createHash('sha256').update(list).digest('hex')).toBe(manifest.sha256);
  });

  test('is counted only, if that is asked', async () => {
    const before = await world.content();
    expect(await world.erase({ ...DEVICE, plan: true })).toMatchObject({ outcome: 'PLANNED', deleted: 0, left: 14 });
    expect(await world.content()).toEqual(before);
    expect(world.certificate('r-1').places).toContainEqual({ name: 'alerts', found: 2, deleted: 0 });
  });

  test('gets new streams at the end, if it goes on', async () => {
    await world.erase({ ...DEVICE, recreate: true });
    expect(world.provisioned).toEqual(['drone-1']);
    expect(world.calls.indexOf('SendMessage')).toBeGreaterThan(world.calls.lastIndexOf('ListStreams'));
    await world.erase({ ...DEVICE, requestId: 'r-2' });
    expect(world.provisioned).toEqual(['drone-1']);
  });

  test('leaves a stream that was made anew meanwhile', async () => {
    let isMade = false;
    world.meanwhile = (operation) => {
      if (operation !== 'ListObjectVersions' || isMade || world.video.streams.has('drone-1')) return;
      isMade = true;
      world.stream('drone-1');
    };
    // Not before the first pass is over.
    expect(await world.erase(DEVICE)).toMatchObject({ outcome: 'ERASED' });
    expect(isMade).toBe(true);
    expect([...world.video.streams.keys()]).toContain('drone-1');
    expect([...world.video.streams.keys()]).not.toContain('drone-1.front');
  });

  test('leaves what carries another fleet’s tag, and says so', async () => {
    world.video.streams.get('drone-1.front')!.tags = { 'cdk-kinesis-video:fleet': 'another' };
    expect(await world.erase(DEVICE)).toMatchObject({ outcome: 'ERASED_IN_PART', left: 1 });
    expect(world.certificate('r-1').kept).toEqual([{ reason: 'FOREIGN', count: 1 }]);
    expect(world.video.streams.has('drone-1.front')).toBe(true);
    expect(world.video.streams.has('drone-1')).toBe(false);
  });

  test('leaves a stream that gets another tag right before it would be deleted', async () => {
    world.meanwhile = (operation) => {
      if (operation === 'DescribeStream') world.video.streams.get('drone-1')!.tags = {};
    };
    await world.erase(DEVICE);
    expect(world.video.streams.has('drone-1')).toBe(true);
    expect(world.certificate('r-1').kept).toEqual([{ reason: 'FOREIGN', count: 1 }]);
  });

  test('leaves a stream that changed since it was looked at, and tries again', async () => {
    let isChanged = false;
    world.meanwhile = (operation) => {
      if (operation !== 'DeleteStream' || isChanged) return;
      isChanged = true;
      world.video.streams.get('drone-1')!.version++;
    };
    await expect(world.erase(DEVICE)).rejects.toMatchObject({ name: 'VersionMismatchException' });
    expect(world.video.streams.get('drone-1')!.status).toBe('ACTIVE');
    expect(await world.erase(DEVICE)).toMatchObject({ outcome: 'ERASED' });
  });
});

describe('a part of the time', () => {
  beforeEach(() => fill('drone-1'));

  test('leaves streams, and says when that media expires', async () => {
    const request = { ...DEVICE, to: '2026-02-28T20:00:00Z', from: '2026-02-28T10:00:00+00:00' };
    expect(await world.erase(request)).toMatchObject({ outcome: 'ERASED_IN_PART', left: 2 });
    expect(world.certificate('r-1').kept).toEqual([
      { reason: 'PART_OF_STREAM', count: 2, until: '2026-03-01T20:00:00.000Z' },
    ]);
    const left = (await world.content()).filter(isMine);
    expect(left.filter((line) => line.startsWith('stream'))).toHaveLength(2);
    expect(left).toContainEqual(expect.stringContaining(frame('drone-1', EARLY)));
    expect(left).not.toContainEqual(expect.stringContaining(frame('drone-1', LATE)));
    expect(left).toContainEqual(expect.stringContaining(`${EARLY}#`));
    expect(left).not.toContainEqual(expect.stringContaining(`${LATE}#`));
    expect(left).toContain('drone-1:1');
    expect(left).not.toContain('drone-1:2');
  });

  test('that expired already is nowhere in the streams', async () => {
    const request = { ...DEVICE, to: '2026-02-28T10:00:00Z' };
    expect(await world.erase(request)).toMatchObject({ outcome: 'ERASED', left: 0 });
    expect(world.video.streams.size).toBe(2);
    expect(world.certificate('r-1').kept).toEqual([]);
    const left = await world.content();
    expect(left).toContainEqual(expect.stringContaining(frame('drone-1', LATE)));
    expect(left).not.toContainEqual(expect.stringContaining(frame('drone-1', EARLY)));
  });

  test('takes clips that were made since, which may show it', async () => {
    world.now = Date.parse('2026-02-27T00:00:00Z');
    world.clips.put('clips/drone-1/before.mp4');
    await world.erase({ ...DEVICE, from: '2026-02-28T10:00:00Z', to: '2026-02-28T10:30:00Z' });
    expect(world.clips.keys).toEqual(['clips/drone-1/before.mp4']);
  });
});

describe('incidents of a part of the time', () => {
  const incident = async (at: string) => {
    const key = { device: 'drone-1', id: 'drone-1:1:person', at };
    world.clips.put(manifestKey(key));
    await world.incident(key.device, key.at, key.id);
  };
  const left = async () => (await world.content()).filter((line) => line.includes('drone-1:1:person')).length;

  test('are erased by days, from the archive and its index alike', async () => {
    for (const day of ['25', '26', '27', '28']) await incident(`2026-02-${day}T11:00:00.000Z`);
    await world.erase({ ...DEVICE, from: '2026-02-26T15:00:00Z', to: '2026-02-27T08:00:00Z' });
    expect(world.clips.keys.map((key) => key.slice(0, 24))).toEqual([
      'clips/drone-1/2026/02/25',
      'clips/drone-1/2026/02/28',
    ]);
    expect(await left()).toBe(2);
  });

  test('are erased too if their window may reach into it from the day before or after', async () => {
    for (const at of ['2026-02-26T23:30:00.000Z', '2026-02-28T00:30:00.000Z']) await incident(at);
    await world.erase({ ...DEVICE, from: '2026-02-27T00:20:00Z', to: '2026-02-27T23:40:00Z' });
    expect(world.clips.keys).toEqual([]);
    expect(await left()).toBe(0);
  });

  test('that came since the request was made, on a later day, stay', async () => {
    await incident('2026-03-02T11:00:00.000Z');
    world.now = Date.parse('2026-03-02T11:05:00Z');
    world.clips.versions = world.clips.versions.map((version) => ({ ...version, lastModified: new Date(world.now) }));
    await world.erase(DEVICE);
    expect(world.clips.keys).toHaveLength(1);
    expect(await left()).toBe(1);
  });
});

describe('objects', () => {
  beforeEach(() => world.stream('drone-1'));
  const request = { ...DEVICE };
  const key = frame('drone-1', EARLY);

  test('go with all their versions and markers', async () => {
    world.media.put(key);
    world.media.put(key);
    world.media.put(key, { isMarker: true });
    await world.erase(request);
    expect(world.media.keys).toEqual([]);
  });

  test('are found on as many pages as there are, and deleted a thousand at a time', async () => {
    for (let index = 0; index < 2345; index++) world.media.put(`frames/drone-1/${index}.jpg`);
    world.media.put('frames/drone-10/0.jpg');
    expect(await world.erase(request)).toMatchObject({ outcome: 'ERASED', deleted: 2346 });
    expect(world.media.keys).toEqual(['frames/drone-10/0.jpg@v2346']);
    expect(world.calls.filter((call) => call === 'DeleteObjects')).toHaveLength(3);
  });

  test('that are locked are tried twice, and are in the certificate', async () => {
    const until = new Date('2026-06-01T00:00:00Z');
    world.media.put(key, { until });
    world.media.put(frame('drone-1', LATE), { until: new Date('2026-05-01T00:00:00Z') });
    world.media.put(frame('drone-1', LATE, 'evidence'), { hold: true });
    world.media.put('frames/drone-1/free.jpg');
    expect(await world.erase(request)).toMatchObject({ outcome: 'ERASED_IN_PART', left: 3, deleted: 2 });
    expect(world.certificate('r-1').kept).toEqual([
      { reason: 'LOCKED', count: 2, until: until.toISOString() },
      { reason: 'LEGAL_HOLD', count: 1 },
    ]);
    expect(world.certificate('r-1').verification).toEqual({ passes: 2, left: 3, unexplained: 0 });
  });

  test('that are refused without a lock make it incomplete', async () => {
    world.media.put(key, { denied: true });
    world.media.put(key, { denied: true, isMarker: true });
    world.clips.put('clips/drone-1/a.mp4', { denied: true });
    expect(await world.erase(request)).toMatchObject({ outcome: 'INCOMPLETE', left: 3 });
    expect(world.certificate('r-1')).toMatchObject({
      kept: [{ reason: 'REFUSED', count: 3 }],
      verification: { unexplained: 3 },
    });
    metrics.publishStoredMetrics();
    expect(written().metrics).toEqual({ ErasureIncomplete: [1] });
  });

  test('that S3 has no time for are tried again', async () => {
    world.media.put(key);
    world.media.hiccups.set(key, 'SlowDown');
    expect(await world.erase(request)).toMatchObject({ outcome: 'ERASED', deleted: 2 });
  });

  test('that come all the time make it incomplete', async () => {
    let number = 0;
    world.media.put(key);
    world.meanwhile = (operation) => {
      if (operation === 'DeleteObjects') world.media.put(`frames/drone-1/${++number}.jpg`);
    };
    expect(await world.erase(request)).toMatchObject({ outcome: 'INCOMPLETE' });
    expect(world.certificate('r-1').verification.passes).toBe(5);
  });

  test('of a clock that is ahead are erased, if they were there when it was asked', async () => {
    world.media.put(frame('drone-1', '2031-01-01T00:00:00.000Z'));
    world.now = Date.parse(STARTED_AT) + 1;
    world.media.put(frame('drone-1', '2031-01-02T00:00:00.000Z'));
    await world.erase(request);
    expect(world.media.keys).toEqual([expect.stringContaining(frame('drone-1', '2031-01-02T00:00:00.000Z'))]);
  });
});

describe('a person', () => {
  const MARIA = { FaceId: '5a7b1c1e-4f5a-4b0e-8f0e-0a1b2c3d4e5f', ExternalImageId: 'employee-17' };
  const OTHER = { FaceId: '6a7b1c1e-4f5a-4b0e-8f0e-0a1b2c3d4e5f', ExternalImageId: 'employee-171' };
  const SINGLE = { FaceId: '7a7b1c1e-4f5a-4b0e-8f0e-0a1b2c3d4e5f' };
  const request = { ...BASE, subject: { externalImageId: 'employee-17' } };

  beforeEach(async () => {
    await fill('drone-1');
    world.pageSize = 1;
    world.faces = [OTHER, MARIA, SINGLE];
    await world.alert('drone-1', LATE, 'm', { label: 'employee-17' });
    await world.alert('drone-10', LATE, 'o', { label: 'employee-171', note: 'employee-17' });
  });

  test('has their faces and the alerts that name them erased, and nobody else’s', async () => {
    const before = await world.content();
    expect(await world.erase(request)).toMatchObject({ outcome: 'ERASED', deleted: 2 });
    const gone = [`face ${MARIA.FaceId}`, `drone-1 ${LATE}#m`, 'm'];
    expect(await world.content()).toEqual(before.filter((line) => !gone.includes(line)));
  });

  test('is named nowhere in the proof', async () => {
    await world.erase(request);
    const proof = world.proofs.versions.map(({ body }) => body).join('');
    expect(proof).not.toContain('employee-17');
    const hash = createHash('sha256').update('r-1:employee-17').digest('hex');
    expect(world.certificate('r-1').request.subject).toEqual({ externalImageId: hash });
    expect(world.certificate('r-1').elsewhere).toContainEqual(
      expect.objectContaining({ what: expect.stringContaining('media in which the person is seen') }),
    );
    expect(JSON.stringify(written().logs)).not.toContain('employee-17');
  });

  test('has single faces erased', async () => {
    await world.erase({ ...BASE, subject: { faceIds: [SINGLE.FaceId] } });
    expect(world.faces).toEqual([OTHER, MARIA]);
  });

  test('whose face belongs to a user of the collection is not done with', async () => {
    world.faces = [{ ...MARIA, UserId: 'user' }];
    expect(await world.erase(request)).toMatchObject({ outcome: 'INCOMPLETE', left: 1 });
    expect(world.certificate('r-1').kept).toEqual([{ reason: 'FACE_OF_USER', count: 1 }]);
  });
});

describe('a request', () => {
  const execution = { id: `${EXECUTION}:r-1`, name: 'r-1', startedAt: STARTED_AT };
  const invoke = (request: unknown, more: object = {}) =>
    world.invoke({ request, execution: { ...execution, ...more }, progress: null });

  test.each<[what: string, request: unknown, problem: string]>([
    ['that is no object', 'drone-1', 'expected object'],
    ['without a reason', { requestId: 'r-1', device: 'drone-1', requestedBy: 'x' }, 'reason: '],
    ['about nothing', BASE, 'one of `device` and `subject`'],
    ['about both', { ...DEVICE, subject: { externalImageId: 'a' } }, 'one of `device` and `subject`'],
    ['about nobody', { ...BASE, subject: {} }, '`externalImageId` or `faceIds`'],
    ['whose device is a camera', { ...BASE, device: 'drone-1.front' }, 'device: '],
    ['whose device is a pattern', { ...BASE, device: 'drone-*' }, 'device: '],
    ['whose device is a folder above', { ...BASE, device: '..' }, 'device: '],
    ['whose device is nothing', { ...BASE, device: '' }, 'device: '],
    ['with what is not known', { ...DEVICE, force: true }, 'force'],
    ['that ends before it begins', { ...DEVICE, from: LATE, to: EARLY }, '`from` must be before `to`'],
    ['of a person and a time', { ...BASE, subject: { externalImageId: 'a' }, from: EARLY }, '`device` only'],
    ['that recreates after a part', { ...DEVICE, from: EARLY, recreate: true }, '`recreate`'],
    ['whose id is a path', { ...DEVICE, requestId: '../r-1' }, 'requestId: '],
  ])('%s is refused, before anything is looked at', async (_what, request, problem) => {
    await expect(invoke(request)).rejects.toMatchObject({
      name: 'InvalidErasureRequest',
      message: expect.stringContaining(problem),
    });
    expect(world.calls).toEqual([]);
  });

  test('of another name than its execution is refused', async () => {
    await expect(invoke(DEVICE, { name: 'r-2' })).rejects.toThrow('must have the `requestId` as its name');
    expect(world.calls).toEqual([]);
  });

  test('whose id was used before is refused, and its proof stays', async () => {
    await world.erase(DEVICE);
    const before = world.proofs.keys;
    await expect(invoke(DEVICE, { id: `${EXECUTION}:again` })).rejects.toThrow('There is a proof of this');
    expect(world.proofs.keys).toEqual(before);
  });

  test('that is not what the state machine gives is an error', async () => {
    await expect(world.invoke({ request: DEVICE })).rejects.toThrow('execution');
  });
});

test('something that is being deleted for half an hour is an error', async () => {
  const stream = world.stream('drone-1');
  stream.status = 'DELETING';
  await expect(world.erase(DEVICE)).rejects.toThrow('for half an hour');
});
