import { captureOutput } from '../../support/handler-output';
import {
  JoinStorageSessionAsViewerCommand,
  JoinStorageSessionCommand,
} from '@aws-sdk/client-kinesis-video-webrtc-storage';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import {
  BOOKING,
  CLINICIAN,
  PATIENT,
  ROOMS,
  SCHEDULER,
  STRANGER,
  consultationWorld,
} from '../../support/consultation-world';
import { ServiceError } from '../../support/service-error';
import { NOW } from '../../support/viewing';

const written = captureOutput();
const clinic = consultationWorld();
const { world, send } = clinic;
const MINUTE = 60_000;
const channelArn = () => world.video.channels.get('clinic-a-1')!.arn;
const streamArn = () => world.video.streams.get('clinic-a-1')!.arn;
const statements = () => clinic.lastPolicy().Policy.Statement;
const actions = () => statements().flatMap(({ Action }) => Action as string[]);

describe('without consent', () => {
  beforeEach(() => clinic.booked());

  test('a patient is the master of a room that is made then, and nothing is stored', async () => {
    const { status, content } = await send('POST', 'a-1/session', PATIENT);
    expect({ status, content }).toEqual({
      status: 200,
      content: {
        region: 'eu-west-1',
        channelArn: channelArn(),
        role: 'MASTER',
        recorded: false,
        endpoints: {
          wss: 'wss://wss.kinesisvideo.eu-west-1.amazonaws.com',
          https: 'https://https.kinesisvideo.eu-west-1.amazonaws.com',
        },
        signedUrl: expect.stringMatching(/^wss:\/\/wss\.kinesisvideo\.eu-west-1\.amazonaws\.com\/\?/),
        signedUrlExpiresAt: new Date(NOW + 299_000).toISOString(),
        iceServers: [
          { urls: ['stun:stun.kinesisvideo.eu-west-1.amazonaws.com:443'] },
          { urls: ['turn:192.0.2.1:443'] },
        ],
        expiresAt: BOOKING.end,
      },
    });
    expect(new URL(content.signedUrl as string).searchParams.has('X-Amz-ClientId')).toBe(false);
    expect(world.video.streams.size).toBe(0);
    expect(clinic.isStored()).toBe(false);
    expect(world.video.channels.get('clinic-a-1')!.tags).toEqual({ 'cdk-kinesis-video:fleet': 'clinic' });
  });

  test('a clinician is a viewer of the same room', async () => {
    await send('POST', 'a-1/session', PATIENT);
    const { content } = await send('POST', 'a-1/session', CLINICIAN);
    expect(content).toMatchObject({ channelArn: channelArn(), role: 'VIEWER', clientId: 'client-1', recorded: false });
    expect(new URL(content.signedUrl as string).searchParams.get('X-Amz-ClientId')).toBe('client-1');
  });

  test.each([
    ['patient', PATIENT, 'arn:aws:iam::111122223333:role/Patient', 'kinesisvideo:ConnectAsMaster'],
    ['clinician', CLINICIAN, 'arn:aws:iam::111122223333:role/Clinician', 'kinesisvideo:ConnectAsViewer'],
  ])('the session of a %s is for that room and that part until the end', async (part, who, RoleArn, connect) => {
    await send('POST', 'a-1/session', who);
    expect(clinic.lastPolicy()).toMatchObject({
      RoleArn,
      RoleSessionName: `${part}-${who.sub}`,
      DurationSeconds: 2100,
    });
    expect(statements()).toEqual([
      {
        Effect: 'Allow',
        Action: [connect, 'kinesisvideo:GetIceServerConfig', 'kinesisvideo:GetSignalingChannelEndpoint'],
        Resource: channelArn(),
        Condition: { DateLessThan: { 'aws:CurrentTime': BOOKING.end.replace('.000', '') } },
      },
    ]);
  });

  test('nobody joins a recording', async () => {
    await send('POST', 'a-1/session', PATIENT);
    expect(await send('POST', 'a-1/recording', PATIENT)).toMatchObject({
      status: 409,
      content: { title: 'Not recorded' },
    });
    expect(clinic.storage).not.toHaveReceivedCommand(JoinStorageSessionCommand);
  });
});

describe('with consent', () => {
  beforeEach(() => clinic.booked('a-1', 'given'));

  test('what goes through the room is stored in a stream of its own, with the key and the retention', async () => {
    expect((await send('POST', 'a-1/session', PATIENT)).content).toMatchObject({ recorded: true });
    const stream = world.video.streams.get('clinic-a-1')!;
    expect(stream.settings).toMatchObject({ retention: 720, mediaType: 'video/h264,audio/aac' });
    expect(stream.tags).toEqual({ 'cdk-kinesis-video:fleet': 'clinic' });
    expect(world.video.channels.get('clinic-a-1')!.settings.storage).toEqual({
      Status: 'ENABLED',
      StreamARN: streamArn(),
    });
  });

  test.each([
    [PATIENT, 'ConnectAsMaster', 'JoinStorageSession', ['ConnectAsViewer', 'JoinStorageSessionAsViewer']],
    [CLINICIAN, 'ConnectAsViewer', 'JoinStorageSessionAsViewer', ['ConnectAsMaster', 'JoinStorageSession']],
  ])('a session of %j is for the room, its stream and its key', async (who, connect, join, others) => {
    await send('POST', 'a-1/session', who);
    expect(actions()).toEqual(expect.arrayContaining([`kinesisvideo:${connect}`, `kinesisvideo:${join}`]));
    for (const other of others) expect(actions()).not.toContain(`kinesisvideo:${other}`);
    expect(statements().map(({ Resource }) => Resource)).toEqual([channelArn(), streamArn(), ROOMS.keyArn]);
    for (const { Condition } of statements()) {
      expect(Condition).toMatchObject({ DateLessThan: { 'aws:CurrentTime': '2026-11-24T10:35:00Z' } });
    }
  });

  test('each joins in the part that is theirs, the clinician with the id of the session', async () => {
    expect(await send('POST', 'a-1/recording', PATIENT)).toEqual({ status: 200, content: { recorded: true } });
    expect(clinic.storage).toHaveReceivedCommandWith(JoinStorageSessionCommand, { channelArn: channelArn() });
    expect(await send('POST', 'a-1/recording', CLINICIAN, { clientId: 'client-1' })).toMatchObject({ status: 200 });
    expect(clinic.storage).toHaveReceivedCommandWith(JoinStorageSessionAsViewerCommand, {
      channelArn: channelArn(),
      clientId: 'client-1',
    });
    expect(clinic.storage).toHaveReceivedCommandTimes(JoinStorageSessionCommand, 1);
  });

  test.each([{}, { clientId: 'AWS_1' }, { clientId: '' }, { clientId: 7 }, { client: 'c' }])(
    'a clinician who joins with %j is refused',
    async (body) => {
      expect(await send('POST', 'a-1/recording', CLINICIAN, body)).toMatchObject({ status: 400 });
      expect(clinic.storage).not.toHaveReceivedCommand(JoinStorageSessionAsViewerCommand);
    },
  );

  test('a call that AWS throttles is said to be one, and sends no second offer by itself', async () => {
    clinic.storage.on(JoinStorageSessionCommand).rejects(new ServiceError('ClientLimitExceededException'));
    expect(await send('POST', 'a-1/recording', PATIENT)).toMatchObject({ status: 429 });
    expect(clinic.storage).toHaveReceivedCommandTimes(JoinStorageSessionCommand, 1);
  });

  test('what AWS refuses to this function is not the fault of who asks', async () => {
    world.before.UpdateMediaStorageConfiguration = () => {
      throw new ServiceError('AccessDeniedException');
    };
    const { status, content } = await send('POST', 'a-1/session', PATIENT);
    expect({ status, title: content.title }).toEqual({ status: 502, title: 'AWS failed' });
    expect(clinic.sts).not.toHaveReceivedCommand(AssumeRoleCommand);
  });
});

describe('the time', () => {
  beforeEach(() => clinic.booked());

  test.each([
    ['ten minutes before', -5, 200, undefined],
    ['a second before that', -5 - 1 / 60, 409, 'Too early'],
    ['a second before the end', 35 - 1 / 60, 200, undefined],
    ['at the end', 35, 409, 'Over'],
    ['a day later', 1500, 409, 'Over'],
  ])('%s', async (_when, minutes, status, title) => {
    world.now = NOW + minutes * MINUTE;
    for (const path of ['a-1/session', 'a-1/recording']) {
      const answer = await send('POST', path, PATIENT);
      expect(answer.status).toBe(path === 'a-1/session' || status !== 200 ? status : 409);
      if (title) expect(answer.content.title).toBe(title);
    }
    expect(world.video.channels.size).toBe(status === 200 ? 1 : 0);
  });

  test.each([
    ['a quarter of an hour is the least that STS gives, and the condition ends it in time', 30, 900, 35],
    ['an hour is the most', -5, 3600, 55],
  ])('%s', async (_what, now, DurationSeconds, until) => {
    await clinic.booked('a-2', undefined, {
      ...BOOKING,
      end: new Date(NOW + (until === 35 ? 35 : 300) * MINUTE).toISOString(),
    });
    world.now = NOW + now * MINUTE;
    const { content } = await send('POST', 'a-2/session', PATIENT);
    expect(content.expiresAt).toBe(new Date(NOW + until * MINUTE).toISOString());
    expect(clinic.lastPolicy()).toMatchObject({ DurationSeconds });
  });

  test('an appointment that is cancelled has none', async () => {
    expect(await send('DELETE', 'a-1', SCHEDULER)).toMatchObject({ status: 200, content: { cancelled: true } });
    expect(await send('POST', 'a-1/session', PATIENT)).toMatchObject({ status: 409, content: { title: 'Cancelled' } });
  });
});

describe('other people', () => {
  beforeEach(() => clinic.booked('a-1', 'given'));

  test.each([
    ['GET', 'a-1', undefined],
    ['POST', 'a-1/session', undefined],
    ['POST', 'a-1/recording', undefined],
    ['PUT', 'a-1/consent', { consent: 'given' }],
  ])('%s %s is to them as if there were no such appointment', async (method, path, body) => {
    for (const who of [STRANGER, SCHEDULER]) {
      const refused = await send(method, path, who, body);
      const missing = await send(method, path.replace('a-1', 'a-9'), who, body);
      expect(refused.status).toBe(404);
      expect(refused).toEqual(missing);
    }
    expect(clinic.sts).not.toHaveReceivedCommand(AssumeRoleCommand);
    expect(world.video.channels.size).toBe(0);
  });

  test('both are on record, with why', async () => {
    written();
    await send('POST', 'a-1/session', STRANGER);
    await send('POST', 'a-1/session', CLINICIAN);
    const { logs } = written();
    expect(logs).toContainEqual(
      expect.objectContaining({
        message: 'Access denied',
        ...{ sub: 'patient-2', device: 'clinic-a-1', action: 'session', reason: 'is not of the appointment' },
      }),
    );
    expect(logs).toContainEqual(
      expect.objectContaining({
        message: 'Access granted',
        ...{ sub: 'clinician-1', device: 'clinic-a-1', action: 'session', part: 'clinician', recorded: true },
        until: BOOKING.end,
      }),
    );
  });
});
