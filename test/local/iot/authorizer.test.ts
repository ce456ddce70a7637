import { CreateAuthorizerCommand } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { authorizerEvent } from '../../events/iot-authorizer';
import { ACCOUNT, allow, closed, hear, REGION, startCloud, until, type Cloud } from './support';

const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:viewers`;
const USERNAME = 'viewer?x-amz-customauthorizer-name=viewers&devices=drone-1';

let cloud: Cloud;
let data: IoTDataPlaneClient;
const answer = {
  isAuthenticated: true,
  principalId: 'viewer1',
  disconnectAfterInSeconds: 900,
  refreshAfterInSeconds: 300,
  policyDocuments: [
    allow('iot:Connect', 'client/viewer:1'),
    JSON.stringify(allow(['iot:Subscribe'], 'topicfilter/devices/drone-1/alerts')),
    allow(['iot:Receive'], 'topic/devices/drone-1/alerts'),
  ] as unknown[],
};

/** As a browser does. */
const connect = (options: object = {}, url = `ws://${cloud.iot.dataEndpoint}/mqtt`) =>
  cloud.connect({ clientId: 'viewer:1', username: USERNAME, password: 'token', ...options }, url);

const eventsOf = () =>
  cloud.sent.filter(({ service }) => service === 'lambda').map(({ body }) => JSON.parse(body) as object);

beforeAll(async () => {
  cloud = await startCloud();
  data = new IoTDataPlaneClient(cloud.admin);
  for (const [authorizerName, status] of [
    ['viewers', 'ACTIVE'],
    ['off', 'INACTIVE'],
  ] as const) {
    await cloud.client.send(
      new CreateAuthorizerCommand({ authorizerName, authorizerFunctionArn: FUNCTION, signingDisabled: true, status }),
    );
  }
});

beforeEach(() => cloud.functions.set(FUNCTION, () => answer));

afterAll(async () => {
  data.destroy();
  await cloud.stop();
});

test.each(['ws', 'wss'])('a browser comes by %s, and hears what the function lets it hear', async (scheme) => {
  const client = await connect({}, `${scheme}://${cloud.iot.dataEndpoint}/mqtt`);
  const heard = hear(client);
  await client.subscribeAsync('devices/drone-1/alerts', { qos: 1 });
  await expect(client.subscribeAsync('devices/drone-2/alerts')).rejects.toThrow(/Unspecified error/);
  await data.send(new PublishCommand({ topic: 'devices/drone-2/alerts', qos: 1, payload: Buffer.from('other') }));
  await data.send(new PublishCommand({ topic: 'devices/drone-1/alerts', qos: 1, payload: Buffer.from('own') }));
  await until(() => heard.length > 0);
  expect(heard).toEqual([{ topic: 'devices/drone-1/alerts', payload: 'own' }]);
  await client.endAsync();
});

test('the function gets what AWS documents, from AWS IoT itself', async () => {
  await (await connect()).endAsync();
  const { by, to } = cloud.sent.at(-1)!;
  expect({ by, to }).toEqual({ by: 'iot.amazonaws.com', to: FUNCTION });
  const documented = authorizerEvent({ clientId: 'viewer:1', username: USERNAME, password: 'token' });
  expect(eventsOf().at(-1)).toEqual({
    ...documented,
    protocolData: {
      tls: { serverName: cloud.iot.dataEndpoint },
      http: {
        headers: expect.objectContaining({ upgrade: 'websocket', 'sec-websocket-protocol': 'mqtt' }),
        queryString: '',
      },
      mqtt: documented.protocolData.mqtt,
    },
    connectionMetadata: { id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  });
});

test.each([
  ['is not authenticated', { isAuthenticated: false }],
  ['has no policy that lets it connect', { policyDocuments: [allow('iot:Connect', 'client/viewer:2')] }],
  ['has a principal with other characters', { principalId: 'viewer-1' }],
  ['would be there for less than five minutes', { disconnectAfterInSeconds: 299 }],
  ['has more than ten policies', { policyDocuments: Array(11).fill(answer.policyDocuments[0]) }],
  [
    'has a policy that is too long',
    { policyDocuments: [JSON.stringify(answer.policyDocuments[0]) + ' '.repeat(2000)] },
  ],
])('nobody is let in who %s', async (_, change) => {
  cloud.functions.set(FUNCTION, () => ({ ...answer, ...change }));
  await expect(connect()).rejects.toThrow(/Not authorized/);
});

test('nobody is let in when the function fails', async () => {
  cloud.functions.set(FUNCTION, () => {
    throw new Error('the keys can not be had');
  });
  await expect(connect()).rejects.toThrow(/Not authorized/);
});

test.each([
  ['that is none', 'viewer?x-amz-customauthorizer-name=others'],
  ['that is inactive', 'viewer?x-amz-customauthorizer-name=off'],
  ['that it does not name', 'viewer'],
])('nobody is let in by an authorizer %s', async (_, username) => {
  const before = eventsOf().length;
  await expect(connect({ username })).rejects.toThrow(/Not authorized/);
  expect(eventsOf()).toHaveLength(before);
});

describe('as time goes by', () => {
  /** Has what is done after as many milliseconds done soon. */
  const hurry = (milliseconds: number) => {
    const soon = (delay?: number) => (delay === milliseconds ? 100 : delay);
    const { setTimeout: timeout, setInterval: interval } = global;
    const spies = [
      jest
        .spyOn(global, 'setTimeout')
        .mockImplementation(((work: () => void, delay?: number) => timeout(work, soon(delay))) as never),
      jest
        .spyOn(global, 'setInterval')
        .mockImplementation(((work: () => void, delay?: number) => interval(work, soon(delay))) as never),
    ];
    return () => spies.forEach((spy) => spy.mockRestore());
  };

  test('the connection ends when its time is up', async () => {
    const restore = hurry(900_000);
    const client = await connect();
    restore();
    await closed(client);
    expect(cloud.iot.clients()).not.toContain('viewer:1');
  });

  test('it is decided anew: whoever lost a device hears no more of it, and whoever lost all is disconnected', async () => {
    const restore = hurry(300_000);
    const client = await connect();
    restore();
    const heard = hear(client);
    await client.subscribeAsync('devices/drone-1/alerts', { qos: 1 });
    const before = eventsOf().length;
    cloud.functions.set(FUNCTION, () => ({ ...answer, policyDocuments: answer.policyDocuments.slice(0, 1) }));
    await until(() => eventsOf().length > before + 1);
    await data.send(new PublishCommand({ topic: 'devices/drone-1/alerts', qos: 1, payload: Buffer.from('lost') }));
    cloud.functions.set(FUNCTION, () => ({ ...answer, isAuthenticated: false }));
    await closed(client);
    expect(heard).toEqual([]);
  });
});
