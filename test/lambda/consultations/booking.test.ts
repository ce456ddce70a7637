import { captureOutput } from '../../support/handler-output';
import fc from 'fast-check';
import { httpApiEvent } from '../../../local/console/http-api';
import { BOOKING, CLINICIAN, PATIENT, SCHEDULER, consultationWorld } from '../../support/consultation-world';
import { NOW } from '../../support/viewing';

captureOutput();
const clinic = consultationWorld();
const { world, send } = clinic;
const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();

test('whoever schedules books, moves and cancels', async () => {
  expect(await send('PUT', 'a-1', SCHEDULER, BOOKING)).toEqual({
    status: 200,
    content: { id: 'a-1', ...BOOKING, consent: 'none', cancelled: false },
  });
  await send('PUT', 'a-1/consent', PATIENT, { consent: 'given' });
  const moved = { ...BOOKING, start: at(60), end: at(90) };
  expect(await send('PUT', 'a-1', SCHEDULER, moved)).toMatchObject({
    status: 200,
    content: { ...moved, consent: 'given' },
  });
  expect(await send('GET', 'a-1', CLINICIAN)).toMatchObject({ status: 200, content: moved });
  expect(await send('DELETE', 'a-1', SCHEDULER)).toMatchObject({ status: 200, content: { cancelled: true } });
  expect(await send('PUT', 'a-1', SCHEDULER, BOOKING)).toMatchObject({ status: 409 });
});

test('booking makes no room: that is for who comes', async () => {
  await send('PUT', 'a-1', SCHEDULER, BOOKING);
  expect([world.video.channels.size, world.video.streams.size]).toEqual([0, 0]);
});

test.each([CLINICIAN, PATIENT, { sub: 'a', 'cognito:groups': '[scheduler-1]' }])('%j does not', async (who) => {
  expect(await send('PUT', 'a-1', who, BOOKING)).toMatchObject({ status: 403 });
  await clinic.booked();
  expect(await send('DELETE', 'a-1', who)).toMatchObject({ status: 403 });
  expect(await send('GET', 'a-1', PATIENT)).toMatchObject({ content: { cancelled: false } });
});

test('an appointment stays with its people, because its recording is theirs', async () => {
  await clinic.booked();
  for (const change of [{ patient: 'patient-2' }, { clinician: 'clinician-2' }]) {
    expect(await send('PUT', 'a-1', SCHEDULER, { ...BOOKING, ...change })).toMatchObject({ status: 409 });
  }
  world.now = NOW + 35 * 60_000;
  expect(await send('PUT', 'a-1', SCHEDULER, { ...BOOKING, end: at(60) })).toMatchObject({ status: 409 });
});

test.each([
  ['no end', { ...BOOKING, end: undefined }],
  ['an end before the beginning', { ...BOOKING, end: at(4) }],
  ['no length', { ...BOOKING, end: BOOKING.start }],
  ['more than 8 hours', { ...BOOKING, end: at(5 + 481) }],
  ['one person', { ...BOOKING, patient: CLINICIAN.sub }],
  ['nobody', { ...BOOKING, patient: '' }],
  ['no time', { ...BOOKING, start: 'tomorrow' }],
  ['a time of nowhere', { ...BOOKING, start: '2026-11-24T10:00:00' }],
  ['a consent that is not the patient’s', { ...BOOKING, consent: 'given' }],
  ['a text', 'a-1'],
])('%s is refused', async (_what, body) => {
  expect(await send('PUT', 'a-1', SCHEDULER, body)).toMatchObject({ status: 400 });
  expect(await world.dynamodb.items(world.tableName)).toEqual([]);
});

test('whatever is sent to whatever path is answered, and makes nothing', async () => {
  const path = fc.oneof(
    fc.constantFrom('a-1', 'a-1/session', 'a-1/recording', 'a-1/consent', '', '..', '%2e%2e', 'a/b/c', '-a'),
    fc.string(),
  );
  const body = fc.oneof(fc.jsonValue(), fc.string(), fc.constant(BOOKING));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH'),
      path,
      body,
      async (method, to, content) => {
        const event = httpApiEvent(method, `/v1/appointments/${to}`, { claims: PATIENT, body: content });
        const { statusCode, body: answer } = await clinic.raw(event);
        expect([400, 403, 404, 405]).toContain(statusCode);
        expect(JSON.parse(answer!)).toMatchObject({ status: statusCode, type: 'about:blank' });
      },
    ),
    { numRuns: 300 },
  );
  expect([world.video.channels.size, (await world.dynamodb.items(world.tableName)).length]).toEqual([0, 0]);
});

test('without a token nobody is let in', async () => {
  const event = httpApiEvent('GET', '/v1/appointments/a-1');
  const { statusCode } = await clinic.raw({
    ...event,
    requestContext: { ...event.requestContext, authorizer: undefined },
  });
  expect(statusCode).toBe(401);
});
