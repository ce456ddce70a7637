import { captureOutput } from '../../support/handler-output';
import { metrics } from '../../../lambda/common/observability';
import { BOOKING, CLINICIAN, PATIENT, SCHEDULER, consultationWorld } from '../../support/consultation-world';
import { ServiceError } from '../../support/service-error';
import { NOW } from '../../support/viewing';

const written = captureOutput();
const clinic = consultationWorld();
const { world, send } = clinic;
const rooms = () => [...world.video.channels.keys()].sort();

function counted(): Record<string, number[]> {
  metrics.publishStoredMetrics();
  return written().metrics;
}

async function met(id: string, consent?: 'given' | 'withdrawn', booking: object = BOOKING) {
  await clinic.booked(id, consent, booking);
  await send('POST', `${id}/session`, PATIENT);
}

test('rooms are closed at the end of their appointments, and recordings stay', async () => {
  await met('a-1', 'given');
  await met('a-2', undefined, { ...BOOKING, end: new Date(NOW + 3_600_000).toISOString() });
  world.now = NOW + 35 * 60_000 - 1;
  await clinic.close();
  expect(rooms()).toEqual(['clinic-a-1', 'clinic-a-2']);
  counted();
  world.now += 1;
  await clinic.close();
  expect(rooms()).toEqual(['clinic-a-2']);
  expect([...world.video.streams.keys()]).toEqual(['clinic-a-1']);
  expect(counted()).toMatchObject({ RoomClosed: [1], RoomsOpen: [1] });
});

test('so are those of appointments that are cancelled, and of none', async () => {
  await met('a-1');
  await send('DELETE', 'a-1', SCHEDULER);
  world.video.call('CreateSignalingChannel', {
    ChannelName: 'clinic-lost',
    Tags: [{ Key: 'cdk-kinesis-video:fleet', Value: 'clinic' }],
  });
  await clinic.close();
  expect(rooms()).toEqual([]);
});

test('what is not of this fleet stays, whatever its name', async () => {
  const tagged = (ChannelName: string, Value: string) =>
    world.video.call('CreateSignalingChannel', { ChannelName, Tags: [{ Key: 'cdk-kinesis-video:fleet', Value }] });
  tagged('clinic-b-1', 'clinic-b');
  tagged('other-1', 'clinic');
  world.video.call('CreateSignalingChannel', { ChannelName: 'clinic-untagged' });
  await clinic.close();
  expect(rooms()).toEqual(['clinic-b-1', 'clinic-untagged', 'other-1']);
});

test('a recording that a withdrawal could not stop is stopped, and told of', async () => {
  await met('a-1', 'given');
  world.before.UpdateMediaStorageConfiguration = () => {
    throw new ServiceError('InternalFailure', 500);
  };
  await send('PUT', 'a-1/consent', PATIENT, { consent: 'withdrawn' });
  expect(clinic.isStored()).toBe(true);
  world.before = {};
  counted();
  await clinic.close();
  expect(clinic.isStored()).toBe(false);
  expect(counted()).toMatchObject({ RecordingStoppedLate: [1], RoomsOpen: [1] });
  await clinic.close();
  expect(counted()).not.toHaveProperty('RecordingStoppedLate');
});

test('a recording that is consented to goes on', async () => {
  await met('a-1', 'given');
  await clinic.close();
  expect(clinic.isStored()).toBe(true);
});

test('one room that fails does not keep the others open, and is not kept quiet', async () => {
  for (const id of ['a-1', 'a-2', 'a-3']) await met(id);
  world.now = NOW + 3_600_000;
  let calls = 0;
  world.before.DeleteSignalingChannel = () => {
    if (++calls === 2) throw new ServiceError('AccessDeniedException', 401);
  };
  await expect(clinic.close()).rejects.toThrow('1 rooms could not be attended to, clinic-a-2 among them.');
  expect(rooms()).toEqual(['clinic-a-2']);
  await clinic.close();
  expect(rooms()).toEqual([]);
});

test('there may be more rooms than a page has', async () => {
  for (let index = 0; index < 1100; index++) {
    world.video.call('CreateSignalingChannel', {
      ChannelName: `clinic-lost-${index}`,
      Tags: [{ Key: 'cdk-kinesis-video:fleet', Value: 'clinic' }],
    });
  }
  await clinic.close();
  // Those of the second page move up meanwhile, as deleted ones are no longer listed: they are for the next time.
  await clinic.close();
  expect(rooms()).toEqual([]);
});

test('a room that is being closed already is left alone, and whoever comes then is told', async () => {
  await met('a-1');
  world.video.channels.get('clinic-a-1')!.status = 'DELETING';
  await clinic.close();
  expect(await send('POST', 'a-1/session', CLINICIAN)).toMatchObject({ status: 409, content: { title: 'Not ready' } });
});
