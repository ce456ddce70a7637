import { captureOutput } from '../../support/handler-output';
import fc from 'fast-check';
import { CLINICIAN, PATIENT, SCHEDULER, consultationWorld } from '../../support/consultation-world';
import { ServiceError } from '../../support/service-error';
import { NOW } from '../../support/viewing';

const written = captureOutput();
const clinic = consultationWorld();
const { world, send } = clinic;
const say = (consent: string, who: Record<string, string> = PATIENT) => send('PUT', 'a-1/consent', who, { consent });
const kept = async () => (await world.dynamodb.items(world.tableName)).find(({ id }) => id === 'a-1')!;

beforeEach(() => clinic.booked());

test('only the patient consents', async () => {
  expect(await say('given', CLINICIAN)).toMatchObject({ status: 403 });
  expect(await say('given', SCHEDULER)).toMatchObject({ status: 404 });
  expect(await kept()).toMatchObject({ consent: 'none', consents: [] });
  expect(await say('given')).toMatchObject({ status: 200, content: { consent: 'given' } });
});

test.each([{}, { consent: 'none' }, { consent: true }, { consent: 'given', by: 'x' }, 'given', []])(
  '%j is no consent',
  async (body) => {
    expect(await send('PUT', 'a-1/consent', PATIENT, body)).toMatchObject({ status: 400 });
    expect(await kept()).toMatchObject({ consent: 'none' });
  },
);

test('all that was said stays on record, once if it is said twice', async () => {
  for (const consent of ['given', 'given', 'withdrawn', 'given']) {
    world.now += 1000;
    await say(consent);
  }
  const at = (seconds: number) => new Date(NOW + 1000 * seconds).toISOString();
  expect(await kept()).toMatchObject({
    consent: 'given',
    consents: [
      { consent: 'given', at: at(1), by: 'patient-1' },
      { consent: 'withdrawn', at: at(3), by: 'patient-1' },
      { consent: 'given', at: at(4), by: 'patient-1' },
    ],
    // Six years after the end.
    expiresAt: NOW / 1000 + 35 * 60 + 2192 * 86_400,
  });
  expect(
    written()
      .logs.filter(({ action }) => action === 'consent')
      .map(({ consent }) => consent),
  ).toEqual(['given', 'given', 'withdrawn', 'given']);
});

describe('withdrawn', () => {
  beforeEach(async () => {
    await say('given');
    await send('POST', 'a-1/session', PATIENT);
    expect(clinic.isStored()).toBe(true);
  });

  test('it stops what is stored, keeps what was, and nobody joins a recording any more', async () => {
    expect(await say('withdrawn')).toMatchObject({ status: 200, content: { consent: 'withdrawn' } });
    expect(clinic.isStored()).toBe(false);
    expect(world.video.streams.has('clinic-a-1')).toBe(true);
    expect(await send('POST', 'a-1/recording', PATIENT)).toMatchObject({ status: 409 });
    expect((await send('POST', 'a-1/session', CLINICIAN)).content).toMatchObject({ recorded: false });
    expect(written().logs).toContainEqual(
      expect.objectContaining({ message: 'Recording stopped', device: 'clinic-a-1' }),
    );
  });

  test('if it can not be stopped, it is said, it is withdrawn all the same, and the next one who comes stops it', async () => {
    let failures = 1;
    world.before.UpdateMediaStorageConfiguration = () => {
      if (failures-- > 0) throw new ServiceError('InternalFailure', 500);
    };
    expect(await say('withdrawn')).toMatchObject({ status: 502 });
    expect(await kept()).toMatchObject({ consent: 'withdrawn' });
    expect(clinic.isStored()).toBe(true);
    await send('POST', 'a-1/session', CLINICIAN);
    expect(clinic.isStored()).toBe(false);
  });

  test('saying it again tries again', async () => {
    let failures = 1;
    world.before.UpdateMediaStorageConfiguration = () => {
      if (failures-- > 0) throw new ServiceError('InternalFailure', 500);
    };
    await say('withdrawn');
    expect(await say('withdrawn')).toMatchObject({ status: 200 });
    expect(clinic.isStored()).toBe(false);
  });
});

test('before anybody came there is nothing to stop', async () => {
  await say('given');
  expect(await say('withdrawn')).toMatchObject({ status: 200 });
  expect(world.video.channels.size).toBe(0);
});

const CALLS = [
  'CreateSignalingChannel',
  'CreateStream',
  'DescribeStream',
  'DescribeMediaStorageConfiguration',
  'UpdateMediaStorageConfiguration',
];

test.each(CALLS)('a withdrawal right before %s leaves nothing stored', async (operation) => {
  await say('given');
  world.before[operation] = async () => {
    delete world.before[operation];
    await say('withdrawn');
  };
  await send('POST', 'a-1/session', PATIENT);
  expect(clinic.isStored()).toBe(false);
});

// Each of the calls that go out meanwhile takes as long as it likes.
test('in whatever order people come and the patient says what, nothing is stored that was withdrawn last', async () => {
  const acts = fc.array(fc.constantFrom('given', 'withdrawn', 'patient', 'clinician'), { minLength: 1, maxLength: 3 });
  const delays = fc.array(fc.nat(12), { minLength: 60, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(acts, delays, async (others, waits) => {
      world.tableName = await world.dynamodb.createTable('id');
      world.video.channels.clear();
      clinic.restart();
      await clinic.booked('a-1', 'given');
      const left = [...waits];
      const wait = () => new Promise((resolve) => setTimeout(resolve, left.pop() ?? 0));
      for (const call of CALLS) world.before[call] = wait;
      const results = ['patient', ...others, 'withdrawn'].map(async (act) => {
        await wait();
        if (act === 'given' || act === 'withdrawn') await say(act);
        else await send('POST', 'a-1/session', act === 'patient' ? PATIENT : CLINICIAN);
      });
      await Promise.all(results);
      world.before = {};
      const { consent } = (await send('GET', 'a-1', PATIENT)).content;
      if (consent !== 'given') expect(clinic.isStored()).toBe(false);
    }),
    { numRuns: 25 },
  );
});
