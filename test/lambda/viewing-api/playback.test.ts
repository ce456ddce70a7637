import { captureOutput } from '../../support/handler-output';
import { GetDataEndpointCommand } from '@aws-sdk/client-kinesis-video';
import {
  GetDASHStreamingSessionURLCommand,
  GetHLSStreamingSessionURLCommand,
} from '@aws-sdk/client-kinesis-video-archived-media';
import { SESSION_TTL } from '../../../lambda/viewing-api/playback';
import { ADMIN, NORTH_PILOT, NORTH_REVIEWER, NOW, awsError, viewingOf } from '../../support/viewing';

captureOutput();
const viewing = viewingOf();
const at = (time: string) => `2026-11-24T${time}Z`;
const HLS = '/v1/devices/drone-1/hls';

const hlsCalls = () =>
  viewing.archivedMedia.commandCalls(GetHLSStreamingSessionURLCommand).map(({ args }) => args[0].input);
const dashCalls = () =>
  viewing.archivedMedia.commandCalls(GetDASHStreamingSessionURLCommand).map(({ args }) => args[0].input);

/** What is asked of Kinesis Video Streams for each mode. */
const SELECTIONS: [body: object, mode: string, selector: object][] = [
  [{ mode: 'LIVE' }, 'LIVE', { FragmentSelectorType: 'SERVER_TIMESTAMP' }],
  [
    { mode: 'LIVE_REPLAY', from: at('07:00:00') },
    'LIVE_REPLAY',
    { FragmentSelectorType: 'PRODUCER_TIMESTAMP', TimestampRange: { StartTimestamp: new Date(at('07:00:00')) } },
  ],
  [
    { mode: 'ON_DEMAND', from: at('06:59:59.5'), to: '2026-11-24T10:59:59.5+01:00' },
    'ON_DEMAND',
    {
      FragmentSelectorType: 'PRODUCER_TIMESTAMP',
      TimestampRange: { StartTimestamp: new Date(at('06:59:59.5')), EndTimestamp: new Date(at('09:59:59.5')) },
    },
  ],
];

test.each(SELECTIONS)('HLS of %j', async (body, PlaybackMode, HLSFragmentSelector) => {
  expect(await viewing.post(HLS, NORTH_REVIEWER, body)).toMatchObject({
    status: 200,
    content: {
      url: 'https://media.example.com/hls?SessionToken=1',
      expiresAt: new Date(NOW + 900_000).toISOString(),
    },
  });
  expect(hlsCalls()).toEqual([
    {
      StreamName: 'drone-1',
      PlaybackMode,
      HLSFragmentSelector,
      Expires: 900,
      ContainerFormat: 'FRAGMENTED_MP4',
      DiscontinuityMode: 'ON_DISCONTINUITY',
      DisplayFragmentTimestamp: 'ALWAYS',
    },
  ]);
  expect(viewing.state.endpoints).toEqual(['https://drone-1.GET_HLS_STREAMING_SESSION_URL.example.com']);
});

test.each(SELECTIONS)('DASH of %j', async (body, PlaybackMode, DASHFragmentSelector) => {
  expect(await viewing.post('/v1/devices/drone-1/dash', NORTH_REVIEWER, body)).toMatchObject({
    status: 200,
    content: { url: 'https://media.example.com/dash?SessionToken=1' },
  });
  expect(dashCalls()).toEqual([
    { StreamName: 'drone-1', PlaybackMode, DASHFragmentSelector, Expires: 900, DisplayFragmentTimestamp: 'ALWAYS' },
  ]);
  expect(viewing.state.endpoints).toEqual(['https://drone-1.GET_DASH_STREAMING_SESSION_URL.example.com']);
});

test.each([300, 1800])('a session is as long as configured: %i seconds', async (sessionSeconds) => {
  viewing.start({ sessionSeconds });
  const { content } = await viewing.post(HLS, NORTH_REVIEWER, { mode: 'LIVE' });
  expect(hlsCalls()[0].Expires).toBe(sessionSeconds);
  expect(content.expiresAt).toBe(new Date(NOW + 1000 * sessionSeconds).toISOString());
});

test('the stream is that of the camera', async () => {
  viewing.start({ cameras: ['front', 'rear'] });
  await viewing.post(HLS, NORTH_REVIEWER, { mode: 'LIVE', camera: 'rear' });
  expect(hlsCalls()).toEqual([expect.objectContaining({ StreamName: 'drone-1.rear' })]);
  expect(await viewing.post(HLS, NORTH_REVIEWER, { mode: 'LIVE' })).toMatchObject({ status: 400 });
});

describe('refused', () => {
  test.each<[string, unknown, RegExp]>([
    ['reversed', { mode: 'ON_DEMAND', from: at('09:00:00'), to: at('08:00:00') }, /`to` must be after/],
    ['empty', { mode: 'ON_DEMAND', from: at('09:00:00'), to: at('09:00:00') }, /`to` must be after/],
    ['too long', { mode: 'ON_DEMAND', from: at('06:00:00'), to: at('09:00:00.001') }, /more than 180 minutes/],
    ['in the future', { mode: 'ON_DEMAND', from: at('09:00:00'), to: at('10:00:00.001') }, /in the future/],
    ['all in the future', { mode: 'ON_DEMAND', from: at('11:00:00'), to: at('12:00:00') }, /in the future/],
    ['replay from too long ago', { mode: 'LIVE_REPLAY', from: at('06:59:59.999') }, /180 minutes ago/],
    ['replay from the future', { mode: 'LIVE_REPLAY', from: at('10:00:00.001') }, /in the future/],
    ['replay without a beginning', { mode: 'LIVE_REPLAY' }, /from/],
    ['replay to an end', { mode: 'LIVE_REPLAY', from: at('09:00:00'), to: at('09:30:00') }, /to/],
    ['live from somewhere', { mode: 'LIVE', from: at('09:00:00') }, /from/],
    ['on demand without an end', { mode: 'ON_DEMAND', from: at('09:00:00') }, /to/],
    ['no time', { mode: 'ON_DEMAND', from: 'yesterday', to: at('09:00:00') }, /from/],
    ['a date', { mode: 'ON_DEMAND', from: '2026-11-24', to: at('09:00:00') }, /from/],
    ['no day', { mode: 'ON_DEMAND', from: '2026-02-30T00:00:00Z', to: at('09:00:00') }, /from/],
    ['a number', { mode: 'ON_DEMAND', from: 1_700_000_000, to: at('09:00:00') }, /from/],
    ['no mode', {}, /mode/],
    ['another mode', { mode: 'live' }, /mode/],
    ['an unknown field', { mode: 'LIVE', Expires: 43_200 }, /Expires/],
    ['another stream', { mode: 'LIVE', StreamName: 'drone-2' }, /StreamName/],
    ['a list', [], /./],
    ['null', 'null', /./],
    ['no JSON', '{"mode":', /JSON/],
    ['nothing', undefined, /./],
  ])('%s', async (_what, body, detail) => {
    const { status, headers, content } = await viewing.post(HLS, NORTH_REVIEWER, body);
    expect({ status, type: headers['content-type'] }).toEqual({ status: 400, type: 'application/problem+json' });
    expect(content).toEqual({
      type: 'about:blank',
      title: expect.any(String),
      status: 400,
      detail: expect.stringMatching(detail),
    });
    expect(hlsCalls()).toEqual([]);
  });

  test('but not at the bounds', async () => {
    for (const body of [
      { mode: 'ON_DEMAND', from: at('07:00:00'), to: at('10:00:00') },
      { mode: 'LIVE_REPLAY', from: at('10:00:00') },
    ]) {
      expect(await viewing.post(HLS, NORTH_REVIEWER, body)).toMatchObject({ status: 200 });
    }
  });
});

describe('a session is given again', () => {
  const REQUEST = { mode: 'ON_DEMAND', from: at('08:00:00'), to: at('09:00:00') };
  const open = async (
    changes: { claims?: Record<string, string>; body?: object; device?: string; format?: string } = {},
  ) => {
    const { claims = NORTH_PILOT, body = REQUEST, device = 'drone-1', format = 'hls' } = changes;
    const { content } = await viewing.post(`/v1/devices/${device}/${format}`, claims, body);
    return content as { url: string; expiresAt: string };
  };

  test('to the same viewer for the same request, and ends when it would have', async () => {
    const first = await open();
    viewing.state.now += SESSION_TTL - 1;
    expect(await open()).toEqual(first);
    expect(hlsCalls()).toHaveLength(1);
  });

  test('for a moment only', async () => {
    const first = await open();
    viewing.state.now += SESSION_TTL + 1;
    const second = await open();
    expect(second.url).not.toBe(first.url);
    expect(Date.parse(second.expiresAt)).toBe(Date.parse(first.expiresAt) + SESSION_TTL + 1);
  });

  test.each<[string, Parameters<typeof open>[0]]>([
    ['another viewer', { claims: { ...NORTH_PILOT, sub: 'another-viewer' } }],
    ['another device', { device: 'drone-3', claims: ADMIN }],
    ['another window', { body: { ...REQUEST, to: at('09:00:01') } }],
    ['another mode', { body: { mode: 'LIVE' } }],
    ['another format', { format: 'dash' }],
  ])('but not for %s', async (_what, changes) => {
    const first = await open({ claims: changes?.claims === ADMIN ? ADMIN : NORTH_PILOT });
    const second = await open(changes);
    expect(second.url).not.toBe(first.url);
    expect(await open(changes)).toEqual(second);
  });

  test('not to somebody whose name continues in that of the device', async () => {
    const first = await open({ claims: { ...ADMIN, sub: 'a' } });
    const second = await open({ claims: { ...ADMIN, sub: 'a","hls","drone-1' } });
    expect(second.url).not.toBe(first.url);
  });

  test('but to nobody who may not see the device any more', async () => {
    await open();
    const { status } = await viewing.post(HLS, { ...NORTH_PILOT, 'custom:device_groups': 'south' }, REQUEST);
    expect(status).toBe(404);
  });
});

test('endpoints are asked for once in a while', async () => {
  for (const sub of ['a', 'b', 'c']) await viewing.post(HLS, { ...ADMIN, sub }, { mode: 'LIVE' });
  expect(hlsCalls()).toHaveLength(3);
  expect(viewing.kinesisVideo).toHaveReceivedCommandTimes(GetDataEndpointCommand, 1);
  viewing.state.now += 300_001;
  await viewing.post(HLS, ADMIN, { mode: 'LIVE' });
  expect(viewing.kinesisVideo).toHaveReceivedCommandTimes(GetDataEndpointCommand, 2);
});

test.each([
  ['ClientLimitExceededException', 429],
  ['InvalidArgumentException', 400],
  ['ResourceNotFoundException', 404],
  ['NotAuthorizedException', 404],
  ['NoDataRetentionException', 409],
  ['UnsupportedStreamMediaTypeException', 409],
  ['MissingCodecPrivateDataException', 409],
  ['InvalidCodecPrivateDataException', 409],
  ['TimeoutError', 502],
])('%s of AWS is %i, in words that name no account', async (name, status) => {
  viewing.archivedMedia.on(GetHLSStreamingSessionURLCommand).rejects(awsError(name));
  const { status: answered, headers, content } = await viewing.post(HLS, NORTH_REVIEWER, { mode: 'LIVE' });
  expect({ answered, type: headers['content-type'], retry: headers['retry-after'] }).toEqual({
    answered: status,
    type: 'application/problem+json',
    retry: status === 429 ? '2' : undefined,
  });
  expect(content.status).toBe(status);
  expect(JSON.stringify(content)).not.toContain('111122223333');
});
