import { captureOutput } from '../../support/handler-output';
import { DescribeThingCommand } from '@aws-sdk/client-iot';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { Uint8ArrayBlobAdapter } from '@smithy/core/serde';
import { mockClient } from 'aws-sdk-client-mock';
import { functionAuthorizer } from '../../../lambda/common/access/authorizer';
import { clientIdOf } from '../../../lambda/viewer-messages/handler';
import { allows } from '../../support/iot-connection';
import { CLIENT_ID, SUB, messagesOf, type Attempt } from '../../support/viewer-messages';
import { awsError } from '../../support/viewing';

const written = captureOutput();
const messages = messagesOf();

const REFUSED = {
  isAuthenticated: false,
  principalId: 'refused',
  policyDocuments: [],
  disconnectAfterInSeconds: 300,
  refreshAfterInSeconds: 300,
};

async function expectRefused(attempt: Attempt, reason: RegExp): Promise<void> {
  expect(await messages.connect(attempt)).toEqual(REFUSED);
  const { logs, metrics } = written();
  expect(metrics).not.toHaveProperty('AccessGranted');
  expect(logs.at(-1)).toMatchObject({
    message: 'Connection refused',
    connection: '8c5f3e2a-6b0f-4a58-9a7e-0d6b1d0c9f11',
    reason: expect.stringMatching(reason),
  });
}

describe('a viewer', () => {
  test('is let in for as long as a session lasts', async () => {
    const answer = await messages.connect();
    expect(answer).toMatchObject({
      isAuthenticated: true,
      principalId: expect.stringMatching(/^[a-zA-Z0-9]{1,128}$/),
      disconnectAfterInSeconds: 900,
      refreshAfterInSeconds: 300,
    });
    expect(Object.keys(answer).sort()).toEqual(Object.keys(REFUSED).sort());
  });

  test('is put on record, without the token', async () => {
    const before = Date.now();
    await messages.connect({ devices: ['drone-1', 'drone-2'] });
    const { logs, metrics } = written();
    expect(logs).toEqual([
      expect.objectContaining({
        message: 'Access granted',
        sub: SUB,
        devices: ['drone-1', 'drone-2'],
        action: 'alerts',
        reasons: ['reviewer of north'],
        clientId: CLIENT_ID,
      }),
    ]);
    expect(Date.parse(logs[0].until as string) - before).toBeGreaterThanOrEqual(900_000);
    expect(metrics.AccessGranted).toEqual([2]);
    expect(JSON.stringify(logs)).not.toContain('eyJ');
  });

  test.each<[string, number, number, number]>([
    ['a session ends before the token', 3600, 900, 900],
    ['the token ends before the session', 600, 900, 599],
    ['the token ends sooner than AWS IoT allows', 60, 900, 299],
    ['a session is as long as AWS IoT allows at most', 100_000, 86_400, 86_400],
  ])('hears until then, where %s', async (_what, tokenSeconds, sessionSeconds, least) => {
    messages.start({ sessionSeconds });
    const exp = Math.floor(Date.now() / 1000) + tokenSeconds;
    const { disconnectAfterInSeconds } = await messages.connect({ claims: { exp } });
    // The clock goes on between the two.
    expect(disconnectAfterInSeconds).toBeGreaterThanOrEqual(Math.max(300, least - 30));
    expect(disconnectAfterInSeconds).toBeLessThanOrEqual(Math.max(300, least + 1));
  });

  test('hears nothing of devices of other groups, of others and of none, which are put on record', async () => {
    const devices = ['drone-1', 'drone-10', 'kettle-1', 'drone-3', 'drone-1/commands', '#'];
    const { policyDocuments } = await messages.connect({ devices });
    const { logs, metrics } = written();
    expect(policyDocuments).toEqual((await messages.connect({ devices: ['drone-1'] })).policyDocuments);
    expect(metrics.AccessDenied).toHaveLength(5);
    const denied = logs.filter(({ message }) => message === 'Access denied');
    expect(denied.map(({ device, reason }) => [device, reason])).toEqual([
      ['drone-10', 'the device is in none of the groups'],
      ...['kettle-1', 'drone-3', 'drone-1/commands', '#'].map((name) => [name, 'the fleet has no such device']),
    ]);
  });

  test.each(['detections', 'alerts'])('hears %s of the device, and of no other', async (suffix) => {
    const { policyDocuments } = await messages.connect();
    for (const [action, kind] of [
      ['Subscribe', 'topicfilter'],
      ['Receive', 'topic'],
    ]) {
      expect(allows(policyDocuments, action, `${kind}/devices/drone-1/${suffix}`)).toBe(true);
      for (const other of ['devices/drone-10', 'devices/drone-', 'devices/+', 'others/drone-1', 'devices/drone-1/x']) {
        expect({ other, allowed: allows(policyDocuments, action, `${kind}/${other}/${suffix}`) }).toEqual({
          other,
          allowed: false,
        });
      }
      for (const other of ['commands', 'commands/acks', 'motion', '+', '#', `${suffix}/x`]) {
        expect(allows(policyDocuments, action, `${kind}/devices/drone-1/${other}`)).toBe(false);
      }
    }
  });

  test('connects as itself, and says nothing', async () => {
    const { policyDocuments } = await messages.connect();
    expect(allows(policyDocuments, 'Connect', `client/${CLIENT_ID}`)).toBe(true);
    for (const other of ['drone-1', CLIENT_ID.replace(/tab-1$/, 'tab-2'), `${CLIENT_ID}0`]) {
      expect(allows(policyDocuments, 'Connect', `client/${other}`)).toBe(false);
    }
    for (const topic of ['detections', 'alerts', 'commands']) {
      expect(allows(policyDocuments, 'Publish', `topic/devices/drone-1/${topic}`)).toBe(false);
      expect(allows(policyDocuments, 'RetainPublish', `topic/devices/drone-1/${topic}`)).toBe(false);
    }
  });

  test.each<[string, object, boolean]>([
    ['a pilot of the group', { 'cognito:groups': ['pilot'] }, true],
    ['an admin without groups', { 'cognito:groups': ['admin'], 'custom:device_groups': undefined }, true],
    ['somebody without a role', { 'cognito:groups': undefined }, false],
    ['somebody whose role has a comma', { 'cognito:groups': ['x,admin'] }, false],
    ['a pilot of another group', { 'custom:device_groups': 'south' }, false],
    ['a pilot without groups', { 'custom:device_groups': undefined }, false],
  ])('%s', async (_who, claims, isAuthenticated) => {
    expect(await messages.connect({ claims })).toMatchObject({ isAuthenticated });
  });
});

describe('nobody is let in', () => {
  test.each<[string, Attempt, RegExp]>([
    ['with the id of a device', { clientId: 'drone-1' }, /none of a viewer/],
    ['with the id of another viewer', { clientId: `viewer:${clientIdOf('other')}:tab-1` }, /of another viewer/],
    ['without an id', { clientId: undefined }, /clientId/],
    ['with an id that goes on', { clientId: `${CLIENT_ID}/x` }, /none of a viewer/],
    ['with an id that is too long', { clientId: `viewer:${clientIdOf(SUB)}:${'x'.repeat(37)}` }, /none of a viewer/],
    ['without devices', { devices: [] }, /names no devices/],
    ['without a query in the username', { username: 'viewer' }, /names no devices/],
    ['without a username', { username: undefined }, /username/],
    ['without a password', { password: undefined }, /password/],
    ['for devices of which none may be seen', { devices: ['drone-10', 'drone-3'] }, /no such device/],
    ['for 26 devices', { devices: Array.from({ length: 26 }, (_, index) => `fleet-${index}`) }, /more than 25/],
  ])('%s', (_what, attempt, reason) => expectRefused(attempt, reason));

  test('by HTTP, which has no MQTT', async () => {
    expect(await messages.state.authorize({ protocols: ['tls', 'http'], protocolData: { http: {} } })).toEqual(REFUSED);
  });
});

test('25 devices are let in, each once', async () => {
  const devices = Array.from({ length: 25 }, (_, index) => `fleet-${index}`);
  const { policyDocuments } = await messages.connect({ devices: [...devices, ...devices] });
  for (const device of devices) {
    expect(allows(policyDocuments, 'Subscribe', `topicfilter/devices/${device}/alerts`)).toBe(true);
  }
});

describe('when AWS does not answer', () => {
  test('it is told as a failure, not as a refusal', async () => {
    messages.iot.on(DescribeThingCommand).rejects(awsError('ThrottlingException'));
    await expect(messages.connect()).rejects.toThrow('ThrottlingException');
    const { logs, metrics } = written();
    expect(logs).toEqual([expect.objectContaining({ message: 'Connection could not be decided', level: 'ERROR' })]);
    expect(metrics).not.toHaveProperty('ConnectionRefused');
  });
});

describe('a function that decides', () => {
  const lambda = mockClient(LambdaClient);
  beforeEach(() => {
    lambda.reset();
    messages.start({ authorizer: functionAuthorizer(new LambdaClient({ region: 'eu-west-1' }), 'arn:authorizer') });
  });
  const answer = (content: object) =>
    lambda.on(InvokeCommand).resolves({ Payload: Uint8ArrayBlobAdapter.fromString(JSON.stringify(content)) });

  test('is asked about all devices, with claims as API Gateway hands them on', async () => {
    answer({
      schemaVersion: '1.0',
      decisions: [
        { device: 'drone-1', allow: false, reason: 'off shift' },
        { device: 'drone-10', allow: true, reason: 'on shift' },
      ],
    });
    const claims = { 'cognito:groups': ['a', 'b'], verified: true, exp: 4_000_000_000, address: { country: 'IE' } };
    const { policyDocuments } = await messages.connect({ devices: ['drone-1', 'drone-10'], claims });
    expect(allows(policyDocuments, 'Receive', 'topic/devices/drone-10/alerts')).toBe(true);
    expect(allows(policyDocuments, 'Receive', 'topic/devices/drone-1/alerts')).toBe(false);
    const [request] = lambda.commandCalls(InvokeCommand).map(({ args }) => JSON.parse(String(args[0].input.Payload)));
    expect(request).toMatchObject({
      action: 'alerts',
      caller: {
        sub: SUB,
        claims: { 'cognito:groups': '[a b]', verified: 'true', exp: '4000000000', address: '{"country":"IE"}' },
      },
      devices: [
        { name: 'drone-1', groups: ['north'] },
        { name: 'drone-10', groups: ['south'] },
      ],
    });
  });

  test('fails for all if it fails', async () => {
    lambda.on(InvokeCommand).resolves({ FunctionError: 'Unhandled' });
    await expect(messages.connect()).rejects.toThrow('could not be decided');
    expect(written().metrics).not.toHaveProperty('ConnectionRefused');
  });
});
