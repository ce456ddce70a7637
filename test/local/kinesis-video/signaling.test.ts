import { once } from 'node:events';
import { CreateSignalingChannelCommand, DeleteSignalingChannelCommand } from '@aws-sdk/client-kinesis-video';
import { Role, SignalingClient, SigV4RequestSigner } from 'amazon-kinesis-video-streams-webrtc';
import { WebSocket } from 'ws';
import { invite } from '../../../lambda/common/meeting';
import { sign, type Credentials } from '../../../local/cloud/kinesis-video/signaling';
import { ACCOUNT, REGION, startWorld, type World } from './world';

const CHANNEL = `arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:channel`;

let world: World;
let channelArn: string;
let sockets: WebSocket[];

beforeEach(async () => {
  world = await startWorld({ rates: { ConnectAsViewer: {} } });
  channelArn = await create('drone-1');
  sockets = [];
});

afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await world.stop();
});

async function create(ChannelName: string): Promise<string> {
  const { ChannelARN } = await world.control.send(new CreateSignalingChannelCommand({ ChannelName }));
  await world.settled(ChannelName);
  return ChannelARN!;
}

/** Opens the channel as its master, or as the viewer with that id. */
async function open(clientId?: string, change: { credentials?: Credentials; arn?: string; signedAt?: Date } = {}) {
  const { origin } = world.video.signaling;
  const { credentials = world.admin, arn = channelArn, signedAt } = change;
  const query = { 'X-Amz-ChannelARN': arn, ...(clientId && { 'X-Amz-ClientId': clientId }) };
  const signed = await sign({ region: REGION, credentials, host: new URL(origin).host }, query, { signedAt });
  return knock(`${origin}/?${new URLSearchParams(signed)}`);
}

async function knock(url: string) {
  const socket = new WebSocket(url);
  sockets.push(socket);
  const heard: Record<string, unknown>[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data)) as Record<string, unknown>));
  const answer = await Promise.race([
    once(socket, 'open').then(() => ({ status: 101, error: undefined })),
    once(socket, 'unexpected-response').then(([, response]) => ({
      status: (response as { statusCode: number }).statusCode,
      error: (response as { headers: Record<string, string> }).headers['x-amzn-errortype'],
    })),
  ]);
  return { ...answer, socket, heard };
}

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const payload = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64');

test('a viewer and the master talk to one another', async () => {
  const master = await open();
  const viewer = await open('viewer-1');
  const offer = payload({ type: 'offer', sdp: 'v=0' });
  viewer.socket.send(JSON.stringify({ action: 'SDP_OFFER', messagePayload: offer }));
  await until(() => master.heard.length > 0);
  expect(master.heard).toEqual([{ messageType: 'SDP_OFFER', messagePayload: offer, senderClientId: 'viewer-1' }]);
  const answer = { action: 'SDP_ANSWER', messagePayload: offer, recipientClientId: 'viewer-1' };
  master.socket.send(JSON.stringify(answer));
  await until(() => viewer.heard.length > 0);
  expect(viewer.heard[0]).toMatchObject({ messageType: 'SDP_ANSWER', messagePayload: offer });

  master.socket.send(JSON.stringify({ ...answer, recipientClientId: 'viewer-2', correlationId: '7' }));
  await until(() => master.heard.length > 1);
  expect(master.heard[1]).toMatchObject({
    messageType: 'STATUS_RESPONSE',
    statusResponse: { correlationId: '7', statusCode: '400', errorType: 'InvalidArgumentException' },
  });
});

test('what a viewer says before the master comes waits for it', async () => {
  const viewer = await open('viewer-1');
  viewer.socket.send(JSON.stringify({ action: 'SDP_OFFER', messagePayload: payload({}) }));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const master = await open();
  await until(() => master.heard.length > 0);
  expect(master.heard[0]).toMatchObject({ messageType: 'SDP_OFFER', senderClientId: 'viewer-1' });
});

test("AWS's own client opens the channel", async () => {
  const { origin } = world.video.signaling;
  const signer = new SigV4RequestSigner(REGION, world.admin);
  Object.assign(globalThis, { WebSocket });
  const client = new SignalingClient({
    role: Role.VIEWER,
    clientId: 'viewer-1',
    channelARN: channelArn,
    channelEndpoint: origin,
    region: REGION,
    requestSigner: {
      // It signs URLs of TLS only.
      getSignedURL: async (endpoint, query, date) =>
        (await signer.getSignedURL(endpoint.replace('ws:', 'wss:'), query, date)).replace('wss:', 'ws:'),
    },
  });
  client.open();
  await once(client, 'open');
  expect(world.video.signaling.viewersOf(channelArn)).toEqual(['viewer-1']);
  client.close();
});

test('who is invited by a handler comes in', async () => {
  const { signedUrl, endpoints } = await invite({ channelArn, role: 'VIEWER', clientId: 'viewer-1' }, world.admin, {
    region: REGION,
    kinesisVideoFor: () => world.control,
    signalingFor: () => world.signaling,
    now: Date.now,
  } as never);
  expect(endpoints).toEqual({ wss: world.video.signaling.origin, https: world.gateway.url });
  expect(await knock(signedUrl)).toMatchObject({ status: 101 });
});

describe('who is let in', () => {
  const VIEWER = `arn:aws:iam::${ACCOUNT}:role/Viewer`;
  const statement = (Action: string, Resource: string) => ({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow' as const, Action, Resource },
  });

  test('has signed with credentials that there are, not long ago, and this very channel', async () => {
    const signedAt = new Date(Date.now() - 300_000);
    expect(await open('viewer-1', { signedAt })).toMatchObject({ status: 403, error: 'AccessDeniedException' });
    const credentials = { ...world.admin, secretAccessKey: 'another' };
    expect(await open('viewer-1', { credentials })).toMatchObject({ status: 403 });
    expect(await open('viewer-1', { credentials: { ...world.admin, accessKeyId: 'AKIA' } })).toMatchObject({
      status: 403,
    });
    expect(await open('viewer-1', { credentials: { ...world.admin, sessionToken: 'x' } })).toMatchObject({
      status: 403,
    });
    expect(await open('viewer-1')).toMatchObject({ status: 101 });
  });

  test('may do so by its policies', async () => {
    const other = await create('drone-10');
    world.principals.role(VIEWER, [statement('kinesisvideo:ConnectAsViewer', `${CHANNEL}/drone-1/*`)]);
    const credentials = world.principals.issue(VIEWER, { sessionName: 'viewer-anna' });
    expect(await open('viewer-1', { credentials })).toMatchObject({ status: 101 });
    expect(await open('viewer-1', { credentials, arn: other })).toMatchObject({
      status: 403,
      error: 'AccessDeniedException',
    });
    expect(await open(undefined, { credentials })).toMatchObject({ status: 403, error: 'AccessDeniedException' });
  });

  test('may do so by the policy of its session too, as long as that allows it', async () => {
    world.principals.role(VIEWER, [statement('kinesisvideo:*', `${CHANNEL}/*`)]);
    const session = (time: string, resource = channelArn) => ({
      sessionName: 'viewer-anna',
      sessionPolicy: {
        Version: '2012-10-17',
        Statement: {
          ...statement('kinesisvideo:ConnectAsViewer', resource).Statement,
          Condition: { DateLessThan: { 'aws:CurrentTime': time } },
        },
      },
    });
    const later = new Date(Date.now() + 60_000).toISOString();
    const earlier = new Date(Date.now() - 1000).toISOString();
    const enter = (...about: Parameters<typeof session>) =>
      open('viewer-1', { credentials: world.principals.issue(VIEWER, session(...about)) });
    expect(await enter(later)).toMatchObject({ status: 101 });
    expect(await enter(earlier)).toMatchObject({ status: 403 });
    expect(await enter(later, `${CHANNEL}/drone-2/*`)).toMatchObject({ status: 403 });
  });

  test('asks for a channel that there is', async () => {
    expect(await open('viewer-1', { arn: `${CHANNEL}/drone-9/1700000000000` })).toMatchObject({
      status: 404,
      error: 'ResourceNotFoundException',
    });
  });

  test('is one of ten', async () => {
    for (let index = 0; index < 10; index++) expect(await open(`viewer-${index}`)).toMatchObject({ status: 101 });
    expect(await open('viewer-10')).toMatchObject({ status: 400, error: 'ClientLimitExceededException' });
  });

  test('is on record, and who is not let in too', async () => {
    world.principals.role(VIEWER, [statement('kinesisvideo:ConnectAsViewer', `${CHANNEL}/*`)]);
    const credentials = world.principals.issue(VIEWER, { sessionName: 'viewer-anna' });
    await open('viewer-1', { credentials });
    expect(world.records.at(-1)).toMatchObject({
      eventName: 'ConnectAsViewer',
      eventCategory: 'Data',
      userIdentity: { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Viewer/viewer-anna` },
      resources: [{ type: 'AWS::KinesisVideo::SignalingChannel', ARN: channelArn }],
      requestParameters: { channelARN: channelArn, clientId: 'viewer-1' },
    });
    await open(undefined, { credentials });
    expect(world.records.at(-1)).toMatchObject({ eventName: 'ConnectAsMaster', errorCode: 'AccessDenied' });
  });
});

test('a channel that is deleted leaves nobody in it', async () => {
  const master = await open();
  const closed = once(master.socket, 'close');
  await world.control.send(new DeleteSignalingChannelCommand({ ChannelARN: channelArn }));
  await closed;
});
