import { captureOutput } from '../../support/handler-output';
import fc from 'fast-check';
import { ErasureWorld, type Crash } from '../../support/erasure-world';
import { MemoryTables } from '../../support/memory-tables';

/** Names that begin, or end, like each other. */
const DEVICES = ['drone-1', 'drone-10', 'drone-1-', 'drone', 'drone-1_', 'Drone-1'];
const TIMES = ['2026-02-28T08:00:00.000Z', '2026-02-28T10:00:00.000Z', '2026-02-28T13:00:00.000Z'];

interface Thing {
  readonly device: string;
  readonly camera: '' | '.front' | '.10';
  readonly kind: 'stream' | 'frame' | 'evidence' | 'clip' | 'alert' | 'command';
  readonly at: string;
  readonly lock: 'none' | 'held' | 'until' | 'marker';
}

const things: fc.Arbitrary<Thing[]> = fc.array(
  fc.record({
    device: fc.oneof({ weight: 2, arbitrary: fc.constant('drone-1') }, fc.constantFrom(...DEVICES)),
    camera: fc.constantFrom<Thing['camera'][]>('', '.front', '.10'),
    kind: fc.constantFrom<Thing['kind'][]>('stream', 'frame', 'frame', 'evidence', 'clip', 'alert', 'command'),
    at: fc.constantFrom(...TIMES),
    lock: fc.constantFrom<Thing['lock'][]>('none', 'none', 'none', 'held', 'until', 'marker'),
  }),
  { minLength: 1, maxLength: 25 },
);

const crashes: fc.Arbitrary<Crash[]> = fc.array(
  fc.record({ call: fc.integer({ min: 1, max: 80 }), when: fc.constantFrom<Crash['when'][]>('before', 'after') }),
  { maxLength: 6 },
);

const requests = fc.constantFrom<object[]>(
  {},
  { recreate: true },
  { from: TIMES[1] },
  { to: TIMES[1] },
  { plan: true },
);

captureOutput();

async function worldOf(content: readonly Thing[], pageSize = 1000): Promise<ErasureWorld> {
  const tables = new MemoryTables();
  tables.pageSize = pageSize;
  const world = await ErasureWorld.create(tables);
  world.pageSize = pageSize;
  let number = 0;
  for (const { device, camera, kind, at, lock } of content) {
    const stream = `${device}${camera}`;
    const name = (folder: string) =>
      `${folder}/${stream}/${folder}_111122223333_${stream}_${Date.parse(at)}_${++number}.jpg`;
    const locked = {
      ...(lock === 'held' && { hold: true }),
      ...(lock === 'until' && { until: new Date('2027-01-01T00:00:00Z') }),
      isMarker: lock === 'marker',
    };
    if (kind === 'stream' && !world.video.streams.has(stream)) world.stream(stream);
    if (kind === 'frame') world.media.put(name('frames'), locked);
    if (kind === 'evidence') world.media.put(name('evidence'), locked);
    if (kind === 'clip') world.clips.put(`clips/${stream}/${++number}.mp4`);
    if (kind === 'alert') await world.alert(device, at, `${device}:${++number}`);
    if (kind === 'command') await world.command(device, `c${++number}`, at);
  }
  return world;
}

/** What a request leads to. */
async function resultOf(world: ErasureWorld, request: object) {
  const { certificateSha256: _, ...ending } = await world.erase({
    requestId: 'r-1',
    device: 'drone-1',
    reason: 'Asked for',
    requestedBy: 'privacy@example.com',
    ...request,
  });
  const { finishedAt: _at, ...certificate } = world.certificate('r-1');
  return { ending, certificate, content: await world.content(), provisioned: new Set(world.provisioned) };
}

test('wherever it crashes, and however often it is interrupted, the end is the same, and so is the certificate', async () => {
  const property = fc.asyncProperty(
    things,
    requests,
    crashes,
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 4 }),
    async (content, request, crashesOfRun, patience, pageSize) => {
      const [calm, rough] = [await worldOf(content, pageSize), await worldOf(content, pageSize)];
      rough.crashes = crashesOfRun;
      rough.patience = patience;
      expect(await resultOf(rough, request)).toEqual(await resultOf(calm, request));
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

test('nothing of another device is ever touched', async () => {
  const property = fc.asyncProperty(things, requests, crashes, async (content, request, crashesOfRun) => {
    const world = await worldOf(content);
    const isOthers = (line: string) => !/(^|[ /])drone-1([ ./:]|$)/.test(line) && !/^c\d+$/.test(line);
    const before = (await world.content()).filter(isOthers);
    world.crashes = crashesOfRun;
    await resultOf(world, request);
    expect((await world.content()).filter(isOthers)).toEqual(before);
  });
  await fc.assert(property, { numRuns: 150 });
});

test('what is said to be erased is gone, and what is left is counted', async () => {
  const property = fc.asyncProperty(things, async (content) => {
    const world = await worldOf(content);
    const isMine = (line: string) => /(^|[ /])drone-1([ ./:]|$)/.test(line);
    const before = (await world.content()).filter(isMine).length;
    const { ending, certificate } = await resultOf(world, {});
    const after = (await world.content()).filter(isMine).length;
    // Acknowledgements go with their alerts, and aren't counted.
    const alerts = certificate.places.find(({ name }) => name === 'alerts')!.deleted;
    expect(before - after).toBe(ending.deleted + alerts);
    expect(after).toBe(ending.left);
    expect(certificate.kept.reduce((sum, { count }) => sum + count, 0)).toBe(ending.left);
    expect(ending.outcome).toBe(after > 0 ? 'ERASED_IN_PART' : 'ERASED');
  });
  await fc.assert(property, { numRuns: 150 });
});
