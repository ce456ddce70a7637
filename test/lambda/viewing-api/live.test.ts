import { captureOutput } from '../../support/handler-output';
import { DescribeSignalingChannelCommand, GetSignalingChannelEndpointCommand } from '@aws-sdk/client-kinesis-video';
import { GetIceServerConfigCommand } from '@aws-sdk/client-kinesis-video-signaling';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { httpApiEvent } from '../../../local/console/http-api';
import { ADMIN, CHANNEL_ARN, CREDENTIALS, NORTH_PILOT, NOW, awsError, viewingOf } from '../../support/viewing';

captureOutput();
const viewing = viewingOf();
const LIVE = '/v1/devices/drone-1/live';

test('a pilot meets the device in its channel', async () => {
  const { status, content } = await viewing.post(LIVE, NORTH_PILOT, {});
  expect(status).toBe(200);
  expect(content).toEqual({
    region: 'eu-west-1',
    channelArn: CHANNEL_ARN,
    clientId: 'id-1',
    endpoints: {
      wss: 'wss://v-1a2b3c4d.kinesisvideo.eu-west-1.amazonaws.com',
      https: 'https://r-1a2b3c4d.kinesisvideo.eu-west-1.amazonaws.com',
    },
    signedUrl: expect.any(String),
    signedUrlExpiresAt: new Date(NOW + 299_000).toISOString(),
    iceServers: [
      { urls: ['stun:stun.kinesisvideo.eu-west-1.amazonaws.com:443'] },
      {
        urls: ['turn:192-0-2-1.t-1.kinesisvideo.eu-west-1.amazonaws.com:443'],
        username: 'u',
        credential: 'p',
      },
    ],
    expiresAt: new Date(NOW + 900_000).toISOString(),
  });
  expect(viewing.kinesisVideo).toHaveReceivedCommandWith(DescribeSignalingChannelCommand, { ChannelName: 'drone-1' });
  expect(viewing.kinesisVideo).toHaveReceivedCommandWith(GetSignalingChannelEndpointCommand, {
    ChannelARN: CHANNEL_ARN,
    SingleMasterChannelEndpointConfiguration: { Protocols: ['WSS', 'HTTPS'], Role: 'VIEWER' },
  });
  expect(viewing.signaling).toHaveReceivedCommandWith(GetIceServerConfigCommand, {
    ChannelARN: CHANNEL_ARN,
    ClientId: 'id-1',
    Service: 'TURN',
  });
  expect(viewing.state.endpoints).toEqual(['https://r-1a2b3c4d.kinesisvideo.eu-west-1.amazonaws.com']);
});

// The signature is what botocore 1's SigV4QueryAuth makes of the same.
test('the URL is signed for the viewer of the channel', async () => {
  viewing.start({ newId: () => 'client-1' });
  const { content } = await viewing.post(LIVE, NORTH_PILOT, {});
  const url = new URL(content.signedUrl as string);
  expect([url.protocol, url.host, url.pathname]).toEqual([
    'wss:',
    'v-1a2b3c4d.kinesisvideo.eu-west-1.amazonaws.com',
    '/',
  ]);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-ChannelARN': CHANNEL_ARN,
    'X-Amz-ClientId': 'client-1',
    'X-Amz-Credential': `${CREDENTIALS.AccessKeyId}/20261124/eu-west-1/kinesisvideo/aws4_request`,
    'X-Amz-Date': '20261124T100000Z',
    'X-Amz-Expires': '299',
    'X-Amz-Security-Token': CREDENTIALS.SessionToken,
    'X-Amz-Signature': '457f7d4356ea90ea2d65b212ec244e12e722c427c614ca86f66cf5cccc23ad04',
    'X-Amz-SignedHeaders': 'host',
  });
});

test('the secret key stays in the function', async () => {
  const { content } = await viewing.post(LIVE, NORTH_PILOT, {});
  expect(JSON.stringify(content)).not.toContain(CREDENTIALS.SecretAccessKey);
  expect(JSON.stringify(content)).toContain(CREDENTIALS.AccessKeyId);
});

test.each([
  [300, 900],
  [900, 900],
  [1800, 1800],
])(
  'credentials of a session of %i seconds are for that channel, until it is over',
  async (sessionSeconds, duration) => {
    viewing.start({ sessionSeconds });
    const { content } = await viewing.post(LIVE, NORTH_PILOT, {});
    const until = new Date(NOW + 1000 * sessionSeconds).toISOString();
    expect(content.expiresAt).toBe(until);
    const [{ input }] = viewing.sts.commandCalls(AssumeRoleCommand).map(({ args }) => args[0]);
    expect(input).toMatchObject({
      RoleArn: 'arn:aws:iam::111122223333:role/Viewer',
      RoleSessionName: 'viewer-6f2c1e4a-viewer',
      DurationSeconds: duration,
    });
    expect(JSON.parse(input.Policy!).Statement).toEqual([
      {
        Effect: 'Allow',
        Action: [
          'kinesisvideo:ConnectAsViewer',
          'kinesisvideo:GetIceServerConfig',
          'kinesisvideo:GetSignalingChannelEndpoint',
        ],
        Resource: CHANNEL_ARN,
        Condition: { DateLessThan: { 'aws:CurrentTime': until.replace('.000', '') } },
      },
    ]);
  },
);

test('who watches is named as STS allows it', async () => {
  await viewing.post(LIVE, { ...NORTH_PILOT, sub: `auth0|${'é x'.repeat(40)}` }, {});
  const [{ input }] = viewing.sts.commandCalls(AssumeRoleCommand).map(({ args }) => args[0]);
  expect(input.RoleSessionName).toMatch(/^viewer-auth0-[\w+=,.@-]{51}$/);
});

test('each answer has credentials and a client of its own', async () => {
  const first = await viewing.post(LIVE, NORTH_PILOT, {});
  const second = await viewing.post(LIVE, NORTH_PILOT, {});
  expect([first.content.clientId, second.content.clientId]).toEqual(['id-1', 'id-2']);
  expect(viewing.sts).toHaveReceivedCommandTimes(AssumeRoleCommand, 2);
});

test('the body may be left out', async () => {
  const event = httpApiEvent('POST', LIVE, { claims: NORTH_PILOT });
  const { 'content-type': _, ...headers } = event.headers;
  expect(await viewing.raw({ ...event, headers })).toMatchObject({ status: 200 });
});

describe('cameras', () => {
  beforeEach(() => viewing.start({ cameras: ['front', 'rear'] }));

  test('have channels of their own', async () => {
    expect(await viewing.post(LIVE, NORTH_PILOT, { camera: 'rear' })).toMatchObject({ status: 200 });
    expect(viewing.kinesisVideo).toHaveReceivedCommandWith(DescribeSignalingChannelCommand, {
      ChannelName: 'drone-1.rear',
    });
  });

  test.each([{}, { camera: 'top' }, { camera: '../x' }, { camera: 'rear.' }, { camera: 7 }, { other: 1 }])(
    '%j is refused',
    async (body) => {
      const { status, content } = await viewing.post(LIVE, NORTH_PILOT, body);
      expect({ status, title: content.title }).toEqual({ status: 400, title: 'Malformed request' });
      expect(viewing.sts).not.toHaveReceivedCommand(AssumeRoleCommand);
    },
  );
});

test('a device of one camera has none with a name', async () => {
  expect(await viewing.post(LIVE, NORTH_PILOT, { camera: 'front' })).toMatchObject({ status: 400 });
  expect(await viewing.post(LIVE, NORTH_PILOT, {})).toMatchObject({ status: 200 });
});

test('a fleet without signaling has nothing live', async () => {
  viewing.start({ live: undefined });
  expect(await viewing.post(LIVE, ADMIN, {})).toMatchObject({ status: 404 });
  expect(await viewing.post('/v1/devices/drone-1/hls', ADMIN, { mode: 'LIVE' })).toMatchObject({ status: 200 });
});

test.each(['CREATING', 'DELETING'] as const)('a channel that is %s is not ready', async (ChannelStatus) => {
  viewing.kinesisVideo
    .on(DescribeSignalingChannelCommand)
    .resolves({ ChannelInfo: { ChannelARN: CHANNEL_ARN, ChannelStatus } });
  expect(await viewing.post(LIVE, NORTH_PILOT, {})).toMatchObject({ status: 409, content: { title: 'Not ready' } });
  expect(viewing.sts).not.toHaveReceivedCommand(AssumeRoleCommand);
});

test.each([
  ['ResourceNotFoundException', 404],
  ['AccessDeniedException', 404],
  ['ClientLimitExceededException', 429],
  ['InternalFailure', 502],
])('%s of the channel is %i', async (name, status) => {
  viewing.kinesisVideo.on(DescribeSignalingChannelCommand).rejects(awsError(name));
  const { status: answered, content } = await viewing.post(LIVE, NORTH_PILOT, {});
  expect(answered).toBe(status);
  expect(JSON.stringify(content)).not.toContain('111122223333');
});

test.each([
  ['ClientLimitExceededException', 429],
  ['InvalidClientException', 502],
])('%s of the ICE servers is %i', async (name, status) => {
  viewing.signaling.on(GetIceServerConfigCommand).rejects(awsError(name));
  expect(await viewing.post(LIVE, NORTH_PILOT, {})).toMatchObject({ status });
});

test('a role that can not be assumed is a fault of the deployment', async () => {
  viewing.sts.on(AssumeRoleCommand).rejects(awsError('AccessDenied'));
  expect(await viewing.post(LIVE, NORTH_PILOT, {})).toMatchObject({ status: 502 });
});

test('a channel without an endpoint is a fault of AWS', async () => {
  viewing.kinesisVideo.on(GetSignalingChannelEndpointCommand).resolves({ ResourceEndpointList: [] });
  expect(await viewing.post(LIVE, NORTH_PILOT, {})).toMatchObject({ status: 502, content: { title: 'AWS failed' } });
});
